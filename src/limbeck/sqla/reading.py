"""Reading a database."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.engine import Dialect, Inspector
from sqlalchemy.engine.reflection import _ReflectionInfo


class TableFacts(Protocol):
    """What a database said about one table, in the words of SQLAlchemy's `Inspector`."""

    @property
    def columns(self) -> list[dict[str, Any]]: ...
    @property
    def primary_key(self) -> dict[str, Any] | None: ...
    @property
    def foreign_keys(self) -> list[dict[str, Any]]: ...
    @property
    def indexes(self) -> list[dict[str, Any]]: ...
    @property
    def unique_constraints(self) -> list[dict[str, Any]]: ...
    @property
    def check_constraints(self) -> list[dict[str, Any]]: ...
    @property
    def comment(self) -> dict[str, Any] | None: ...
    @property
    def options(self) -> dict[str, Any]: ...


def fill_table(inspector: Inspector, table: Table, facts: TableFacts) -> None:
    """Give an empty table what was read before, without asking the database again.

    `MetaData.reflect()` does the same inside: it reads all tables at once and hands each its part.
    """
    key = table.schema, table.name
    # The columns are changed while they are used.
    info = _ReflectionInfo(
        columns={key: [dict(column) for column in facts.columns]},  # type: ignore[misc]  # reflected records
        pk_constraint={key: facts.primary_key},  # type: ignore[dict-item]  # reflected records
        foreign_keys={key: facts.foreign_keys},  # type: ignore[dict-item]  # reflected records
        indexes={key: facts.indexes},  # type: ignore[dict-item]  # reflected records
        unique_constraints={key: facts.unique_constraints},  # type: ignore[dict-item]  # reflected records
        table_comment={key: facts.comment},  # type: ignore[dict-item]  # reflected records
        check_constraints={key: facts.check_constraints},  # type: ignore[dict-item]  # reflected records
        table_options={key: facts.options},
        unreflectable={},
    )
    inspector.reflect_table(table, None, resolve_fks=False, _reflect_info=info)


def corrects_foreign_keys(dialect: Dialect) -> bool:
    """Whether the text of a table does not tell its foreign keys rightly, so that SQLAlchemy asks for more."""
    return bool(getattr(dialect, "_needs_correct_for_88718_96365", False))
