"""The exchange of two tables inside a transaction that enforces foreign keys, where SQLite does not allow it."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from limbeck.errors import RebuildWouldDeleteRows
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context


def test_where_the_schema_is_locked_the_rebuild_is_refused_and_undone() -> None:
    """BAT-28."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        for statement in (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)",
            "CREATE TABLE child (t_id INTEGER REFERENCES t ON DELETE CASCADE)",
            "INSERT INTO t VALUES (1, 2)",
            "INSERT INTO child VALUES (1)",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.exec_driver_sql("BEGIN")
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        before = list(driver.iterdump())
        writable = False

        def guard(action: int, first: str | None, second: str | None, *others: str | None) -> int:
            nonlocal writable
            if action == sqlite3.SQLITE_PRAGMA and first == "writable_schema":
                writable = second == "ON"
            locked = writable and action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"
            return sqlite3.SQLITE_DENY if locked else sqlite3.SQLITE_OK

        driver.set_authorizer(guard)
        operations = Operations(Context("sqlite", connection=connection, as_sql=False))
        with (
            pytest.raises(RebuildWouldDeleteRows) as caught,
            operations.batch_alter_table("t") as batch_op,
        ):
            batch_op.alter_column("b", type_=sa.Text())
        driver.set_authorizer(None)
        assert set(caught.value.referring) == {"child"}
        assert list(driver.iterdump()) == before
    engine.dispose()
