"""Where there are databases to measure on, and how one gets a new one."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import OperationalError

SERVERS = {
    "sqlite": "",
    "postgresql": os.environ.get(
        "LIMBECK_TEST_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    ),
    "mariadb": os.environ.get("LIMBECK_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/"),
}
"""The server of each kind; SQLite needs none."""


@contextmanager
def database(backend: str) -> Iterator[str | None]:
    """The URL of an empty database, or None where there is no server."""
    name = f"limbeck_bench_{secrets.token_hex(4)}"
    if not SERVERS[backend]:
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
            yield f"sqlite:///{directory}/{name}.sqlite"
        return
    try:
        connection = _connect(backend)
    except (OperationalError, ModuleNotFoundError) as error:
        print(f"No {backend} to measure on: {error}".partition("\n")[0])
        yield None
        return
    with connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield make_url(SERVERS[backend]).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def empty(backend: str, url: str) -> None:
    """Empty the database that `database()` gave."""
    name = make_url(url).database
    assert name is not None
    if backend == "sqlite":
        for path in (name, f"{name}-wal", f"{name}-journal"):
            if os.path.exists(path):
                os.remove(path)
        return
    with _connect(backend) as connection:
        for statement in ("DROP DATABASE", "CREATE DATABASE"):
            connection.exec_driver_sql(f"{statement} {name}")


def _connect(backend: str) -> Connection:
    return create_engine(SERVERS[backend], isolation_level="AUTOCOMMIT").connect()
