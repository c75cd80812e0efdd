"""Migrating a database that the caller has given, with the project's env.py or without any."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from limbeck import errors
from limbeck.base.redaction import redact
from limbeck.config import Config
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.beginning import Work
from limbeck.runtime.environment import EnvironmentContext
from limbeck.runtime.migration import MigrationContext, MigrationStep
from limbeck.script.base import ScriptDirectory

URL_OPTION = "sqlalchemy.url"
CONNECTION = "connection"
"""The attribute of the Config by which env.py is handed a connection (PY-2)."""


@dataclass(frozen=True)
class GivenDatabase:
    """The database to work on, and a connection to it, unless env.py makes that by itself.

    `is_exclusive` says that no other connection will do: its owner has begun a transaction, and will end it.
    """

    url: URL
    connection: Connection | None = None
    is_exclusive: bool = False

    def is_reached_by(self, connection: Connection, impl: DefaultImpl) -> bool:
        """Whether what is done on `connection` is done in this database."""
        if connection is self.connection:
            return True
        return not impl.is_private_database(self.url) and is_same_place(connection.engine.url, self.url)


def run_given(
    given: GivenDatabase, config: Config, script: ScriptDirectory, work: Work, **options: Any
) -> None:
    """Run env.py for `given`; if there is none, do what it would do (PY-2).

    `work` says which steps to run (RUN-6). `options` are those of EnvironmentContext, and hold wherever env.py
    says nothing else (ENV-5). env.py finds the database's URL as `sqlalchemy.url`, and the connection, if there
    is one, in `config.attributes`. Raises AnotherDatabase or ConnectionNotTaken if it turns elsewhere, before it
    can run anything there, and NothingConfigured if it runs nothing.
    """
    environment = _GivenEnvironment(given, config, script, work, **options)
    with environment:
        if os.path.isfile(script.env_py_location):
            script.run_env()
        else:
            environment.run_without_env_py()
    if not environment.has_run:
        raise errors.NothingConfigured(path=script.env_py_location)


def config_for(given: GivenDatabase, config: Config) -> Config:
    """A copy of the configuration that leads to the database, and nowhere else."""
    attributes = {**config.attributes, CONNECTION: given.connection}
    if given.connection is None:
        del attributes[CONNECTION]
    copied = config.copy(attributes=attributes)
    url = _with_driver_of(config, given.url).render_as_string(hide_password=False)
    copied.set_main_option(URL_OPTION, url.replace("%", "%%"))
    return copied


def _with_driver_of(config: Config, url: URL) -> URL:
    """The URL for the driver that env.py is made for, if the configuration names the same database with another."""
    configured = config.file_config.get(config.config_ini_section, URL_OPTION, raw=True, fallback="")
    try:
        own = make_url(configured.replace("%%", "%"))
    except ArgumentError:
        return url
    if own.drivername == url.drivername or not is_same_place(own, url):
        return url
    return url.set(drivername=own.drivername, query=own.query)


class _GivenEnvironment(EnvironmentContext):
    """Refuses to leave the database that was given."""

    def __init__(
        self, given: GivenDatabase, config: Config, script: ScriptDirectory, fn: Work, **options: Any
    ) -> None:
        super().__init__(config_for(given, config), script, fn=self._work, **options)
        self.given = given
        self.fn = fn
        self.has_run = False

    def configure(self, *args: Any, **kw: Any) -> None:
        super().configure(*args, **kw)
        context = self.get_context()
        if self.is_offline_mode() or context.connection is None:
            return
        if not self.given.is_reached_by(context.connection, context.impl):
            raise errors.AnotherDatabase(
                path=self.script.env_py_location,
                given=redact(str(self.given.url)),
                configured=redact(str(context.connection.engine.url)),
            )
        if self.given.is_exclusive and context.connection is not self.given.connection:
            raise errors.ConnectionNotTaken(path=self.script.env_py_location)

    def _work(self, rows: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        self.has_run = True
        return self.fn(rows, context)

    def run_without_env_py(self) -> None:
        """What env.py would do: configure, begin, run."""
        if self.is_offline_mode():
            self.configure(url=self.given.url, literal_binds=True, dialect_opts={"paramstyle": "named"})
        else:
            self.configure(connection=self.given.connection)
        with self.begin_transaction():
            self.run_migrations()


def is_same_place(one: URL, other: URL) -> bool:
    """Whether two URLs lead to the same database, as far as they say it: by any driver, as any user.

    >>> is_same_place(make_url("postgresql+psycopg://a@127.0.0.1/x"), make_url("postgresql://localhost:5432/x"))
    True
    """
    return (
        one.get_backend_name() == other.get_backend_name()
        and _agree(_host(one), _host(other))
        and _agree(one.port, other.port)
        and (one.database == other.database or _file(one) == _file(other) is not None)
    )


def _agree(one: object, other: object) -> bool:
    """What one of them leaves to a default is not held against it."""
    return one is None or other is None or one == other


def _host(url: URL) -> str | None:
    return "localhost" if url.host in ("127.0.0.1", "::1") else url.host


def _file(url: URL) -> str | None:
    """The file that a URL names, if that is what it names."""
    return None if url.host or not url.database else os.path.realpath(url.database)
