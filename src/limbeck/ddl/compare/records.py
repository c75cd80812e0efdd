"""What a database says about its tables, read in bulk and kept as plain records.

The records are those of SQLAlchemy's `Inspector`; a dialect that knows a shorter way fills the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Inspector

Record = dict[str, Any]
TableKey = tuple[str | None, str]
"""Schema (None for the default one) and name of a table."""


@dataclass(frozen=True, slots=True)
class TableRecord:
    """What a database says about one table."""

    key: TableKey
    columns: list[Record] = field(default_factory=list)
    primary_key: Record | None = None
    foreign_keys: list[Record] = field(default_factory=list)
    indexes: list[Record] = field(default_factory=list)
    unique_constraints: list[Record] = field(default_factory=list)
    check_constraints: list[Record] = field(default_factory=list)
    comment: Record | None = None
    options: Record = field(default_factory=dict)

    @property
    def schema(self) -> str | None:
        """The table's schema; None for the default one."""
        return self.key[0]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.key[1]

    def is_unique(self, columns: Collection[str]) -> bool:
        """Whether a primary key, unique constraint or unique index is on just these columns."""
        wanted = set(columns)
        keys: list[Record] = [*self.unique_constraints, *(index for index in self.indexes if index["unique"])]
        sets = [set(key["column_names"]) for key in keys]
        if self.primary_key:
            sets.append(set(self.primary_key["constrained_columns"]))
        return wanted in sets


READERS = {
    "columns": Inspector.get_multi_columns,
    "primary_key": Inspector.get_multi_pk_constraint,
    "foreign_keys": Inspector.get_multi_foreign_keys,
    "indexes": Inspector.get_multi_indexes,
    "unique_constraints": Inspector.get_multi_unique_constraints,
    "check_constraints": Inspector.get_multi_check_constraints,
    "comment": Inspector.get_multi_table_comment,
    "options": Inspector.get_multi_table_options,
}
"""How each kind of thing is read for many tables at once."""

COMPARED = frozenset({"columns", "foreign_keys", "indexes", "unique_constraints", "comment"})
"""What the models are compared with, unless a plugin or a dialect looks at more."""


def read_records(
    inspector: Inspector,
    schema: str | None,
    names: Sequence[str],
    kinds: Collection[str] = tuple(READERS),
    given: Mapping[str, Mapping[str, Any]] = {},
) -> Iterator[TableRecord]:
    """Read these tables of a schema, each kind of thing for all of them at once.

    What is `given`, by kind and name of the table, is not read again.
    """
    found = {
        kind: given[kind] if kind in given else _read(reader, inspector, schema, names)
        for kind, reader in READERS.items()
        if kind in kinds
    }
    for name in names:
        # A table that has no columns was dropped since its name was read, or cannot be described.
        if name in found["columns"]:
            said = {kind: values[name] for kind, values in found.items() if values.get(name)}
            yield TableRecord(key=(schema, name), **said)


def _read(
    reader: Callable[..., Any], inspector: Inspector, schema: str | None, names: Sequence[str]
) -> dict[str, Any]:
    try:
        found = reader(inspector, schema=schema, filter_names=names)
    except NotImplementedError:  # a database without comments, without checks, …
        return {}
    return {name: value for (_, name), value in found.items()}
