"""A test leaves no connection open: since Python 3.13 that is a warning, in whatever test the collector runs next."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
TYPED_ONLY = TESTS / "typing" / "project"  # never run
MAKERS = {"create_engine", "create_async_engine"}


def engines_without_a_name(source: str) -> list[int]:
    """The lines where an engine is used as it is made, so that nobody can dispose of it."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).rpartition(".")[2] in MAKERS
    ]


def test_every_engine_has_a_name_by_which_it_is_disposed_of() -> None:
    """`tests.backends.engines` has blocks that do it."""
    left = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in TESTS.rglob("*.py")
        if TYPED_ONLY not in path.parents
        for line in engines_without_a_name(path.read_text(encoding="utf-8"))
    ]
    assert left == []


def test_an_engine_without_a_name_is_seen() -> None:
    source = "with sa.create_engine(url).connect() as c: ...\nengine = create_engine(url)\nengine.connect()\n"
    assert engines_without_a_name(source) == [1]
