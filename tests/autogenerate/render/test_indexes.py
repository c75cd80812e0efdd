from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.operations import ops
from limbeck.operations.base import conv
from tests.autogenerate.render.rendering import check_runs, text

TABLE = sa.Table("t", sa.MetaData(), sa.Column("a", sa.String), sa.Column("b", sa.Integer, key="other"))


@pytest.mark.parametrize(
    ("op", "written"),
    [
        (ops.CreateIndexOp("ix", "t", ["a"]), "op.create_index('ix', 't', ['a'], unique=False)"),
        (
            ops.CreateIndexOp(conv("ix"), "t", [TABLE.c.a, TABLE.c.other], schema="s", unique=True),
            "op.create_index(op.f('ix'), 't', ['a', 'b'], unique=True, schema='s')",
        ),
        (
            ops.CreateIndexOp("ix", "t", [sa.func.lower(TABLE.c.a), sa.text("b DESC")]),
            "op.create_index('ix', 't', [sa.literal_column('lower(a)'), sa.literal_column('b DESC')], unique=False)",
        ),
        (
            ops.CreateIndexOp("ix", "t", [TABLE.c.a + TABLE.c.a]),
            "op.create_index('ix', 't', [sa.literal_column('(a || a)')], unique=False)",
        ),
        (
            ops.CreateIndexOp("ix", "t", [TABLE.c.a.desc().nulls_last()]),
            "op.create_index('ix', 't', [sa.literal_column('a DESC NULLS LAST')], unique=False)",
        ),
        (
            ops.CreateIndexOp(
                "ix", "t", ["a"], postgresql_where=TABLE.c.a > "x", postgresql_include=[TABLE.c.other],
                postgresql_with={"fillfactor": 70}, if_not_exists=True,
            ),
            "op.create_index('ix', 't', ['a'], unique=False, postgresql_where=sa.text(\"a > 'x'\"), "
            "postgresql_include=['b'], postgresql_with={'fillfactor': 70}, if_not_exists=True)",
        ),
        (ops.DropIndexOp(conv("ix"), "t"), "op.drop_index(op.f('ix'), table_name='t')"),
        (
            ops.DropIndexOp("ix", "t", schema="s", if_exists=True, postgresql_concurrently=True, unique=True),
            "op.drop_index('ix', table_name='t', schema='s', if_exists=True, postgresql_concurrently=True)",
        ),
    ],
)  # fmt: skip
def test_an_index_is_created_and_dropped(op: ops.MigrateOperation, written: str) -> None:
    """AUT-81."""
    assert check_runs(op, "postgresql") == written


def test_a_label_is_kept() -> None:
    """AUT-81."""
    op = ops.CreateIndexOp("ix", "t", [sa.func.lower(TABLE.c.a).label("x")])
    assert text(op) == "op.create_index('ix', 't', [sa.literal_column('lower(a)').label('x')], unique=False)"


def test_unique_is_written_as_true_or_false() -> None:
    """SQLite reports it as a number."""
    assert text(ops.CreateIndexOp("ix", "t", ["a"], unique=1)) == (  # type: ignore[arg-type]  # as reflected
        "op.create_index('ix', 't', ['a'], unique=True)"
    )


@pytest.mark.parametrize(
    "expression", [sa.func.lower(TABLE.c.a), TABLE.c.a + TABLE.c.a, TABLE.c.a.desc(), sa.text("a")]
)
@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_an_expression_has_the_parentheses_its_database_wants(
    expression: sa.ColumnElement, dialect: str
) -> None:
    """AUT-81: the SQL of the rendered directive is that of the expression itself."""
    check_runs(ops.CreateIndexOp("ix", "t", [expression]), dialect)
