"""How long it takes to compare a thousand tables with the models, and to write them down for the first time.

The floor is what SQLAlchemy's inspector takes to read the same facts in bulk, beside importing the models: no
comparison can take less.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Result, compare
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

TABLES = 1_000
SERVERS = {
    "sqlite": "",
    "postgresql": os.environ.get(
        "LIMBECK_TEST_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    ),
    "mariadb": os.environ.get("LIMBECK_TEST_MARIADB_URL", "mariadb+pymysql://root@127.0.0.1:3306/"),
}

MODELS = """import sqlalchemy as sa

metadata = sa.MetaData()
for number in range({tables}):
    sa.Table(
        f"table_{{number:04d}}",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.ForeignKey(f"table_{{max(number - 1, 0):04d}}.id", name=f"fk_{{number}}")),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("amount", sa.Numeric(10, 2)),
        sa.Column("count", sa.BigInteger),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("note", sa.Text),
        sa.UniqueConstraint("code", name=f"uq_{{number}}"),
        sa.Index(f"ix_{{number}}", "name"),
    )
"""

ENVIRONMENT = """from alembic import context
from models import metadata
from sqlalchemy import create_engine

with create_engine("{url}").connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""

TEMPLATE = """import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
"""

FILL = """from models import metadata
from sqlalchemy import create_engine

with create_engine("{url}").begin() as connection:
    metadata.create_all(connection)
"""

FLOOR = """from models import metadata
from sqlalchemy import create_engine, inspect

with create_engine("{url}").connect() as connection:
    inspector = inspect(connection)
    names = inspector.get_table_names()
    for read in (
        inspector.get_multi_columns,
        inspector.get_multi_foreign_keys,
        inspector.get_multi_indexes,
        inspector.get_multi_unique_constraints,
        inspector.get_multi_table_comment,
    ):
        try:
            read(filter_names=names)
        except NotImplementedError:
            pass
"""

FIRST = "revision --autogenerate -m first --rev-id first"


def run(rounds: int) -> Iterator[Result]:
    """Measure `check` where nothing differs on each database, then the first revision on an empty one."""
    for backend in SERVERS:
        with database(backend) as url:
            if url is not None:
                with project(url) as directory:
                    fill(directory)
                    yield compare(
                        f"check, {TABLES}, {backend}", ["check"], directory, rounds, floor="floor.py"
                    )
    with database("sqlite") as url, project(url) as directory:
        versions = directory / "migrations" / "versions"
        yield compare(
            f"first, {TABLES}, sqlite", FIRST.split(), directory, rounds, tidy=lambda: remove_files(versions)
        )


def remove_files(versions: Path) -> None:
    """Remove the revision that was written."""
    for path in versions.glob("*.py"):
        path.unlink()


@contextmanager
def project(url: str | None) -> Iterator[Path]:
    """A project with as many models as this is about, and no revisions."""
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as name:
        directory = Path(name)
        (directory / "migrations" / "versions").mkdir(parents=True)
        for path, text in {
            "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n",
            "models.py": MODELS.format(tables=TABLES),
            "fill.py": FILL.format(url=url),
            "floor.py": FLOOR.format(url=url),
            "migrations/env.py": ENVIRONMENT.format(url=url),
            "migrations/script.py.mako": TEMPLATE,
        }.items():
            (directory / path).write_text(text)
        yield directory


@contextmanager
def database(backend: str) -> Iterator[str | None]:
    """The URL of an empty database, or None where there is no server."""
    name = f"limbeck_bench_{secrets.token_hex(4)}"
    server = SERVERS[backend]
    if not server:
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
            yield f"sqlite:///{directory}/{name}.sqlite"
        return
    try:
        connection = create_engine(server, isolation_level="AUTOCOMMIT").connect()
    except (OperationalError, ModuleNotFoundError) as error:
        print(f"No {backend} to measure on: {error}".partition("\n")[0])
        yield None
        return
    with connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name}")


def fill(directory: Path) -> None:
    """Create the tables of the models, in a process of its own as all that is measured."""
    subprocess.run([sys.executable, "fill.py"], cwd=directory, check=True)
