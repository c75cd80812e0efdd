"""SQLite: refuse in time what cannot be altered, and ignore comments."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url

from limbeck.ddl.sqlite.impl import SQLiteImpl
from limbeck.errors import ConstraintNotAlterable
from tests.ddl.recorded import run


@pytest.mark.parametrize(
    "column",
    [
        "sa.Column('c', sa.Integer, sa.ForeignKey('u.id', name='k'))",
        "sa.Column('c', sa.Integer, unique=True)",
    ],
)
def test_a_column_is_not_added_if_its_constraint_cannot_be(column: str) -> None:
    """OPS-29"""
    outcome = run(f"op.add_column('t', {column})", "sqlite")
    assert outcome.sql == []
    assert isinstance(outcome.error, ConstraintNotAlterable)
    assert isinstance(outcome.error, NotImplementedError)
    assert "batch_alter_table('t')" in str(outcome.error.hint)


def test_a_reference_inside_the_column_is_fine() -> None:
    """OPS-23"""
    call = "op.add_column('t', sa.Column('c', sa.Integer, sa.ForeignKey('u.id')), inline_references=True)"
    assert run(call, "sqlite").sql == ["ALTER TABLE t ADD COLUMN c INTEGER REFERENCES u (id)"]


def test_comments_are_ignored_everywhere() -> None:
    """OPS-22, OPS-44, OPS-67"""
    call = (
        "op.add_column('t', sa.Column('c', sa.Integer, comment='x'))\n"
        "op.alter_column('t', 'c', comment='x')\n"
        "op.create_table_comment('t', 'x')\nop.drop_table_comment('t')"
    )
    outcome = run(call, "sqlite")
    assert (outcome.sql, outcome.error) == (["ALTER TABLE t ADD COLUMN c INTEGER"], None)


def test_the_check_of_a_type_is_left_out_with_a_warning() -> None:
    """OPS-27, OPS-41"""
    call = "op.add_column('t', sa.Column('c', sa.Boolean(create_constraint=True, name='k')))"
    outcome = run(call, "sqlite")
    assert (outcome.sql, outcome.warnings) == (["ALTER TABLE t ADD COLUMN c BOOLEAN"], ["UserWarning"])


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("sqlite://", True),
        ("sqlite:///:memory:", True),
        ("sqlite:///file:shared?mode=memory&cache=shared&uri=true", True),
        ("sqlite:///app.db", False),
        ("sqlite+aiosqlite:////data/app.db", False),
    ],
)
def test_a_database_in_memory_belongs_to_its_connection(url: str, private: bool) -> None:
    """PY-3"""
    assert SQLiteImpl.is_private_database(make_url(url)) is private
