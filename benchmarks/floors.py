"""What no program can do without: scripts of the same work with nothing around it.

Each is run as a process of its own, so that the start of Python counts, and where it is needed that of SQLAlchemy.
"""

READING = """import os

with os.scandir("migrations/versions") as files:
    print(len([(file.name, file.stat().st_mtime_ns) for file in files]))
"""
"""Find the revision files: their names, and when each was written."""

AT_HEAD = (
    READING
    + """
from sqlalchemy import create_engine

with create_engine("sqlite:///database.sqlite").connect() as connection:
    connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
"""
)
"""The same, and ask the database where it is."""

WRITING = (
    READING
    + """
from mako.template import Template

with open("migrations/script.py.mako") as source:
    values = dict(up_revision="x", down_revision="y", branch_labels=None, depends_on=None)
    text = Template(source.read()).render(**values)
with open("migrations/written", "w") as target:
    target.write(text)
"""
)
"""The same, and write a file from the template."""

_STATEMENTS = """import sys

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable


def statements():
    for number in range({length}):
        table = sa.Table(
            f"table_{{number}}",
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), nullable=False),
        )
        index = sa.Index(f"ix_table_{{number}}_name", table.c.name)
        yield CreateTable(table)
        yield CreateIndex(index)

"""

RUNNING = (
    _STATEMENTS
    + """
with sa.create_engine({url!r}).begin() as connection:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
    for statement in statements():
        connection.execute(statement)
"""
)
"""The statements of the revisions, in one transaction where there is one."""

SQLITE_ALONE = """import sqlite3

connection = sqlite3.connect({path!r}, isolation_level=None)
connection.execute("BEGIN")
for number in range({length}):
    connection.execute(
        f"CREATE TABLE table_{{number}} (id INTEGER NOT NULL, name VARCHAR(50) NOT NULL, PRIMARY KEY (id))"
    )
    connection.execute(f"CREATE INDEX ix_table_{{number}}_name ON table_{{number}} (name)")
connection.execute("COMMIT")
"""
"""The same statements without SQLAlchemy: SQLite reads all that it has of its schema at each CREATE."""

PRINTING = (
    _STATEMENTS
    + """
from sqlalchemy.dialects import sqlite

dialect = sqlite.dialect()
for statement in statements():
    sys.stdout.write(f"{{statement.compile(dialect=dialect)}};\\n")
"""
)
"""The same statements as text."""

COMPARING = """from models import metadata
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
"""Import the models, and ask SQLAlchemy's inspector about the tables in bulk."""

FINDING_NONE = """from models import metadata
from sqlalchemy import create_engine, inspect

with create_engine("{url}").connect() as connection:
    inspect(connection).get_table_names()
"""
"""Import the models, and ask which tables there are: none, or what a first run has left for the versions."""
