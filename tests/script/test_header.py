"""Headers: what is read from the text of a file, and what only running it can tell."""

from __future__ import annotations

import ast
import time
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from limbeck.script import header
from limbeck.script.header import Header, read_header

USUAL = '''# -*- coding: utf-8 -*-
"""add stuff

Revision ID: abc
Revises: x, y

"""

from collections.abc import Sequence
from typing import (
    Union,
)

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "abc"
down_revision: Union[str, Sequence[str], None] = ('x', "y")  # two
branch_labels: str | Sequence[str] | None = None
depends_on = [
    "a",
    "b",
]


def upgrade() -> None:
    """Change the database to this revision."""
    # the revision before is x
    op.add_column("t", sa.Column("revision", sa.Integer))
    op.execute(\'\'\'update t set revision = 1\'\'\')
'''
VALUES = {"revision": "abc", "down_revision": ("x", "y"), "branch_labels": None, "depends_on": ["a", "b"]}
DOCSTRING = "add stuff\n\nRevision ID: abc\nRevises: x, y\n\n"


def test_the_usual_header_is_read_without_parsing_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """FILE-2, PERF-1"""
    monkeypatch.delattr(header, "_read_parsed")
    assert read_header(USUAL) == Header(VALUES, DOCSTRING)


def test_parsing_gives_the_same() -> None:
    assert header._read_parsed(USUAL) == Header(VALUES, DOCSTRING)


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("revision = 'a'\ndown_revision = None\n", {"revision": "a", "down_revision": None}),
        ("revision = 'a'; down_revision = None", {"revision": "a", "down_revision": None}),
        ("x = 1\nrevision = 'a'\ndown_revision = ('b')\n", {"revision": "a", "down_revision": "b"}),
        ("revision = 'a' 'b'\ndown_revision = ()\n", {"revision": "ab", "down_revision": ()}),
        ("down_revision = None\n", {"down_revision": None}),
        ("import re\n", {}),
        (
            "revision = 'a'\ndown_revision = None\nsql = f'{\"revision\"}'\n",
            {"revision": "a", "down_revision": None},
        ),
        (
            "revision = 'a'\ndown_revision = None\ndef upgrade():\n    revision = 1\n",
            {"revision": "a", "down_revision": None},
        ),
    ],
)
def test_stranger_headers_are_parsed(source: str, values: dict[str, object]) -> None:
    found = read_header(source)
    assert found is not None
    assert found.values == values


@pytest.mark.parametrize(
    "change",
    [
        "revision = revision.upper()",
        "revision = str('a')",
        "down_revision = f'{revision}'",
        "if True:\n    revision = 'b'",
        "for revision in 'ab':\n    pass",
        "globals()['revision'] = 'b'",
        "exec('revision = 1')",
        "from somewhere import revision",
        "from somewhere import *",
        "import somewhere as depends_on",
        "def upgrade():\n    global revision\n    revision = 'b'",
        "def revision(): ...",
        "down_revision = ['a']\nnames = down_revision",
        "import sys\nsys.modules[__name__]",
        "with open(__file__) as branch_labels: ...",
    ],
)
def test_what_could_change_a_fact_makes_the_file_run(change: str) -> None:
    """PERF-1"""
    base = (
        "revision = 'a'\n" if change.startswith("down_revision") else "revision = 'a'\ndown_revision = None\n"
    )
    assert read_header(f"{base}{change}\n") is None


def test_a_file_that_is_not_python_says_so() -> None:
    with pytest.raises(SyntaxError) as caught:
        read_header("revision = 'a'\n<<<<<<< HEAD\ndown_revision = 'b'\n")
    assert caught.value.lineno == 2


@pytest.mark.parametrize(
    ("literal", "docstring"),
    [
        ('"""one\n   two"""', "one\n   two"),
        ("'''one'''", "one"),
        (r'r"""a\nb"""', r"a\nb"),
        (r'"""a\tb \" c"""', 'a\tb " c'),
        ('"short"', "short"),
        ('"""invalid \\d escape"""', "invalid \\d escape"),
    ],
)
def test_docstrings_are_read_as_the_compiler_reads_them(literal: str, docstring: str) -> None:
    """FILE-4"""
    found = read_header(f"{literal}\nrevision = 'a'\ndown_revision = None\n")
    assert found is not None
    assert found.docstring == docstring


def test_threads_take_turns_where_the_filters_of_warnings_are_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RUN-9: they belong to the process, and would otherwise not all be put back."""
    inside: list[int] = []
    most: list[int] = []
    before = list(warnings.filters)

    def evaluate(text: str) -> object:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.02)
        inside.pop()
        return ast.literal_eval(text)

    monkeypatch.setattr(header, "ast", SimpleNamespace(literal_eval=evaluate))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(read_header, ['"""a \\d"""\nrevision = "a"\ndown_revision = "b"\n'] * 8))
    assert [one.docstring for one in found if one is not None] == ["a \\d"] * 8
    assert max(most) == 1
    assert warnings.filters == before


def test_a_million_empty_lines_take_no_memory_but_their_own() -> None:
    """FILE-11"""
    source = "\n" * 1_000_000 + '"""first"""\nrevision = "a1"\n' + "\n" * 1_000_000 + "down_revision = None\n"
    tracemalloc.start()
    try:
        header = read_header(source)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert header is not None
    assert (header.values, header.docstring) == ({"revision": "a1", "down_revision": None}, "first")
    assert peak < 3 * len(source)
