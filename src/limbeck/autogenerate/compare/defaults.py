"""Compare server defaults, identities and computed columns, if asked to (AUT-30 to AUT-36)."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from sqlalchemy import Column, Computed, Identity
from sqlalchemy.schema import DefaultClause, FetchedValue
from sqlalchemy.sql.elements import TextClause

from limbeck import sqla
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import Glancing, settled_by
from limbeck.base.dispatch import DispatchPriority, PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.ddl.compare.defaults import identity_differences, is_same_expression
from limbeck.ddl.compare.records import Record
from limbeck.ddl.compare.types import type_key
from limbeck.operations.ops import AlterColumnOp

log = logging.getLogger("alembic.autogenerate.compare.defaults")


def same_default(glancing: Glancing, found: Record, wanted: Column[Any]) -> bool:
    """Whether a column has the server default it should have, or defaults are not compared."""
    if not glancing.compares_defaults:
        return True
    if found.get("computed") or found.get("identity"):
        return False
    sql, default = _default_found(glancing, found, wanted), wanted.server_default
    if default is None or sql is None:
        return default is None and sql is None
    if not isinstance(default, DefaultClause) or not isinstance(default.arg, (str, TextClause)):
        return False
    text = _render_server_default_for_compare(default, glancing.context)
    key = sql, text, type(default.arg), type_key(wanted.type), found["nullable"]
    return glancing.remembered(key, lambda: not _differs(glancing, found, wanted, text))


def _default_found(glancing: Glancing, found: Record, wanted: Column[Any]) -> str | None:
    """The default that a column has, unless the database has it for reasons of its own, as SERIAL does (AUT-31)."""
    if found.get("default") is None:
        return None
    corrected = dict(found)
    glancing.impl.autogen_column_reflect(glancing.context.inspector, sqla.table_of(wanted), corrected)
    default: str | None = corrected["default"]
    return default


def _differs(glancing: Glancing, found: Record, wanted: Column[Any], text: str | None) -> bool:
    reflected = Column("found", found["type"], nullable=found["nullable"])
    return glancing.impl.compare_server_default(reflected, wanted, text, found["default"])


@settled_by(same_default)
def compare_generated(
    autogen_context: AutogenContext,
    alter_column_op: AlterColumnOp,
    schema: str | None,
    tname: str,
    cname: str,
    conn_col: Column[Any],
    metadata_col: Column[Any],
) -> PriorityDispatchResult:
    """Compare a column that is computed, or that is an identity, on either side (AUT-34, AUT-35)."""
    found, wanted = conn_col.server_default, metadata_col.server_default
    if isinstance(found, Computed) or isinstance(wanted, Computed):
        if is_compared(autogen_context):
            _compare_computed(autogen_context, tname, cname, found, wanted)
        return PriorityDispatchResult.STOP
    if not isinstance(found, Identity) and not isinstance(wanted, Identity):
        return PriorityDispatchResult.CONTINUE
    if not autogen_context.dialect.supports_identity_columns:
        return PriorityDispatchResult.STOP
    _note_existing(alter_column_op, found)
    if is_compared(autogen_context):
        differences = identity_differences(
            autogen_context.migration_context.impl,
            found if isinstance(found, Identity) else None,
            wanted if isinstance(wanted, Identity) else None,
        )
        if differences:
            _modify(alter_column_op, found, wanted)
            log.info("Detected identity change on column '%s.%s'", tname, cname)
    return PriorityDispatchResult.STOP


def _compare_computed(
    autogen_context: AutogenContext, tname: str, cname: str, found: Any, wanted: Any
) -> None:
    """Warn about a difference: a computed column cannot be made of another, only anew (AUT-35)."""
    if isinstance(found, Computed) and isinstance(wanted, Computed):
        impl = autogen_context.migration_context.impl
        texts = [impl.render_ddl_sql_expr(computed.sqltext) for computed in (found, wanted)]
        if is_same_expression(texts[0], texts[1]):
            return
    warnings.warn(
        f"the computed expression of '{tname}.{cname}' differs from the models, but cannot be modified: "
        "drop the column and add it again",
        stacklevel=2,
    )


@settled_by(same_default)
def _user_compare_server_default(
    autogen_context: AutogenContext,
    alter_column_op: AlterColumnOp,
    schema: str | None,
    tname: str,
    cname: str,
    conn_col: Column[Any],
    metadata_col: Column[Any],
) -> PriorityDispatchResult:
    """Ask the function that the user gave as `compare_server_default` (AUT-30)."""
    option = autogen_context.opts.get("compare_server_default", False)
    found, wanted = conn_col.server_default, metadata_col.server_default
    if not callable(option) or (found is None and wanted is None):
        return PriorityDispatchResult.CONTINUE
    _note_existing(alter_column_op, found)
    answer = option(
        autogen_context.migration_context,
        conn_col,
        metadata_col,
        _render_server_default_for_compare(found, autogen_context),
        wanted,
        _render_server_default_for_compare(wanted, autogen_context),
    )
    if answer is None:
        return PriorityDispatchResult.CONTINUE
    if answer:
        _modify(alter_column_op, found, wanted)
        log.info("User defined function %s detected server default on column '%s.%s'", option, tname, cname)
    return PriorityDispatchResult.STOP


@settled_by(same_default)
def _dialect_impl_compare_server_default(
    autogen_context: AutogenContext,
    alter_column_op: AlterColumnOp,
    schema: str | None,
    tname: str,
    cname: str,
    conn_col: Column[Any],
    metadata_col: Column[Any],
) -> PriorityDispatchResult:
    """Note the default the column has, and if asked to compare, the one it should have (AUT-31 to AUT-33)."""
    found, wanted = conn_col.server_default, metadata_col.server_default
    if found is None and wanted is None:
        return PriorityDispatchResult.CONTINUE
    _note_existing(alter_column_op, found)
    if not is_compared(autogen_context) or _is_unknown(wanted):
        return PriorityDispatchResult.CONTINUE
    if autogen_context.migration_context.impl.compare_server_default(
        conn_col,
        metadata_col,
        _render_server_default_for_compare(wanted, autogen_context),
        _render_server_default_for_compare(found, autogen_context),
    ):
        _modify(alter_column_op, found, wanted)
        log.info("Detected server default on column '%s.%s'", tname, cname)
    return PriorityDispatchResult.CONTINUE


def is_compared(autogen_context: AutogenContext) -> bool:
    """Whether the user wants server defaults compared."""
    return autogen_context.opts.get("compare_server_default", False) is not False


def _is_unknown(default: object) -> bool:
    """Whether the models only say that there is some default (`FetchedValue()`)."""
    return isinstance(default, FetchedValue) and not isinstance(default, (DefaultClause, Computed, Identity))


def _note_existing(alter_column_op: AlterColumnOp, found: Any) -> None:
    # False: nothing is known to be there, so that a renderer need not repeat it.
    alter_column_op.existing_server_default = False if found is None else found


def _modify(alter_column_op: AlterColumnOp, found: Any, wanted: Any) -> None:
    alter_column_op.existing_server_default = found
    alter_column_op.modify_server_default = wanted


def _render_server_default_for_compare(default: Any, autogen_context: AutogenContext) -> str | None:
    """A default as SQL text; a plain string as it is, without quotes (AUT-30)."""
    if isinstance(default, DefaultClause):
        default = default.arg
    if default is None or isinstance(default, FetchedValue):
        return None
    if isinstance(default, str):
        return default
    if isinstance(default, TextClause) and not default.compile().params:
        return default.text
    return autogen_context.migration_context.impl.render_ddl_sql_expr(default, is_server_default=True)


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    element = "server_default"
    plugin.add_autogenerate_comparator(compare_generated, "column", element, priority=DispatchPriority.FIRST)
    plugin.add_autogenerate_comparator(_user_compare_server_default, "column", element)
    plugin.add_autogenerate_comparator(
        _dialect_impl_compare_server_default, "column", element, priority=DispatchPriority.LAST
    )
