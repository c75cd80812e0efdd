"""Stands in for `op` while a recorded call is run, and notes what must be there for the call to make sense."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.ddl.live.interpreter import Interpreter
from tests.ddl.live.model import Column, Model, Table, names_in, names_of, text_of, type_in

KEPT = "kept"
"""A column that each prepared table has, and that nothing happens to."""

CAST_FROM = {sa.SmallInteger: sa.Boolean, sa.Integer: sa.SmallInteger, sa.BigInteger: sa.Integer}
"""From which type to come to a type, if the call does not say."""


class Preparation(Interpreter):
    """Collects, in `model`, the tables that a call refers to."""

    def __init__(self, backend: str, convention: dict[str, str] | None) -> None:
        self.backend = backend
        self.model = Model(convention)
        self.created: set[tuple[str | None, str]] = set()
        self.added: set[str] = set()

    def table(self, name: str, schema: str | None = None) -> Table:
        if (schema, name) not in self.model.tables:
            self.model.table(name, schema).column(KEPT)
        return self.model.tables[(schema, name)]

    def copied_from(self, table: sa.Table) -> None:
        prepared = self.model.table(table.name, table.schema)
        for column in table.c:
            is_numbered = column is table.autoincrement_column
            prepared.column(column.name, column.type, nullable=column.nullable, autoincrement=is_numbered)
        prepared.items.append(sa.PrimaryKeyConstraint(*(column.name for column in table.primary_key)))

    def column(self, table: Table, name: str, type_: Any = sa.Integer, **facts: Any) -> None:
        """A column that must be there, unless the call itself adds it."""
        if name not in self.added:
            table.column(name, type_, **facts)

    def key(self, target: str, columns: list[str], schema: str | None = None) -> None:
        """What a foreign key refers to: columns that are the key of their table."""
        table = self.table(target, schema)
        for name in columns:
            table.columns.setdefault(name, Column(name, nullable=False))
        if any(isinstance(item, sa.PrimaryKeyConstraint) for item in table.items):
            return
        table.items.append(sa.PrimaryKeyConstraint(*columns, name=f"pk_{target}_prepared"))

    def references(
        self,
        keys: list[sa.ForeignKey],
        schema: str | None,
        *,
        unless: tuple[str | None, str] | None = None,
    ) -> None:
        targets: dict[tuple[str | None, str], list[str]] = {}
        # On MariaDB a name without a database is looked for beside the table that refers to it.
        beside = schema if self.backend == "mariadb" else None
        for key in keys:
            *given, table, column = key.target_fullname.split(".")
            targets.setdefault((".".join(given) or beside, table), []).append(column)
        for (schema_name, name), columns in targets.items():
            if (schema_name, name) != unless:
                self.key(name, columns, schema_name)

    def named_type(self, type_: Any) -> None:
        """A type with a name of its own, which no directive that gives it to a column creates (OPS-28)."""
        is_enum = isinstance(type_, (sa.Enum, postgresql.ENUM)) and getattr(type_, "native_enum", True)
        if is_enum and self.backend == "postgresql":
            assert type_.name
            self.model.types[type_.name] = postgresql.ENUM(*type_.enums, name=type_.name)

    # --- directives ---------------------------------------------------------------------------------------

    def add_column(
        self, table: str, column: Any, *invalid: Any, schema: str | None = None, **kw: Any
    ) -> None:
        existing = self.table(table, schema)
        if not isinstance(column, sa.Column):
            return
        self.added.add(column.name)
        self.references(list(column.foreign_keys), schema)
        self.named_type(column.type)
        if column.computed is not None:
            for name in names_in(text_of(column.computed.sqltext)):
                self.column(existing, name)

    def drop_column(self, table: str, column: str, *, schema: str | None = None, **kw: Any) -> None:
        self.table(table, schema).column(column)

    def alter_column(
        self,
        table: str,
        column: str,
        *,
        nullable: bool | None = None,
        comment: Any = False,
        server_default: Any = False,
        type_: Any = None,
        existing_type: Any = None,
        existing_nullable: bool | None = None,
        existing_server_default: Any = False,
        existing_comment: str | None = None,
        autoincrement: bool | None = None,
        existing_autoincrement: bool | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        if existing_type is None:
            existing_type = self.type_before(type_, server_default)
        if existing_nullable is None:
            existing_nullable = True if nullable is None else not nullable
        default = None if existing_server_default is False else existing_server_default
        if server_default is None and default is None:
            default = sa.text("'2020-01-01'" if is_date(existing_type) else "1")
        if isinstance(default, sa.Identity) or isinstance(server_default, sa.Identity):
            existing_nullable = False
        if isinstance(default, sa.Computed):
            self.table(table, schema).column("x")
            existing_nullable = True
        self.named_type(type_)
        self.named_type(existing_type)
        prepared = self.table(table, schema)
        self.column(
            prepared,
            column,
            existing_type,
            nullable=existing_nullable,
            default=default,
            comment="old" if comment is None and existing_comment is None else existing_comment,
            autoincrement=bool(existing_autoincrement),
            is_key=bool(autoincrement or existing_autoincrement) and self.backend == "mariadb",
        )

    def type_before(self, type_: Any, server_default: Any) -> Any:
        if type_ is not None:
            class_ = type_ if isinstance(type_, type) else type(type_)
            return CAST_FROM.get(class_, sa.Integer)
        is_text = isinstance(server_default, str) and not server_default.isdigit()
        return sa.String(50) if is_text else sa.Integer

    def rename_table(self, old: str, new: str, *, schema: str | None = None) -> None:
        self.table(old, schema)

    def create_table(self, name: str, *items: Any, schema: str | None = None, **kw: Any) -> sa.Table:
        self.created.add((schema, name))
        for item in items:
            if isinstance(item, sa.Column):
                self.references(list(item.foreign_keys), schema, unless=(schema, name))
                if isinstance(item.type, postgresql.ENUM) and not item.type.create_type:
                    self.named_type(item.type)
            elif isinstance(item, sa.ForeignKeyConstraint):
                self.references(item.elements, schema, unless=(schema, name))
        return sa.Table(name, sa.MetaData(), *items, schema=schema)

    def drop_table(self, name: str, *, schema: str | None = None, **kw: Any) -> None:
        self.table(name, schema)

    def create_table_comment(
        self,
        name: str,
        comment: str | None,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        self.table(name, schema).comment = existing_comment

    def drop_table_comment(
        self, name: str, *, existing_comment: str | None = None, schema: str | None = None
    ) -> None:
        self.table(name, schema).comment = existing_comment or "old"

    def create_index(
        self, name: str | None, table: str, columns: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        existing = self.table(table, schema)
        is_text = any(option.startswith("mysql_") for option in kw) or "postgresql_ops" in kw
        for element in [columns] if isinstance(columns, str) else columns:
            if isinstance(element, int):
                continue
            type_ = sa.String(50) if is_text or not isinstance(element, str) else sa.Integer
            if isinstance(element, sa.TextClause):
                type_ = type_in(element.text)
            for each in names_of(element):
                self.column(existing, each, type_)
        for option in ("postgresql_include", "mssql_include"):
            for each in kw.get(option, ()):
                self.column(existing, each)

    def drop_index(
        self, name: str | None, table: str | None = None, *, schema: str | None = None, **kw: Any
    ) -> None:
        existing = self.table(table or "t", schema)
        existing.column("a")
        if name is not None:
            existing.items.append(sa.Index(name, "a"))

    def create_primary_key(
        self, name: str | None, table: str, columns: list[str], *, schema: str | None = None
    ) -> None:
        for each in columns:
            self.column(self.table(table, schema), each, nullable=False)

    def create_unique_constraint(
        self, name: str | None, table: str, columns: list[str], *, schema: str | None = None, **kw: Any
    ) -> None:
        for each in [*columns, *kw.get("postgresql_include", ())]:
            self.column(self.table(table, schema), each)

    def create_check_constraint(
        self, name: str | None, table: str, condition: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        names = names_in(condition) if isinstance(condition, str) else names_of(condition)
        for each in names:
            self.column(self.table(table, schema), each, type_in(text_of(condition)))

    def create_foreign_key(
        self,
        name: str | None,
        table: str,
        referent: str,
        local: list[str],
        remote: list[str],
        *,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **kw: Any,
    ) -> None:
        for each in local:
            self.column(self.table(table, source_schema), each)
        if referent == table:
            for each in local:
                self.table(table, source_schema).alter(each, nullable=False)
        self.key(referent, remote, referent_schema)

    def create_exclude_constraint(
        self, name: str | None, table: str, *elements: Any, schema: str | None = None, **kw: Any
    ) -> None:
        for element, operator in elements:
            type_: Any = sa.String(50) if operator == "=" else sa.DateTime
            if operator == "&&" and isinstance(element, str) and self.backend == "postgresql":
                type_ = postgresql.INT4RANGE
            for each in names_of(element):
                self.column(self.table(table, schema), each, type_)

    def drop_constraint(
        self, name: str | None, table: str, type_: str | None = None, *, schema: str | None = None, **kw: Any
    ) -> None:
        existing = self.table(table, schema)
        if name is None:
            return
        kind = type_ or "unique"
        existing.column("c", nullable=kind != "primary")
        if kind == "foreignkey":
            self.key("u", ["id"], schema)
            target = f"{schema}.u.id" if schema else "u.id"
            existing.items.append(sa.ForeignKeyConstraint(["c"], [target], name=name))
        elif kind == "primary":
            existing.items.append(sa.PrimaryKeyConstraint("c", name=name))
        elif kind == "check":
            existing.items.append(sa.CheckConstraint("c > 5", name=name))
        elif kind == "unique":
            existing.items.append(sa.UniqueConstraint("c", name=name))

    def bulk_insert(self, table: Any, rows: Any, **kw: Any) -> None:
        if (table.schema, table.name) not in self.created:
            self.columns_of(table)

    def execute(self, statement: Any, **kw: Any) -> None:
        if isinstance(statement, (sa.Insert, sa.Update, sa.Delete)):
            self.columns_of(statement.table)
            return
        text = statement if isinstance(statement, str) else getattr(statement, "text", "")
        found = re.match(r"UPDATE (\w+) SET (.*)", text)
        if found is None:
            return
        table = self.table(found[1])
        values = getattr(statement, "_bindparams", {}).values()
        is_text = any(isinstance(value.value, str) for value in values)
        for name in names_in(found[2]):
            table.column(name, sa.String(50) if is_text else type_in(found[2]))
        for number in (1, 5):
            self.row(table, number)

    def columns_of(self, clause: Any) -> None:
        """A table with the columns of a `sa.table()`, and two rows to find."""
        table = self.table(clause.name, clause.schema)
        for column in clause.c:
            table.column(column.name, sized(column.type))
        if not any(isinstance(item, sa.PrimaryKeyConstraint) for item in table.items):
            for number in (5, 6):
                self.row(table, number)

    def row(self, table: Table, number: int) -> None:
        """A row with the number where numbers are, and a text that ends in z where texts are."""
        values = {KEPT: number}
        for name, column in table.columns.items():
            type_ = column.type_ if isinstance(column, Column) else column.type
            kind = type_ if isinstance(type_, type) else type(type_)
            if issubclass(kind, sa.String):
                values[name] = f"{number}yz" if number == 5 else f"{number}"  # type: ignore[assignment]
            elif issubclass(kind, sa.Integer):
                values[name] = number
        table.rows.append(values)


def is_date(type_: Any) -> bool:
    class_ = type_ if isinstance(type_, type) else type(type_)
    return issubclass(class_, (sa.Date, sa.DateTime))


def sized(type_: Any) -> Any:
    """The type with a length, where a database wants one."""
    is_open = isinstance(type_, sa.String) and type_.length is None
    return type(type_)(50) if is_open else type_
