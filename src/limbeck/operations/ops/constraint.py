"""Create primary keys, unique constraints and checks, and drop constraints of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal, TypeVar

from sqlalchemy import CheckConstraint, Constraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.schema import ForeignKeyConstraint
from sqlalchemy.sql.elements import ClauseElement

from limbeck import sqla
from limbeck.base.dispatch import Dispatcher
from limbeck.operations.ops.base import BatchInvoker, Invoker, MigrateOperation
from limbeck.operations.schemaobj import HasOptions, SchemaObjects

T = TypeVar("T", bound="type[AddConstraintOp]")

KINDS: tuple[tuple[type[Constraint], str], ...] = (
    (PrimaryKeyConstraint, "primary"),
    (UniqueConstraint, "unique"),
    (ForeignKeyConstraint, "foreignkey"),
    (CheckConstraint, "check"),
)


class AddConstraintOp(MigrateOperation):
    """Create a constraint. Each kind of constraint has a class of its own below this one."""

    add_constraint_ops: ClassVar[Dispatcher] = Dispatcher()
    """SQLAlchemy's name of a kind of constraint → the class that creates it."""

    constraint_name: str | None
    constraint_type: ClassVar[str] = ""
    """The kind of constraint, as `drop_constraint()` calls it; each class says its own."""

    @classmethod
    def register_add_constraint(cls, type_: str) -> Callable[[T], T]:
        """Let the decorated class create constraints whose `__visit_name__` is `type_`."""

        def register(operation_class: T) -> T:
            cls.add_constraint_ops.dispatch_for(type_)(operation_class.from_constraint)
            return operation_class

        return register

    @classmethod
    def from_constraint(cls, constraint: Any) -> AddConstraintOp:
        """The operation that creates `constraint`. Raises ValueError if nothing is registered for its kind."""
        operation: AddConstraintOp = cls.add_constraint_ops.dispatch(constraint.__visit_name__)(constraint)
        return operation

    def to_constraint(self, migration_context: HasOptions | None = None) -> Constraint:
        """A new constraint on a table of its own."""
        raise NotImplementedError

    def reverse(self) -> DropConstraintOp:
        """Drop the constraint again."""
        return DropConstraintOp.from_constraint(self.to_constraint(), _reverse=self)

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        """`("add_constraint", Constraint)` (AUT-3)."""
        return ("add_constraint", self.to_constraint())


class DropConstraintOp(MigrateOperation):
    """Drop a constraint of any kind."""

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddConstraintOp | None = None,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    def reverse(self) -> AddConstraintOp:
        """Create the constraint again. Raises ValueError if the operation does not know what it was."""
        return AddConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        """`("remove_constraint", Constraint)`, or `"remove_fk"` for a foreign key (AUT-3)."""
        tag = "remove_fk" if self.constraint_type == "foreignkey" else "remove_constraint"
        return (tag, self.to_constraint())

    @classmethod
    def from_constraint(
        cls, constraint: Constraint, *, _reverse: AddConstraintOp | None = None
    ) -> DropConstraintOp:
        """The operation that drops `constraint` and remembers it."""
        table = sqla.table_of(constraint)
        return cls(
            sqla.given_name(constraint),
            table.name,
            next((kind for class_, kind in KINDS if isinstance(constraint, class_)), None),
            schema=table.schema,
            _reverse=_reverse or AddConstraintOp.from_constraint(constraint),
        )

    def to_constraint(self) -> Constraint:
        """The constraint as it was. Raises ValueError if the operation does not know that."""
        if self._reverse is None:
            raise ValueError(
                f"dropping constraint {self.constraint_name!r} of {self.table_name!r} cannot be reversed: "
                "the operation does not know what the constraint was"
            )
        constraint = self._reverse.to_constraint()
        constraint.name = self.constraint_name
        table = sqla.table_of(constraint)
        table.name = self.table_name
        table.schema = self.schema
        return constraint

    @classmethod
    def drop_constraint(
        cls,
        operations: Invoker,
        constraint_name: str,
        table_name: str,
        type_: Literal["foreignkey", "primary", "unique", "check"] | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop a constraint (OPS-83).

            op.drop_constraint("uq_account_name", "account", type_="unique")

        MySQL and MariaDB need `type_`. With it, a naming convention that uses `%(constraint_name)s` applies
        to the name (OPS-4). `if_exists` writes IF EXISTS.
        """
        operations.invoke(cls(constraint_name, table_name, type_, schema=schema, if_exists=if_exists))

    @classmethod
    def batch_drop_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str,
        type_: Literal["foreignkey", "primary", "unique", "check"] | None = None,
        *,
        if_exists: bool | None = None,
    ) -> None:
        """Drop a constraint of the table of this batch block.

        with op.batch_alter_table("account") as batch_op:
            batch_op.drop_constraint("uq_account_name", type_="unique")
        """
        operations.invoke(
            cls(
                constraint_name,
                operations.impl.table_name,
                type_,
                schema=operations.impl.schema,
                if_exists=if_exists,
            )
        )


@AddConstraintOp.register_add_constraint("primary_key_constraint")
class CreatePrimaryKeyOp(AddConstraintOp):
    """Create a primary key."""

    constraint_type = "primary"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: PrimaryKeyConstraint) -> CreatePrimaryKeyOp:
        """The operation that creates this primary key."""
        table = sqla.table_of(constraint)
        return cls(
            sqla.given_name(constraint),
            table.name,
            [column.name for column in constraint.columns],
            schema=table.schema,
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: HasOptions | None = None) -> PrimaryKeyConstraint:
        """A new primary key on a table of its own."""
        return SchemaObjects(migration_context).primary_key_constraint(
            self.constraint_name, self.table_name, self.columns, schema=self.schema, **self.kw
        )

    @classmethod
    def create_primary_key(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
    ) -> None:
        """Create a primary key on a table that has none (OPS-80).

        op.create_primary_key("pk_account", "account", ["id", "version"])
        """
        operations.invoke(cls(constraint_name, table_name, columns, schema=schema))

    @classmethod
    def batch_create_primary_key(
        cls, operations: BatchInvoker, constraint_name: str | None, columns: Sequence[str]
    ) -> None:
        """Give the table of this batch block another primary key (BAT-57).

        with op.batch_alter_table("account") as batch_op:
            batch_op.create_primary_key("pk_account", ["id", "version"])
        """
        operations.invoke(
            cls(constraint_name, operations.impl.table_name, columns, schema=operations.impl.schema)
        )


@AddConstraintOp.register_add_constraint("unique_constraint")
class CreateUniqueConstraintOp(AddConstraintOp):
    """Create a unique constraint."""

    constraint_type = "unique"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: UniqueConstraint) -> CreateUniqueConstraintOp:
        """The operation that creates this unique constraint."""
        table = sqla.table_of(constraint)
        return cls(
            sqla.given_name(constraint),
            table.name,
            [column.name for column in constraint.columns],
            schema=table.schema,
            **_timing(constraint),
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: HasOptions | None = None) -> UniqueConstraint:
        """A new unique constraint on a table of its own."""
        return SchemaObjects(migration_context).unique_constraint(
            self.constraint_name, self.table_name, self.columns, schema=self.schema, **self.kw
        )

    @classmethod
    def create_unique_constraint(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Create a unique constraint (OPS-80).

            op.create_unique_constraint("uq_account_name", "account", ["name"])

        `kw` takes `deferrable`, `initially` and options of dialects, like `postgresql_nulls_not_distinct`.
        """
        operations.invoke(cls(constraint_name, table_name, columns, schema=schema, **kw))

    @classmethod
    def batch_create_unique_constraint(
        cls, operations: BatchInvoker, constraint_name: str | None, columns: Sequence[str], **kw: Any
    ) -> None:
        """Create a unique constraint on the table of this batch block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.create_unique_constraint("uq_account_name", ["name"])

        Columns have the names they will have after the block (BAT-56).
        """
        operations.invoke(
            cls(constraint_name, operations.impl.table_name, columns, schema=operations.impl.schema, **kw)
        )


@AddConstraintOp.register_add_constraint("check_constraint")
@AddConstraintOp.register_add_constraint("table_or_column_check_constraint")
@AddConstraintOp.register_add_constraint("column_check_constraint")
class CreateCheckConstraintOp(AddConstraintOp):
    """Create a CHECK."""

    constraint_type = "check"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        condition: str | ClauseElement,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.condition = condition
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: CheckConstraint) -> CreateCheckConstraintOp:
        """The operation that creates this CHECK."""
        table = sqla.table_of(constraint)
        return cls(
            sqla.given_name(constraint),
            table.name,
            constraint.sqltext,
            schema=table.schema,
            **_timing(constraint),
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: HasOptions | None = None) -> CheckConstraint:
        """A new CHECK on a table of its own."""
        return SchemaObjects(migration_context).check_constraint(
            self.constraint_name, self.table_name, self.condition, schema=self.schema, **self.kw
        )

    @classmethod
    def create_check_constraint(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        condition: str | ClauseElement,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Create a CHECK (OPS-80).

            op.create_check_constraint("ck_account_age", "account", sa.column("age") >= 0)

        `condition` is SQL as a string or an expression. `kw` takes `deferrable`, `initially` and options of
        dialects, like `postgresql_not_valid`.
        """
        operations.invoke(cls(constraint_name, table_name, condition, schema=schema, **kw))

    @classmethod
    def batch_create_check_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        condition: str | ClauseElement,
        **kw: Any,
    ) -> None:
        """Create a CHECK on the table of this batch block.

        with op.batch_alter_table("account") as batch_op:
            batch_op.create_check_constraint("ck_account_age", sa.column("age") >= 0)
        """
        operations.invoke(
            cls(constraint_name, operations.impl.table_name, condition, schema=operations.impl.schema, **kw)
        )


def _timing(constraint: Constraint) -> dict[str, Any]:
    """When the database looks at the constraint, as far as it was said."""
    said = {"deferrable": constraint.deferrable, "initially": constraint.initially}
    return {name: value for name, value in said.items() if value is not None}
