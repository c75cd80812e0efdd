"""Names become the SQLAlchemy objects that DDL is compiled from.

Every object is made for one statement and belongs to a `MetaData` of its own; nothing is read from a database.
Tables and columns that a statement merely mentions are made up as placeholders (OPS-2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy import schema as sa_schema
from sqlalchemy.sql.elements import ClauseElement, ColumnClause, TextClause
from sqlalchemy.types import NULLTYPE, TypeEngine

from limbeck import sqla

__all__ = ["NO_TABLE", "SchemaObjects", "sa_schema"]

NO_TABLE = "no_table"
"""The table of an index that is dropped by its name alone; a dialect that needs the table refuses it (OPS-73)."""


_DEFAULT_CONVENTION = MetaData().naming_convention


class HasOptions(Protocol):
    """The part of a migration context that decides how objects are named."""

    @property
    def opts(self) -> Mapping[str, Any]: ...


class SchemaObjects:
    """Makes tables, columns, indexes and constraints from names.

    Generated names follow the naming convention of `target_metadata`, if that is one MetaData (OPS-3, OPS-4).
    """

    def __init__(self, migration_context: HasOptions | None = None) -> None:
        self.migration_context = migration_context

    def metadata(self) -> MetaData:
        """An empty MetaData with the project's naming convention."""
        target = self.migration_context.opts.get("target_metadata") if self.migration_context else None
        convention = getattr(target, "naming_convention", None)
        return MetaData(naming_convention=convention) if convention else MetaData()

    @property
    def has_naming_convention(self) -> bool:
        """Whether the project names what has no name, by more than SQLAlchemy's own rule for indexes."""
        target = self.migration_context.opts.get("target_metadata") if self.migration_context else None
        return getattr(target, "naming_convention", _DEFAULT_CONVENTION) != _DEFAULT_CONVENTION

    def table(
        self, name: str, *items: Any, schema: str | None = None, blank: Table | None = None, **kw: Any
    ) -> Table:
        """A table of these columns, constraints and indexes, which belong to it from now on.

        What its foreign keys point to is made up as well, so that they compile (OPS-61). `blank` is an object that is
        to become the table.
        """
        table = sqla.table_of_items(name, self.metadata(), *items, schema=schema, blank=blank, **kw)
        named = [key for key in table.foreign_keys if sqla.has_written_target(key)]
        for key in sorted(named, key=lambda key: key.target_fullname):
            _ensure_target(key, table)
        return table

    def column(
        self, name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = None, **kw: Any
    ) -> Any:
        """A column; without a type it stands for one that is only mentioned."""
        return Column(name, NULLTYPE if type_ is None else type_, **kw)

    def index(
        self,
        name: str | None,
        table_name: str | None,
        columns: str | Iterable[Any],
        schema: str | None = None,
        **kw: Any,
    ) -> Index:
        """An index over columns and expressions (OPS-70).

        Strings name columns; a single one stands for a list of one. Raises ValueError for anything that is
        neither a string nor an SQL expression.
        """
        table = Table(NO_TABLE if table_name is None else table_name, self.metadata(), schema=schema)
        elements = [columns] if isinstance(columns, (str, ClauseElement)) else list(columns)
        expressions = [_on_table(element, table) for element in elements]
        _ensure_included(kw, table)
        return sqla.index_on(table, name, expressions, **kw)

    def primary_key_constraint(
        self,
        name: str | None,
        table_name: str,
        columns: Sequence[Any],
        schema: str | None = None,
        **kw: Any,
    ) -> PrimaryKeyConstraint:
        """A primary key of a table that has just these columns."""
        table = Table(table_name, self.metadata(), schema=schema)
        constraint = PrimaryKeyConstraint(*_ensure_columns(columns, table), name=name, **kw)
        table.append_constraint(constraint)
        return constraint

    def unique_constraint(
        self,
        name: str | None,
        table_name: str,
        columns: Sequence[Any],
        schema: str | None = None,
        **kw: Any,
    ) -> UniqueConstraint:
        """A unique constraint of a table that has just these columns, and those it includes (OPS-82)."""
        table = Table(table_name, self.metadata(), schema=schema)
        own = _ensure_columns(columns, table)
        _ensure_included(kw, table)
        constraint = UniqueConstraint(*own, name=name, **kw)
        table.append_constraint(constraint)
        return constraint

    def check_constraint(
        self,
        name: str | None,
        table_name: str,
        condition: str | bool | ClauseElement,
        schema: str | None = None,
        **kw: Any,
    ) -> CheckConstraint:
        """A CHECK of a table that has just the columns its condition names as such."""
        table = Table(table_name, self.metadata(), schema=schema)
        if isinstance(condition, bool):
            condition = true() if condition else false()
        own = condition if isinstance(condition, str) else _on_table(condition, table)
        constraint = CheckConstraint(own, name=name, **kw)
        table.append_constraint(constraint)
        return constraint

    def foreign_key_constraint(
        self,
        name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **kw: Any,
    ) -> ForeignKeyConstraint:
        """A foreign key between two tables that have just the columns it names; they may be one table (OPS-81)."""
        metadata = self.metadata()
        source = Table(source_table, metadata, schema=source_schema)
        same = (source_schema, source_table) == (referent_schema, referent_table)
        referent = source if same else Table(referent_table, metadata, schema=referent_schema)
        own = _ensure_columns(local_cols, source)
        targets = _ensure_columns(remote_cols, referent)
        constraint = ForeignKeyConstraint(own, targets, name=name, **kw)
        source.append_constraint(constraint)
        return constraint

    def generic_constraint(
        self,
        name: str | None,
        table_name: str,
        type_: str | None,
        schema: str | None = None,
    ) -> Constraint:
        """A constraint of which only the name and the kind are known, to be dropped (OPS-83).

        Raises TypeError for a kind other than "foreignkey", "primary", "unique", "check" and None.
        """
        constraint: Constraint
        match type_:
            case "foreignkey":
                constraint = ForeignKeyConstraint([], [], name=name)
            case "primary":
                constraint = PrimaryKeyConstraint(name=name)
            case "unique":
                constraint = UniqueConstraint(name=name)
            case "check":
                constraint = CheckConstraint("", name=name)
            case None:
                constraint = Constraint(name=name)
            case _:
                raise TypeError(
                    f"{type_!r} is not a kind of constraint; "
                    "known are 'check', 'foreignkey', 'primary', 'unique' and None"
                )
        # A convention cannot name a constraint without its columns, so it gets no say in a missing name.
        metadata = MetaData() if name is None else self.metadata()
        Table(table_name, metadata, schema=schema).append_constraint(constraint)
        return constraint


def _ensure_columns(columns: Iterable[Any], table: Table) -> list[Column[Any]]:
    """The columns of `table` with these names, added as placeholders where missing."""
    found = []
    for column in columns:
        name = column if isinstance(column, str) else column.name
        if name not in table.c:
            type_ = NULLTYPE if isinstance(column, str) else column.type
            table.append_column(Column(name, type_))
        found.append(table.c[name])
    return found


def _ensure_included(kw: Mapping[str, Any], table: Table) -> None:
    """Add the columns that an option like `<dialect>_include` names: compilers look them up in the table."""
    for option, value in kw.items():
        if option.endswith("_include") and value and not isinstance(value, str):
            _ensure_columns(value, table)


def _on_table(element: Any, table: Table) -> Any:
    """An expression that uses the columns of `table` instead of any others; a string names a column."""
    if isinstance(element, str) or (isinstance(element, ColumnClause) and not element.is_literal):
        return _ensure_columns([element], table)[0]
    if isinstance(element, TextClause):
        return element
    if hasattr(element, "__clause_element__"):
        element = element.__clause_element__()
    if not isinstance(element, ClauseElement):
        raise ValueError(f"expected a column name or an SQL expression, got {element!r}")

    return sqla.replace_columns(element, lambda column: _ensure_columns([column], table)[0])


def _ensure_target(key: ForeignKey, table: Table) -> None:
    """Make up the table and the column that a foreign key names, as far as they are missing."""
    *path, last = key.target_fullname.split(".")
    if not path:  # "table" alone means the column of the same name there
        path, last = [last], key.parent.key
    name, schema = path[-1], ".".join(path[:-1]) or None
    referred = table.metadata.tables.get(f"{schema}.{name}" if schema else name)
    if referred is None:
        referred = Table(name, table.metadata, schema=schema)
    if last not in referred.c:
        # A `system` column is never part of CREATE TABLE, also if the table refers to itself.
        referred.append_column(Column(last, NULLTYPE, system=True))
