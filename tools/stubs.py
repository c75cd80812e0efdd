"""Write `op.pyi` and `context.pyi`: what editors and type checkers see behind the two doors.

The doors forward to whatever is active, so their names exist only at run time. Signatures and docstrings are
taken from `Operations` and `EnvironmentContext`. With `--check` nothing is written: the exit status says
whether the files are as they should be.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, get_overloads

SOURCE = Path(__file__).parents[1] / "src" / "limbeck"
WIDTH = 110
HEADER = '''"""{title}

Made by `make stubs` from `{origin}`; do not edit.
"""
'''


@dataclass
class Stub:
    """One file in the making: its functions, and the imports their types need."""

    title: str
    origin: str
    imports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    parts: list[str] = field(default_factory=list)

    def add_function(self, name: str, method: Any) -> None:
        """Add a function with the signature of a method, without its first parameter."""
        function = innermost(method)
        versions = get_overloads(function)
        for number, version in enumerate(versions):
            self.need("typing", "overload")
            text = "" if number else docstring_of(function)
            self.parts.append(
                "@overload\n" + self.declaration(name, version, version, text, is_manager=False)
            )
        if not versions:
            manager = inspect.isgeneratorfunction(function)
            text = docstring_of(function)
            self.parts.append(self.declaration(name, method, function, text, is_manager=manager))

    def add_attribute(self, name: str, module: str, kind: str) -> None:
        """Add a module attribute of that type."""
        self.need(module, kind)
        self.parts.append(f"{name}: {kind}\n")

    def need(self, module: str, name: str) -> None:
        """Import a name."""
        self.imports[module].add(name)

    def declaration(
        self, name: str, method: Any, function: FunctionType, text: str, *, is_manager: bool
    ) -> str:
        signature = inspect.signature(method)
        parameters = list(signature.parameters.values())
        if parameters and parameters[0].name in ("self", "cls"):
            parameters = parameters[1:]
        returns = self.type_text(self.own_class_in(signature.return_annotation, function), function)
        if is_manager:
            self.need("contextlib", "AbstractContextManager")
            returns = returns.replace("Iterator[", "AbstractContextManager[", 1)
            self.imports["collections.abc"].discard("Iterator")
        words = list(self.parameter_texts(parameters, function))
        line = f"def {name}({', '.join(words)}) -> {returns}:"
        if len(line) > WIDTH:
            words = [f"    {word}," for word in words]
            line = "\n".join([f"def {name}(", *words, f") -> {returns}:"])
        if not text:
            return f"{line} ...\n"
        quoted = ('r"""' if "\\" in text else '"""') + text + ('\n"""' if "\n" in text else '"""')
        return f"{line}\n{textwrap.indent(quoted, '    ')}\n"

    def own_class_in(self, returns: str, function: FunctionType) -> str:
        """For `def make(cls: type[T]) -> T`: the class itself in place of `T`."""
        first = next(iter(inspect.signature(function).parameters.values()), None)
        variable = re.fullmatch(r"type\[(\w+)\]", str(first and first.annotation))
        return re.sub(rf"\b{variable[1]}\b", self.origin.rpartition(".")[2], returns) if variable else returns

    def parameter_texts(self, parameters: list[inspect.Parameter], function: FunctionType) -> Iterator[str]:
        starred = False
        for number, parameter in enumerate(parameters):
            if parameter.kind is parameter.KEYWORD_ONLY and not starred:
                starred = True
                yield "*"
            prefix = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
            starred = starred or prefix == "*"
            text = f"{prefix}{parameter.name}"
            if parameter.annotation is not parameter.empty:
                text += f": {self.type_text(parameter.annotation, function)}"
            if parameter.default is not parameter.empty:
                text += f" = {default_text(parameter.default)}"
            yield text
            following = parameters[number + 1 : number + 2]
            if parameter.kind is parameter.POSITIONAL_ONLY and not any(
                other.kind is parameter.POSITIONAL_ONLY for other in following
            ):
                yield "/"

    def type_text(self, annotation: Any, function: FunctionType) -> str:
        """An annotation as it was written, with its names imported."""
        if annotation is inspect.Signature.empty:
            self.need("typing", "Any")
            return "Any"
        assert isinstance(annotation, str), f"{function} lacks `from __future__ import annotations`"
        tree = ast.parse(annotation, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not hasattr(builtins, node.id):
                self.need(*home_of(node.id, function.__module__))
        return ast.unparse(tree).replace("'", '"')

    def text(self) -> str:
        """The whole file."""
        pieces = [HEADER.format(title=self.title, origin=self.origin)]
        standard = {m: n for m, n in self.imports.items() if m.split(".")[0] in sys.stdlib_module_names}
        ours = {m: n for m, n in self.imports.items() if m.split(".")[0] == "limbeck"}
        others = {m: n for m, n in self.imports.items() if m not in standard and m not in ours}
        groups = ["".join(import_lines(group)) for group in (standard, others, ours) if any(group.values())]
        spaced = [part if part.endswith(": ...\n") else f"{part}\n" for part in self.parts]
        return "\n".join([*pieces, *groups, "".join(spaced).rstrip("\n") + "\n"])


def import_lines(names_by_module: dict[str, set[str]]) -> Iterator[str]:
    for module, names in sorted(names_by_module.items()):
        if not names:
            continue
        # constants first, then classes, then the rest: the order that ruff's import rules want
        ordered = sorted(names, key=lambda name: (not is_constant(name), not name[0].isupper(), name))
        line = f"from {module} import {', '.join(ordered)}\n"
        if len(line) > WIDTH:
            line = f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")\n"
        yield line


def is_constant(name: str) -> bool:
    return name.isupper() and len(name) > 1


def innermost(method: Any) -> FunctionType:
    """The function that somebody wrote, behind decorators and class binding."""
    function = method
    while True:
        if hasattr(function, "__func__"):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            assert isinstance(function, FunctionType), method
            return function


def docstring_of(function: FunctionType) -> str:
    """The docstring without the indentation of the code; examples keep theirs."""
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    text = ast.get_docstring(node, clean=False) or ""
    return re.sub(rf"(?m)^ {{1,{node.body[0].col_offset}}}", "", text).strip()


def default_text(value: object) -> str:
    if value is None or isinstance(value, bool | int | float) or value == ():
        return repr(value)
    if isinstance(value, str):
        return '"' + repr(value)[1:-1].replace('"', '\\"') + '"'
    return "..."


def home_of(name: str, module: str) -> tuple[str, str]:
    """Where a module has a name from: the module it imports it from, or itself."""
    return imports_of(module).get(name, module), name


@cache
def imports_of(module: str) -> dict[str, str]:
    source = inspect.getsource(importlib.import_module(module))
    return {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def op_stub() -> str:
    """The directives: those of every database, and those that a dialect brings."""
    from limbeck.operations.base import Operations

    for path in sorted((SOURCE / "ddl").glob("*/operations.py")):
        importlib.import_module(f"limbeck.ddl.{path.parent.name}.operations")
    stub = Stub(
        "The door to the operations of the migration that is running.",
        "limbeck.operations.base.Operations",
    )
    for name in sorted(name for name in dir(Operations) if not name.startswith("_")):
        stub.add_function(name, getattr(Operations, name))
    return stub.text()


def context_stub() -> str:
    """What env.py reaches."""
    from limbeck import context
    from limbeck.runtime.environment import EnvironmentContext

    stub = Stub(
        "The door to the environment that is active while env.py runs.",
        "limbeck.runtime.environment.EnvironmentContext",
    )
    stub.add_attribute("config", "limbeck.config", "Config")
    stub.add_attribute("script", "limbeck.script.base", "ScriptDirectory")
    for name in context.FUNCTIONS:
        stub.add_function(name, getattr(EnvironmentContext, name))
    return stub.text()


STUBS: dict[str, Callable[[], str]] = {"op.pyi": op_stub, "context.pyi": context_stub}


def main() -> int:
    """Write the stubs, or with `--check` compare them."""
    stale = []
    for name, make in STUBS.items():
        path, text = SOURCE / name, make()
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"{' and '.join(stale)}: not as the code has it; run `make stubs`", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
