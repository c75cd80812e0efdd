"""The options of `context.configure()` that a program may give, with their types."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, TypedDict

from sqlalchemy import MetaData

from limbeck.runtime.environment import (
    CompareServerDefault,
    CompareType,
    IncludeNameFn,
    IncludeObjectFn,
    OnVersionApplyFn,
    ProcessRevisionDirectiveFn,
)


class ConfigureOptions(TypedDict, total=False):
    """Keywords of `limbeck.upgrade()` and its neighbours; what they mean is said in `limbeck.runtime.options`.

    They hold wherever env.py says nothing else, and entirely if there is no env.py (ENV-5).
    """

    transactional_ddl: bool | None
    transaction_per_migration: bool
    version_table: str
    version_table_schema: str | None
    version_table_pk: bool
    on_version_apply: OnVersionApplyFn | Collection[OnVersionApplyFn] | None
    journal: bool | None
    journal_table: str | None
    lock: bool | Literal["lease"] | None
    lock_timeout: float | None
    statement_timeout: float | None
    tag: str | None
    target_metadata: MetaData | Sequence[MetaData] | None
    include_name: IncludeNameFn | None
    include_object: IncludeObjectFn | None
    include_schemas: bool
    compare_type: bool | CompareType
    compare_server_default: bool | CompareServerDefault
    autogenerate_plugins: Sequence[str] | None
    process_revision_directives: ProcessRevisionDirectiveFn | None
