"""Documented path for what depends on the version of SQLAlchemy, and for what its test kit asks for."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "_ensure_scope_for_ddl": "limbeck.runtime.scope:ensured_transaction",
        "_get_constraint_final_name": "limbeck.sqla:final_name",
        "_is_type_bound": "limbeck.sqla:is_type_bound",
        "_safe_commit_connection_transaction": "limbeck.runtime.scope:commit_if_open",
        "_safe_rollback_connection_transaction": "limbeck.runtime.scope:rollback_if_open",
        "_vers": "limbeck.sqla:VERSION",
        "identity_has_dialect_kwargs": "limbeck.sqla:IDENTITY_HAS_OPTIONS",
        "sqla_2_1": "limbeck.sqla:IS_2_1",
    },
)
