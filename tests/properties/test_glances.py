"""What a glance settles is settled: the full comparison, which looks at SQLAlchemy's objects, finds nothing there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from limbeck.autogenerate.compare import populate_upgrade_ops
from limbeck.autogenerate.context import AutogenContext
from limbeck.operations import ops
from limbeck.runtime.migration import MigrationContext
from tests.autogenerate.settling import settled_tables
from tests.properties.schemas import TRAITS, Traits, emptied, models, schemas

COUNT = int(os.environ.get("LIMBECK_FUZZ", "40")) // 4
"""How many databases, each of which is compared with six sets of models."""

many = settings(
    max_examples=COUNT,
    deadline=None,
    derandomize="LIMBECK_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"compare_server_default": True},
    {"compare_type": False},
    {"include_name": lambda name, kind, parents: kind in ("schema", "table") or len(name or "") % 2 == 0},
)

TYPES: tuple[Callable[[], sa.types.TypeEngine[Any]], ...] = (
    lambda: sa.String(21),
    sa.Text,
    sa.Integer,
    sa.BigInteger,
    lambda: sa.Numeric(10, 3),
    lambda: sa.Numeric(12),
    sa.Float,
    lambda: sa.DateTime(timezone=True),
    sa.Date,
    sa.Boolean,
    lambda: sa.Enum("happy", name="mood"),
    lambda: sa.Enum("happy", "it's: so-so", "new", name="mood"),
    lambda: sa.Enum("happy", "it's: so-so", name="temper"),
)
VALUES: tuple[Any, ...] = (None, "8", "x", "", sa.text("0"), sa.text("-1"), sa.func.now())
ACTIONS = (None, "CASCADE", "SET NULL", "NO ACTION", "RESTRICT")


def set_default(column: sa.Column[Any], value: Any) -> None:
    column.server_default = None if value is None else sa.DefaultClause(value)


@st.composite
def changes(draw: st.DrawFn, table: sa.Table) -> str:
    """Change one thing of a table, and say what it was."""
    kind = draw(st.sampled_from(["column", "key", "index", "unique", "table"]))
    items: list[Any] = {
        "column": list(table.c),
        "key": sorted(table.foreign_key_constraints, key=lambda item: item.column_keys),
        "index": sorted(table.indexes, key=lambda item: item.name or ""),
        "unique": sorted(
            (item for item in table.constraints if isinstance(item, sa.UniqueConstraint)),
            key=lambda item: [column.name for column in item.columns],
        ),
        "table": [table],
    }[kind]
    assume(items)
    item = draw(st.sampled_from(items))
    change = draw(st.sampled_from(CHANGES[kind]))
    change(draw, item)
    return f"{change.__name__} of {item!r}"


def nullability(draw: st.DrawFn, column: sa.Column[Any]) -> None:
    column.nullable = not column.nullable


def type_(draw: st.DrawFn, column: sa.Column[Any]) -> None:
    column.type = sa.types.to_instance(draw(st.sampled_from(TYPES))())


def default(draw: st.DrawFn, column: sa.Column[Any]) -> None:
    set_default(column, draw(st.sampled_from(VALUES)))


def comment(draw: st.DrawFn, item: sa.Column[Any] | sa.Table) -> None:
    item.comment = draw(st.sampled_from([None, "", "short", "other"]))


def action(draw: st.DrawFn, key: sa.ForeignKeyConstraint) -> None:
    setattr(key, draw(st.sampled_from(["ondelete", "onupdate"])), draw(st.sampled_from(ACTIONS)))


def deferral(draw: st.DrawFn, key: sa.ForeignKeyConstraint) -> None:
    key.deferrable = draw(st.sampled_from([None, True, False]))
    key.initially = draw(st.sampled_from([None, "DEFERRED", "IMMEDIATE"]))


def name(draw: st.DrawFn, item: Any) -> None:
    item.name = "renamed"


def uniqueness(draw: st.DrawFn, index: sa.Index) -> None:
    index.unique = not index.unique


def nulls(draw: st.DrawFn, item: Any) -> None:
    item.dialect_kwargs["postgresql_nulls_not_distinct"] = True


def absence(draw: st.DrawFn, item: Any) -> None:
    (item.table.indexes if isinstance(item, sa.Index) else item.table.constraints).discard(item)


def new_column(draw: st.DrawFn, table: sa.Table) -> None:
    table.append_column(sa.Column("new", sa.Integer))


def new_index(draw: st.DrawFn, table: sa.Table) -> None:
    sa.Index("ix_new", table.c.num, unique=draw(st.booleans()))


def new_unique(draw: st.DrawFn, table: sa.Table) -> None:
    table.append_constraint(sa.UniqueConstraint("num", name=draw(st.sampled_from([None, "uq_new"]))))


def new_key(draw: st.DrawFn, table: sa.Table) -> None:
    table.append_constraint(sa.ForeignKeyConstraint(["num"], [table.c.id]))


CHANGES: dict[str, list[Callable[[st.DrawFn, Any], None]]] = {
    "column": [nullability, type_, default, comment],
    "key": [action, deferral],
    "index": [name, uniqueness, nulls, absence],
    "unique": [name, nulls, absence],
    "table": [comment, new_column, new_index, new_unique, new_key],
}


def different_tables(
    connection: sa.Connection, metadata: sa.MetaData, options: dict[str, Any]
) -> set[tuple[str | None, str]]:
    """The tables in which the full comparison finds something to do; a filter of objects wants to see them all.

    What only the change of another table asks for, such as a foreign key that is dropped meanwhile, does not count.
    """
    context = MigrationContext.configure(
        connection,
        opts={**options, "target_metadata": metadata, "include_object": lambda *arguments: True},
    )
    context.impl.settle_changes = lambda inspector, operations: operations  # type: ignore[method-assign]
    found = ops.UpgradeOps([])
    populate_upgrade_ops(AutogenContext(context), found)
    return {(item.schema, item.table_name) for item in found.ops if hasattr(item, "table_name")}


def check(connection: sa.Connection, traits: Traits, data: st.DataObject) -> None:
    """Nothing that a glance settles differs: from the models as they are, with one change, and from any others."""
    schema = data.draw(schemas(traits), "database")
    options = {
        **data.draw(st.sampled_from(OPTIONS), "options"),
        "include_schemas": len(traits.schemas) > 1,
    }
    models(schema).create_all(connection)
    connection.commit()
    candidates = [models(schema), models(data.draw(schemas(traits), "others"))]
    for _ in range(4):
        changed = models(schema)
        if changed.tables:
            table = changed.tables[data.draw(st.sampled_from(sorted(changed.tables)), "table")]
            note(data.draw(changes(table), "change"))
            candidates.append(changed)
    for metadata in candidates:
        settled = settled_tables(connection, metadata, options)
        wrong = settled & different_tables(connection, metadata, options)
        assert wrong == set(), wrong


@many
@given(st.data())
def test_on_sqlite(data: st.DataObject) -> None:
    """AUT-6, AUT-20 to AUT-53."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(connection, TRAITS["sqlite"], data)
    engine.dispose()


def test_on_postgresql(postgresql_url: str) -> None:
    """AUT-6, AUT-20 to AUT-53."""
    check_many(postgresql_url, TRAITS["postgresql"])


def test_on_mariadb(mariadb_url: str) -> None:
    """AUT-6, AUT-20 to AUT-53."""
    check_many(mariadb_url, TRAITS["mariadb"])


def check_many(url: str, traits: Traits) -> None:
    engine = sa.create_engine(url)

    @many
    @given(st.data())
    def on_a_server(data: st.DataObject) -> None:
        with engine.connect() as connection, emptied(connection, traits), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(connection, traits, data)

    on_a_server()
    engine.dispose()
