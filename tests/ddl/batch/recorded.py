"""The recorded batch runs of `tests/data/batch-cases.json`, and a bench that repeats one on a real database."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from limbeck.operations.base import Operations
from tests.backends.engines import connected
from tests.ddl.recorded import Context

DATA = Path(__file__).parents[2] / "data"
CHANGES = ("ALTER", "BEGIN", "COMMENT", "COMMIT", "CREATE", "DROP", "INSERT", "ROLLBACK", "UPDATE")
CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


@dataclass
class Run:
    """What a block did: its statements, its error, its warnings, and what queries found afterwards."""

    sql: list[str] = field(default_factory=list)
    error: Exception | None = None
    warnings: list[str] = field(default_factory=list)
    found: list[list[tuple[Any, ...]]] = field(default_factory=list)


def run(url: str, setup: list[str], call: str, queries: list[str] | None = None, **opts: Any) -> Run:
    """Prepare a database, run the Python of a block, and keep the statements that change something."""
    outcome = Run()

    def note(*args: Any) -> None:
        if args[2].split()[0].partition("(")[0] in CHANGES:
            outcome.sql.append(folded(args[2]))

    with connected(url) as connection, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for statement in setup:
            connection.exec_driver_sql(statement)
        sa.event.listen(connection, "before_cursor_execute", note)
        operations = Operations(Context(connection.dialect.name, connection=connection, as_sql=False, **opts))
        names = {"op": operations, "sa": sa, "NC": CONVENTION}
        try:
            exec(call, names)
        except Exception as error:
            outcome.error = error
        sa.event.remove(connection, "before_cursor_execute", note)
        for query in queries or ():
            outcome.found.append([tuple(row) for row in connection.exec_driver_sql(query)])
    outcome.warnings = list(dict.fromkeys(item.category.__name__ for item in caught))
    return outcome


def folded(sql: str) -> str:
    """SQL with every stretch of white space made one blank."""
    return re.sub(r"\s+", " ", sql).strip()


def cases() -> list[dict[str, Any]]:
    """Every recorded run."""
    found: list[dict[str, Any]] = json.loads((DATA / "batch-cases.json").read_text())
    return found


def differences() -> list[dict[str, Any]]:
    """Where limbeck consciously does something else than what was recorded."""
    found: list[dict[str, Any]] = tomllib.loads((DATA / "batch-differences.toml").read_text())["difference"]
    return found
