"""Rows to insert, in pages: each page is one statement with one set of columns (OPS-93)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
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
    iterator = iter(rows)
    first = 1
    while block := list(islice(iterator, size)):
        if is_page(block):
            yield Page(block)
        else:
            yield from split(block, first)
        first += len(block)


def is_page(block: list[Row]) -> bool:
    """Whether rows are dictionaries with the same columns in the same order, and without expressions.

    There may be very many rows, and nearly always they are: so nothing is asked of each of them in Python.
    """
    if set(map(type, block)) != {dict} or len(set(map(tuple, block))) > 1:
        return False
    kinds = set(map(type, chain.from_iterable(row.values() for row in block)))
    return not any(issubclass(kind, ClauseElement) for kind in kinds)


def split(block: list[Row], first: int) -> Iterator[Page]:
    """Pages of any rows; `first` is the number of the first one."""
    page: list[Row] = []
    for number, row in enumerate(block, start=first):
        if not isinstance(row, Mapping):
            raise TypeError(f"each row must be a dictionary; row {number} is {type(row).__name__}")
        expressions = {key: value for key, value in row.items() if isinstance(value, ClauseElement)}
        if page and (expressions or row.keys() != page[0].keys()):
            yield Page(page)
            page = []
        if expressions:
            yield Page([{key: value for key, value in row.items() if key not in expressions}], expressions)
        else:
            page.append(row)
    if page:
        yield Page(page)
