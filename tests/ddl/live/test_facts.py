"""What the facts say is what a server does: its locks, its files and its counters are read after each statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.facts import Cost, Effect, Lock
from limbeck.ddl.sink import RecordSink
from limbeck.operations import ops
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context

ROWS = 500
LOCKS = {
    "AccessExclusiveLock": Lock.EVERYTHING,
    "ExclusiveLock": Lock.WRITES,
    "ShareRowExclusiveLock": Lock.WRITES,
    "ShareLock": Lock.WRITES,
    "ShareUpdateExclusiveLock": Lock.SCHEMA,
}


def added(*args: Any, **kw: Any) -> ops.AddColumnOp:
    return ops.AddColumnOp("t", sa.Column("c", *args, **kw))


def altered(column: str, **kw: Any) -> ops.AlterColumnOp:
    return ops.AlterColumnOp("t", column, **kw)


OPERATIONS = {
    "add a column": lambda: added(sa.Integer),
    "add a column with a constant default": lambda: added(sa.Integer, nullable=False, server_default="5"),
    "add a stored column": lambda: added(sa.Integer, sa.Computed("a + 1", persisted=True)),
    "drop a column": lambda: ops.DropColumnOp("t", "p"),
    "rename a column": lambda: altered(
        "a", modify_name="z", existing_type=sa.Integer(), existing_nullable=True
    ),
    "set a default": lambda: altered("a", modify_server_default="7", existing_type=sa.Integer()),
    "forbid null": lambda: altered("a", modify_nullable=False, existing_type=sa.Integer()),
    "lengthen a text": lambda: altered(
        "s", modify_type=sa.String(30), existing_type=sa.String(20), existing_nullable=True
    ),
    "shorten a text": lambda: altered(
        "s", modify_type=sa.String(10), existing_type=sa.String(20), existing_nullable=True
    ),
    "widen a number": lambda: altered(
        "a", modify_type=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=True
    ),
    "create an index": lambda: ops.CreateIndexOp("ix_new", "t", ["a"]),
    "drop an index": lambda: ops.DropIndexOp("ix_s", "t"),
    "add a unique constraint": lambda: ops.CreateUniqueConstraintOp("uq_new", "t", ["id", "a"]),
    "add a check": lambda: ops.CreateCheckConstraintOp("ck_new", "t", sa.text("a < 100000")),
    "add a foreign key": lambda: ops.CreateForeignKeyOp("fk_new", "t", "u", ["a"], ["id"]),
    "comment a table": lambda: ops.CreateTableCommentOp("t", "said"),
}
POSTGRESQL = {
    **OPERATIONS,
    "add an identity": lambda: added(sa.Integer, sa.Identity()),
    "allow null": lambda: altered("id", modify_nullable=True),
    "add a foreign key, not valid": lambda: ops.CreateForeignKeyOp(
        "fk_new", "t", "u", ["a"], ["id"], postgresql_not_valid=True
    ),
    "add a check, not valid": lambda: ops.CreateCheckConstraintOp(
        "ck_new", "t", sa.text("a < 100000"), postgresql_not_valid=True
    ),
    "drop a constraint": lambda: ops.DropConstraintOp("uq_s", "t", type_="unique"),
    "give a number more digits": lambda: altered(
        "p", modify_type=sa.Numeric(12, 2), existing_type=sa.Numeric(10, 2)
    ),
    "rename a table": lambda: ops.RenameTableOp("t", "w"),
}
MARIADB = {
    **OPERATIONS,
    "add a primary key": lambda: ops.CreatePrimaryKeyOp("pk", "t", ["id"]),
    "drop a unique constraint": lambda: ops.DropConstraintOp("uq_s", "t", type_="unique"),
}


@pytest.fixture(scope="module")
def postgresql(module_postgresql_url: str) -> Iterator[sa.Engine]:
    yield from filled(module_postgresql_url)


@pytest.fixture(scope="module")
def mariadb(module_mariadb_url: str) -> Iterator[sa.Engine]:
    yield from filled(module_mariadb_url)


def filled(url: str) -> Iterator[sa.Engine]:
    """A database with two tables, and rows in both."""
    engine = sa.create_engine(url)
    metadata = sa.MetaData()
    sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    t = sa.Table(
        "t", metadata, sa.Column("id", sa.Integer, nullable=False), sa.Column("a", sa.Integer),
        sa.Column("s", sa.String(20)), sa.Column("p", sa.Numeric(10, 2)),
        sa.UniqueConstraint("s", name="uq_s"), sa.Index("ix_s", "s", "a"),
    )  # fmt: skip
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(metadata.tables["u"].insert(), [{"id": number} for number in range(ROWS)])
        rows = [{"id": number, "a": number, "s": str(number), "p": number} for number in range(ROWS)]
        connection.execute(t.insert(), rows)
    yield engine
    engine.dispose()


def said(connection: sa.Connection, operation: Any) -> Effect:
    effect = Context("", connection=connection, as_sql=False).impl.effect_of(operation)
    assert effect is not None
    return effect


@pytest.mark.parametrize("what", POSTGRESQL)
def test_postgresql_does_what_is_said(postgresql: sa.Engine, what: str) -> None:
    """Locks from `pg_locks`, a rewrite from the file node, a scan from the rows read in the transaction."""
    operation = POSTGRESQL[what]()
    with postgresql.connect() as connection:
        effect = said(connection, operation)
        node = connection.scalar(sa.text("SELECT relfilenode FROM pg_class WHERE oid = 't'::regclass"))
        oid = connection.scalar(sa.text("SELECT 't'::regclass::oid"))
        before = rows_read(connection, oid)
        Operations(Context("", connection=connection, as_sql=False)).invoke(operation)  # type: ignore[arg-type]
        modes = connection.scalars(
            sa.text("SELECT mode FROM pg_locks WHERE relation = :oid AND pid = pg_backend_pid()"),
            {"oid": oid},
        ).all()
        found = connection.scalar(sa.text("SELECT relfilenode FROM pg_class WHERE oid = :oid"), {"oid": oid})
        read = rows_read(connection, oid) - before
        connection.rollback()
    cost = Cost.REWRITE if found != node else Cost.SCAN if read >= ROWS else Cost.METADATA
    assert (effect.lock, effect.cost) == (max(LOCKS.get(mode, Lock.NONE) for mode in modes), cost)
    assert effect.transactional


def rows_read(connection: sa.Connection, oid: Any) -> int:
    """How many rows this session has read from a table, one after the other, and not yet reported."""
    question = sa.text("SELECT seq_tup_read FROM pg_stat_xact_all_tables WHERE relid = :oid")
    return connection.scalar(question, {"oid": oid}) or 0


@pytest.mark.parametrize("what", ["create", "drop"])
def test_postgresql_refuses_in_a_transaction_what_is_said_to_need_none(
    postgresql: sa.Engine, what: str
) -> None:
    options = {"postgresql_concurrently": True}
    operation: Any = ops.CreateIndexOp("ix_new", "t", ["a"], **options)
    if what == "drop":
        operation = ops.DropIndexOp("ix_s", "t", **options)
    with postgresql.connect() as connection:
        assert not said(connection, operation).transactional
        op = Operations(Context("", connection=connection, as_sql=False))  # type: ignore[arg-type]
        with pytest.raises(sa.exc.DBAPIError, match="cannot run inside a transaction block"):
            op.invoke(operation)


@pytest.mark.parametrize("what", MARIADB)
def test_mariadb_does_what_is_said(mariadb: sa.Engine, what: str) -> None:
    """The server is asked for the cheapest ALGORITHM and the weakest LOCK that it accepts."""
    operation = MARIADB[what]()
    with mariadb.connect() as connection:
        effect = said(connection, operation)
    algorithm, lock = cheapest(mariadb, operation)
    is_rewritten = algorithm in ("INPLACE", "COPY")
    assert (effect.cost is Cost.REWRITE) == is_rewritten, (algorithm, lock)
    assert effect.cost is not Cost.SCAN or algorithm == "NOCOPY"
    assert effect.lock == {"NONE": Lock.NONE, "SHARED": Lock.WRITES, "EXCLUSIVE": Lock.EVERYTHING}[lock]
    assert not effect.transactional


def cheapest(engine: sa.Engine, operation: Any) -> tuple[str, str]:
    """The first ALGORITHM and LOCK that the server takes, each time on tables made anew."""
    for algorithm in ("INSTANT", "NOCOPY", "INPLACE", "COPY"):
        for lock in ("NONE", "SHARED", "EXCLUSIVE"):
            with engine.connect() as connection:
                copied(connection)
                # DROP INDEX itself takes no ALGORITHM; it is short for this.
                sql = sql_of(connection, operation).replace(
                    "DROP INDEX ix_s ON t", "ALTER TABLE t DROP INDEX ix_s"
                )
                separator = " " if sql.startswith("CREATE INDEX") else ", "
                ask = f"{sql}{separator}ALGORITHM={algorithm}{separator}LOCK={lock}"
                try:
                    connection.exec_driver_sql(ask)
                except sa.exc.DBAPIError as error:
                    assert "not supported" in str(error) or "Try" in str(error), ask  # noqa: PT017
                else:
                    return algorithm, lock
                finally:
                    restored(connection)
    raise AssertionError("no ALGORITHM is accepted")


def copied(connection: sa.Connection) -> None:
    connection.exec_driver_sql("RENAME TABLE t TO kept")
    connection.exec_driver_sql("CREATE TABLE t LIKE kept")
    connection.exec_driver_sql("INSERT INTO t SELECT * FROM kept")
    connection.commit()


def restored(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DROP TABLE t")
    connection.exec_driver_sql("RENAME TABLE kept TO t")


def sql_of(connection: sa.Connection, operation: Any) -> str:
    """The one statement that an operation leads to."""
    context = Context("", connection=connection, as_sql=False)
    sink = RecordSink(connection.dialect)
    context.impl.sink = sink
    Operations(context).invoke(operation)  # type: ignore[arg-type]
    (recorded,) = sink.recorded
    return recorded.sql
