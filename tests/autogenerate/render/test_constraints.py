from __future__ import annotations

import warnings

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.render import render_constraint
from limbeck.autogenerate.render.constraints import UNNAMED_DROP
from limbeck.operations import ops
from limbeck.operations.base import conv
from tests.autogenerate.render.rendering import check_runs, rendering, text


def table(*constraints: sa.Constraint) -> sa.Table:
    metadata = sa.MetaData()
    sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True), schema="s")
    return sa.Table(
        "t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, key="other"), *constraints
    )


@pytest.mark.parametrize(
    ("constraint", "written"),
    [
        (sa.PrimaryKeyConstraint("a", "other"), "sa.PrimaryKeyConstraint('a', 'b')"),
        (sa.PrimaryKeyConstraint("a", name=conv("pk")), "sa.PrimaryKeyConstraint('a', name=op.f('pk'))"),
        (
            sa.UniqueConstraint("a", name="uq", deferrable=True, initially="DEFERRED"),
            "sa.UniqueConstraint('a', deferrable=True, initially='DEFERRED', name='uq')",
        ),
        (sa.CheckConstraint("a > 5"), "sa.CheckConstraint('a > 5')"),
        (sa.CheckConstraint("a::text LIKE 'x%'"), "sa.CheckConstraint(\"a::text LIKE 'x%'\")"),
        (sa.ForeignKeyConstraint(["other"], ["s.u.id"]), "sa.ForeignKeyConstraint(['b'], ['s.u.id'])"),
        (
            sa.ForeignKeyConstraint(
                ["a"], ["s.u.id"], "fk", "CASCADE", "SET NULL", True, "DEFERRED", True, match="FULL"
            ),
            "sa.ForeignKeyConstraint(['a'], ['s.u.id'], name='fk', onupdate='CASCADE', ondelete='SET NULL', "
            "initially='DEFERRED', deferrable=True, use_alter=True, match='FULL')",
        ),
    ],
)
def test_a_constraint_of_a_new_table(constraint: sa.Constraint, written: str) -> None:
    """AUT-78, AUT-79, AUT-80: no stray comma, percent signs single."""
    table(constraint)
    assert render_constraint(constraint, rendering("postgresql")) == written


def test_a_table_without_a_primary_key_lists_none() -> None:
    """AUT-76."""
    assert render_constraint(table().primary_key, rendering()) is None


def test_the_check_of_a_type_is_not_listed() -> None:
    """AUT-76: the type brings it along."""
    made = table()
    made.append_column(sa.Column("c", sa.Boolean(create_constraint=True, name="ck")))
    checks = [one for one in made.constraints if isinstance(one, sa.CheckConstraint)]
    assert [render_constraint(one, rendering()) for one in checks] == [None]


def test_options_that_say_what_holds_anyway_are_left_out() -> None:
    """AUT-80 [PD]: reflection fills them in."""
    noisy = sa.UniqueConstraint("a", postgresql_include=[], postgresql_nulls_not_distinct=False)
    told = sa.UniqueConstraint("other", postgresql_include=["a"], postgresql_nulls_not_distinct=True)
    table(noisy, told)
    context = rendering("postgresql")
    assert [render_constraint(one, context) for one in (noisy, told)] == [
        "sa.UniqueConstraint('a')",
        "sa.UniqueConstraint('b', postgresql_include=['a'], postgresql_nulls_not_distinct=True)",
    ]
    assert [text(ops.AddConstraintOp.from_constraint(one), "postgresql") for one in (noisy, told)] == [
        "op.create_unique_constraint(None, 't', ['a'])",
        "op.create_unique_constraint(None, 't', ['b'], postgresql_include=['a'], "
        "postgresql_nulls_not_distinct=True)",
    ]


def test_a_foreign_key_to_a_column_with_a_key_of_its_own_names_the_column() -> None:
    constraint = sa.ForeignKeyConstraint(["a"], ["t.other"])
    table(constraint)
    assert render_constraint(constraint, rendering()) == "sa.ForeignKeyConstraint(['a'], ['t.b'])"


@pytest.mark.parametrize(
    ("op", "written"),
    [
        (
            ops.CreatePrimaryKeyOp("pk", "t", ["a", "b"], schema="s"),
            "op.create_primary_key('pk', 't', ['a', 'b'], schema='s')",
        ),
        (
            ops.CreateUniqueConstraintOp(
                conv("uq"), "t", ["a"], schema="s", initially="DEFERRED", deferrable=True
            ),
            "op.create_unique_constraint(op.f('uq'), 't', ['a'], deferrable=True, initially='DEFERRED', schema='s')",
        ),
        (
            ops.CreateCheckConstraintOp("ck", "t", "a LIKE '%'", schema="s", postgresql_not_valid=True),
            "op.create_check_constraint('ck', 't', \"a LIKE '%'\", schema='s', postgresql_not_valid=True)",
        ),
        (
            ops.CreateCheckConstraintOp("ck", "t", sa.column("a") > 5),
            "op.create_check_constraint('ck', 't', 'a > 5')",
        ),
        (
            ops.CreateForeignKeyOp(
                "fk", "t", "u", ["a"], ["id"], source_schema="s1", referent_schema="s2", ondelete="CASCADE"
            ),
            "op.create_foreign_key('fk', 't', 'u', ['a'], ['id'], source_schema='s1', referent_schema='s2', "
            "ondelete='CASCADE')",
        ),
        (
            ops.CreateForeignKeyOp("fk", "t", "u", ["a"], ["id"], postgresql_not_valid=True, match="FULL"),
            "op.create_foreign_key('fk', 't', 'u', ['a'], ['id'], match='FULL', postgresql_not_valid=True)",
        ),
        (
            ops.DropConstraintOp(conv("uq"), "t", "unique", schema="s", if_exists=True),
            "op.drop_constraint(op.f('uq'), 't', schema='s', type_='unique', if_exists=True)",
        ),
        (ops.DropConstraintOp("x", "t"), "op.drop_constraint('x', 't')"),
    ],
)
def test_a_constraint_is_created_and_dropped(op: ops.MigrateOperation, written: str) -> None:
    """AUT-79, AUT-80, AUT-82; CreatePrimaryKeyOp [PD]."""
    assert check_runs(op, "postgresql") == written


def test_a_drop_without_a_name_is_written_with_a_warning() -> None:
    """AUT-87."""
    with pytest.warns(UserWarning, match="constraint of table `t` has no name"):
        written = text(ops.DropConstraintOp(None, "t", "unique"))
    assert written.splitlines() == [*UNNAMED_DROP, "op.drop_constraint(None, 't', type_='unique')"]
    assert all(line.startswith("# ") for line in UNNAMED_DROP)


def test_a_constraint_without_a_name_is_created_silently() -> None:
    """AUT-78."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert text(ops.CreateUniqueConstraintOp(None, "t", ["a"])) == (
            "op.create_unique_constraint(None, 't', ['a'])"
        )


@pytest.mark.parametrize("kind", ["primary_key", "unique", "check", "foreign_key"])
def test_the_project_writes_constraints_its_own_way_or_not_at_all(kind: str) -> None:
    """AUT-86."""
    constraints = {
        "primary_key": sa.PrimaryKeyConstraint("a"),
        "unique": sa.UniqueConstraint("a"),
        "check": sa.CheckConstraint("a > 5"),
        "foreign_key": sa.ForeignKeyConstraint(["a"], ["s.u.id"]),
    }
    table(constraints[kind])
    for answer in ("mine()", None):
        context = rendering(render_item=lambda type_, *_, answer=answer: answer if type_ == kind else False)
        assert render_constraint(constraints[kind], context) == answer
