"""Tell at a glance which tables do not differ: from plain records, without building anything.

Most tables are as the models want them. A *glance* stands beside a comparator and answers one question about a
pair: would it surely find nothing? Where all glances say so, the pair is settled. All other pairs are looked at by the
comparators themselves, which are asked about every pair as soon as one of them has no glance or a callback wants
to see SQLAlchemy's objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Column, Table

from limbeck.autogenerate.context import AutogenContext, NameType
from limbeck.ddl.compare.records import Record, TableKey, TableRecord

Comparator = TypeVar("Comparator", bound=Callable[..., Any])
ColumnGlance = Callable[["Glancing", Record, Column[Any]], bool]
TableGlance = Callable[["Glancing", TableRecord, Table], bool]

GLANCES: dict[Any, Any] = {}
"""The glance of each comparator that has one."""

HOOKS = (
    "adjust_reflected_dialect_options", "autogen_column_reflect", "compare_check_constraint", "compare_indexes",
    "compare_server_default", "compare_type", "compare_unique_constraint", "complete_reflected_table",
    "correct_for_autogen_constraints", "correct_for_autogen_foreignkeys", "foreign_key_options",
    "settle_table_changes",
)  # fmt: skip
"""What a dialect's impl has to say about a comparison."""


def settled_by(glance: ColumnGlance | TableGlance) -> Callable[[Comparator], Comparator]:
    """Say which glance tells that the decorated comparator would find nothing."""

    def register(comparator: Comparator) -> Comparator:
        GLANCES[comparator] = glance
        return comparator

    return register


class Glancing:
    """The glances of one run, and what they have seen so far."""

    def __init__(
        self,
        autogen_context: AutogenContext,
        column_glances: Iterable[ColumnGlance],
        table_glances: Iterable[TableGlance],
    ) -> None:
        self.context = autogen_context
        self.impl = autogen_context.migration_context.impl
        self.dialect = autogen_context.dialect
        self.column_glances = list(column_glances)
        self.table_glances = list(table_glances)
        self.filters_names = autogen_context.filters_names
        self.default_schema = self.dialect.default_schema_name
        self.has_comments = self.dialect.supports_comments
        self.longest_name = min(
            self.dialect.max_identifier_length,
            self.dialect.max_constraint_name_length or self.dialect.max_identifier_length,
            self.dialect.max_index_name_length or self.dialect.max_identifier_length,
        )
        self.compares_types = autogen_context.opts.get("compare_type", True) is not False
        self.compares_defaults = autogen_context.opts.get("compare_server_default", False) is not False
        self.answers: dict[Any, bool] = {}
        """What has been compared already, by what was compared: types and defaults come again and again."""

    def settled(self, records: Iterable[TableRecord], models: Mapping[TableKey, Table]) -> set[TableKey]:
        """The tables that surely are as the models want them."""
        return {record.key for record in records if self.is_same(record, models[record.key])}

    def is_same(self, record: TableRecord, table: Table) -> bool:
        """Whether all comparators would surely find nothing to do about this pair."""
        wanted = {column.name: column for column in table.c if not column.system}
        if len(record.columns) != len(wanted):
            return False
        for found in record.columns:
            column = wanted.get(found["name"])
            if column is None:
                return False
            if self.filters_names and not self.is_included(record, found["name"], "column"):
                return False
            for is_same in self.column_glances:
                if not is_same(self, found, column):
                    return False
        return all(is_same(self, record, table) for is_same in self.table_glances)

    def is_included(self, record: TableRecord, name: str | None, kind: NameType) -> bool:
        """What the user's filter says about the name of something that belongs to a table (AUT-60)."""
        if not self.filters_names:
            return True
        parents = {"table_name": record.name, "schema_name": record.schema}
        return self.context.run_name_filters(name, kind, parents)

    def remembered(self, key: Any, compare: Callable[[], bool]) -> bool:
        """The answer to a comparison, asked once for each key."""
        answer = self.answers.get(key)
        if answer is None:
            answer = self.answers[key] = compare()
        return answer


def glancing(autogen_context: AutogenContext) -> Glancing | None:
    """The glances for a run, or None if somebody wants to see every pair of tables."""
    options, impl = autogen_context.opts, autogen_context.migration_context.impl
    if autogen_context.filters_objects or any(
        callable(options.get(name)) for name in ("compare_type", "compare_server_default")
    ):
        return None
    if not all(getattr(type(impl), hook).__module__.startswith("limbeck.ddl.") for hook in HOOKS):
        return None
    functions = [
        list(autogen_context.comparators.functions(target, qualifier=autogen_context.dialect.name))
        for target in ("column", "table")
    ]
    if not all(function in GLANCES for chain in functions for function in chain):
        return None
    return Glancing(
        autogen_context,
        *(dict.fromkeys(GLANCES[function] for function in chain) for chain in functions),
    )
