"""Every rule of behaviour is kept by a test that names it, or is listed as a difference on purpose."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
RULES = (TESTS / "data" / "rules.txt").read_text().split()
DIFFERENCES = TESTS.parent / "docs" / "coming-from-alembic.md"
RULE = re.compile(r"\b[A-Z]+-\d+\b")


def named_in(source: str) -> Iterator[str]:
    """The rules that the docstrings of a file's tests, or of the file, name."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if node is tree or (isinstance(node, ast.FunctionDef) and node.name.startswith("test_")):
            yield from RULE.findall(ast.get_docstring(node) or "")


def test_every_rule_is_named_by_a_test_or_is_a_difference_on_purpose() -> None:
    named = set(RULE.findall(DIFFERENCES.read_text(encoding="utf-8")))
    for path in TESTS.rglob("test_*.py"):
        named.update(named_in(path.read_text(encoding="utf-8")))
    assert [rule for rule in RULES if rule not in named] == []


def test_a_rule_is_named_by_a_docstring_and_by_nothing_else() -> None:
    source = '''
"""A-1"""
# A-2
def test_it():
    """A-3, A-4."""
    assert "A-5"
def helper():
    """A-6"""
'''
    assert list(named_in(source)) == ["A-1", "A-3", "A-4"]
