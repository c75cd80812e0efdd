"""How long it takes to compare a thousand tables with the models, and to write them down for the first time.

The floor is what SQLAlchemy's inspector takes to read the same facts in bulk, beside importing the models: no
comparison can take less.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import floors
from measure import Result, compare
from servers import SERVERS, database

TABLES = 1_000
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
        (directory / "floor.py").write_text(floors.FINDING_NONE.format(url=url))
        yield compare(
            f"first, {TABLES}, sqlite",
            FIRST.split(),
            directory,
            rounds,
            floor="floor.py",
            tidy=lambda: remove_files(versions),
        )


def remove_files(versions: Path) -> None:
    """Remove the revision that was written."""
    for path in versions.glob("*.py"):
        path.unlink()


@contextmanager
def project(url: str | None, tables: int = TABLES) -> Iterator[Path]:
    """A project with as many models as this is about, and no revisions."""
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as name:
        directory = Path(name)
        (directory / "migrations" / "versions").mkdir(parents=True)
        for path, text in {
            "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n",
            "models.py": MODELS.format(tables=tables),
            "fill.py": FILL.format(url=url),
            "floor.py": floors.COMPARING.format(url=url),
            "migrations/env.py": ENVIRONMENT.format(url=url),
            "migrations/script.py.mako": TEMPLATE,
        }.items():
            (directory / path).write_text(text)
        yield directory


def fill(directory: Path) -> None:
    """Create the tables of the models, in a process of its own as all that is measured."""
    subprocess.run([sys.executable, "fill.py"], cwd=directory, check=True)
