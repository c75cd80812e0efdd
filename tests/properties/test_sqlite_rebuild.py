"""Random SQLite databases, one random batch change each, foreign keys enforced: nothing is lost that it does not name.

`make fuzz` tries 5,000 of them.
"""

from __future__ import annotations

import os
import random
import re
import warnings
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st

from limbeck.errors import CommandError, RebuildBreaks
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context
from tests.properties.sqlite_changes import Change, make_change
from tests.properties.sqlite_schemas import Schema, blanks, make_schema, quoted, quoting

COUNT = int(os.environ.get("LIMBECK_FUZZ", "120")) * 5 // 2
PARTS = 10
"""Each with examples of its own, so that several processes can share them."""
TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\s+|('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\w+|.)""", re.DOTALL
)


def normal(sql: str) -> list[str]:
    """The words of SQL, however they are quoted, written in capitals or not, and set apart."""
    found = []
    for token in filter(None, TOKEN.findall(sql)):
        if token[0] == "[":
            token = token[1:-1]
        elif token[0] in '"`':
            token = token[1:-1].replace(token[0] * 2, token[0])
        found.append(token.lower() if token[0] != "'" else token)
    return found


def facts(connection: sa.Connection, names: dict[str, str]) -> dict[str, Any]:
    """Everything that SQLite's pragmas say about the tables, apart from the names of its own indexes."""
    found: dict[str, Any] = {}
    tables = [
        row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    for table in sorted(tables):
        name = quoted(table)
        found[table] = [
            [tuple(row)[1:] for row in connection.exec_driver_sql(f"PRAGMA table_xinfo({name})")],
            sorted(
                map(
                    repr,
                    (
                        tuple(row)[2:]
                        for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list({name})")
                    ),
                )
            ),
            sorted(
                repr(
                    (
                        row[2],
                        row[3],
                        row[4],
                        [
                            tuple(part)[1:]
                            for part in connection.exec_driver_sql(f"PRAGMA index_xinfo({quoted(row[1])})")
                        ],
                    )
                )
                for row in connection.exec_driver_sql(f"PRAGMA index_list({name})").all()
            ),
            [tuple(row)[2:] for row in connection.exec_driver_sql(f"PRAGMA table_list({name})")],
        ]
    return found


def texts(connection: sa.Connection) -> dict[str, list[str]]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: normal(sql) for name, sql in rows}


def rows(connection: sa.Connection, schema: Schema) -> dict[str, list[Any]]:
    """All rows; those of t by the columns that have values of their own, in a fixed order."""
    keys = sorted(column.key for column in schema.columns if not column.is_generated and column.key != "new")
    own = ", ".join(quoted(schema.names[key]) for key in keys)
    found = {
        "t": [
            tuple(row)
            for row in connection.exec_driver_sql(
                f"SELECT {own} FROM t ORDER BY {quoted(schema.names['id'])}"
            )
        ]
    }
    for child in schema.children:
        table = child.sql.split()[2]
        found[table] = [
            tuple(row)
            for row in connection.exec_driver_sql(
                f"SELECT * FROM {table} ORDER BY 1, 2"
                if table != "third"
                else "SELECT * FROM third ORDER BY 1"
            )
        ]
    found["log"] = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM log")]
    return found


def build(schema: Schema, chance: random.Random | None) -> sa.Engine:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    quote, blank = (quoting(chance), blanks(chance)) if chance else (quoted, lambda: " ")
    with engine.connect() as connection:
        for statement in schema.statements(quote, blank):
            connection.exec_driver_sql(statement)
        for statement, values in schema.inserts():
            connection.exec_driver_sql(statement, tuple(values))
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    return engine


def change_table(connection: sa.Connection, change: Change) -> Exception | None:
    block = f"with op.batch_alter_table('t'{change.options}) as b:\n" + "".join(
        f"    {line}\n" for line in change.lines
    )
    operations = Operations(Context("sqlite", connection=connection, as_sql=False))
    try:
        exec(block, {"op": operations, "sa": sa})
    except (CommandError, sa.exc.DatabaseError) as error:
        return error
    return None


def sqlite_can_rename(schema: Schema, column: str) -> bool:
    """Some versions of SQLite fail, for tables WITHOUT ROWID; then a trigger cannot follow, and that is said."""
    engine = build(schema, None)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE t RENAME COLUMN {quoted(column)} TO anything")
    except sa.exc.OperationalError:
        return False
    finally:
        engine.dispose()
    return True


def dump(connection: sa.Connection) -> list[str]:
    return list(connection.connection.dbapi_connection.iterdump())  # type: ignore[union-attr]  # it is sqlite3's


def check(chance: random.Random) -> None:
    """One database and one change."""
    schema = make_schema(chance)
    change = make_change(schema, chance)
    note(describe(schema, change))
    engine = build(schema, chance)
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, all_rows = dump(connection), rows(connection, schema)
        sequence = has_sequence(connection)
        if chance.random() < 0.5:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        error = change_table(connection, change)
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar() == 0
        assert connection.exec_driver_sql("PRAGMA writable_schema").scalar() == 0
        if change.is_refused:
            assert error is not None
            assert dump(connection) == before
            return
        if (
            isinstance(error, RebuildBreaks)
            and change.renames
            and not sqlite_can_rename(schema, change.renames)
        ):
            assert dump(connection) == before
            return
        if error is not None:
            raise error
        connection.commit()
        wanted_engine = build(change.wanted, None)
        with wanted_engine.connect() as wanted:
            found, expected = facts(connection, schema.names), facts(wanted, schema.names)
            assert found == expected
            assert texts(connection) == texts(wanted)
        wanted_engine.dispose()
        assert rows(connection, change.wanted) == expected_rows(all_rows, schema, change.wanted)
        assert has_sequence(connection) == sequence
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


def has_sequence(connection: sa.Connection) -> list[Any]:
    if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").first():
        return []
    return [
        tuple(row)
        for row in connection.exec_driver_sql("SELECT * FROM sqlite_sequence WHERE seq > 0 ORDER BY name")
    ]


def expected_rows(before: dict[str, list[Any]], schema: Schema, wanted: Schema) -> dict[str, list[Any]]:
    had = sorted(column.key for column in schema.columns if not column.is_generated)
    has = sorted(column.key for column in wanted.columns if not column.is_generated and column.key != "new")
    kept = [had.index(key) for key in has]
    return {**before, "t": [tuple(row[position] for position in kept) for row in before["t"]]}


@pytest.mark.parametrize("part", range(PARTS))
def test_a_rebuild_loses_nothing_that_the_change_does_not_name(part: int) -> None:
    """BAT-25, BAT-27, BAT-28: rows, objects, texts; refused changes change nothing."""
    checked = settings(
        max_examples=COUNT // PARTS, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    seed(part)(checked(given(st.randoms(use_true_random=False))(check)))()


def describe(schema: Schema, change: Change) -> str:
    statements = "\n".join(schema.statements(quoted, lambda: " "))
    return f"{change.lines} {change.options} refused={change.is_refused}\n{statements}"
