"""Writes the stubs of the doors: what `limbeck.op` and `limbeck.context` forward to, as functions with types.

python tools/stubs.py            write src/limbeck/op.pyi and context.pyi
python tools/stubs.py --check    fail if they are not what would be written
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent.parent / "src" / "limbeck"
HEAD = '''"""Types of the door `limbeck.{name}`. Written by `make stubs`: do not edit."""

'''
STARRED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
ANY_DIRECTIVE = """
def __getattr__(name: str) -> Any:
    \"\"\"A directive that an extension has registered.\"\"\"
"""


class Stub:
    """One stub file in the making: its functions, and the imports their annotations need."""

    def __init__(self) -> None:
        self._imports: dict[str, set[str]] = defaultdict(set)
        self._functions: list[str] = []

    def add_import(self, module: str, name: str) -> None:
        self._imports[module].add(name)

    def add_function(self, owner: type, name: str) -> None:
        """Add a function with the parameters of a method, its types, and the first line of its docstring."""
        method = getattr(owner, name)
        innermost = inspect.unwrap(getattr(method, "__func__", method))
        namespace = getattr(innermost, "__globals__", {})
        signature = inspect.signature(method)
        parameters = list(signature.parameters.values())
        if parameters and parameters[0].name in ("self", "cls", "operations"):
            parameters = parameters[1:]
        returns = str(signature.return_annotation)
        if inspect.isgeneratorfunction(innermost):
            returns = returns.replace("Iterator", "AbstractContextManager", 1)
            self.add_import("contextlib", "AbstractContextManager")
        own = next(iter(inspect.signature(innermost).parameters.values()), None)
        if own is not None and (variable := re.fullmatch(r"type\[(\w+)\]", str(own.annotation))):
            returns = re.sub(rf"\b{variable[1]}\b", owner.__name__, returns)
            namespace = {**namespace, owner.__name__: owner}
        shown = signature.replace(
            parameters=[parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
        )
        annotations = {parameter.name: str(parameter.annotation) for parameter in parameters}
        for annotation in (*annotations.values(), returns):
            self._import_names(annotation, namespace)
        arguments = _write_parameters(shown, annotations)
        line = (inspect.getdoc(method) or "").split("\n", 1)[0]
        self._functions.append(f'def {name}({arguments}) -> {returns}:\n    """{line}"""\n')

    def render(self, name: str, extra: str = "") -> str:
        imports = "\n".join(
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self._imports.items())
        )
        return _formatted(HEAD.format(name=name) + imports + "\n\n" + "\n".join(self._functions) + extra)

    def _import_names(self, annotation: str, namespace: dict[str, Any]) -> None:
        for node in ast.walk(ast.parse(annotation, mode="eval")):
            if isinstance(node, ast.Name) and node.id not in self._imports["contextlib"]:
                if hasattr(builtins, node.id) and node.id not in namespace:
                    continue
                self.add_import(_home(node.id, namespace), node.id)


def _home(name: str, namespace: dict[str, Any]) -> str:
    """The module that a name of an annotation is to be imported from."""
    value = namespace[name]
    for module in (
        "typing",
        "collections.abc",
        "sqlalchemy",
        "sqlalchemy.engine",
        getattr(value, "__module__", ""),
    ):
        if module in sys.modules and getattr(sys.modules[module], name, None) is value:
            return module
    # An alias of types does not know its home: it is the module that assigns the name.
    for module in sorted(name for name in sys.modules if name.startswith("limbeck.")):
        if getattr(sys.modules[module], name, None) is value and _assigns(module, name):
            return module
    return str(namespace["__name__"])


def _assigns(module: str, name: str) -> bool:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _write_parameters(signature: inspect.Signature, annotations: dict[str, str]) -> str:
    """The parameters as source text; annotations are texts already, so `str()` would quote them."""
    written: list[str] = []
    keyword_only = False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            written.append("*")
        keyword_only |= parameter.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_POSITIONAL)
        stars = "*" * (1 + STARRED.index(parameter.kind) if parameter.kind in STARRED else 0)
        text = f"{stars}{parameter.name}: {annotations[parameter.name]}"
        if parameter.default is not inspect.Parameter.empty:
            text += f" = {parameter.default!r}" if _is_literal(parameter.default) else " = ..."
        written.append(text)
    return ", ".join(written)


def _is_literal(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, str))


def _formatted(text: str) -> str:
    """What `ruff format` makes of a stub, and of the order of its imports."""
    for command in (["check", "--select", "I", "--fix", "--exit-zero", "-q"], ["format", "-q"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(SOURCE / "door.pyi"), "-"],
            input=text, capture_output=True, text=True, check=True, cwd=SOURCE.parent.parent,
        ).stdout  # fmt: skip
    return text


def op_stub() -> str:
    """The directives of `Operations`."""
    import limbeck.ddl.impl  # noqa: F401  (registers the directives that belong to one dialect)
    from limbeck import op
    from limbeck.operations.base import Operations

    stub = Stub()
    stub.add_import("typing", "Any")
    for name in dir(op):
        stub.add_function(Operations, name)
    return stub.render("op", ANY_DIRECTIVE)


def context_stub() -> str:
    """The methods and attributes of the environment."""
    from limbeck.runtime.environment import EnvironmentContext

    from limbeck import context

    stub = Stub()
    stub.add_import("limbeck.config", "Config")
    stub.add_import("limbeck.script.base", "ScriptDirectory")
    for name in sorted(context.FUNCTIONS):
        stub.add_function(EnvironmentContext, name)
    return stub.render("context", "\nconfig: Config\nscript: ScriptDirectory\n")


def main() -> None:
    stale = []
    for name, wanted in (("op", op_stub()), ("context", context_stub())):
        path = SOURCE / f"{name}.pyi"
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            continue
        if "--check" in sys.argv:
            stale.append(path.name)
        else:
            path.write_text(wanted, encoding="utf-8")
            print(f"wrote {path.relative_to(SOURCE.parent.parent)}")
    if stale:
        sys.exit(f"{' and '.join(stale)}: not what `make stubs` would write")


if __name__ == "__main__":
    main()
