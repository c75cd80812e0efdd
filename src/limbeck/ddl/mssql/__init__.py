"""SQL Server: documented names."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.ddl.mssql.elements import mssql_add_column as mssql_add_column
    from limbeck.ddl.mssql.elements import visit_add_column as visit_add_column
    from limbeck.ddl.mssql.elements import visit_column_comment as visit_column_comment
    from limbeck.ddl.mssql.elements import visit_column_default as visit_column_default
    from limbeck.ddl.mssql.elements import visit_column_nullable as visit_column_nullable
    from limbeck.ddl.mssql.elements import visit_column_type as visit_column_type
    from limbeck.ddl.mssql.elements import visit_rename_column as visit_rename_column
    from limbeck.ddl.mssql.elements import visit_rename_table as visit_rename_table
    from limbeck.ddl.mssql.impl import MSSQLImpl as MSSQLImpl

_ELEMENTS = (
    "mssql_add_column", "visit_add_column", "visit_column_comment", "visit_column_default",
    "visit_column_nullable", "visit_column_type", "visit_rename_column", "visit_rename_table",
)  # fmt: skip

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "MSSQLImpl": "limbeck.ddl.mssql.impl:MSSQLImpl",
        **{name: f"limbeck.ddl.mssql.elements:{name}" for name in _ELEMENTS},
    },
)
