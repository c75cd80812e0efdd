"""What MariaDB tells of a session that waits, with and without the plugin that knows who has a table."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from limbeck.base.progress import Activity, Blocker
from limbeck.ddl.mysql.watching import look_at, read_progress
from tests.backends import servers


@pytest.fixture(scope="module")
def private_engine() -> Iterator[Engine]:
    """A server of our own, on which a plugin can be installed."""
    if servers.find_installed_mariadb() is None:
        pytest.skip("MariaDB is not installed")
    server = servers.start_mariadb()
    engine = create_engine(server.url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE shop")
            for name in ("t", "u"):
                connection.exec_driver_sql(f"CREATE TABLE shop.{name} (id integer)")
        yield engine
    finally:
        server.keeper.close()


def number_of(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one())


def find_blockers(engine: Engine, sql: str) -> tuple[tuple[Blocker, ...], list[int]]:
    """For whom a statement waits, and the numbers of who uses t and of who uses another table."""
    with engine.connect() as user, engine.connect() as other, engine.connect() as waiting:
        numbers = [number_of(user), number_of(other)]
        user.exec_driver_sql("SELECT * FROM shop.t")
        other.exec_driver_sql("SELECT * FROM shop.u")
        session = number_of(waiting)
        thread = threading.Thread(target=waiting.exec_driver_sql, args=(sql,))
        thread.start()
        with engine.connect() as looking:
            for _ in range(100):
                found = look_at(looking, session)
                if found is not None and found.blockers:
                    break
                time.sleep(0.05)
        user.rollback()
        thread.join()
    assert found is not None
    assert found.phase == "Waiting for table metadata lock"
    return found.blockers, numbers


def test_without_the_plugin_it_is_somebody_with_an_open_transaction(private_engine: Engine) -> None:
    blockers, numbers = find_blockers(private_engine, "ALTER TABLE shop.t ADD a integer")
    assert sorted(one.session for one in blockers) == sorted(f"connection {number}" for number in numbers)
    assert not any(one.is_certain for one in blockers)
    assert str(blockers[0]).startswith("perhaps connection ")


def test_with_the_plugin_it_is_known(private_engine: Engine) -> None:
    with private_engine.connect() as connection:
        try:
            connection.exec_driver_sql("INSTALL SONAME 'metadata_lock_info'")
        except DBAPIError as error:
            pytest.skip(str(error.orig))
    blockers, numbers = find_blockers(private_engine, "ALTER TABLE shop.t ADD b integer")
    assert [(one.session, one.is_certain) for one in blockers] == [(f"connection {numbers[0]}", True)]
    assert (blockers[0].state, blockers[0].user) == ("idle in a transaction", "limbeck")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("copy to tmp table", 1, 2, "50.000"), Activity("copy to tmp table", 0.25)),
        (("Enabling keys", 2, 2, "10.000"), Activity("Enabling keys", 0.55)),
        (("altering table", 0, 0, "0.000"), Activity("altering table", None)),
        (("", 0, 0, "0.000"), None),
    ],
)
def test_stages_make_one_share(row: tuple[str, int, int, str], expected: Activity | None) -> None:
    assert read_progress(*row) == expected
