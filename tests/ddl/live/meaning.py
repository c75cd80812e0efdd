"""Stands in for `op` while a recorded call is run, and makes of a model what the call asks for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from tests.ddl.live.interpreter import Interpreter
from tests.ddl.live.model import Model, Table


class Meaning(Interpreter):
    """Changes `model`; what happens to rows, and is no change of a table, is collected in `statements`."""

    def __init__(self, backend: str, model: Model) -> None:
        self.backend = backend
        self.model = model
        self.statements: list[Any] = []

    # --- columns ------------------------------------------------------------------------------------------

    def add_column(
        self,
        table: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        inline_primary_key: bool = False,
        inline_references: bool = False,
        **kw: Any,
    ) -> None:
        if column.primary_key and not inline_primary_key:
            self.number(table, column)
        if inline_references:
            for key in column.foreign_keys:
                key.name = None  # a reference inside a column has no name (OPS-23)
        if self.backend == "mariadb":
            column = referring_beside(column, schema) if schema else column
            self.model.table(table, schema).items += checks_beside(column)
        column.system = False  # CREATE TABLE would leave it out, ADD COLUMN does not (D037)
        self.without_check(column.type)
        self.model.table(table, schema).columns[column.name] = column

    def number(self, table: str, column: sa.Column[Any]) -> None:
        """A column that is numbered like a primary key but is none (OPS-24)."""
        column.primary_key = False
        if self.backend != "postgresql":
            return
        sequence = f"{table}_{column.name}_seq"
        self.model.sequences.append(sequence)
        column.server_default = sa.DefaultClause(sa.text(f"nextval('{sequence}'::regclass)"))

    def drop_column(self, table: str, column: str, *, schema: str | None = None, **kw: Any) -> None:
        del self.model.table(table, schema).columns[column]

    def alter_column(
        self,
        table: str,
        column: str,
        *,
        nullable: bool | None = None,
        comment: Any = False,
        server_default: Any = False,
        new_column_name: str | None = None,
        type_: Any = None,
        autoincrement: bool | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        changes: dict[str, Any] = {}
        if nullable is not None:
            changes["nullable"] = nullable
        if comment is not False:
            changes["comment"] = comment or None
        if server_default is not False:
            existing = kw.get("existing_server_default")
            changes["default"] = with_open_parts(server_default, existing)
            if isinstance(server_default, sa.Identity):
                changes["nullable"] = False
        if type_ is not None:
            self.without_check(type_)
            self.nameless_check(self.model.table(table, schema), column, kw.get("existing_type"))
            changes["type_"] = type_
        if autoincrement is not None and self.backend == "mariadb":
            changes["autoincrement"] = autoincrement
        if new_column_name is not None:
            changes["name"] = new_column_name
        self.model.table(table, schema).alter(column, **changes)

    def nameless_check(self, table: Table, column: str, type_: Any) -> None:
        """MariaDB gives a nameless CHECK a name of its own, so that it stays when the type goes (OPS-41)."""
        is_checked = isinstance(type_, sa.Boolean) and type_.create_constraint and type_.name is None
        if self.backend == "mariadb" and is_checked:
            table.items.append(sa.CheckConstraint(f"{column} IN (0, 1)"))

    def without_check(self, type_: Any) -> None:
        """SQLite cannot add the CHECK of a type to a table that exists (OPS-27)."""
        if self.backend == "sqlite" and hasattr(type_, "create_constraint"):
            type_.create_constraint = False

    # --- tables -------------------------------------------------------------------------------------------

    def create_table(
        self, name: str, *items: Any, schema: str | None = None, if_not_exists: bool = False, **options: Any
    ) -> sa.Table:
        columns = {item.name: item for item in items if isinstance(item, sa.Column)}
        for column in columns.values():
            if isinstance(column.default, sa.Sequence):  # it is not the table's, so it is not created with it
                column.default, column.autoincrement = None, False
        others = [item for item in items if not isinstance(item, sa.Column)]
        comment = options.pop("comment", None)
        self.model.tables[(schema, name)] = Table(
            name, schema, dict(columns), others, comment, options=options
        )
        copies = (sa.Column(each.name, each.type, key=each.key) for each in columns.values())
        return sa.Table(name, sa.MetaData(), *copies, schema=schema)

    def drop_table(self, name: str, *, schema: str | None = None, **kw: Any) -> None:
        del self.model.tables[(schema, name)]

    def rename_table(self, old: str, new: str, *, schema: str | None = None) -> None:
        table = self.model.tables.pop((schema, old))
        table.name = new
        self.model.tables[(schema, new)] = table

    def create_table_comment(
        self, name: str, comment: str | None, *, schema: str | None = None, **kw: Any
    ) -> None:
        self.model.table(name, schema).comment = comment

    def drop_table_comment(self, name: str, *, schema: str | None = None, **kw: Any) -> None:
        self.model.table(name, schema).comment = None

    # --- indexes and constraints --------------------------------------------------------------------------

    def create_index(
        self,
        name: str | None,
        table: str,
        columns: Any,
        *,
        schema: str | None = None,
        if_not_exists: bool = False,
        **kw: Any,
    ) -> None:
        elements = [columns] if isinstance(columns, str) else columns
        self.model.table(table, schema).items.append(sa.Index(name, *elements, **kw))

    def drop_index(
        self, name: str, table: str | None = None, *, schema: str | None = None, **kw: Any
    ) -> None:
        self.model.drop_index(name, schema)

    def create_primary_key(
        self, name: str | None, table: str, columns: list[str], *, schema: str | None = None
    ) -> None:
        self.model.table(table, schema).items.append(sa.PrimaryKeyConstraint(*columns, name=name))

    def create_unique_constraint(
        self, name: str | None, table: str, columns: list[str], *, schema: str | None = None, **kw: Any
    ) -> None:
        self.model.table(table, schema).items.append(sa.UniqueConstraint(*columns, name=name, **kw))

    def create_check_constraint(
        self, name: str | None, table: str, condition: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        if kw.get("postgresql_not_valid"):
            self.statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")
            return
        self.model.table(table, schema).items.append(sa.CheckConstraint(condition, name=name, **kw))

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
        if kw.get("postgresql_not_valid"):
            key = f"FOREIGN KEY ({', '.join(local)}) REFERENCES {referent} ({', '.join(remote)})"
            self.statements.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {key} NOT VALID")
            return
        place = f"{referent_schema}.{referent}" if referent_schema else referent
        targets = [f"{place}.{column}" for column in remote]
        self.model.table(table, source_schema).items.append(
            sa.ForeignKeyConstraint(local, targets, name=name, **kw)
        )

    def create_exclude_constraint(
        self, name: str | None, table: str, *elements: Any, schema: str | None = None, **kw: Any
    ) -> None:
        self.model.table(table, schema).items.append(ExcludeConstraint(*elements, name=name, **kw))

    def drop_constraint(
        self, name: str, table: str, type_: str | None = None, *, schema: str | None = None, **kw: Any
    ) -> None:
        existing = self.model.table(table, schema)
        existing.drop_item(name)
        if type_ == "foreignkey" and self.backend == "mariadb":
            existing.items.append(sa.Index(name, "c"))  # it came with the key, and stays

    # --- rows ---------------------------------------------------------------------------------------------

    def bulk_insert(self, table: Any, rows: list[dict[str, Any]], **kw: Any) -> None:
        self.statements.extend(table.insert().values(row) for row in rows)

    def execute(self, statement: Any, **kw: Any) -> None:
        if isinstance(statement, str):
            statement = statement.replace(r"\:", ":")
        self.statements.append(statement)


def with_open_parts(new: Any, existing: Any) -> Any:
    """An identity with what it leaves open taken from the one that is there (OPS-55)."""
    if not (isinstance(new, sa.Identity) and isinstance(existing, sa.Identity)):
        return new
    parts = ("start", "increment", "minvalue", "maxvalue", "cycle", "cache")
    kept = {part: getattr(existing if getattr(new, part) is None else new, part) for part in parts}
    return sa.Identity(always=new.always, **kept)


def checks_beside(column: sa.Column[Any]) -> list[sa.CheckConstraint]:
    """The named CHECKs of a column, taken out of it: MariaDB has them only beside a column."""
    checks = [check for check in column.constraints if check.name is not None]
    column.constraints.difference_update(checks)
    return [sa.CheckConstraint(check.sqltext, name=check.name) for check in checks]


def referring_beside(column: sa.Column[Any], schema: str) -> sa.Column[Any]:
    """The column with references to where MariaDB looks for a name without a database: beside its own table."""
    targets = {key: key.target_fullname for key in column.foreign_keys}
    if not any(target.count(".") == 1 for target in targets.values()):
        return column
    keys = [
        sa.ForeignKey(f"{schema}.{target}" if target.count(".") == 1 else target, name=key.name)
        for key, target in targets.items()
    ]
    return sa.Column(column.name, column.type, *keys, unique=column.unique, nullable=column.nullable)
