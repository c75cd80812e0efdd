"""Projects to measure on: a chain of revisions, each creating a table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

REVISION = '''"""revision number {number}

Revision ID: {revision}
Revises: {parent}
Create Date: 2024-01-01 00:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "table_{number}",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
    )
    op.create_index("ix_table_{number}_name", "table_{number}", ["name"])


def downgrade() -> None:
    op.drop_index("ix_table_{number}_name", table_name="table_{number}")
    op.drop_table("table_{number}")
'''

PASS = (
    REVISION.partition("def upgrade")[0]
    + """def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
"""
)

TABLES = (
    REVISION.partition("def upgrade")[0]
    + """def upgrade() -> None:
    for number in range(COUNT):
        op.create_table(
            f"table_{{number}}",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), nullable=False),
        )
"""
)

TEMPLATE = """revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
"""

INSERT = """from alembic import op
import sqlalchemy as sa

revision = "1"
down_revision = None


def upgrade() -> None:
    item = op.create_table(
        "item",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("size", sa.Float),
    )
    rows = ({{"id": n, "name": f"name {{n}}", "size": n * 1.5}} for n in range({rows}))
    op.bulk_insert(item, {given})
"""

LOCAL = "sqlite:///database.sqlite"
"""A database in the project's own directory."""

CHAIN_ENVIRONMENT = """from alembic import context
from sqlalchemy import create_engine


def run(**given):
    context.configure(**given)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run(url={url!r})
else:
    with create_engine({url!r}).connect() as connection:
        run(connection=connection)
"""

ENVIRONMENT = """from alembic import context
from sqlalchemy import create_engine

with create_engine({url!r}).connect() as connection:
    for table in {start_over}:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {{table}}")
    connection.commit()
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def chain(
    directory: Path, length: int, *, body: str = REVISION, settings: str = "", url: str = LOCAL
) -> Path:
    """Write a project whose history is one line of `length` revisions, for the database of that URL."""
    versions = directory / "migrations" / "versions"
    versions.mkdir(parents=True)
    (directory / "alembic.ini").write_text(f"[alembic]\nscript_location = %(here)s/migrations\n{settings}")
    (directory / "migrations" / "env.py").write_text(CHAIN_ENVIRONMENT.format(url=url))
    (directory / "migrations" / "script.py.mako").write_text(TEMPLATE)
    parent = None
    for number in range(length):
        revision = f"{number:012x}"
        text = body.format(number=number, revision=revision, parent=parent)
        (versions / f"{revision}_revision_number_{number}.py").write_text(text)
        parent = revision
    return directory


def tables(directory: Path, count: int, *, url: str) -> Path:
    """Write a project whose one revision creates so many tables, for the database of that URL."""
    return chain(directory, 1, body=TABLES.replace("COUNT", str(count)), url=url)


def inserting(directory: Path, url: str, rows: int, *, as_list: bool) -> Path:
    """Write a project whose one revision inserts rows, from a list or from an iterator; each run starts over."""
    versions = directory / "migrations" / "versions"
    versions.mkdir(parents=True)
    (directory / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (directory / "migrations" / "env.py").write_text(environment(url, start_over=("item", "alembic_version")))
    (versions / "1_insert.py").write_text(INSERT.format(rows=rows, given="list(rows)" if as_list else "rows"))
    return directory


def environment(url: str, start_over: tuple[str, ...] = ()) -> str:
    """An env.py for one database, which drops some tables first."""
    return ENVIRONMENT.format(url=url, start_over=start_over)


def set_at_head(project: Path) -> None:
    """Let the project's database be at the newest revision."""
    newest = max(path.name for path in (project / "migrations" / "versions").glob("*.py"))
    with closing(sqlite3.connect(project / "database.sqlite")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (newest.partition("_")[0],))
        connection.commit()


def remove_revision(project: Path, identifier: str) -> None:
    """Remove the revision that a run has written, if it has."""
    for path in (project / "migrations" / "versions").glob(f"{identifier}_*.py"):
        path.unlink()
