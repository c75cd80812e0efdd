"""Projects on disk for the tests of commands: migrations drawn as a few words each."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from limbeck import command
from limbeck.config import Config

HEADER = """[alembic]
script_location = %(here)s/migrations
path_separator = os
sqlalchemy.url = sqlite:///%(here)s/app.db
"""

ENV = """
from limbeck import context
from sqlalchemy import NullPool, create_engine

config = context.config
url = config.get_main_option("sqlalchemy.url")
target_metadata = config.attributes.get("target_metadata")
log = config.attributes.setdefault("log", [])
log.append(("offline" if context.is_offline_mode() else "online", context.get_tag_argument()))


def run(**kw):
    context.configure(target_metadata=target_metadata, **config.attributes.get("configure", {}), **kw)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run(url=url, literal_binds=True)
else:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        run(connection=connection)
"""


class Project:
    """A migration environment in a directory, with a database beside it."""

    def __init__(self, directory: Path, *, settings: str = "") -> None:
        self.directory = directory
        self.versions = directory / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        (directory / "migrations" / "env.py").write_text(ENV)
        (directory / "migrations" / "script.py.mako").write_text(
            Path(Config().get_template_directory(), "generic", "script.py.mako").read_text()
        )
        (directory / "alembic.ini").write_text(HEADER + settings)
        self.attributes: dict[str, Any] = {}

    def config(self, **kw: Any) -> Config:
        """A fresh Config, as each command of a shell has one."""
        return Config(self.directory / "alembic.ini", attributes=self.attributes, **kw)

    def add(
        self,
        revision: str,
        *parents: str,
        message: str = "",
        label: str | None = None,
        depends_on: str | tuple[str, ...] | None = None,
        up: str = "pass",
        down: str = "pass",
    ) -> Path:
        """Write a revision file."""
        down_revision: Any = None if not parents else parents[0] if len(parents) == 1 else parents
        path = self.versions / f"{revision}.py"
        path.write_text(
            f'"""{message}\n\nRevision ID: {revision}\n"""\n'
            "import sqlalchemy as sa\nfrom limbeck import op\n"
            f"revision = {revision!r}\ndown_revision = {down_revision!r}\n"
            f"branch_labels = {(label,) if label else None!r}\ndepends_on = {depends_on!r}\n\n"
            f"def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
        )
        return path

    def out(self, name: str, *args: Any, **kw: Any) -> str:
        """What a command prints as its result."""
        stdout = io.StringIO()
        getattr(command, name)(self.config(stdout=stdout), *args, **kw)
        return stdout.getvalue()

    def sql(self, name: str, *args: Any, **kw: Any) -> str:
        """What a command prints with `sql=True`."""
        buffer = io.StringIO()
        getattr(command, name)(self.config(output_buffer=buffer), *args, sql=True, **kw)
        return buffer.getvalue()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database, as it is on disk."""
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(self.directory / "app.db")) as connection:
            return connection.execute(statement).fetchall()

    def rows(self) -> list[str]:
        """The rows of the version table, sorted."""
        return sorted(row[0] for row in self.query("SELECT version_num FROM alembic_version"))
