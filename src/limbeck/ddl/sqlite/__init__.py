"""SQLite: documented names."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.ddl.sqlite.elements import visit_column_name as visit_column_name
    from limbeck.ddl.sqlite.elements import visit_rename_table as visit_rename_table
    from limbeck.ddl.sqlite.impl import SQLiteImpl as SQLiteImpl

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "SQLiteImpl": "limbeck.ddl.sqlite.impl:SQLiteImpl",
        "visit_column_name": "limbeck.ddl.sqlite.elements:visit_column_name",
        "visit_rename_table": "limbeck.ddl.sqlite.elements:visit_rename_table",
    },
)
