"""Make and drop databases on a server, through its driver alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import URL, make_url

NAME = "limbeck_"


def new_prefix() -> str:
    """What the names of all databases of one test run start with."""
    return f"{NAME}{secrets.token_hex(4)}_"


def create(url: str, prefix: str) -> str:
    """Make an empty database on the server and return its URL."""
    server = make_url(url)
    name = f"{prefix}{secrets.token_hex(4)}"
    if _is_postgresql(server):
        # Nobody is ever connected to template0, so it can always be copied.
        _run(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    else:
        _run(server, f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    return server.set(database=name).render_as_string(hide_password=False)


def drop(url: str) -> None:
    """Drop the database of this URL, also if somebody is still connected to it."""
    target = make_url(url)
    assert target.database is not None
    assert target.database.startswith(NAME)
    if _is_postgresql(target):
        _run(target.set(database="postgres"), f'DROP DATABASE IF EXISTS "{target.database}" WITH (FORCE)')
        return
    with connected(target.set(database="")) as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (target.database,))
        for (identifier,) in cursor.fetchall():
            with suppress(Exception):  # it may have left by itself meanwhile
                cursor.execute(f"KILL {identifier}")
        cursor.execute(f"DROP DATABASE IF EXISTS `{target.database}`")


def names(url: str, prefix: str) -> list[str]:
    """The databases on the server whose name starts with `prefix`."""
    server = make_url(url)
    question = (
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY datname"
        if _is_postgresql(server)
        else "SELECT schema_name FROM information_schema.schemata WHERE LOCATE(%s, schema_name) = 1 ORDER BY 1"
    )
    with connected(server) as cursor:
        cursor.execute(question, (prefix,))
        return [name for (name,) in cursor.fetchall()]


def drop_all(url: str, prefix: str) -> None:
    """Drop every database whose name starts with `prefix`."""
    for name in names(url, prefix):
        drop(make_url(url).set(database=name).render_as_string(hide_password=False))


@contextmanager
def connected(url: URL | str) -> Iterator[Any]:
    """A cursor of a driver's own connection, which commits each statement."""
    connection = _connect(make_url(url))
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _connect(url: URL) -> Any:
    if _is_postgresql(url):
        import psycopg

        return psycopg.connect(
            host=url.host,
            port=url.port,
            user=url.username,
            password=url.password,
            dbname=url.database or "postgres",
            connect_timeout=5,
            autocommit=True,
            **{key: value for key, value in url.query.items() if isinstance(value, str)},
        )
    import pymysql

    settings: dict[str, Any] = {"unix_socket": url.query["unix_socket"]} if "unix_socket" in url.query else {}
    return pymysql.connect(
        host=url.host or "localhost",
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database or None,
        connect_timeout=5,
        autocommit=True,
        **settings,
    )


def _run(url: URL, statement: str) -> None:
    with connected(url) as cursor:
        cursor.execute(statement)


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"
