"""What a revision's file says about it, before and after it is checked; and what all files of a directory say."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
import marshal
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

Ids = tuple[str, ...]

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
"""What a revision's file sets (FILE-1)."""


class Header(NamedTuple):
    """What a file says, as its module would have it (FILE-1)."""

    values: Mapping[str, Any]
    """Those of the four names that the file sets."""
    docstring: str | None
    """The docstring, or None; its indentation is as in the file, or, since Python 3.13, as the compiler leaves it."""


Node = tuple[str, Ids, Ids, Ids]
"""A revision as the graph sees it: its id, parents, dependencies and labels."""
Facts = tuple[Node, str | None]
"""What was checked: the revision as the graph sees it, and the docstring."""
STAMP_SIZE = 24
"""How many bytes tell the state of a file."""


class Sheet:
    """The facts about files of a directory, by columns: thousands of rows are read and compared like one.

    A row has the file's name, its stamp, and the revision's id and parents. `others` has the dependencies and labels
    of the few rows that have some. Docstrings are long and seldom asked for, so they stay packed until then.
    """

    def __init__(
        self,
        names: list[str],
        stamps: bytes,
        ids: list[str],
        parents: list[Ids],
        others: dict[int, tuple[Ids, Ids]],
        packed: bytes,
    ) -> None:
        self.names = names
        self.stamps = stamps
        self.ids = ids
        self.parents = parents
        self.others = others
        self.packed = packed
        self.prefix = ""
        """What makes a path of a name."""

    @classmethod
    def of(cls, rows: Iterable[tuple[str, bytes, Facts]]) -> "Sheet":
        """The sheet of names, stamps, and what the files say."""
        columns: list[list[Any]] = [[], [], [], [], []]
        others: dict[int, tuple[Ids, Ids]] = {}
        for name, stamp, ((id, parents, dependencies, labels), docstring) in rows:
            if dependencies or labels:
                others[len(columns[0])] = (dependencies, labels)
            for column, value in zip(columns, (name, stamp, id, parents, docstring)):
                column.append(value)
        names, stamps, ids, parents_of, docstrings = columns
        same = {id: id for id in ids}  # so that each is written, read and compared as one
        shared = [tuple([same.get(parent, parent) for parent in parents]) for parents in parents_of]
        return cls(names, b"".join(stamps), ids, shared, others, marshal.dumps(docstrings))

    @property
    def columns(self) -> tuple[Any, ...]:
        """What to call `Sheet` with to have the same again: plain values."""
        return self.names, self.stamps, self.ids, self.parents, self.others, self.packed

    @cached_property
    def docstrings(self) -> list[str | None]:
        """The docstring of each row."""
        found: list[str | None] = marshal.loads(self.packed)
        return found

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each id."""
        return {id: row for row, id in enumerate(self.ids)}

    def path(self, row: int) -> str:
        """Where the file of a row is."""
        return self.prefix + self.names[row]

    def node(self, row: int) -> Node:
        """The revision of a row, as the graph sees it."""
        dependencies, labels = self.others.get(row, ((), ()))
        return self.ids[row], self.parents[row], dependencies, labels

    def facts(self, row: int) -> Facts:
        """All that the file of a row says."""
        return self.node(row), self.docstrings[row]

    def stamp(self, row: int) -> bytes:
        """What the file of a row was like when it was read."""
        return self.stamps[row * STAMP_SIZE : (row + 1) * STAMP_SIZE]
