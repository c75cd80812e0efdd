"""Documented path for the functions in `limbeck.ddl.apply`, for replacements that call them (OPS-101)."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        name: f"limbeck.ddl.apply:{name}"
        for name in (
            "add_column",
            "alter_column",
            "bulk_insert",
            "create_constraint",
            "create_index",
            "create_table",
            "create_table_comment",
            "drop_column",
            "drop_constraint",
            "drop_index",
            "drop_table",
            "drop_table_comment",
            "execute_sql",
            "rename_table",
        )
    },
)
