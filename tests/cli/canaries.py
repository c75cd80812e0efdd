"""Passwords that sing: one secret in many spellings, and every place where a run may have let it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import sqlalchemy as sa

from tests.backends.databases import connected as cursor_of
from tests.backends.engines import connected

CANARY = "c4nary0bird"
"""The password where it is spelled plainly, as mistakes and URLs have it."""
SONG = "c4nary"
"""What every piece of a password has in it, in every spelling."""
SPECIAL = f"{CANARY}@c4nary1bird:c4nary2bird/c4nary3bird#c4nary4bird%c4nary5bird"


def _in_credentials(text: str) -> Callable[[str], str]:
    return lambda url: url.replace(f":{CANARY}@", f":{text}@", 1)


def _as_query_key(url: str) -> str:
    """The password as a key behind the `?`, where drivers look for it, too."""
    without = url.replace(f":{CANARY}@", "@", 1)
    if without == url:
        return url
    return f"{without}{'&' if '?' in without else '?'}password={CANARY}"


@dataclass(frozen=True)
class Spelling:
    """One way to write the password into a URL. `password` is what the server is told, if the URL is a good one."""

    name: str
    write: Callable[[str], str]
    password: str | None = None


SPELLINGS = (
    Spelling("plain", _in_credentials(CANARY), CANARY),
    Spelling("percent-encoded", _in_credentials(quote(SPECIAL, safe="")), SPECIAL),
    Spelling("with @ : / # %", _in_credentials(SPECIAL)),
    Spelling("cut by an @", _in_credentials(f"x@{CANARY}")),
    Spelling("query key", _as_query_key, CANARY),
)
"""Well written and badly written; a badly written one is cut somewhere else by each reader."""
RARE_SPELLINGS = (
    Spelling("half encoded", _in_credentials(f"{CANARY}:/c4nary1bird%23"), f"{CANARY}:/c4nary1bird#"),
    Spelling(
        "with quotes and a space",
        _in_credentials(quote(f"{CANARY}'\"\\ {CANARY}", safe="")),
        f"{CANARY}'\"\\ {CANARY}",
    ),
)
"""For the few mistakes that tell most about the URL."""


@contextmanager
def singing_url(url: str, spelling: Spelling) -> Iterator[str]:
    """The URL of a test's database with `CANARY` for a password, made such that `spelling` of it can log in.

    PostgreSQL's test server asks nobody for a password, and SQLite knows of none, but takes one as a key of a file's
    URI. On MariaDB there is a user for it meanwhile.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        yield f"sqlite:///file:{parsed.database}?uri=true&password={CANARY}"
    elif parsed.get_backend_name() == "postgresql" or spelling.password is None:
        yield url.replace("@", f":{CANARY}@", 1) if not parsed.password else url
    else:
        with _user_with(spelling.password, url) as name:
            user = parsed.set(username=name, password=CANARY)
            yield user.render_as_string(hide_password=False)


@contextmanager
def _user_with(password: str, url: str) -> Iterator[str]:
    name = f"{sa.make_url(url).database}_singer"
    hosts = ("%", "localhost")  # the latter goes before an anonymous user, which some servers have
    with cursor_of(url) as cursor:
        for host in hosts:
            cursor.execute("CREATE USER %s@%s IDENTIFIED BY %s", (name, host, password))
            cursor.execute("GRANT ALL ON *.* TO %s@%s", (name, host))
        try:
            yield name
        finally:
            for host in hosts:
                cursor.execute("DROP USER %s@%s", (name, host))


def heard_in(text: str) -> list[str]:
    """The lines of a text in which the canary sings, also if it was encoded again."""
    return [line for line in text.splitlines() if SONG in line or SONG in unquote(line)]


def snapshot(directory: Path) -> Mapping[Path, bytes]:
    """The files of a directory."""
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def heard_in_files(directory: Path, before: Mapping[Path, bytes]) -> list[str]:
    """The files of a directory that were not there `before` or were changed, and have the canary in them.

    Not Python's own copies of source files, which have what the user has written there.
    """
    return [
        str(path)
        for path, content in snapshot(directory).items()
        if before.get(path) != content and SONG.encode() in content and path.suffix != ".pyc"
    ]


def heard_in_tables(url: str) -> list[Any]:
    """The rows of all tables of a database that have the canary in them: of limbeck's own and of all others."""
    with connected(url) as connection:
        return [
            (name, tuple(row))
            for name in sa.inspect(connection).get_table_names()
            for row in connection.execute(sa.text(f"SELECT * FROM {name}"))
            if SONG in str(tuple(row))
        ]


def empty(url: str) -> None:
    """Drop all tables of a database, for the next one who uses it."""
    with connected(url) as connection:
        names = sa.inspect(connection).get_table_names()
        for name in names:
            connection.exec_driver_sql(f"DROP TABLE {name}")
        connection.commit()
