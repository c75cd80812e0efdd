"""Revision files in a directory, for tests that run them without a command or env.py."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnClause, Connection, column, inspect, select
from sqlalchemy import table as sa_table

from limbeck.config import Config
from limbeck.runtime.environment import EnvironmentContext
from limbeck.runtime.migration import MigrationContext
from limbeck.script import ScriptDirectory
from tests.backends.engines import connected, opened

BESIDE = ("_journal", "_lock")
"""What the names of the tables end with that limbeck keeps beside the version table."""

FILE = '''"""{message}"""
import sqlalchemy as sa
from limbeck import op

revision = {id!r}
down_revision = {parents!r}
depends_on = {dependencies!r}
branch_labels = {label!r}


def upgrade({parameters}):
    {upgrade}


def downgrade({parameters}):
    {downgrade}
'''


class History:
    """A drawn history on disk.

    `"a <- b, a <- c, b+c <- m, m ~ x"`: b and c follow a, m joins them and depends on x. `upgrade` and
    `downgrade` hold the lines of single migrations; the others do nothing. `labels` gives labels to
    revisions; the drawing may then say the label after `~`.
    """

    def __init__(
        self,
        directory: Path,
        drawing: str,
        *,
        upgrade: Mapping[str, str] = {},
        downgrade: Mapping[str, str] = {},
        parameters: str = "",
        labels: Mapping[str, str] = {},
    ) -> None:
        self.directory = directory
        versions = directory / "versions"
        versions.mkdir(parents=True)
        drawn = {id: lower for id, lower in read_drawing(drawing).items() if id not in labels.values()}
        for number, (id, (parents, dependencies)) in enumerate(drawn.items()):
            (versions / f"{number:02}_{id[:99]}.py").write_text(
                FILE.format(
                    message=f"make {id}",
                    id=id,
                    parents=tuple(parents) if len(parents) > 1 else parents[0] if parents else None,
                    dependencies=tuple(dependencies) or None,
                    label=labels.get(id),
                    parameters=parameters,
                    upgrade=upgrade.get(id, "pass").replace("\n", "\n    "),
                    downgrade=downgrade.get(id, "pass").replace("\n", "\n    "),
                ),
                encoding="utf-8",
            )
        self.config = Config()
        self.config.set_main_option("script_location", str(directory))
        self.config.set_main_option("path_separator", "os")
        self.script = ScriptDirectory.from_config(self.config)

    @contextmanager
    def environment(self, direction: str, target: Any, **kw: Any) -> Iterator[EnvironmentContext]:
        """An environment that is entered, for `upgrade`, `downgrade` or `stamp` to a target."""
        plan = getattr(self.script, f"_{direction}_revs")

        def work(rows: tuple[str, ...], context: MigrationContext) -> Iterable[Any]:
            steps: Iterable[Any] = plan(target, rows)
            return steps

        with EnvironmentContext(self.config, self.script, fn=work, destination_rev=target, **kw) as entered:
            yield entered

    def run(
        self,
        connection: Connection,
        target: Any,
        *,
        direction: str = "upgrade",
        run_args: Mapping[str, Any] = {},
        keywords: Mapping[str, Any] = {},
        **options: Any,
    ) -> None:
        """What env.py does online: configure, begin, run."""
        with self.environment(direction, target, **keywords) as environment:
            environment.configure(connection=connection, **options)
            with environment.begin_transaction():
                environment.run_migrations(**run_args)

    def write(
        self,
        dialect: str,
        target: str,
        *,
        start: str | None = None,
        direction: str = "upgrade",
        **options: Any,
    ) -> str:
        """The script that `--sql` would print."""
        output = io.StringIO()
        with self.environment(direction, target, as_sql=True, starting_rev=start) as environment:
            environment.configure(dialect_name=dialect, output_buffer=output, **options)
            with environment.begin_transaction():
                environment.run_migrations()
        return output.getvalue()


def rows(url: str, table: str = "alembic_version", schema: str | None = None) -> tuple[str, ...]:
    """The version table as a new connection finds it, sorted; none if there is no table."""
    number: ColumnClause[str] = column("version_num")
    with connected(url) as connection:
        if not inspect(connection).has_table(table, schema=schema):
            return ()
        found = connection.execute(select(number).select_from(sa_table(table, number, schema=schema)))
        return tuple(sorted(found.scalars()))


def tables(url: str) -> list[str]:
    """The tables of a database as a new connection finds them, but for those beside the version table."""
    with opened(url) as engine:
        return sorted(name for name in inspect(engine).get_table_names() if not name.endswith(BESIDE))


def read_drawing(drawing: str) -> dict[str, tuple[list[str], list[str]]]:
    """The parents and the dependencies of each revision."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for part in drawing.split(","):
        for sign, place in (("<-", 0), ("~", 1)):
            if sign in part:
                left, right = (side.strip() for side in part.split(sign))
                before, after = (left, right) if place == 0 else (right, left)
                for name in before.split("+"):
                    found.setdefault(name, ([], []))
                found.setdefault(after, ([], []))[place].extend(before.split("+"))
                break
        else:
            found.setdefault(part.strip(), ([], []))
    return found
