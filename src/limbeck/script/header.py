"""A revision's facts, read from the text of its file without running it.

Running thousands of files to list them takes seconds, reading them does not. What is read is what running
would give: whenever the text leaves a doubt, the answer is None and the file is run (FILE-2, PERF-1). The
usual shape of a file is seen by a few regular expressions; a stranger one is parsed.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from limbeck.script.facts import NAMES, Header

_STRING = r"""'[^'\\\n]*'|"[^"\\\n]*\""""
_SEVERAL = rf"""[(\[](?:[ \t\r\n]*(?:{_STRING})[ \t]*,)*[ \t\r\n]*(?:{_STRING})?[ \t\r\n]*[)\]]"""
_ASSIGNMENT = re.compile(
    rf"""^(?P<name>{"|".join(NAMES)})[ \t]*(?::[^=\n]*)?=[ \t]*"""
    rf"""(?P<value>None|{_STRING}|{_SEVERAL})[ \t]*(?:\#[^\n]*)?$""",
    re.MULTILINE,
)
# Empty lines are taken together: one by one, megabytes of them take gigabytes of memory.
_DOCSTRING = re.compile(
    r'''\A\ufeff?(?:[ \t]*(?:\#[^\n]*)?\n+(?!\n))*(?P<literal>[rRuU]?(?:"""(?:[^"\\]|\\.|"(?!""))*"""'''
    r"""|'''(?:[^'\\]|\\.|'(?!''))*'''))[ \t]*(?:\#[^\n]*)?(?:\n|\Z)""",
    re.DOTALL,
)
_NO_DOCSTRING = re.compile(r"\A\ufeff?(?:[ \t]*(?:\#[^\n]*)?\n+(?!\n))*(?=[A-Za-z_])(?![rRuU]*[\"'])")
_BETWEEN = re.compile(
    r"""(?:[ \t]*(?:\#[^\n]*)?\n+(?!\n)
    |(?:import[ \t][^\n(\\;]*|from[ \t][^\n(\\;]*?[ \t]import[ \t]+(?:[^\n(*\\;]+|\([^)*]*\)[ \t]*))\n)*""",
    re.VERBOSE,
)
_DOUBTFUL = re.compile(
    r"""\b(?:down_revision|revision|branch_labels|depends_on)\b
    |\b(?:globals|locals|vars|exec|eval|setattr|delattr|__dict__|modules)\b
    |import[ \t]*\(?[ \t]*\*""",
    re.VERBOSE,
)
_HINTS = re.compile(r"exec(?!ut)"), re.compile(r"import[ \t]*\(?[ \t]*\*")
_HINT_WORDS = ("revision", "branch_labels", "depends_on", "globals", "locals", "vars", "eval", "setattr",
               "delattr", "__dict__", "modules")  # fmt: skip
_DOUBTFUL_IMPORT = re.compile(rf"^[^\#\n]*(?:{_DOUBTFUL.pattern})", re.MULTILINE | re.VERBOSE)
_TEXT = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"'''
    r"""|'''(?:[^'\\]|\\.|'(?!''))*'''|'(?:[^'\\\n]|\\.)*'|\#[^\n]*|(?P<stray>['"])""",
    re.DOTALL,
)
_FORMATTED = re.compile(r"(?<![A-Za-z0-9_])(?:[fF][rR]?|[rR][fF]|[tT][rR]?|[rR][tT])\Z")


def read_header(source: str) -> Header | None:
    """The facts in the text of a revision's file; None if only running the file can tell.

    Raises SyntaxError if a strange file turns out not to be Python.
    """
    return _read_usual(source) or _read_parsed(source)


# --- the usual shape ------------------------------------------------------------------------------------------


def _read_usual(source: str) -> Header | None:
    """Docstring, imports, the four names with plain values, and nothing that could change them later."""
    if "\r" in source or "\0" in source or "\f" in source:
        return None
    docstring = _DOCSTRING.match(source) or _NO_DOCSTRING.match(source)
    if docstring is None:
        return None
    values: dict[str, Any] = {}
    end = docstring.end()
    while len(values) < len(NAMES):
        start = _BETWEEN.match(source, end).end()  # type: ignore[union-attr]  # it matches nothing, too
        found = _ASSIGNMENT.match(source, start)
        if found is None or found["name"] in values:
            break
        if start > end and _has_hint(source[end:start]) and _DOUBTFUL_IMPORT.search(source, end, start):
            return None
        values[found["name"]] = _plain_value(found["value"])
        end = found.end() + 1
    if "revision" not in values or "down_revision" not in values or not _is_unchanged(source, end):
        return None
    literal = docstring.groupdict().get("literal")
    return Header(values, None if literal is None else _text_of(literal))


def _is_unchanged(source: str, start: int) -> bool:
    """Whether nothing behind `start` could give the four names other values."""
    if not _has_hint(source[start:]):
        return True
    code: list[str] = []
    for text in _TEXT.finditer(source, start):
        if text["stray"] or _FORMATTED.search(source, max(start, text.start() - 3), text.start()):
            return False  # a text within a formatted text may use the same quotes
        code.append(source[start : text.start()])
        start = text.end()
    remaining = " ".join([*code, source[start:]])
    return not _has_hint(remaining) or _DOUBTFUL.search(remaining) is None


def _has_hint(text: str) -> bool:
    """Whether it is worth while to look for something doubtful: a question that is answered very fast."""
    return any(word in text for word in _HINT_WORDS) or any(hint.search(text) for hint in _HINTS)


def _plain_value(text: str) -> Any:
    if text == "None":
        return None
    if text[0] in "'\"":
        return text[1:-1]
    return ast.literal_eval(text)


def _text_of(literal: str) -> str:
    if literal[0] in "'\"" and "\\" not in literal:
        return literal[3:-3]
    with _unwarned():
        text: str = ast.literal_eval(literal)
    return text


_filtering = threading.Lock()


@contextmanager
def _unwarned() -> Iterator[None]:
    """A block without warnings: an invalid escape is said to be one when the file is run.

    One thread at a time, for the filters of warnings belong to the process, and have to be left as they were.
    """
    with _filtering, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# --- any other shape ------------------------------------------------------------------------------------------


def _read_parsed(source: str) -> Header | None:
    try:
        with _unwarned():
            tree = ast.parse(source)
    except (ValueError, RecursionError, MemoryError):  # a NUL; nested too deeply to be looked into
        return None
    values: dict[str, Any] = {}
    plain: set[ast.AST] = set()
    for statement in tree.body:
        target = _assigned_name(statement)
        if target is None or target.id not in NAMES:
            continue
        if target.id in values:
            return None
        try:
            values[target.id] = ast.literal_eval(statement.value)  # type: ignore[attr-defined]  # see above
        except (ValueError, TypeError, MemoryError, RecursionError):
            return None
        plain.add(target)
    if any(_could_change(node, values) for node in _module_level(tree) if node not in plain):
        return None
    return Header(values, ast.get_docstring(tree, clean=False))


def _assigned_name(statement: ast.stmt) -> ast.Name | None:
    match statement:
        case ast.Assign(targets=[ast.Name() as name]):
            return name
        case ast.AnnAssign(target=ast.Name() as name, value=ast.expr()):
            return name
    return None


def _module_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node that runs with the module, and of functions what reaches out of them."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Global | ast.Call))
            outside = [node.args, *getattr(node, "decorator_list", ())]
            pending.extend(outside)
        else:
            pending.extend(ast.iter_child_nodes(node))


_REACHING = frozenset({"globals", "locals", "vars", "exec", "eval", "setattr", "delattr"})


def _could_change(node: ast.AST, values: Mapping[str, Any]) -> bool:
    """Whether this could give one of the four names another value than the plain assignment does."""
    match node:
        case ast.Name(id=name) if name in NAMES:
            # Reading a text or a tuple changes nothing; a list can be changed by whoever holds it.
            return not isinstance(node.ctx, ast.Load) or isinstance(values.get(name), list)
        case ast.Name(id=name):
            return name in _REACHING
        case ast.Attribute(attr=attr):
            return attr in ("__dict__", "modules")
        case ast.alias(name=name, asname=asname):
            bound = asname or name.partition(".")[0]
            return bound in NAMES or bound == "*"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name in NAMES
        case ast.Global(names=names):
            return not set(NAMES).isdisjoint(names)
        case ast.Call(func=ast.Name(id=name)):
            return name in _REACHING
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return name in NAMES
        case ast.MatchMapping(rest=str(rest)):
            return rest in NAMES
    return False
