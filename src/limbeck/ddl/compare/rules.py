"""What autogenerate asks of a dialect: whether two things mean the same, how they read as Python, what changes need.

`DefaultImpl` inherits these answers; a dialect gives others where it knows better. What compares is imported when
something is compared: most runs compare nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, Connection, Constraint, ForeignKeyConstraint, Index, Table, UniqueConstraint
from sqlalchemy.engine import Dialect, Inspector
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from limbeck import sqla

if TYPE_CHECKING:
    from limbeck.ddl.compare.constraints import KeyOptions
    from limbeck.ddl.compare.records import Record, TableRecord
    from limbeck.operations.ops import (
        AlterColumnOp,
        DropColumnOp,
        DropIndexOp,
        DropTableOp,
        MigrateOperation,
    )


class AutogenRules:
    """How a database compares what it has with what is meant, and how it wants changes to be made."""

    dialect: Dialect
    connection: Connection | None

    type_synonyms: tuple[set[str], ...] = ({"NUMERIC", "DECIMAL"}, {"DOUBLE", "DOUBLE PRECISION"})
    """Names of types that mean the same."""
    type_arg_extract: Iterable[str] = ()
    """Patterns that find an option in the text of a type, such as a collation."""
    identity_attrs_ignore: tuple[str, ...] = ("order", "on_null")
    """Attributes of an Identity that this database does not have."""
    restates_columns: ClassVar[bool] = False
    """Whether a change of a column repeats its whole definition (AUT-83)."""

    # --- comparing and rendering ---------------------------------------------------------------------------

    def compare_type(self, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
        """Whether the types of two columns differ."""
        from limbeck.ddl.compare import types

        return types.compare_type(self, inspector_column, metadata_column)

    def compare_server_default(
        self,
        inspector_column: Column[Any],
        metadata_column: Column[Any],
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Whether the server defaults of two columns differ."""
        from limbeck.ddl.compare import defaults

        return defaults.compare_server_default(
            self, inspector_column, metadata_column, rendered_metadata_default, rendered_inspector_default
        )

    def compare_indexes(self, metadata_index: Index, reflected_index: Index) -> Any:
        """How two indexes of one name differ, as a ComparisonResult."""
        from limbeck.ddl.compare import indexes

        return indexes.compare_indexes(self, metadata_index, reflected_index)

    def compare_unique_constraint(
        self, metadata_constraint: UniqueConstraint, reflected_constraint: UniqueConstraint
    ) -> Any:
        """How two unique constraints of one name differ, as a ComparisonResult."""
        from limbeck.ddl.compare import constraints

        return constraints.compare_unique_constraint(self, metadata_constraint, reflected_constraint)

    def compare_check_constraint(self, metadata_constraint: Any, reflected_constraint: Any) -> Any:
        """How two CHECK constraints of one name differ, as a ComparisonResult."""
        from limbeck.ddl.compare import constraints

        return constraints.compare_check_constraint(self, metadata_constraint, reflected_constraint)

    def correct_for_autogen_constraints(
        self,
        conn_uniques: set[UniqueConstraint],
        conn_indexes: set[Index],
        metadata_unique_constraints: set[UniqueConstraint],
        metadata_indexes: set[Index],
    ) -> None:
        """Take out of the four sets what the database reports but nobody asked for."""
        from limbeck.ddl.compare import indexes

        indexes.correct_for_autogen_constraints(
            self, conn_uniques, conn_indexes, metadata_unique_constraints, metadata_indexes
        )

    def correct_for_autogen_foreignkeys(
        self, conn_fks: set[ForeignKeyConstraint], metadata_fks: set[ForeignKeyConstraint]
    ) -> None:
        """Even out what the database reports and what was asked for, where both mean the same."""
        from limbeck.ddl.compare import constraints

        constraints.correct_for_autogen_foreignkeys(self, conn_fks, metadata_fks)

    def autogen_column_reflect(self, inspector: Inspector, table: Table, column_info: Any) -> None:
        """Called for each reflected column, to correct what the database reports."""

    def adjust_reflected_dialect_options(
        self, reflected_object: Mapping[str, Any], kind: str
    ) -> dict[str, Any]:
        """The dialect options of a reflected object, without those the database adds by itself."""
        return dict(reflected_object.get("dialect_options", {}))

    def render_type(self, type_obj: TypeEngine[Any], autogen_context: Any) -> str | bool:
        """A type as Python code, or False for the general way."""
        return False

    def render_ddl_sql_expr(self, expr: ClauseElement, is_server_default: bool = False, **kw: Any) -> str:
        """An expression as the SQL text that goes into Python code, with its values and without its table.

        A dialect adds the parentheses that it needs around a server default or, with `is_index` among `kw`, in
        an index.
        """
        options = {"literal_binds": True, "include_table": False}
        return str(expr.compile(dialect=sqla.printing_dialect(self.dialect), compile_kwargs=options))

    # --- making changes -------------------------------------------------------------------------------------

    def needs_batch(self, operation: MigrateOperation) -> bool:
        """Whether this change can only be made by copying the table, in a batch block."""
        return False

    def batch_options(self, operations: Sequence[MigrateOperation]) -> dict[str, Any]:
        """Options that a batch block with these operations needs."""
        return {}

    def foreign_key_options(self, constraint: ForeignKeyConstraint | KeyOptions) -> tuple[Any, ...]:
        """What, beside its columns, makes a foreign key differ from another (AUT-50)."""
        from limbeck.ddl.compare import constraints

        return constraints.foreign_key_options(constraint)

    def name_constraint(self, constraint: Constraint, taken: Collection[str]) -> str:
        """A name for a constraint that nobody has named, so that a migration can drop it again."""
        from limbeck.ddl.compare import constraints

        return constraints.name_for(constraint, longest=self.dialect.max_identifier_length, taken=taken)

    def hidden_tables(self, inspector: Inspector, schema: str | None) -> Collection[str]:
        """Tables that are part of others, so that nobody asks for them by name (AUT-8)."""
        return ()

    def read_records(
        self,
        inspector: Inspector,
        schema: str | None,
        names: Sequence[str],
        *,
        with_names: bool,
        with_defaults: bool,
    ) -> Iterable[TableRecord]:
        """What the database says about these tables, as far as it is compared at a glance.

        A table may be left out if it is not easily told. Names of foreign keys may be missing unless `with_names`,
        and what gives a column its value unless `with_defaults`.
        """
        from limbeck.ddl.compare import records

        return records.read_records(inspector, schema, names, self.compared_kinds)

    compared_kinds: ClassVar[frozenset[str]] = frozenset(
        {"columns", "foreign_keys", "indexes", "unique_constraints", "comment"}
    )
    """The kinds of things that are compared at a glance."""
    compared_index_options: ClassVar[frozenset[str]] = frozenset()
    """Options of an index or unique constraint that make it differ from another (AUT-41)."""

    has_uniques_as_indexes: ClassVar[bool] = False
    """Whether a unique constraint is a unique index and nothing else (AUT-43)."""

    def is_implied_index(self, index: Record, table: TableRecord) -> bool:
        """Whether the database has an index for reasons of its own, so that nobody has to ask for it."""
        return False

    def settle_table_changes(
        self, operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None
    ) -> list[MigrateOperation]:
        """The changes to one table as this database can make them; `metadata_table` None removes it."""
        return operations

    def settle_changes(
        self, inspector: Inspector, operations: list[MigrateOperation]
    ) -> list[MigrateOperation]:
        """All changes, with what this database needs around them."""
        return operations

    def prepare_alteration(self, operation: AlterColumnOp) -> None:
        """Add to a change of type what this database needs to convert the values; asked for each direction."""

    def prepare_drop(self, operation: DropColumnOp) -> None:
        """Add to a column's end what this database needs to drop it; asked for each direction."""

    def is_dropped_with_table(self, index: DropIndexOp, table: DropTableOp) -> bool:
        """Whether an index cannot be dropped before its table, and goes with it."""
        return False
