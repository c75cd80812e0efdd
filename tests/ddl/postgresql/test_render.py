from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from limbeck.autogenerate.render import render_constraint
from limbeck.ddl.postgresql.operations import CreateExcludeConstraintOp
from limbeck.ddl.render.types import render_type
from limbeck.operations import ops
from limbeck.operations.base import conv
from tests.autogenerate.render.rendering import check_runs, rendering, text


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
@pytest.mark.parametrize(
    ("type_", "written"),
    [
        (postgresql.ENUM("a", "b", name="en"), "postgresql.ENUM('a', 'b', name='en')"),
        (
            postgresql.ENUM("a", name="en", create_type=False, schema="s"),
            "postgresql.ENUM('a', name='en', create_type=False, schema='s')",
        ),
        (postgresql.DOMAIN("posint", sa.Integer()), "postgresql.DOMAIN('posint', sa.Integer())"),
        (
            postgresql.DOMAIN(
                "d", sa.String(5), collation="C", default=sa.text("'x'"), constraint_name="ck", not_null=True,
                check=sa.text("VALUE > 'a'"), create_type=False, schema="s",
            ),
            "postgresql.DOMAIN('d', sa.String(length=5), collation='C', default=sa.text(\"'x'\"), "
            "constraint_name='ck', not_null=True, check=\"VALUE > 'a'\", create_type=False, schema='s')",
        ),
    ],
)  # fmt: skip
def test_a_type_with_a_name_says_all_it_is_made_with(type_: Any, written: str, dialect: str) -> None:
    """AUT-73: with every version of SQLAlchemy, and while rendering for another database."""
    context = rendering(dialect)
    assert render_type(type_, context) == written
    assert context.imports == {"from sqlalchemy.dialects import postgresql"}
    again = eval(written, {"sa": sa, "postgresql": postgresql})
    assert render_type(again, rendering()) == written


def test_an_enum_of_ones_own_class_writes_itself() -> None:
    class Mood(postgresql.ENUM):
        def __repr__(self) -> str:
            return "Mood()"

    assert render_type(Mood("a", name="m"), rendering()) == f"{__name__}.Mood()"


def excluding(*elements: tuple[Any, str], **options: Any) -> postgresql.ExcludeConstraint:
    constraint = postgresql.ExcludeConstraint(*elements, **options)
    columns = sa.Column("r", postgresql.TSTZRANGE()), sa.Column("room", sa.Integer)
    sa.Table("t", sa.MetaData(), *columns, constraint, schema="s")
    return constraint


def test_an_exclude_constraint_of_a_new_table() -> None:
    """AUT-76."""
    constraint = excluding(
        ("r", "&&"), (sa.func.abs(sa.column("room")), "="), name=conv("ex"), using="gist", where=sa.text("room > 5"),
        deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    context = rendering("postgresql")
    assert render_constraint(constraint, context) == (
        "postgresql.ExcludeConstraint((sa.column('r'), '&&'), (sa.text('abs(room)'), '='), "
        "where=sa.text('room > 5'), using='gist', deferrable=True, initially='DEFERRED', name=op.f('ex'))"
    )
    assert context.imports == {"from sqlalchemy.dialects import postgresql"}


def test_an_exclude_constraint_is_created() -> None:
    """OPS-85."""
    op = ops.AddConstraintOp.from_constraint(excluding(("r", "&&"), name="ex", where=sa.text("room > 5")))
    assert check_runs(op, "postgresql") == (
        "op.create_exclude_constraint('ex', 't', (sa.column('r'), '&&'), where=sa.text('room > 5'), "
        "schema='s', using='gist')"
    )


def test_an_exclude_constraint_is_created_in_a_batch_block() -> None:
    """OPS-85, AUT-85."""
    op = CreateExcludeConstraintOp("ex", "t", [("r", "&&")], schema="s")
    assert text(ops.ModifyTableOps("t", [op]), "postgresql", render_as_batch=True) == (
        "with op.batch_alter_table('t', schema=None) as batch_op:\n"
        "    batch_op.create_exclude_constraint('ex', ('r', '&&'))\n"
    )


def test_the_project_writes_exclude_constraints_its_own_way() -> None:
    """AUT-86."""
    context = rendering("postgresql", render_item=lambda type_, *_: "mine()" if type_ == "exclude" else False)
    assert render_constraint(excluding(("r", "&&")), context) == "mine()"
