"""Operations that only PostgreSQL has."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Constraint
from sqlalchemy.sql.elements import ColumnClause, ColumnElement, TextClause

from limbeck import sqla
from limbeck.operations import base, ops
from limbeck.operations.ops.base import BatchInvoker, Invoker
from limbeck.operations.schemaobj import HasOptions, SchemaObjects


@base.Operations.register_operation("create_exclude_constraint")
@base.BatchOperations.register_operation("create_exclude_constraint", "batch_create_exclude_constraint")
@ops.AddConstraintOp.register_add_constraint("exclude_constraint")
class CreateExcludeConstraintOp(ops.AddConstraintOp):
    """Create an EXCLUDE constraint (OPS-85)."""

    constraint_type = "exclude"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        elements: Any,
        where: ColumnElement[bool] | TextClause | str | None = None,
        schema: str | None = None,
        _orig_constraint: Constraint | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.elements = elements
        self.where = where
        self.schema = schema
        self._orig_constraint = _orig_constraint
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> CreateExcludeConstraintOp:
        """The operation that creates this constraint."""
        table = sqla.table_of(constraint)
        options = {
            "deferrable": constraint.deferrable,
            "initially": constraint.initially,
            "using": constraint.using,
            "ops": constraint.ops or None,
        }
        return cls(
            sqla.given_name(constraint),
            table.name,
            sqla.exclude_elements(constraint),
            where=constraint.where,
            schema=table.schema,
            _orig_constraint=constraint,
            **{name: value for name, value in options.items() if value is not None},
        )

    def to_constraint(self, migration_context: HasOptions | None = None) -> Constraint:
        """A new constraint on a table of its own that has just the columns it names."""
        from sqlalchemy.dialects.postgresql import ExcludeConstraint

        elements = [(_column_name(element), operator) for element, operator in self.elements]
        constraint = ExcludeConstraint(*elements, name=self.constraint_name, where=self.where, **self.kw)
        objects = SchemaObjects(migration_context)
        names = dict.fromkeys(element for element, _ in elements if isinstance(element, str))
        table = objects.table(self.table_name, *map(objects.column, names), schema=self.schema)
        table.append_constraint(constraint)
        return constraint

    @classmethod
    def create_exclude_constraint(
        cls, operations: Invoker, constraint_name: str, table_name: str, *elements: Any, **kw: Any
    ) -> None:
        """Create an EXCLUDE constraint on PostgreSQL (OPS-85).

            op.create_exclude_constraint(
                "ex_booking_period", "booking", ("period", "&&"), ("room", "="), where=sa.text("NOT cancelled")
            )

        `elements` are pairs of a column name or SQL expression and an operator. `kw` takes `where`, `schema`,
        `using` (gist unless said otherwise), `ops`, `deferrable` and `initially`.
        """
        operations.invoke(cls(constraint_name, table_name, elements, **kw))

    @classmethod
    def batch_create_exclude_constraint(
        cls, operations: BatchInvoker, constraint_name: str, *elements: Any, **kw: Any
    ) -> None:
        """Create an EXCLUDE constraint on the table of this batch block (OPS-85).

        with op.batch_alter_table("booking") as batch_op:
            batch_op.create_exclude_constraint("ex_booking_period", ("period", "&&"))
        """
        kw["schema"] = operations.impl.schema
        operations.invoke(cls(constraint_name, operations.impl.table_name, elements, **kw))


def _column_name(element: Any) -> Any:
    """The name of a column, which may belong to any table; an expression stays what it is."""
    is_column = isinstance(element, ColumnClause) and not element.is_literal
    return element.name if is_column else element
