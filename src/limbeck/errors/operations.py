"""Operations that a database cannot do, or not as they were asked for."""

from __future__ import annotations

from limbeck.errors.base import CommandError


class OperationError(CommandError):
    """An operation cannot be done by this database, or not with what was said about it."""

    code = "LBK-OPERATION"


class NotConnected(OperationError):
    """A statement was to be executed, but there is no connection."""

    def __init__(self) -> None:
        super().__init__(
            "There is no database connection to execute this on",
            hint="pass `connection=` to `context.configure()`, or write a script with `--sql`",
        )


class NotAStatement(OperationError, AttributeError):
    """Something was given to `execute()` that is no SQL (OPS-90)."""

    def __init__(self, *, given: object) -> None:
        super().__init__(
            f"{given!r} is not a statement",
            hint="pass SQL as a string, or a SQLAlchemy construct such as `table.update()`",
        )
        self.given = given


class NoLiteral(OperationError):
    """A value has no form in the SQL of this database, so that it cannot stand in a script (OPS-93)."""

    def __init__(self, *, value: object, dialect: str) -> None:
        super().__init__(
            f"{dialect} has no way to write the value {value!r}",
            hint="use another value, or NULL: None",
        )
        self.value = value
        self.dialect = dialect


class IndexNameRequired(OperationError):
    """An index is to be dropped, and no name says which (OPS-73)."""

    def __init__(self, *, table: str | None) -> None:
        of = f" of table {table!r}" if table else ""
        super().__init__(
            f"An index{of} cannot be dropped without its name",
            hint="give the name it has in the database; naming conventions are not applied when dropping",
        )
        self.table = table


class TableNameRequired(OperationError):
    """This database names an index together with its table, and the table was not given (OPS-73)."""

    def __init__(self, *, index: str | None, dialect: str) -> None:
        super().__init__(
            f"Dropping index {index!r} on {dialect} needs the name of its table",
            hint=f"write `op.drop_index({index!r}, table_name=...)`",
        )
        self.index = index
        self.dialect = dialect


class ExistingTypeRequired(OperationError):
    """This database repeats the whole column to change it, and the type of the column was not given (OPS-46)."""

    def __init__(self, *, table: str, column: str, dialect: str) -> None:
        super().__init__(
            f"Altering column `{table}.{column}` on {dialect} needs the type it has now",
            hint="pass `existing_type=` to `alter_column()`, and `existing_nullable=`, `existing_server_default=` "
            "where they apply: what is not said is lost",
        )
        self.table = table
        self.column = column
        self.dialect = dialect


class UsingWithoutType(OperationError):
    """`postgresql_using` says how values are converted, but there is no type to convert them to (OPS-43)."""

    def __init__(self, *, table: str, column: str) -> None:
        super().__init__(
            f"`postgresql_using` for column `{table}.{column}` needs the type that values are converted to",
            hint="pass `type_=` to `alter_column()`, or leave `postgresql_using` out",
        )
        self.table = table
        self.column = column


class ConstraintTypeRequired(OperationError, NotImplementedError):
    """This database drops each kind of constraint in its own way, and the kind was not given (OPS-83)."""

    def __init__(self, *, constraint: str | None, dialect: str) -> None:
        super().__init__(
            f"Dropping constraint {constraint!r} on {dialect} needs to know what kind it is",
            hint="pass `type_=` as 'foreignkey', 'unique', 'check' or 'primary' to `drop_constraint()`",
        )
        self.constraint = constraint
        self.dialect = dialect


class ConstraintNotAlterable(OperationError, NotImplementedError):
    """This database cannot add a constraint to a table that exists, nor drop one (OPS-29, OPS-80)."""

    def __init__(self, *, dialect: str, constraint: str | None = None, table: str | None = None) -> None:
        named = f" {constraint!r}" if constraint else ""
        on = f" of table {table!r}" if table else ""
        super().__init__(
            f"No support for ALTER of constraints in {dialect}: constraint{named}{on}",
            hint="do it in batch mode, which rebuilds the table: "
            f"`with op.batch_alter_table({table!r}) as batch_op:`",
        )
        self.dialect = dialect
        self.constraint = constraint
        self.table = table


class GeneratedNotAlterable(OperationError, NotImplementedError):
    """This database repeats the whole column to change it, which a generated column does not allow (OPS-50)."""

    def __init__(self, *, table: str, column: str, dialect: str) -> None:
        super().__init__(
            f"Column `{table}.{column}` is generated, and {dialect} cannot alter it in parts",
            hint="drop the column and add it again, or write the statement with `op.execute()`",
        )
        self.table = table
        self.column = column
        self.dialect = dialect


class NotRenderable(OperationError, NotImplementedError):
    """A value of a migration that is to be generated has no form as Python code (AUT-82)."""

    def __init__(self, *, what: object) -> None:
        super().__init__(
            f"{what!r} cannot be written as Python code",
            hint="write this part of the migration yourself, or render it with `render_item` "
            "or a renderer of its operation",
        )
        self.what = what
