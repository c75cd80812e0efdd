"""PostgreSQL: documented names."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.ddl.base import ColumnComment as ColumnComment
    from limbeck.ddl.postgresql.elements import PostgresqlColumnType as PostgresqlColumnType
    from limbeck.ddl.postgresql.elements import visit_column_comment as visit_column_comment
    from limbeck.ddl.postgresql.elements import visit_column_type as visit_column_type
    from limbeck.ddl.postgresql.elements import visit_identity_column as visit_identity_column
    from limbeck.ddl.postgresql.elements import visit_rename_table as visit_rename_table
    from limbeck.ddl.postgresql.impl import PostgresqlImpl as PostgresqlImpl
    from limbeck.ddl.postgresql.operations import CreateExcludeConstraintOp as CreateExcludeConstraintOp

_ELEMENTS = "limbeck.ddl.postgresql.elements"

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "ColumnComment": "limbeck.ddl.base:ColumnComment",
        "CreateExcludeConstraintOp": "limbeck.ddl.postgresql.operations:CreateExcludeConstraintOp",
        "PostgresqlColumnType": f"{_ELEMENTS}:PostgresqlColumnType",
        "PostgresqlImpl": "limbeck.ddl.postgresql.impl:PostgresqlImpl",
        "visit_column_comment": f"{_ELEMENTS}:visit_column_comment",
        "visit_column_type": f"{_ELEMENTS}:visit_column_type",
        "visit_identity_column": f"{_ELEMENTS}:visit_identity_column",
        "visit_rename_table": f"{_ELEMENTS}:visit_rename_table",
    },
)
