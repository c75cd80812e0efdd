"""What is written without SQLAlchemy's compiler is, to the letter, what that would have written."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.plain import PlainDDL
from limbeck.ddl.sqlite import SQLiteImpl
from limbeck.migration import MigrationContext
from limbeck.operations import Operations, ops
from limbeck.sqla import shortcuts
from tests.backends.engines import connected

DATABASES = ("sqlite", "postgresql", "postgresql+psycopg2", "mysql+pymysql", "mariadb+pymysql")
TYPES = (
    sa.Integer, sa.BigInteger(), sa.SmallInteger(), sa.String(50), sa.Unicode(8), sa.VARCHAR(9), sa.Text(),
    sa.Boolean(), sa.Date(), sa.DateTime(), sa.DateTime(timezone=True), sa.Time(), sa.Numeric(10, 2), sa.Float(),
    sa.Double(), sa.LargeBinary(), sa.JSON(), sa.Uuid(), sa.CHAR(3), sa.String(5, collation="C"),
)  # fmt: skip


class OwnColumn(sa.Column[Any]):
    """A column of a class of the user's."""

    inherit_cache = True


def make_impl(database: str) -> DefaultImpl:
    dialect = sa.make_url(f"{database}://").get_dialect()()
    return MigrationContext.configure(
        dialect=dialect, opts={"as_sql": True, "output_buffer": StringIO()}
    ).impl


def find_plain(impl: DefaultImpl) -> PlainDDL:
    assert impl.plain is not None
    return impl.plain


def compiled(impl: DefaultImpl, operation: ops.CreateTableOp | ops.CreateIndexOp) -> str:
    if isinstance(operation, ops.CreateIndexOp):
        return str(CreateIndex(operation.to_index()).compile(dialect=impl.dialect))
    return str(CreateTable(operation.to_table()).compile(dialect=impl.dialect))


def table(*items: Any, name: str = "item", **kw: Any) -> ops.CreateTableOp:
    return ops.CreateTableOp(name, items, **kw)


def key(type_: Any = sa.Integer, **kw: Any) -> sa.Column[Any]:
    return sa.Column("id", type_, primary_key=True, **kw)


def column(name: str = "name", type_: Any = sa.Integer, **kw: Any) -> sa.Column[Any]:
    return sa.Column(name, type_, **kw)


PLAIN: dict[str, Callable[[], ops.CreateTableOp | ops.CreateIndexOp]] = {
    "columns": lambda: table(key(), column(), column("b", sa.String(5), nullable=False)),
    "every type": lambda: table(*(column(f"c{number}", type_) for number, type_ in enumerate(TYPES))),
    "a big key": lambda: table(key(sa.BigInteger())),
    "a key that is a text": lambda: table(key(sa.String(32))),
    "a key that nobody counts": lambda: table(key(autoincrement=False)),
    "a key of two": lambda: table(key(), column("b", sa.Integer, primary_key=True)),
    "no key": lambda: table(column()),
    "names to be quoted": lambda: table(key(), column("Name"), column("order"), name="Group"),
    "a name of letters beyond ASCII": lambda: table(column("größe"), name="straße"),
    "a key as autogenerate writes it": lambda: table(
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    ),
    "constraints with names": lambda: table(
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("a", sa.Integer()),
        sa.UniqueConstraint("a", "id", name="uq"),
        sa.ForeignKeyConstraint(["a"], ["other.id"], name="Fk"),
        sa.PrimaryKeyConstraint("id", name="pk"),
    ),
    "constraints without": lambda: table(
        key(), column(), sa.UniqueConstraint("name"), sa.ForeignKeyConstraint(["name"], ["Other.id"])
    ),
    "a key that refers to another table": lambda: table(
        key(), column(), sa.ForeignKeyConstraint(["id"], ["other.id"])
    ),
    "the same as autogenerate writes it": lambda: table(
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["other.id"]),
        sa.PrimaryKeyConstraint("id"),
    ),
    "a default of Python's": lambda: table(key(), column(default=3)),
    "an index": lambda: ops.CreateIndexOp("ix", "item", ["a", "B"]),
    "a unique index": lambda: ops.CreateIndexOp("Ix", "order", ("a",), unique=True),
}

NOT_PLAIN: dict[str, Callable[[], ops.CreateTableOp | ops.CreateIndexOp]] = {
    "a server default": lambda: table(column(server_default="1")),
    "a computed column": lambda: table(column("b", sa.Integer), sa.Column("c", sa.Integer, sa.Computed("b + 1"))),
    "an identity": lambda: table(sa.Column("id", sa.Integer, sa.Identity(), primary_key=True)),
    "a foreign key of a column": lambda: table(sa.Column("a", sa.Integer, sa.ForeignKey("b.id"))),
    "a foreign key with a rule": lambda: table(
        column("a"), sa.ForeignKeyConstraint(["a"], ["b.id"], ondelete="CASCADE")
    ),
    "a foreign key to another schema": lambda: table(column("a"), sa.ForeignKeyConstraint(["a"], ["s.b.id"])),
    "a CHECK": lambda: table(column("a"), sa.CheckConstraint("a > 0")),
    "a CHECK of a column": lambda: table(sa.Column("a", sa.Integer, sa.CheckConstraint("a > 0"))),
    "a comment": lambda: table(column(comment="why")),
    "a comment on the table": lambda: table(column(), comment="why"),
    "an indexed column": lambda: table(column(index=True)),
    "a unique column": lambda: table(column(unique=True)),
    "an option": lambda: table(column(), mysql_engine="InnoDB"),
    "an option of a column": lambda: table(column(sqlite_on_conflict_not_null="FAIL")),
    "a deferrable constraint": lambda: table(column("a"), sa.UniqueConstraint("a", deferrable=True)),
    "a schema": lambda: table(column(), schema="s"),
    "prefixes": lambda: table(column(), prefixes=["TEMPORARY"]),
    "IF NOT EXISTS": lambda: table(column(), if_not_exists=True),
    "an Enum": lambda: table(column("e", sa.Enum("a", "b", name="e"))),
    "a Boolean with a CHECK": lambda: table(column("b", sa.Boolean(create_constraint=True))),
    "a variant": lambda: table(column("v", sa.String(5).with_variant(sa.Text(), "sqlite"))),
    "an array": lambda: table(column("v", postgresql.ARRAY(sa.Integer))),
    "a type of the user's": lambda: table(column("v", type("Own", (sa.Integer,), {})())),
    "a timestamp, which may be null on MySQL only if that is said": lambda: table(column("v", sa.TIMESTAMP())),
    "a column twice": lambda: table(column(), column()),
    "a key that may be null": lambda: table(column("id", nullable=True), sa.PrimaryKeyConstraint("id")),
    "a key that is counted though it is not alone": lambda: table(
        key(autoincrement=True), column("b", sa.Integer, primary_key=True)
    ),
    "a column with another key": lambda: table(
        sa.Column("a", sa.Integer, key="b", nullable=False), sa.PrimaryKeyConstraint("b")
    ),
    "a column of a class of its own": lambda: table(OwnColumn("a", sa.Integer)),
    "a tab": lambda: table(column("a\tb")),
    "a percent sign": lambda: table(column("100%")),
    "a name that is too long": lambda: table(column("n" * 10_000)),
    "an index of the table": lambda: table(column("a"), sa.Index("ix", "a")),
    "an index of expressions": lambda: ops.CreateIndexOp("ix", "item", [sa.text("lower(a)")]),
    "an index without a name": lambda: ops.CreateIndexOp(None, "item", ["a"]),
    "an index with an option": lambda: ops.CreateIndexOp("ix", "item", ["a"], postgresql_using="hash"),
    "an index if there is none": lambda: ops.CreateIndexOp("ix", "item", ["a"], if_not_exists=True),
}  # fmt: skip


def write(plain: PlainDDL, operation: ops.CreateTableOp | ops.CreateIndexOp) -> str | None:
    if isinstance(operation, ops.CreateIndexOp):
        return plain.create_index(operation)
    return plain.create_table(operation)


@pytest.mark.parametrize("case", PLAIN)
@pytest.mark.parametrize("database", DATABASES)
def test_the_text_is_that_of_the_compiler(database: str, case: str) -> None:
    """OPS-60, OPS-70"""
    impl = make_impl(database)
    assert write(find_plain(impl), PLAIN[case]()) == compiled(impl, PLAIN[case]())


@pytest.mark.parametrize("case", NOT_PLAIN)
def test_the_rest_is_left_to_the_compiler(case: str) -> None:
    for database in DATABASES:
        assert write(find_plain(make_impl(database)), NOT_PLAIN[case]()) is None


@pytest.mark.parametrize("database", ["mssql+pyodbc", "oracle"])
def test_other_databases_have_no_plain_statements(database: str) -> None:
    assert make_impl(database).plain is None


def test_a_type_that_cannot_be_written_is_refused_by_the_compiler() -> None:
    """MySQL wants a length; the error comes from where it always came."""
    assert find_plain(make_impl("mysql+pymysql")).create_table(table(column("a", sa.String()))) is None


@pytest.fixture
def operations() -> Iterator[Operations]:
    with connected() as connection:
        yield Operations(MigrationContext.configure(connection))


def create(operations: Operations) -> sa.Table:
    return operations.create_table("item", sa.Column("id", sa.Integer, primary_key=True))


def test_what_is_created_is_a_table_of_its_own(operations: Operations) -> None:
    """OPS-65: it is made when somebody looks at it, and is then like any other."""
    made = create(operations)
    assert type(made) is shortcuts.UnmadeTable
    assert isinstance(made, sa.Table)
    operations.bulk_insert(made, [{"id": 1}, {"id": 2}])
    bind = operations.get_bind()
    assert bind.execute(sa.select(made).where(made.c.id > 1)).all() == [(2,)]
    assert type(made) is sa.Table
    assert made.c.id.table is made
    assert made.metadata.tables["item"] is made
    assert made.primary_key.columns.keys() == ["id"]


def is_equal_to_itself(made: sa.Table) -> bool:
    return bool(made.__eq__(made))


LOOKS: tuple[Callable[[Any], Any], ...] = (
    repr, str, hash, len, sa.inspect, is_equal_to_itself, lambda made: made.name, lambda made: made.schema,
    copy.copy, copy.deepcopy, pickle.dumps, lambda made: made.to_metadata(sa.MetaData()),
    lambda made: made.c, lambda made: sa.select(made), lambda made: made.insert(), lambda made: vars(made)["name"],
)  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_whatever_is_asked_first_is_answered_by_the_table(
    operations: Operations, look: Callable[[Any], Any]
) -> None:
    made, twin = (
        create(operations),
        sa.Table("item", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True)),
    )
    try:
        look(twin)
    except TypeError:
        with pytest.raises(TypeError):
            look(made)
    else:
        look(made)
    assert made.name == "item"
    assert type(made) is sa.Table


def test_columns_stay_those_of_the_user(operations: Operations) -> None:
    """OPS-12"""
    own = sa.Column("id", sa.Integer, primary_key=True)
    first, second = operations.create_table("a", own), operations.create_table("b", own)
    assert own.table is None
    assert [first.c.id.table.name, second.c.id.table.name] == ["a", "b"]


def test_listeners_to_tables_hear_of_each(operations: Operations) -> None:
    heard: list[str] = []

    def note(target: sa.Table, *_: object, **__: object) -> None:
        heard.append(target.name)

    event.listen(sa.Table, "after_create", note)
    try:
        create(operations)
    finally:
        event.remove(sa.Table, "after_create", note)
    assert heard == ["item"]


@pytest.mark.parametrize(
    "kind",
    [
        sa.Table,
        sa.Column,
        sa.PrimaryKeyConstraint,
        sa.UniqueConstraint,
        sa.ForeignKeyConstraint,
        sa.Constraint,
        sa.Index,
    ],
)
@pytest.mark.parametrize("moment", ["before_parent_attach", "after_parent_attach"])
def test_listeners_to_parts_of_tables_have_a_say(kind: Any, moment: str) -> None:
    """So some projects name what has no name."""
    plain = find_plain(make_impl("sqlite"))

    def note(target: object, parent: object) -> None:
        pass

    event.listen(kind, moment, note)
    try:
        assert plain.create_table(table(key())) is None
        assert plain.create_index(ops.CreateIndexOp("ix", "item", ["a"])) is None
    finally:
        event.remove(kind, moment, note)
    assert plain.create_table(table(key())) is not None


def test_listeners_to_a_connection_see_constructs(operations: Operations) -> None:
    heard: list[type] = []

    @event.listens_for(operations.get_bind(), "before_execute")
    def note(_connection: object, construct: object, *_: object) -> None:
        heard.append(type(construct))

    create(operations)
    operations.create_index("ix", "item", ["id"])
    assert heard == [CreateTable, CreateIndex]


def test_listeners_to_a_cursor_see_the_text(operations: Operations) -> None:
    heard: list[str] = []

    @event.listens_for(operations.get_bind(), "before_cursor_execute")
    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        heard.append(sql)

    create(operations)
    assert heard == ["\nCREATE TABLE item (\n\tid INTEGER NOT NULL, \n\tPRIMARY KEY (id)\n)\n\n"]


@pytest.mark.parametrize(
    "kind", [CreateTable, CreateColumn, CreateIndex, sa.UniqueConstraint, sa.ForeignKeyConstraint]
)
def test_who_changes_how_they_are_written_has_a_say(kind: Any) -> None:
    plain = find_plain(make_impl("sqlite"))
    original = kind.__dict__["_compiler_dispatch"]

    @compiles(kind)
    def write_anew(element: object, compiler: Any, **kw: Any) -> str:
        return "as I like it"

    try:
        assert plain.create_table(table(key())) is None
    finally:
        del kind._compiler_dispatcher  # there is no other way back
        kind._compiler_dispatch = original
    assert plain.create_table(table(key())) is not None


def test_an_implementation_from_elsewhere_writes_all_by_itself() -> None:
    class OwnImpl(SQLiteImpl):
        pass

    assert OwnImpl(sa.make_url("sqlite://").get_dialect()(), None, False, None, None, {}).plain is None


def test_a_naming_convention_has_a_say() -> None:
    """OPS-4"""
    buffer = StringIO()
    metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})
    context = MigrationContext.configure(
        dialect_name="sqlite", opts={"as_sql": True, "output_buffer": buffer, "target_metadata": metadata}
    )
    create(Operations(context))
    assert "CONSTRAINT pk_item PRIMARY KEY (id)" in buffer.getvalue()


def test_a_translated_schema_is_translated() -> None:
    with connected() as connection:
        translated = connection.execution_options(schema_translate_map={None: "main"})
        assert MigrationContext.configure(translated).impl.plain is None
