"""Random schemas: what tables there are, in plain values that print well, and the models made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

TABLES = ("author", "book", "Loan", "tag")
COLUMNS = ("a", "b", "c", "Odd name")
REFERENCES = ("r", "s")
LOOKALIKE = "s"
"""Where keys bring indexes, one with an index of this name, which reads like one that a nameless key has brought.

No key there is nameless: MariaDB drops an index that it has made as soon as another one serves, and tells of none
that it made it, so that one of the models which takes its place may need a second revision.
"""


@dataclass(frozen=True)
class Traits:
    """What takes part in the schemas of a database, beside what all have."""

    schemas: tuple[str | None, ...] = (None,)
    has_comments: bool = True
    has_identity: bool = False
    has_expression_indexes: bool = False
    index_types: frozenset[str] = frozenset(
        {"integer", "big", "string", "long", "text", "money", "flag", "when", "day", "mood"}
    )
    computed: bool = True
    keys_bring_indexes: bool = False


TRAITS = {
    "sqlite": Traits(has_comments=False),
    "postgresql": Traits(schemas=(None, "other"), has_identity=True, has_expression_indexes=True),
    "mariadb": Traits(
        index_types=frozenset({"integer", "big", "string", "long", "money", "flag", "when", "day", "mood"}),
        keys_bring_indexes=True,
    ),
}

TYPES: dict[str, Callable[[], sa.types.TypeEngine[Any]]] = {
    "integer": sa.Integer,
    "big": sa.BigInteger,
    "string": lambda: sa.String(20),
    "long": lambda: sa.String(60),
    "text": sa.Text,
    "money": lambda: sa.Numeric(10, 2),
    "flag": sa.Boolean,
    "when": sa.DateTime,
    "day": sa.Date,
    "bytes": sa.LargeBinary,
    "mood": lambda: sa.Enum("happy", "it's: so-so", name="mood"),
    "size": sa.Enum,
}

DEFAULTS: dict[str, tuple[Any, ...]] = {
    "integer": ("7", sa.text("0"), sa.text("-1")),
    "big": ("7", sa.text("0")),
    "string": ("x", "it's: 50%", "", sa.text("'y'")),
    "long": ("x", "a ''b''"),
    "money": ("1.50", sa.text("0")),
    "flag": (sa.true(), sa.false()),
    "when": (sa.func.now(), sa.text("CURRENT_TIMESTAMP")),
    "mood": ("happy",),
    "size": ("s",),
}


@dataclass
class ColumnPlan:
    """A column; `default` is a place in the list of DEFAULTS."""

    type: str
    nullable: bool = True
    default: int | None = None
    comment: str | None = None


@dataclass
class KeyPlan:
    """A foreign key from a column to the primary key of a table."""

    target: tuple[str | None, str]
    name: str | None
    ondelete: str | None = None


@dataclass
class TablePlan:
    """A table."""

    columns: dict[str, ColumnPlan] = field(default_factory=dict)
    keys: dict[str, KeyPlan] = field(default_factory=dict)
    uniques: list[tuple[str | None, tuple[str, ...]]] = field(default_factory=list)
    indexes: dict[str, tuple[bool, tuple[str, ...]]] = field(default_factory=dict)
    expression_indexes: dict[str, str] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)
    computed: bool = False
    identity: bool | None = None
    comment: str | None = None


PARTS = (
    "columns",
    "keys",
    "uniques",
    "indexes",
    "expression_indexes",
    "checks",
    "computed",
    "identity",
    "comment",
)
"""What of a table may change while the rest stays."""

WORDS = ("string", "long", "text")
"""The types that hold text."""

Schema = dict[tuple[str | None, str], TablePlan]

comments = st.sampled_from([None, None, "short", 'it\'s: 100% "so"\n', "ünï"])


@st.composite
def columns(draw: st.DrawFn, traits: Traits) -> ColumnPlan:
    kind = draw(st.sampled_from(sorted(TYPES)))
    choices = [None, *range(len(DEFAULTS.get(kind, ())))]
    return ColumnPlan(
        type=kind,
        nullable=draw(st.booleans()),
        default=draw(st.sampled_from(choices)),
        comment=draw(comments) if traits.has_comments else None,
    )


@st.composite
def tables(draw: st.DrawFn, traits: Traits, name: str, targets: list[tuple[str | None, str]]) -> TablePlan:
    plan = TablePlan(columns=draw(st.dictionaries(st.sampled_from(COLUMNS), columns(traits), max_size=4)))
    for column in draw(st.lists(st.sampled_from(REFERENCES), unique=True)):
        plan.keys[column] = KeyPlan(
            target=draw(st.sampled_from(targets)),
            name=draw(st.sampled_from([None, f"fk_{name}_{column}"]))
            if column != LOOKALIKE or not traits.keys_bring_indexes
            else f"fk_{name}_{column}",
            ondelete=draw(st.sampled_from([None, "CASCADE", "SET NULL"])),
        )
    usable = [column for column, made in plan.columns.items() if made.type in traits.index_types]
    usable += plan.keys
    if usable:
        some = st.lists(st.sampled_from(usable), min_size=1, max_size=2, unique=True).map(tuple)
        for number in draw(st.sets(st.integers(1, 2))):
            plan.indexes[f"ix_{name}_{number}"] = draw(st.booleans()), draw(some)
        if LOOKALIKE in plan.keys and traits.keys_bring_indexes and draw(st.booleans()):
            plan.indexes[LOOKALIKE] = draw(st.booleans()), (LOOKALIKE,)
        sets: set[frozenset[str]] = set()
        for number in draw(st.sets(st.integers(1, 2))):
            chosen = draw(some)
            if frozenset(chosen) not in sets:
                sets.add(frozenset(chosen))
                plan.uniques.append((draw(st.sampled_from([None, f"uq_{name}_{number}"])), chosen))
    words = [column for column, made in plan.columns.items() if made.type in WORDS]
    if words and traits.has_expression_indexes and draw(st.booleans()):
        plan.expression_indexes[f"ix_{name}_lower"] = draw(st.sampled_from(words))
    plan.checks = draw(st.lists(st.sampled_from(["num > 0", "num < 1000 OR num = 5000"]), unique=True))
    plan.computed = traits.computed and draw(st.booleans())
    plan.identity = draw(st.sampled_from([None, True, False])) if traits.has_identity else None
    plan.comment = draw(comments) if traits.has_comments else None
    return _consistent(plan, traits)


@st.composite
def schemas(draw: st.DrawFn, traits: Traits) -> Schema:
    """Any tables, each with foreign keys to any of them, so that there are circles, too."""
    everywhere = [(schema, name) for schema in traits.schemas for name in TABLES]
    keys = draw(st.lists(st.sampled_from(everywhere), unique=True, max_size=4))
    return {key: draw(tables(traits, key[1], keys)) for key in keys}


@st.composite
def pairs(draw: st.DrawFn, traits: Traits) -> tuple[Schema, Schema]:
    """Any two schemas, or as often one and the same with some tables changed, as most migrations change them."""
    first = draw(schemas(traits))
    if draw(st.booleans()):
        return first, draw(schemas(traits))
    second = {}
    for key, plan in first.items():
        other = draw(tables(traits, key[1], list(first)))
        parts = draw(st.sets(st.sampled_from(PARTS), max_size=2))
        changed = replace(plan, **{part: getattr(other, part) for part in parts})
        second[key] = _consistent(changed, traits)
    return first, second


def _consistent(plan: TablePlan, traits: Traits) -> TablePlan:
    """The plan without the constraints and indexes whose columns it does not have, or whose names are taken."""
    taken = {column for column, key in plan.keys.items() if key.name is None}
    taken |= {chosen[0] for name, chosen in plan.uniques if name is None}
    usable = {name for name, made in plan.columns.items() if made.type in traits.index_types} | {*plan.keys}
    return replace(
        plan,
        uniques=[(name, chosen) for name, chosen in plan.uniques if usable.issuperset(chosen)],
        indexes={
            name: (unique, chosen)
            for name, (unique, chosen) in plan.indexes.items()
            if usable.issuperset(chosen) and name not in taken
        },
        expression_indexes={
            name: column
            for name, column in plan.expression_indexes.items()
            if column in plan.columns and plan.columns[column].type in WORDS
        },
    )


def models(schema: Schema) -> sa.MetaData:
    """The models of a schema."""
    metadata = sa.MetaData()
    for (place, name), plan in schema.items():
        sa.Table(name, metadata, *_items(name, plan), schema=place, comment=plan.comment)
    return metadata


def _items(name: str, plan: TablePlan) -> list[Any]:
    items: list[Any] = [sa.Column("id", sa.Integer, primary_key=True), sa.Column("num", sa.Integer)]
    for column, made in plan.columns.items():
        default = None if made.default is None else DEFAULTS[made.type][made.default]
        items.append(
            sa.Column(
                column,
                TYPES[made.type]() if made.type != "size" else _size(column),
                nullable=made.nullable,
                server_default=default,
                comment=made.comment,
            )
        )
    for column, key in plan.keys.items():
        target = ".".join([*filter(None, key.target), "id"])
        items.append(sa.Column(column, sa.Integer))
        items.append(sa.ForeignKeyConstraint([column], [target], name=key.name, ondelete=key.ondelete))
    if plan.computed:
        items.append(sa.Column("base", sa.Integer))
        items.append(sa.Column("doubled", sa.Integer, sa.Computed("base * 2", persisted=True)))
    if plan.identity is not None:
        items.append(sa.Column("number", sa.BigInteger, sa.Identity(always=plan.identity), nullable=False))
    items += [sa.UniqueConstraint(*chosen, name=given) for given, chosen in plan.uniques]
    items += [sa.Index(given, *chosen, unique=unique) for given, (unique, chosen) in plan.indexes.items()]
    items += [
        sa.Index(given, sa.text(f'lower("{column}")')) for given, column in plan.expression_indexes.items()
    ]
    for condition in plan.checks:
        items.append(sa.CheckConstraint(condition, name=f"ck_{name}_{len(condition)}"))
    return items


def _size(column: str) -> sa.Enum:
    """A type that brings a CHECK, whose name no other column has."""
    return sa.Enum("s", "m", name=f"size_{column}", native_enum=False, create_constraint=True)


@contextmanager
def emptied(connection: sa.Connection, traits: Traits) -> Iterator[None]:
    """A database in which nothing is left from the example before."""
    if connection.dialect.name == "postgresql":
        for place in ("public", *filter(None, traits.schemas)):
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {place} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {place}")
    else:
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
        for name in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE `{name}`")
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()


def snapshot(connection: sa.Connection, places: tuple[str | None, ...]) -> dict[Any, Any]:
    """All that a database says about its tables, in no order, without names that nobody has given."""
    inspector = sa.inspect(connection)
    found: dict[Any, Any] = {}
    for place in places:
        for name in inspector.get_table_names(schema=place):
            found[place, name] = {
                "columns": sorted(
                    (
                        column["name"],
                        str(column["type"]),
                        column["nullable"],
                        _default(column),
                        column.get("comment"),
                        str(column.get("identity")),
                        _computed(column),
                    )
                    for column in inspector.get_columns(name, schema=place)
                ),
                "primary key": inspector.get_pk_constraint(name, schema=place)["constrained_columns"],
                "foreign keys": sorted(
                    (
                        key["constrained_columns"],
                        key["referred_schema"] or "",
                        key["referred_table"],
                        sorted(key["options"].items()),
                    )
                    for key in inspector.get_foreign_keys(name, schema=place)
                ),
                "unique": sorted(
                    sorted(unique["column_names"])
                    for unique in inspector.get_unique_constraints(name, schema=place)
                ),
                "indexes": sorted(
                    (
                        _index_name(name, index, inspector.get_foreign_keys(name, schema=place))
                        if connection.dialect.name in ("mysql", "mariadb")  # where keys bring indexes
                        else index["name"],
                        index["unique"],
                        str(index["column_names"]),
                        str(index.get("expressions")),
                    )
                    for index in inspector.get_indexes(name, schema=place)
                    if "duplicates_constraint" not in index
                ),
                "checks": sorted(
                    check["name"] or "" for check in inspector.get_check_constraints(name, schema=place)
                ),
                "comment": _comment(inspector, name, place),
            }
    if connection.dialect.name == "postgresql":
        found["enumerations"] = sorted(enum["name"] for enum in inspector.get_enums(schema="*"))  # type: ignore[attr-defined]  # PostgreSQL's own inspector
    return found


def _default(column: Any) -> str:
    return "" if column["default"] is None or "nextval(" in column["default"] else column["default"]


def _computed(column: Any) -> str:
    """What a column computes; SQLAlchemy reads up to the last parenthesis on the line, if more follow on SQLite."""
    computed = column.get("computed")
    return str(computed and {**computed, "sqltext": computed["sqltext"].partition(") STORED")[0]})


def _index_name(table: str, index: Any, foreign_keys: list[Any]) -> str:
    """The name; none if a key that nobody has named has brought the index, called like the key or its first column."""
    columns = index["column_names"]
    brought = [key for key in foreign_keys if key["constrained_columns"] == columns]
    named = f"fk_{table}_{columns[0]}"
    names = {name for key in brought if key["name"] != named for name in (key["name"], columns[0])}
    return "" if index["name"] in names and not index["unique"] else index["name"] or ""


def _comment(inspector: sa.Inspector, name: str, place: str | None) -> str | None:
    try:
        return inspector.get_table_comment(name, schema=place)["text"]
    except NotImplementedError:
        return None
