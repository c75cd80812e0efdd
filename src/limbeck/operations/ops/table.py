"""Create, drop and rename tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, Constraint, ForeignKeyConstraint, Index, MetaData, Table
from sqlalchemy.schema import SchemaItem

from limbeck import sqla
from limbeck.operations.ops.base import AlterTableOp, Invoker, MigrateOperation
from limbeck.operations.schemaobj import HasOptions, SchemaObjects
from limbeck.sqla import shortcuts


class CreateTableOp(MigrateOperation):
    """Create a table."""

    def __init__(
        self,
        table_name: str,
        columns: Sequence[SchemaItem],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        _namespace_metadata: MetaData | None = None,
        _constraints_included: bool = False,
        **kw: Any,
    ) -> None:
        self.table_name = table_name
        self._columns: Sequence[SchemaItem] | None = columns
        self._model: Table | None = None
        self.schema = schema
        self.if_not_exists = if_not_exists
        self._info: dict[Any, Any] = dict(kw.pop("info", None) or {})
        self.comment: str | None = kw.pop("comment", None)
        self.prefixes: list[str] = list(kw.pop("prefixes", None) or ())
        self.kw = kw
        self._namespace_metadata = _namespace_metadata
        # True: what `unique`, `index` and foreign keys of the columns ask for is listed, or is an operation of
        # its own, and must not be made a second time.
        self._constraints_included = _constraints_included

    @property
    def columns(self) -> Sequence[SchemaItem]:
        """Columns and constraints; those of a model are copied for whoever looks at them, and may change them."""
        if self._columns is None:
            assert self._model is not None
            self._columns = CreateTableOp.from_table(CreateTableOp.from_table(self._model).to_table()).columns
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[SchemaItem]) -> None:
        self._columns = columns

    @property
    def model(self) -> Table | None:
        """The user's table that this creates as it is; None if the parts were looked at, and so perhaps changed."""
        return self._model if self._columns is None else None

    def has_foreign_key(self, is_meant: Callable[[ForeignKeyConstraint], bool]) -> bool:
        """Whether one of the table's foreign keys is meant; nothing is copied for that."""
        parts = self.model.constraints if self.model is not None else self.columns
        return any(isinstance(part, ForeignKeyConstraint) and is_meant(part) for part in parts)

    def leave_out(self, key: ForeignKeyConstraint) -> None:
        """Leave out the part that is this foreign key, or the copy of it."""
        ends = _ends(key)
        self.columns = [
            part
            for part in self.columns
            if not (isinstance(part, ForeignKeyConstraint) and _ends(part) == ends)
        ]

    @property
    def info(self) -> dict[Any, Any]:
        """The table's `info` dictionary."""
        return self._info

    def reverse(self) -> DropTableOp:
        """Drop the table again."""
        return DropTableOp(
            self.table_name,
            schema=self.schema,
            table_kw={"comment": self.comment, "info": self._info, "prefixes": self.prefixes, **self.kw},
            _reverse=self,
        )

    def to_diff_tuple(self) -> tuple[str, Table]:
        """`("add_table", Table)` (AUT-3)."""
        return ("add_table", self.to_table())

    @classmethod
    def from_table(cls, table: Table, *, _namespace_metadata: MetaData | None = None) -> CreateTableOp:
        """The operation that creates `table` with its constraints, but without its indexes (AUT-5)."""
        constraints = [
            constraint
            for constraint in sqla.in_creation_order(table.constraints)
            if not sqla.is_type_bound(constraint)
        ]
        return cls(
            table.name,
            [*table.c, *constraints],
            schema=table.schema,
            info=table.info,
            comment=table.comment,
            prefixes=sqla.table_prefixes(table),
            _namespace_metadata=table.metadata if _namespace_metadata is None else _namespace_metadata,
            _constraints_included=True,
            **table.kwargs,
        )

    @classmethod
    def from_model(cls, table: Table) -> CreateTableOp:
        """The operation that creates a table of the user's, whose parts stay the user's (AUT-101)."""
        operation = cls.from_table(table)
        operation._columns, operation._model = None, table
        return operation

    def to_table_later(self, migration_context: HasOptions) -> Table:
        """The same Table, of columns as they are when somebody looks at it; most that are created are never used."""
        return shortcuts.unmade_table(lambda table: self.to_table(migration_context, blank=table))

    def to_table(self, migration_context: HasOptions | None = None, *, blank: Table | None = None) -> Table:
        """A new Table of copies: the columns of this operation stay as they are (OPS-12).

        `blank` is an object that is to become the table.
        """
        copies: dict[Column[Any], Column[Any]] = {}
        items: list[Any] = []
        for item in self.columns:
            if isinstance(item, Column):
                copies[item] = sqla.copy_column(item, bare=self._constraints_included)
                items.append(copies[item])
        for item in self.columns:
            if isinstance(item, Constraint):
                if not sqla.is_type_bound(item):
                    items.append(sqla.copy_constraint(item, copies))
            elif isinstance(item, Index):
                items.append(sqla.copy_index(item, copies))
            elif not isinstance(item, Column):
                items.append(item)
        return SchemaObjects(migration_context).table(
            self.table_name,
            *items,
            schema=self.schema,
            prefixes=list(self.prefixes),
            comment=self.comment,
            info=dict(self._info),
            blank=blank,
            **self.kw,
        )

    @classmethod
    def create_table(
        cls,
        operations: Invoker,
        table_name: str,
        *columns: SchemaItem,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> Table:
        """Create a table (OPS-60).

            op.create_table(
                "account",
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(50), nullable=False),
                sa.UniqueConstraint("name", name="uq_account_name"),
            )

        `columns` are Column, Constraint and Index objects; they are copied, so they can be used again.
        `if_not_exists` writes IF NOT EXISTS. `kw` takes `schema`, `comment`, `prefixes`, `info` and every
        option that `Table` knows, like `mysql_engine`.
        Returns the `Table`, ready for `bulk_insert()` (OPS-65).
        """
        table: Table = operations.invoke(cls(table_name, columns, if_not_exists=if_not_exists, **kw))
        return table


def _ends(key: ForeignKeyConstraint) -> tuple[list[str], list[str]]:
    return list(key.column_keys), [sqla.referred_name(element) for element in key.elements]


class DropTableOp(MigrateOperation):
    """Drop a table."""

    def __init__(
        self,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        table_kw: dict[str, Any] | None = None,
        _reverse: CreateTableOp | None = None,
    ) -> None:
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self.table_kw = dict(table_kw or {})
        self._info: dict[Any, Any] = dict(self.table_kw.pop("info", None) or {})
        self.comment: str | None = self.table_kw.pop("comment", None)
        self.prefixes: list[str] = list(self.table_kw.pop("prefixes", None) or ())
        self._reverse = _reverse

    @property
    def info(self) -> dict[Any, Any]:
        """The table's `info` dictionary."""
        return self._info

    def reverse(self) -> CreateTableOp:
        """Create the table again: as it was if that is known, else without columns."""
        original = self._reverse
        return CreateTableOp(
            self.table_name,
            original.columns if original else [],
            schema=self.schema,
            if_not_exists=original.if_not_exists if original else None,
            comment=self.comment,
            info=self._info,
            prefixes=self.prefixes,
            _namespace_metadata=original._namespace_metadata if original else None,
            _constraints_included=original._constraints_included if original else False,
            **self.table_kw,
        )

    def to_diff_tuple(self) -> tuple[str, Table]:
        """`("remove_table", Table)` (AUT-3)."""
        return ("remove_table", self.to_table())

    @classmethod
    def from_table(cls, table: Table, *, _namespace_metadata: MetaData | None = None) -> DropTableOp:
        """The operation that drops `table` and remembers how to create it."""
        return CreateTableOp.from_table(table, _namespace_metadata=_namespace_metadata).reverse()

    def to_table(self, migration_context: HasOptions | None = None) -> Table:
        """The table as it was if that is known, else one without columns."""
        return self.reverse().to_table(migration_context)

    @classmethod
    def drop_table(
        cls,
        operations: Invoker,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop a table; its ENUM types stay (OPS-65).

            op.drop_table("account")

        `if_exists` writes IF EXISTS (OPS-63). `kw` takes options of `Table` that dialects or extensions look at.
        """
        operations.invoke(cls(table_name, schema=schema, if_exists=if_exists, table_kw=kw))


class RenameTableOp(AlterTableOp):
    """Give a table another name."""

    def __init__(self, old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name

    def reverse(self) -> RenameTableOp:
        """Give the table its old name again."""
        return RenameTableOp(self.new_table_name, self.table_name, schema=self.schema)

    @classmethod
    def rename_table(
        cls,
        operations: Invoker,
        old_table_name: str,
        new_table_name: str,
        *,
        schema: str | None = None,
    ) -> None:
        """Rename a table (OPS-66).

        op.rename_table("account", "customer")
        """
        operations.invoke(cls(old_table_name, new_table_name, schema=schema))
