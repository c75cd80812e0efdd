"""What the text of env.py and of revision files shows without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from limbeck.base.alias import ALIAS, OWN
from limbeck.command.diagnosis.finding import Finding, Level
from limbeck.script.facts import NAMES

_LITERAL = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_PARAMETER = re.compile(r"(?<![:\\\w]):([A-Za-z_]\w*)")
_BODY = re.compile(r"\b(?:FUNCTION|PROCEDURE|TRIGGER|BEGIN|DO)\b", re.IGNORECASE)
_HARMLESS = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.Assign, ast.AnnAssign, ast.Pass),
)


class Import(NamedTuple):
    """A name that a file takes from the original, or from limbeck: `module` lies below either."""

    module: str
    name: str
    place: str


def check_revision(path: str, tree: ast.Module) -> Iterator[Finding]:
    """What is unsafe or different about a revision file."""
    for check in (_computed_identifiers, _code_at_the_top, _executed_text):
        yield from check(path, tree)


def check_environment(path: str, tree: ast.Module) -> Iterator[Finding]:
    """What is different about an env.py."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in ("Thread", "ThreadPoolExecutor"):
            yield Finding(
                Level.DIFFERENT,
                "env.py starts threads",
                (f"{path}:{node.lineno}",),
                "each thread has its own `op` and `context`; a new one finds those of the run only while one "
                "run is active in the process",
                "nothing for one run at a time; otherwise start them with `contextvars.copy_context().run`",
            )


def find_imports(path: str, tree: ast.Module) -> Iterator[Import]:
    """The names that a file takes from the original, under either name."""
    for node in ast.walk(tree):
        place = f"{path}:{getattr(node, 'lineno', 1)}"
        if isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module or ""):
            module = (node.module or "").partition(".")[2]
            yield from (Import(module, alias.name, place) for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_ours(alias.name) and "." in alias.name:
                    package, _, name = alias.name.partition(".")[2].rpartition(".")
                    yield Import(package, name, place)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in (ALIAS, OWN)


def _computed_identifiers(path: str, tree: ast.Module) -> Iterator[Finding]:
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        for target in targets:
            value = getattr(node, "value", None)
            if (
                isinstance(target, ast.Name)
                and target.id in NAMES
                and value is not None
                and not _is_literal(value)
            ):
                yield Finding(
                    Level.UNSAFE,
                    f"`{target.id}` is computed",
                    (f"{path}:{node.lineno}",),
                    "what a file is called must never change; and such a file is run whenever revisions are listed",
                    "write the value itself",
                )


def _code_at_the_top(path: str, tree: ast.Module) -> Iterator[Finding]:
    for node in tree.body:
        if _only_defines(node):
            continue
        yield Finding(
            Level.DIFFERENT,
            "Code stands at the top of a revision file",
            (f"{path}:{node.lineno}",),
            "limbeck reads revision files without running them, so that this runs when the migration runs",
            "move it into upgrade() if the migration needs it; take it out if other commands rely on it",
        )


def _only_defines(node: ast.stmt) -> bool:
    """Whether a statement gives names and does nothing else, also where it tries one import and then another."""
    if isinstance(node, ast.Try):
        inner = [
            *node.body,
            *node.orelse,
            *node.finalbody,
            *(each for one in node.handlers for each in one.body),
        ]
        return all(map(_only_defines, inner))
    if isinstance(node, ast.If):
        return all(map(_only_defines, [*node.body, *node.orelse]))
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    return isinstance(node, _HARMLESS)


def _executed_text(path: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and _last_name(node.func) == "execute" and node.args):
            continue
        sql, place = _text_of(node.args[0]), f"{path}:{node.lineno}"
        if sql is not None and has_several_statements(sql):
            yield Finding(
                Level.UNSAFE,
                "One string has several statements",
                (place,),
                "some drivers refuse it, or run the first alone",
                "write one op.execute() for each statement",
            )
        unbound = find_parameters(sql) if sql is not None and len(node.args) == 1 else []
        if unbound:
            yield Finding(
                Level.UNSAFE,
                f"`:{unbound[0]}` in SQL has no value",
                (place,),
                "a database refuses it; a script has NULL there, with a warning that the original does not give",
                "write `\\\\:` for a colon, or give the value with sa.text(…).bindparams(…)",
            )


def find_parameters(sql: str) -> list[str]:
    """The names of parameters in SQL, outside of literals and comments."""
    return _PARAMETER.findall(_LITERAL.sub(" ", sql))


def has_several_statements(sql: str) -> bool:
    """Whether text goes on behind a semicolon, outside of literals, comments and bodies of functions."""
    bare = _LITERAL.sub(" ", sql)
    return ";" in bare.strip().rstrip(";") and not _BODY.search(bare)


def _text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call) and _last_name(node.func) == "text" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _last_name(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def parse_each(paths: tuple[str, ...]) -> Iterator[tuple[str, ast.Module]]:
    """Each file with its syntax tree; files that are not Python are told about by whoever reads them."""
    for path in paths:
        try:
            with open(path, "rb") as file:
                yield path, ast.parse(file.read(), path)
        except (OSError, SyntaxError, ValueError):
            continue
