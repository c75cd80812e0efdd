"""Results of statements that were just executed."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy.engine.cursor import BufferedRowCursorFetchStrategy, FullyBufferedCursorFetchStrategy


def give_rows(
    context: Any,
    rows: Sequence[Any],
    rest: Any = None,
    description: Sequence[tuple[Any, ...]] | None = None,
) -> None:
    """Let the result of a statement that was just executed have these rows, and then those of the cursor `rest`.

    `description` is what the driver says of the columns, if the cursor does not.
    """
    if rest is None:
        strategy: Any = FullyBufferedCursorFetchStrategy(None, cast(Any, description), rows)
    else:
        strategy = BufferedRowCursorFetchStrategy(
            rest, context.execution_options, initial_buffer=collections.deque(rows)
        )
    context.cursor_fetch_strategy = strategy
    # An INSERT of many rows that returns some is sent in parts, whose rows are fetched here.
    context.fetchall_for_returning = lambda cursor: [*rows, *(rest.fetchall() if rest is not None else ())]


def give_row_count(context: Any, cursor: Any, number: int) -> None:
    """Let the result of a statement that was just executed say that it changed so many rows."""
    context._rowcount = number
    try:
        cursor.rowcount = number
    except AttributeError:  # some drivers do not let it be set; then SQLAlchemy's own memory is enough
        return


def give_generated_key(context: Any, number: int) -> None:
    """Let the result of an INSERT that was just executed say which key the database has given to the row."""
    context.get_lastrowid = lambda: number


def forget_given(context: Any) -> None:
    """Let the next part of a statement have its own rows again."""
    vars(context).pop("fetchall_for_returning", None)
