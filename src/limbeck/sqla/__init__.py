"""The only module that touches private or version-dependent names of SQLAlchemy.

Each function says what it knows of SQLAlchemy's inside, so that a new version has one place to look at.
"""

from __future__ import annotations

import collections
import copy
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

import sqlalchemy
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Insert,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Update,
    text,
)
from sqlalchemy.engine import Connection, Dialect, Engine, Inspector
from sqlalchemy.engine.cursor import BufferedRowCursorFetchStrategy, FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.reflection import _ReflectionInfo
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DefaultClause, FetchedValue
from sqlalchemy.sql.base import DialectKWArgs
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnClause, TextClause
from sqlalchemy.sql.visitors import iterate, replacement_traverse
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine
from sqlalchemy.util import OrderedSet

from limbeck.sqla import shortcuts

C = TypeVar("C", bound=Constraint)
T = TypeVar("T")

VERSION = tuple(int(part) for part in re.findall(r"\d+", sqlalchemy.__version__)[:3])
IS_2_1 = VERSION >= (2, 1)
IDENTITY_HAS_OPTIONS = issubclass(Identity, DialectKWArgs)
"""Whether an Identity takes options of a dialect: since 2.1."""


# --- writing SQL as text ----------------------------------------------------------------------------------


class WriteLiteral(Protocol):
    """Writes a value of a type as SQL; `plain` is how SQLAlchemy would write it."""

    def __call__(
        self,
        value: Any,
        type_: TypeEngine[Any],
        dialect: Dialect,
        plain: Callable[[Any, TypeEngine[Any]], str],
    ) -> str: ...


def printing_dialect(dialect: Dialect, write: WriteLiteral | None = None) -> Dialect:
    """The dialect for text that people and tools read: percent signs stay single (OPS-11).

    Identifier preparers double `%` for drivers whose placeholders begin with it, and compilers ask the
    preparer. It also keeps every name it has quoted, which the copy must not share. `write` writes the values.
    """
    printing = copy.copy(dialect)
    preparer = copy.copy(dialect.identifier_preparer)
    preparer.dialect = printing
    preparer._double_percents = False
    preparer._strings = {}
    printing.identifier_preparer = preparer
    types = copy.copy(dialect.type_compiler_instance)
    types.dialect = printing
    printing.type_compiler_instance = types
    if write is not None:
        printing.statement_compiler = _compiler_that_writes(write, dialect.statement_compiler)
    return printing


def _compiler_that_writes(write: WriteLiteral, compiler_class: type[SQLCompiler]) -> type[SQLCompiler]:
    """The compiler of a dialect, with another way to write values."""

    class WritingCompiler(compiler_class):  # type: ignore[misc,valid-type]  # the class is known only now
        def render_literal_bindparam(self, bindparam: BindParameter[Any], *args: Any, **kw: Any) -> str:
            # SQLAlchemy writes None as NULL without asking the type, which may mean something else by it.
            if bindparam.value is None and bindparam.callable is None and _means_none(bindparam.type):
                return self.render_literal_value(None, bindparam.type)
            return str(super().render_literal_bindparam(bindparam, *args, **kw))

        def render_literal_value(self, value: Any, type_: TypeEngine[Any]) -> str:
            return write(value, type_, self.dialect, super().render_literal_value)

    return WritingCompiler


def _means_none(type_: TypeEngine[Any]) -> bool:
    return type_.should_evaluate_none or isinstance(type_, TypeDecorator)


_LITERAL = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
"""What SQLAlchemy puts where a value goes that is always written into the text (`literal_execute`)."""


def filled_in(compiled: SQLCompiler, values: Mapping[str, Any]) -> str:
    """The text of a compiled statement with the values that are always written into it."""

    def write(found: re.Match[str]) -> str:
        return compiled.render_literal_value(values[found[1]], compiled.binds[found[1]].type)

    return _LITERAL.sub(write, compiled.string)


def assume_standard_strings(dialect: Dialect) -> None:
    """Let a backslash in a PostgreSQL string be a backslash, if no server has been asked whether it is.

    SQLAlchemy 2.0 takes such a server for one from before 9.1, where it had to be doubled.
    """
    if getattr(dialect, "server_version_info", None) is None:
        dialect._backslash_escapes = False  # type: ignore[attr-defined]  # of that dialect only


def given_values(construct: Insert | Update) -> dict[str, Any] | None:
    """What an INSERT or UPDATE sets, by column; None if it takes values from elsewhere or for many rows."""
    if construct._multi_values or getattr(construct, "select", None) is not None:
        return None
    ordered = dict(getattr(construct, "_ordered_values", None) or ())
    given = {**(construct._values or {}), **ordered}
    return {
        getattr(key, "key", key): value.effective_value if isinstance(value, BindParameter) else value
        for key, value in given.items()
    }


# --- constraints and indexes ------------------------------------------------------------------------------


def in_creation_order(constraints: Iterable[C]) -> list[C]:
    """Constraints in the order they were made; SQLAlchemy keeps them in sets (OPS-20)."""
    return sorted(constraints, key=lambda constraint: getattr(constraint, "_creation_order", 0))


def is_type_bound(constraint: Constraint) -> bool:
    """Whether a type made this constraint: the CHECK of a Boolean or Enum (OPS-27)."""
    return bool(getattr(constraint, "_type_bound", False))


def is_created(constraint: Constraint, has_dialect: Any) -> bool:
    """Whether the dialect creates this constraint at all; a type-bound CHECK is left out where the type is native.

    `has_dialect` is anything with a `dialect`: the rule of a type-bound constraint asks for nothing else.
    """
    rule = getattr(constraint, "_create_rule", None)
    return rule is None or bool(rule(has_dialect))


def statement_about(kind: Callable[..., T], constraint: Constraint, **kw: Any) -> T:
    """The statement that adds or drops a constraint, which its table may go on to create.

    SQLAlchemy 2.0 lets a constraint that has a statement of its own not be created any more.
    """
    rule = getattr(constraint, "_create_rule", None)
    statement = kind(constraint, **kw)
    constraint._create_rule = rule
    return statement


def is_column_level(constraint: Constraint) -> bool:
    """Whether a CHECK was given to a column, so that it is written inside the column's definition (OPS-26)."""
    return isinstance(constraint, CheckConstraint) and not isinstance(constraint.parent, Table)


def table_of_items(
    name: str, metadata: MetaData, *items: Any, blank: Table | None = None, **kw: Any
) -> Table:
    """A table whose indexes keep their order: those of columns, then the others as given (OPS-60).

    SQLAlchemy keeps indexes in a set that has no order.
    """
    indexes = [item for item in items if isinstance(item, Index)]
    own = [item for item in items if not isinstance(item, Index)] if indexes else items
    if blank is None:
        table = Table(name, metadata, *own, **kw)
    else:
        table = blank
        shortcuts.make_table(table, name, metadata, *own, **kw)
    table.indexes = OrderedSet(indexes_in_order(table) if table.indexes else ())
    for index in indexes:
        index._set_parent_with_dispatch(table)
    return table


def indexes_in_order(table: Table) -> list[Index]:
    """The indexes of a table in the order they were given, or if that is lost, of its columns (OPS-60)."""
    if isinstance(table.indexes, OrderedSet):
        return list(table.indexes)
    position = {column.key: number for number, column in enumerate(table.c)}

    def key(index: Index) -> tuple[list[int], str]:
        return [position.get(column.key, -1) for column in index.columns], index.name or ""

    return sorted(table.indexes, key=key)


# --- types ------------------------------------------------------------------------------------------------


def is_same_kind_of_type(one: TypeEngine[Any], other: TypeEngine[Any]) -> bool:
    """Whether two types hold the same kind of value, so that it needs no cast between them (BAT-22)."""
    return one._type_affinity is other._type_affinity


def is_datetime(type_: TypeEngine[Any]) -> bool:
    """Whether a type holds a date with a time, also behind a decorator (OPS-47)."""
    affinity = type_._type_affinity
    return affinity is not None and issubclass(affinity, DateTime)


# --- types with a name of their own -----------------------------------------------------------------------


def creation_event(runner: Any, *, checkfirst: bool) -> dict[str, Any]:
    """What listeners to the creation of a table are told: who creates it, whose `memo` they use to keep notes."""
    return {"checkfirst": checkfirst, "_ddl_runner": runner}


def drop_event(runner: Any) -> dict[str, Any]:
    """What listeners to the drop of a table are told.

    SQLAlchemy 2.0 would drop a named type with any table whose columns are known; said to be part of something
    greater, it leaves the type to that, as SQLAlchemy 2.1 does always (OPS-65).
    """
    return {"checkfirst": False, "_ddl_runner": runner, "_is_metadata_operation": True}


def note_named_type(type_: Any, runner: Any) -> None:
    """Let a type that has been created not be created again: SQLAlchemy asks the `memo` of `runner`."""
    type_._check_for_name_in_memos(False, {"_ddl_runner": runner})


def name_of_type(type_: Any) -> tuple[str | None, str]:
    """Schema and name of a named type."""
    return type_.schema, str(type_.name)


def forget_named_type(memo: dict[Any, Any], name: str, schema: str | None) -> None:
    """Let a dropped type be created again: SQLAlchemy notes in `memo`, by (schema, name), what it has created."""
    for created in memo.values():
        if isinstance(created, set):
            created.discard((schema, name))


# --- what belongs to what, and under which name -----------------------------------------------------------


def table_of(item: Constraint | Column[Any]) -> Table:
    """The table a constraint or column belongs to. Raises ValueError if it belongs to none."""
    table = getattr(item, "table", None)
    if not isinstance(table, Table):
        raise ValueError(f"{item!r} belongs to no table")
    return table


def given_name(constraint: Constraint) -> str | None:
    """The name of a constraint, or None; SQLAlchemy marks "no name although there is a convention" by a symbol."""
    return constraint.name if isinstance(constraint.name, str) else None


def table_prefixes(table: Table) -> list[str]:
    """What stands between CREATE and TABLE, like TEMPORARY."""
    return list(table._prefixes)


# --- copies: what users hand over is never changed (OPS-12) ------------------------------------------------


def copy_column(column: Column[Any], *, bare: bool = False) -> Column[Any]:
    """A copy of a column that belongs to no table.

    Its type, CHECKs, default and identity are copied with it, and its foreign keys if it belongs to no table;
    those that are constraints of a table stay there. A `bare` one asks for no index and no unique constraint.
    """
    copied = column._copy()
    if column.constraints:
        # SQLAlchemy copies from a set, so the copies have lost the order in which they were written.
        copied.constraints.clear()
        for constraint in in_creation_order(column.constraints):
            if not is_type_bound(constraint):
                constraint._copy()._set_parent_with_dispatch(copied)
    if copied.type is not column.type:
        # SQLAlchemy 2.1 leaves these behind when it copies an Enum.
        for fact in vars(column.type).keys() & {"create_type", "_inherit_schema"}:
            setattr(copied.type, fact, getattr(column.type, fact))
    if bare:
        copied.index = copied.unique = None
    if copied.nullable != column.nullable:
        # SQLAlchemy copies what was said when the column was made, which a hook may have changed since.
        set_nullable(copied, bool(column.nullable))
    return copied


def copy_column_alone(column: Column[Any]) -> Column[Any]:
    """A copy of a column without any part it has in keys, constraints and indexes of its table.

    It stays as nullable as it was, also if it is no longer part of the primary key.
    """
    copied = copy_column(column, bare=True)
    copied.primary_key = False
    set_nullable(copied, bool(column.nullable))
    return copied


def set_nullable(column: Column[Any], nullable: bool) -> None:
    """Say whether a column that belongs to no table may be null, also for its copies."""
    column.nullable = column._user_defined_nullable = nullable


def set_server_default(column: Column[Any], default: Any) -> None:
    """Give a column another server default, identity or generating expression, or none."""
    if column.computed is not None:
        column.server_onupdate = None
    column.server_default = column.computed = column.identity = None
    if isinstance(default, (Computed, Identity)):
        default._copy()._set_parent_with_dispatch(column)
    elif isinstance(default, FetchedValue):
        column.server_default = default
    elif default is not None:
        column.server_default = DefaultClause(default)


def copy_constraint(constraint: Constraint, columns: Mapping[Column[Any], Column[Any]]) -> Constraint:
    """A copy of a constraint that belongs to no table and names its columns.

    `columns` maps the user's columns to their copies. Kinds of constraints that only a dialect knows are
    copied if they can be, else they are used as they are.
    """
    if isinstance(constraint, ForeignKeyConstraint):
        return ForeignKeyConstraint(
            list(constraint.column_keys),
            [_target(key, columns) for key in constraint.elements],
            name=constraint.name,
            onupdate=constraint.onupdate,
            ondelete=constraint.ondelete,
            deferrable=constraint.deferrable,
            initially=constraint.initially,
            use_alter=constraint.use_alter,
            link_to_name=constraint.link_to_name,
            match=constraint.match,
            comment=constraint.comment,
            info=dict(constraint.info),
            **constraint.dialect_kwargs,
        )
    kind = type(constraint)
    if kind in (PrimaryKeyConstraint, UniqueConstraint):
        copied: Constraint = cast(Any, kind)(
            *column_keys(constraint),
            name=constraint.name,
            deferrable=constraint.deferrable,
            initially=constraint.initially,
            comment=constraint.comment,
            info=dict(constraint.info),
            **constraint.dialect_kwargs,
        )
        return copied
    if isinstance(constraint, CheckConstraint):
        check = constraint._copy()
        check.sqltext = _with_columns(check.sqltext, columns)
        return check
    if getattr(constraint, "parent", None) is None:
        return constraint
    return constraint._copy()


def has_written_target(key: ForeignKey) -> bool:
    """Whether what a foreign key points to can be written as one text: not if a name has a dot in it."""
    try:
        return bool(key.target_fullname)
    except InvalidRequestError:
        return False


def written_target(key: ForeignKey) -> tuple[str | None, str, str]:
    """Schema, table and column that a foreign key was given; a table alone means the column of the same name there.

    SQLAlchemy keeps the parts since 2.1; before, a dot inside a name cannot be told from one between names.
    """
    tokens = getattr(key, "target_tokens", None)
    if tokens is not None:
        return tokens.schema, tokens.table_name, tokens.column_name or key.parent.name
    *path, last = key.target_fullname.split(".")
    if not path:
        path, last = [last], key.parent.name
    return ".".join(path[:-1]) or None, path[-1], last


def _target(key: ForeignKey, columns: Mapping[Column[Any], Column[Any]]) -> str | Column[Any]:
    """What the copy of a foreign key points to: another table is known by names, the same one by its keys.

    Names with dots in them do not survive being written as one text, so the column itself stands for them.
    """
    try:
        if key.column in columns:
            return key.target_fullname
        is_dotted = "." in key.column.name or "." in table_of(key.column).name
        return key.column if is_dotted else referred_name(key)
    except InvalidRequestError:
        return key.target_fullname


def copy_index(index: Index, columns: Mapping[Column[Any], Column[Any]]) -> Index:
    """A copy of an index that belongs to no table and uses the copies of its columns."""
    expressions = index.expressions or index._pending_colargs
    return Index(
        index.name,
        *[_with_columns(expression, columns) for expression in expressions],
        unique=index.unique,
        info=dict(index.info),
        **index.kwargs,
    )


def index_on(table: Table, name: str | None, expressions: Sequence[Any], **kw: Any) -> Index:
    """An index of `table`, also if none of its expressions says so."""
    return Index(name, *expressions, _table=table, **kw)


def column_keys(constraint: Constraint) -> list[str]:
    """Keys of the columns of a constraint, also before it belongs to a table."""
    columns = list(cast("Any", constraint).columns) or cast("Any", constraint)._pending_colargs
    return [column if isinstance(column, str) else column.key for column in columns]


def _with_columns(expression: Any, columns: Mapping[Any, Any]) -> Any:
    """An expression in which the columns are replaced by their copies."""
    return replace_columns(expression, columns.get)


def literal_text(sql: str | TextClause) -> TextClause:
    """SQL text in which a colon is a colon, as in what a database reports; text with values stays as it is."""
    if isinstance(sql, TextClause):
        if any(parameter.value is not None for parameter in sql._bindparams.values()):
            return sql
        sql = sql.text
    return text(re.sub(r"(?<!\\):", r"\:", sql))


def columns_in(expression: Any) -> list[ColumnClause[Any]]:
    """The columns that an expression uses."""
    return [part for part in iterate(expression) if isinstance(part, ColumnClause) and not part.is_literal]


def replace_columns(expression: Any, replacement: Callable[[ColumnClause[Any]], Any]) -> Any:
    """An expression with other columns; `replacement` gives the new one, or None to keep what is there."""
    if isinstance(expression, str):
        return expression

    def replace(part: Any, **kw: Any) -> Any:
        if isinstance(part, ColumnClause) and not part.is_literal:
            return replacement(part)
        return None

    return cast("Any", replacement_traverse)(expression, {}, replace)


# --- values and connections -------------------------------------------------------------------------------


class InlineLiteral(BindParameter[Any]):
    """A value that is always written into the SQL text (OPS-91)."""

    inherit_cache = False  # the text differs with each value

    def __init__(self, value: Any, type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = None) -> None:
        super().__init__(None, value, type_=type_, unique=True)


@compiles(InlineLiteral)
def _write_inline(literal: InlineLiteral, compiler: Any, **kw: Any) -> Any:
    return compiler.render_literal_bindparam(literal, **kw)


def run_async(
    connection: Connection | None, function: Callable[..., Awaitable[T]], *args: Any, **kw: Any
) -> T:
    """Call an async function with the async side of a connection, from the sync code it is running.

    Raises ValueError if the connection has no async side.
    """
    if connection is None:
        raise ValueError("`run_async` needs an async engine; a script is written without any")
    if not connection.dialect.is_async:
        raise ValueError(
            f"`run_async` needs an async engine; {connection.dialect.driver!r} is not an async driver"
        )
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.util import await_only

    return await_only(function(AsyncConnection._retrieve_proxy_for_target(connection), *args, **kw))


def fetch_one_or_none(connection: Connection, sql: str) -> Any | None:
    """The row that a question returns, or None if the database refuses it; without the price of SQLAlchemy's errors.

    Raises DBAPIError if the connection is lost.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
        return cursor.fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        if connection.dialect.is_disconnect(error, connection.connection, cursor):
            return connection.exec_driver_sql(sql).fetchone()  # raises what everybody knows
        return None
    finally:
        cursor.close()


def is_autocommit(connection: Connection) -> bool:
    """Whether each statement on this connection is permanent at once.

    `get_isolation_level()` does not say so for most drivers. The driver is asked since SQLAlchemy 2.0.43.
    """
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return True
    ask = getattr(connection.dialect, "detect_autocommit_setting", None)
    try:
        return bool(ask and ask(connection.connection.dbapi_connection))
    except NotImplementedError:
        return False


def engine_apart(engine: Engine, driver: Any) -> Engine:
    """An engine that connects as another one does, to the same place and by the same creator, but apart from its pool.

    Raises SameConnection when it connects, if the creator gives the connection `driver` again instead of a new one.
    """
    pool = engine.pool.recreate()
    create = pool._invoke_creator

    def create_another(record: Any) -> Any:
        made = create(record)
        if made is driver:
            raise SameConnection()
        return made

    pool._creator = cast(Any, create_another)
    return Engine(pool, engine.dialect, engine.url)


class SameConnection(Exception):
    """A pool's creator has given a connection that is in use."""


@contextmanager
def connect_in_autocommit(engine: Engine, translation: Any = None) -> Iterator[Connection]:
    """A connection on which each statement is permanent at once, where the driver can do that."""
    with engine.connect() as connection:
        try:
            connection.execution_options(isolation_level="AUTOCOMMIT")
        except (ArgumentError, NotImplementedError):
            pass
        yield connection.execution_options(schema_translate_map=translation) if translation else connection


def in_greenlet(function: Callable[[], T]) -> Coroutine[Any, Any, T]:
    """Call sync code that uses an async driver, in an event loop."""
    from sqlalchemy.util import greenlet_spawn

    return greenlet_spawn(function)


def wait_in_loop(function: Callable[[], object]) -> None:
    """From sync code that an event loop runs, call a function that blocks, and let the loop go on meanwhile."""
    import asyncio

    from sqlalchemy.util import await_only

    await_only(asyncio.to_thread(function))


def exclude_elements(constraint: Any) -> list[tuple[Any, str]]:
    """The expressions of a PostgreSQL EXCLUDE constraint, each with its operator (OPS-85)."""
    return [(expression, operator) for expression, _, operator in constraint._render_exprs]


# --- reading a database -----------------------------------------------------------------------------------


class TableFacts(Protocol):
    """What a database said about one table, in the words of SQLAlchemy's `Inspector`."""

    @property
    def columns(self) -> list[dict[str, Any]]: ...
    @property
    def primary_key(self) -> dict[str, Any] | None: ...
    @property
    def foreign_keys(self) -> list[dict[str, Any]]: ...
    @property
    def indexes(self) -> list[dict[str, Any]]: ...
    @property
    def unique_constraints(self) -> list[dict[str, Any]]: ...
    @property
    def check_constraints(self) -> list[dict[str, Any]]: ...
    @property
    def comment(self) -> dict[str, Any] | None: ...
    @property
    def options(self) -> dict[str, Any]: ...


def fill_table(inspector: Inspector, table: Table, facts: TableFacts) -> None:
    """Give an empty table what was read before, without asking the database again.

    `MetaData.reflect()` does the same inside: it reads all tables at once and hands each its part.
    """
    key = table.schema, table.name
    # The columns are changed while they are used.
    info = _ReflectionInfo(
        columns={key: [dict(column) for column in facts.columns]},  # type: ignore[misc]  # reflected records
        pk_constraint={key: facts.primary_key},  # type: ignore[dict-item]  # reflected records
        foreign_keys={key: facts.foreign_keys},  # type: ignore[dict-item]  # reflected records
        indexes={key: facts.indexes},  # type: ignore[dict-item]  # reflected records
        unique_constraints={key: facts.unique_constraints},  # type: ignore[dict-item]  # reflected records
        table_comment={key: facts.comment},  # type: ignore[dict-item]  # reflected records
        check_constraints={key: facts.check_constraints},  # type: ignore[dict-item]  # reflected records
        table_options={key: facts.options},
        unreflectable={},
    )
    inspector.reflect_table(table, None, resolve_fks=False, _reflect_info=info)


def final_name(item: Constraint | Index, dialect: Dialect) -> str | None:
    """The name a constraint or index gets in the database, or None if the database will choose one.

    Naming conventions are applied, and names that are too long are cut as `CREATE` would cut them. SQLAlchemy
    has this switch for migration tools.
    """
    if item.name is None:
        return None
    name = dialect.identifier_preparer.format_constraint(item, _alembic_quote=False)
    return None if name is None else str(name)


# --- what is written as Python ------------------------------------------------------------------------------


def referred_name(key: ForeignKey) -> str:
    """The `schema.table.column` that a foreign key points to: by name where the column is at hand, else as given."""
    try:
        column = key.column
    except (
        InvalidRequestError
    ):  # the other table is not at hand: reflected alone, in another MetaData, or not yet
        return key.target_fullname
    return f"{table_of(column).fullname}.{column.name}"


def variants(type_: TypeEngine[Any]) -> dict[str, TypeEngine[Any]]:
    """The types that stand in for a type on certain dialects, by the dialect's name."""
    return dict(type_._variant_mapping)


def is_default_option(constraint: Constraint, name: str, value: Any) -> bool:
    """Whether a dialect's option says what holds anyway, as reflection likes to do (AUT-80)."""
    dialect, _, option = name.partition("_")
    try:
        default = constraint.dialect_options[dialect]._defaults.get(option)
    except ArgumentError:  # no such dialect is installed
        return False
    says_nothing = value in ([], (), {}) or (value is False and isinstance(constraint, UniqueConstraint))
    return bool(value == default) or (says_nothing and default is None)


def clone_column(column: Column[Any]) -> Column[Any]:
    """A column that can be changed without changing the user's, and still belongs to the same table."""
    clone = copy.copy(column)
    for key in column._memoized_keys:
        clone.__dict__.pop(key, None)
    return clone


# --- results ----------------------------------------------------------------------------------------------


def give_rows(
    context: Any,
    rows: Sequence[Any],
    rest: Any = None,
    description: Sequence[tuple[Any, ...]] | None = None,
) -> None:
    """Let the result of a statement that was just executed have these rows, and then those of the cursor `rest`.

    `description` is what the driver says of the columns, if the cursor does not.
    """
    if rest is None:
        strategy: Any = FullyBufferedCursorFetchStrategy(None, cast(Any, description), rows)
    else:
        strategy = BufferedRowCursorFetchStrategy(
            rest, context.execution_options, initial_buffer=collections.deque(rows)
        )
    context.cursor_fetch_strategy = strategy
    # An INSERT of many rows that returns some is sent in parts, whose rows are fetched here.
    context.fetchall_for_returning = lambda cursor: [*rows, *(rest.fetchall() if rest is not None else ())]


def give_row_count(context: Any, cursor: Any, number: int) -> None:
    """Let the result of a statement that was just executed say that it changed so many rows."""
    context._rowcount = number
    try:
        cursor.rowcount = number
    except AttributeError:  # some drivers do not let it be set; then SQLAlchemy's own memory is enough
        return


def give_generated_key(context: Any, number: int) -> None:
    """Let the result of an INSERT that was just executed say which key the database has given to the row."""
    context.get_lastrowid = lambda: number


def forget_given(context: Any) -> None:
    """Let the next part of a statement have its own rows again."""
    vars(context).pop("fetchall_for_returning", None)
