"""Rows to insert, in pages: each page is one statement with one set of columns (OPS-93)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.sql.elements import ClauseElement

PAGE_SIZE = 1000
"""Rows in one page: enough that the way to the server does not count, few enough to keep in memory."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows that have the same columns; a row with SQL `expressions` is a page of its own."""

    values: list[Row]
    expressions: dict[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """The columns that these rows give values to."""
        return self.values[0].keys() | self.expressions.keys()


def pages(rows: Iterable[Row], *, size: int = PAGE_SIZE) -> Iterator[Page]:
    """Rows in their order, in pages of at most `size`; `rows` is read one page at a time.

    A new page begins where the columns change: a column that a row does not name gets its default.
    Raises TypeError if `rows` are not rows, and for a row that is no dictionary.
    """
    if isinstance(rows, (Mapping, str, bytes)) or not isinstance(rows, Iterable):
        raise TypeError(f"rows must be a list, or an iterator, of dictionaries, not {type(rows).__name__}")
    page: list[Row] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise TypeError(f"each row must be a dictionary; row {number} is {type(row).__name__}")
        expressions = any(isinstance(value, ClauseElement) for value in row.values())
        if page and (expressions or len(page) == size or row.keys() != page[0].keys()):
            yield Page(page)
            page = []
        if expressions:
            yield _with_expressions(row)
        else:
            page.append(row)
    if page:
        yield Page(page)


def _with_expressions(row: Row) -> Page:
    expressions = {key: value for key, value in row.items() if isinstance(value, ClauseElement)}
    return Page([{key: value for key, value in row.items() if key not in expressions}], expressions)
