"""The source of limbeck as the laws see it: who imports whom, also for typing and inside functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGE = "limbeck"

FLOORS = {
    "errors": 0, "base": 0,
    "graph": 1,
    "config": 2, "script": 2,
    "sqla": 3, "operations": 3,
    "ddl": 4,
    "runtime": 5, "lint": 5,
    "autogenerate": 6,
    "command": 7,
    "cli": 8, "op": 8, "context": 8, "aio": 8, "testing": 8, "as_alembic": 8, "__main__": 8,
    # façades outside the floors: what they re-export counts, wherever somebody imports it through them
    "util": 0, "ext": 8, "environment": 8, "migration": 8, "": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """One source file."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def area(self) -> str:
        """The part of the package that decides on the floor: `ddl` for `limbeck.ddl.base`."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def floor(self) -> int:
        return FLOORS[self.area]

    @property
    def exports(self) -> dict[str, str]:
        """For a module with `lazy_exports`: public name → where it lives, as far as it is written out."""
        return lazy_exports_of(self.tree, self.name)

    @property
    def is_facade(self) -> bool:
        """Whether there is nothing here but `lazy_exports`, its import, and repetitions for type checkers."""
        return bool(self.exports) and all(is_part_of_a_facade(node) for node in self.tree.body)

    @property
    def place(self) -> str:
        return str(self.path.relative_to(SOURCE))


@dataclass(frozen=True)
class Import:
    """One import, at any level of a module."""

    importer: Module
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer.place}:{self.line} imports {self.target}"


@cache
def modules() -> dict[str, Module]:
    """Every module of the package by its name."""
    found = {}
    for path in sorted((SOURCE / PACKAGE).rglob("*.py")):
        if "templates" in path.parts:
            continue
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        found[name] = Module(name, path, ast.parse(text, str(path)), len(text.splitlines()))
    return found


@cache
def internal_imports() -> list[Import]:
    """Imports of one of our modules by another, with façades seen through."""
    return [
        Import(module, target, line)
        for module in modules().values()
        if not module.is_facade
        for target, line in imported_names(module)
        if target in modules() and target != module.name
    ]


def imported_names(module: Module) -> Iterator[tuple[str, int]]:
    """The modules that a module imports, each with its line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            package = absolute(module, node)
            for alias in node.names:
                yield home_of(package, alias.name), node.lineno


def absolute(module: Module, node: ast.ImportFrom) -> str:
    """The package that `from … import` names, also a relative one."""
    if not node.level:
        return node.module or ""
    here = module.name.split(".")
    is_package = module.path.name == "__init__.py"
    base = here[: len(here) - node.level + is_package]
    return ".".join([*base, *([node.module] if node.module else [])])


def home_of(package: str, name: str) -> str:
    """The module that `from package import name` really needs."""
    if f"{package}.{name}" in modules():
        return f"{package}.{name}"
    module = modules().get(package)
    if module is not None and name in module.exports:
        return module.exports[name].partition(":")[0]
    return package


def lazy_exports_of(tree: ast.Module, module: str) -> dict[str, str]:
    """The table of a façade, perhaps made by a comprehension from plain values above it."""
    above: dict[str, object] = {"__name__": module}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        value, target = node.value, node.targets[0]
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "lazy_exports":
            table: dict[str, str] = evaluated(value.args[1], above)
            return table
        if isinstance(target, ast.Name):
            with suppress(NameError):  # not a plain value, so not for a façade
                above[target.id] = evaluated(value, above)
    return {}


def evaluated(expression: ast.expr, names: dict[str, object]) -> Any:
    return eval(compile(ast.Expression(expression), "<façade>", "eval"), names)


def is_part_of_a_facade(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module in ("limbeck.base.lazy", "typing", "__future__")
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        names = {
            name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
        }
        return names <= {"__getattr__", "__dir__", "__all__", "__version__"} or isinstance(
            node.value, ast.Tuple
        )
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def strings(module: Module) -> Iterator[tuple[str, int]]:
    """Every string literal with its line, docstrings left out."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value, node.lineno
