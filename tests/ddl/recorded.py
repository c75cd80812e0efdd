"""The recorded calls of `tests/data/ddl-cases.json`, and a bench that runs one offline and hears what comes out."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

import limbeck.ddl.apply  # noqa: F401 — teaches operations how to be applied
from limbeck import sqla
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations.base import Operations

DATA = Path(__file__).parents[1] / "data"
IS_2_0 = sa.__version__.startswith("2.0")


class Pages:
    """An output buffer that keeps what each write gave it."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def write(self, text: str) -> None:
        self.pages.append(text)

    def flush(self) -> None: ...


class Context:
    """As much of a migration context as operations need, without a database."""

    def __init__(self, dialect_name: str, *, connection: Any = None, **opts: Any) -> None:
        self.opts: dict[str, Any] = opts
        dialect_opts = {"paramstyle": opts["paramstyle"]} if opts.get("paramstyle") else {}
        if connection is not None:
            self.dialect = connection.dialect
        else:
            self.dialect = sa.make_url(f"{dialect_name}://").get_dialect()(**dialect_opts)
        if "default_schema_name" in opts:
            self.dialect.default_schema_name = opts["default_schema_name"]
        self.as_sql = opts.get("as_sql", True)
        self.connection = connection
        self.output = Pages()
        implementation = DefaultImpl.get_by_dialect(self.dialect)
        self.impl = implementation(self.dialect, connection, self.as_sql, None, self.output, opts)  # type: ignore[arg-type]

    @property
    def bind(self) -> Any:
        return self.impl.bind


@dataclass
class Outcome:
    """What a call did: its statements, its error, its warnings."""

    sql: list[str]
    error: BaseException | None = None
    warnings: list[str] = field(default_factory=list)


def statements(context: Context) -> list[str]:
    """What was written, without terminators and batch separators."""
    terminator, separator = context.impl.command_terminator, context.impl.batch_separator
    pages = [page.strip() for page in context.output.pages]
    return [page.removesuffix(terminator) for page in pages if not separator or page != separator]


def say(call: str, op: Any) -> None:
    """Run the Python of a recorded call with this `op`."""
    names: dict[str, Any] = {
        "sa": sa, "pg": postgresql, "my": mysql, "ms": mssql, "ora": oracle, "sl": sqlite, "op": op,
    }  # fmt: skip
    exec(call.replace("from alembic.", "from limbeck."), names)


def run(call: str, dialect: str, *, connection: Any = None, **options: Any) -> Outcome:
    """Run the Python of a recorded call on a connection, or else offline."""
    opts: dict[str, Any] = {"literal_binds": True, "paramstyle": "named", **options}
    convention = opts.pop("naming_convention", None)
    if convention:
        opts["target_metadata"] = sa.MetaData(naming_convention=convention)
    context = Context(dialect, connection=connection, as_sql=connection is None, **opts)
    error: BaseException | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            say(call, Operations(context))  # type: ignore[arg-type]
        except Exception as raised:
            error = raised
    return Outcome(statements(context), error, [item.category.__name__ for item in caught])


def folded(sql: str) -> str:
    """SQL with every stretch of white space made one blank."""
    return re.sub(r"\s+", " ", sql).strip()


def cases() -> list[dict[str, Any]]:
    """Every recorded case, with what holds for the SQLAlchemy that is installed."""
    found = json.loads((DATA / "ddl-cases.json").read_text())
    for case in found:
        other = case.pop("sqlalchemy_2_0", None)
        if IS_2_0 and other is not None:
            for key in ("sql", "error", "warnings"):
                case.pop(key, None)
            case.update(other)
    return found


def differences() -> list[dict[str, Any]]:
    """Where limbeck consciously does something else than what was recorded."""
    return tomllib.loads((DATA / "ddl-differences.toml").read_text())["difference"]


__all__ = ["Context", "Outcome", "cases", "differences", "folded", "run", "say", "sqla", "statements"]
