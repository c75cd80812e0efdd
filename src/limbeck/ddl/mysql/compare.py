"""What MySQL and MariaDB report and what was meant."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, UniqueConstraint

from limbeck.ddl.compare import constraints, defaults, types
from limbeck.ddl.compare.indexes import unique_signature
from limbeck.ddl.compare.types import Params
from limbeck.ddl.contracts import Comparing

# --- types and defaults -------------------------------------------------------------------------------------

MEANINGLESS = {"ZEROFILL", "NATIONAL"}
DOUBLE_FROM = 25
"""FLOAT with so many bits is a DOUBLE."""


def compare_type(impl: Comparing, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
    """Whether the types differ; UNSIGNED counts, a display width does not (AUT-22, AUT-24)."""
    if types.compare_type(impl, inspector_column, metadata_column, _bare):
        return types.compare_type(impl, inspector_column, metadata_column, _stored)
    return False


def _bare(params: Params) -> Params:
    return params._replace(tokens=[token for token in params.tokens if token not in MEANINGLESS])


def _stored(params: Params) -> Params:
    if params.tokens == ["FLOAT"] and len(params.args) == 1 and int(params.args[0]) >= DOUBLE_FROM:
        return Params("DOUBLE", ["DOUBLE"], [], params.kwargs)
    return _bare(params)


NOW = re.compile(r"\b(?:current_timestamp|now|localtime|localtimestamp)\b(?:\s*\(\s*\))?", re.IGNORECASE)
TODAY = re.compile(r"\b(?:current_date|curdate)\b(?:\s*\(\s*\))?", re.IGNORECASE)
INTRODUCER = re.compile(r"(?<![\w'])_\w+\s*(?=')")


def spell(sql: str) -> str:
    """The spelling of a default that the server stores: `now()` is `current_timestamp` (AUT-32)."""
    if sql.lstrip().startswith("'"):
        return sql
    return TODAY.sub("current_date", NOW.sub("current_timestamp", INTRODUCER.sub("", sql)))


def compare_server_default(
    impl: Comparing,
    inspector_column: Column[Any],
    metadata_column: Column[Any],
    rendered_metadata_default: str | None,
    rendered_inspector_default: str | None,
) -> bool:
    """Whether the defaults differ (AUT-32)."""
    return defaults.compare_server_default(
        impl, inspector_column, metadata_column, rendered_metadata_default, rendered_inspector_default, spell
    )


# --- indexes and constraints --------------------------------------------------------------------------------


def correct_for_autogen_constraints(
    conn_uniques: set[UniqueConstraint],
    conn_indexes: set[Index],
    metadata_unique_constraints: set[UniqueConstraint],
    metadata_indexes: set[Index],
) -> None:
    """See a unique index as a unique constraint where the models ask for one: here they are the same (AUT-43)."""
    names = {constraint.name for constraint in metadata_unique_constraints if constraint.name}
    nameless = {unique_signature(item) for item in metadata_unique_constraints if not item.name}
    index_names = {index.name for index in metadata_indexes}
    for index in sorted(conn_indexes, key=lambda index: str(index.name)):
        if not index.unique or index.name in index_names:
            continue
        signature = frozenset(column.name for column in index.columns)
        if index.name in names or signature in nameless:
            conn_indexes.discard(index)
            conn_uniques.add(_as_constraint(index))


def _as_constraint(index: Index) -> UniqueConstraint:
    table = index.table
    assert table is not None
    constraint = UniqueConstraint(*[column.key for column in index.columns], name=index.name)
    table.append_constraint(constraint)
    table.constraints.discard(constraint)  # it belongs to the table, which lists it as an index
    return constraint


def foreign_key_options(constraint: ForeignKeyConstraint | constraints.KeyOptions) -> tuple[str | None, ...]:
    """The actions; RESTRICT is what happens anyway, as NO ACTION is (AUT-50)."""
    nothing = ("no action", "restrict")
    return constraints.action(constraint.onupdate, nothing), constraints.action(constraint.ondelete, nothing)
