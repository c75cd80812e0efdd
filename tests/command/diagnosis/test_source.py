"""What the text of files shows without running them."""

from __future__ import annotations

import ast

import pytest

from limbeck.command.diagnosis.source import (
    Import,
    check_environment,
    check_revision,
    find_imports,
    find_parameters,
    has_several_statements,
)

PLAIN = '''"""doc"""
import sqlalchemy as sa
revision: str = "a"
down_revision = None
table = sa.table("t")
try:
    from a import b
except ImportError:
    b = None
if TYPE_CHECKING:
    import c

def upgrade():
    op.execute("UPDATE t SET a = 1")
'''


def told(source: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.level.value, one.what, one.places) for one in check_revision("f.py", ast.parse(source))]


def test_an_ordinary_file_is_fine() -> None:
    assert told(PLAIN) == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("revision = uuid4().hex\n", ("unsafe", "`revision` is computed", ("f.py:1",))),
        (
            "revision = 'a'\nprint(1)\n",
            ("different", "Code stands at the top of a revision file", ("f.py:2",)),
        ),
        (
            "def upgrade():\n    op.execute(sa.text('a; b'))\n",
            ("unsafe", "One string has several statements", ("f.py:2",)),
        ),
    ],
)
def test_a_pattern_is_seen(source: str, finding: tuple[str, str, tuple[str, ...]]) -> None:
    assert told(source) == [finding]


@pytest.mark.parametrize(
    ("sql", "several"),
    [
        ("a;", False),
        ("a; b", True),
        ("INSERT INTO t VALUES ('a; b')", False),
        ("a -- b; c", False),
        ("CREATE FUNCTION f() AS $$ a; b; $$", False),
        ("CREATE TRIGGER t BEGIN a; b; END", False),
        ('a ";" b', False),
    ],
)
def test_statements_are_counted_outside_of_what_is_quoted(sql: str, several: bool) -> None:
    assert has_several_statements(sql) is several


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("UPDATE t SET a = :a, b = :b_1", ["a", "b_1"]),
        ("SELECT a::text, '12:30', x[1:2] -- :no", []),
        ("SELECT '\\:a', a\\:b", []),
    ],
)
def test_parameters_are_found_outside_of_what_is_quoted(sql: str, names: list[str]) -> None:
    assert find_parameters(sql) == names


def test_a_parameter_without_a_value_is_told_and_one_with_a_value_is_not() -> None:
    source = "op.execute('UPDATE t SET a = :a')\nop.execute(sa.text('SELECT :a').bindparams(a=1))\n"
    found = told(f"def upgrade():\n    {source.replace(chr(10), chr(10) + '    ')}pass\n")
    assert found == [("unsafe", "`:a` in SQL has no value", ("f.py:2",))]


def test_threads_in_env_py_are_different() -> None:
    (finding,) = check_environment("env.py", ast.parse("import threading\nthreading.Thread(target=run)\n"))
    assert (finding.level.value, finding.what, finding.places) == (
        "different",
        "env.py starts threads",
        ("env.py:2",),
    )


def test_names_are_found_however_they_are_imported() -> None:
    lines = (
        "from alembic import op",
        "import alembic.util.exc",
        "import alembic, os",
        "from limbeck.ddl import base",
    )
    assert [*find_imports("f.py", ast.parse("\n".join(lines)))] == [
        Import("", "op", "f.py:1"),
        Import("util", "exc", "f.py:2"),
        Import("ddl", "base", "f.py:4"),
    ]
