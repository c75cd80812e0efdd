"""Fixtures for real databases, and the line that says which servers were used.

Each test that asks for `sqlite_url`, `postgresql_url` or `mariadb_url` gets an empty database of its own;
`database_url` runs the test on all three, `server_url` on the latter two.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends import databases
from tests.backends.fleet import Fleet

# Byte code tells versions of a file apart by seconds, and tests edit revisions faster than that.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

FLEET = pytest.StashKey[Fleet]()


OF_WHOEVER_RUNS_THE_TESTS = (
    *("DATABASE_URL", "LIMBECK_URL", "LIMBECK_MODELS", "LIMBECK_DIR", "ALEMBIC_CONFIG"),
    *("LIMBECK_YES", "LIMBECK_NO_INPUT", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "CI"),
    *("LIMBECK_CONFIG", "LIMBECK_NAME", "LIMBECK_RAISEERR", "LIMBECK_SHOW_PARAMS", "LIMBECK_JSON"),
    *("LIMBECK_COLOR", "LIMBECK_OUTPUT", "LIMBECK_PLAIN", "LIMBECK_QUIET", "LIMBECK_VERBOSE"),
)
"""Variables that limbeck reads: a test has those that it sets."""


def pytest_configure(config: pytest.Config) -> None:
    for name in OF_WHOEVER_RUNS_THE_TESTS:
        os.environ.pop(name, None)
    given = getattr(config, "workerinput", None)
    try:
        config.stash[FLEET] = Fleet.from_json(given["fleet"]) if given else Fleet()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a parallel test process where the servers are."""
    node.workerinput["fleet"] = node.config.stash[FLEET].to_json()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line(config.stash[FLEET].summary())


def pytest_unconfigure(config: pytest.Config) -> None:
    fleet = config.stash.get(FLEET, None)
    if fleet is not None:
        fleet.close()


@pytest.fixture
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/database.sqlite"


@pytest.fixture
def postgresql_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server."""
    yield from _database(pytestconfig.stash[FLEET], "postgresql")


@pytest.fixture
def mariadb_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of an empty database on a MariaDB server."""
    yield from _database(pytestconfig.stash[FLEET], "mariadb")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database; the test runs once for each backend."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module")
def module_sqlite_url() -> str:
    """The URL of a SQLite database in memory, like the others below for tests that leave it empty."""
    return "sqlite://"


@pytest.fixture(scope="module")
def module_postgresql_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a PostgreSQL database that the tests of a module share."""
    yield from _database(pytestconfig.stash[FLEET], "postgresql")


@pytest.fixture(scope="module")
def module_mariadb_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a MariaDB database that the tests of a module share."""
    yield from _database(pytestconfig.stash[FLEET], "mariadb")


@pytest.fixture(params=["postgresql", "mariadb"])
def server_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database on a server; the test runs once for each."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _database(fleet: Fleet, backend: str) -> Iterator[str]:
    server = fleet.find(backend)
    if server.reason:
        if backend in fleet.required:
            pytest.fail(str(server), pytrace=False)
        pytest.skip(str(server))
    url = databases.create(server.url, fleet.prefix)
    yield url
    databases.drop(url)
