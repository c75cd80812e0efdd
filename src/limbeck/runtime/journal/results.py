"""What a statement has returned, as text, so that it can be returned again when the statement is not run again."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from limbeck import sqla

MOST_ROWS_KEPT = 1000


def keep(cursor: Any, context: Any) -> str | None:
    """What a statement has returned; its rows can still be fetched afterwards.

    None if there is nothing to know. Rows of which there are too many, or whose values have no text here, are
    marked as not kept.
    """
    description = cursor.description
    if description is None:
        return keep_key(getattr(cursor, "lastrowid", None))
    columns = [[column[0], column[1] if isinstance(column[1], int) else None] for column in description]
    if _is_streamed(context):
        return json.dumps({"columns": columns, "rows": None})
    rows = cursor.fetchmany(MOST_ROWS_KEPT + 1)
    if not rows:
        pass
    elif hasattr(cursor, "scroll"):
        cursor.scroll(0, mode="absolute")
    else:
        sqla.give_rows(context, rows, cursor if len(rows) > MOST_ROWS_KEPT else None)
    kept: Any = None
    if len(rows) <= MOST_ROWS_KEPT:
        try:
            kept = [[_packed(value) for value in row] for row in rows]
        except TypeError:
            pass
    return json.dumps({"columns": columns, "rows": kept})


def keep_key(number: Any) -> str | None:
    """The key that the database has given to a row, as the driver tells it."""
    return json.dumps({"id": number}) if number and isinstance(number, int) else None


def count(given: Any) -> int | None:
    """The number of rows that a driver tells, if it tells one."""
    return given if isinstance(given, int) and given >= 0 else None


def returns_rows(context: Any) -> bool:
    """Whether a statement that changes rows is to return some."""
    compiled = getattr(context, "compiled", None)
    return bool(getattr(compiled, "effective_returning", None))


def has_rows(kept: str | None) -> bool:
    """Whether a statement has returned rows, and they are known."""
    return kept is not None and json.loads(kept).get("rows") is not None


def has_lost_rows(kept: str | None) -> bool:
    """Whether a statement has returned rows that are not known any more."""
    return kept is not None and json.loads(kept).get("rows", ()) is None


def give_back(cursor: Any, context: Any, kept: str | None, row_count: int | None) -> None:
    """Let a statement that was left out return what it returned the first time."""
    if row_count is not None:
        sqla.give_row_count(context, cursor, row_count)
    if kept is None:
        return
    known = json.loads(kept)
    if "id" in known:
        sqla.give_generated_key(context, known["id"])
    else:
        description = [(name, code, None, None, None, None, None) for name, code in known["columns"]]
        rows = [tuple(_unpacked(value) for value in row) for row in known["rows"]]
        sqla.give_rows(context, rows, None, description)


def _is_streamed(context: Any) -> bool:
    options = context.execution_options
    return bool(options.get("stream_results") or options.get("yield_per"))


def _packed(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return {"list": [_packed(one) for one in value]}
    if isinstance(value, dict):
        return {"dict": [[key, _packed(one)] for key, one in value.items()]}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, UUID):
        return {"uuid": str(value)}
    if isinstance(value, timedelta):
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    for name, kind in (("datetime", datetime), ("date", date), ("time", time)):
        if isinstance(value, kind):
            return {name: value.isoformat()}
    raise TypeError(type(value))


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, text),) = value.items()
    match name:
        case "list":
            return [_unpacked(one) for one in text]
        case "dict":
            return {key: _unpacked(one) for key, one in text}
        case "bytes":
            return bytes.fromhex(text)
        case "decimal":
            return Decimal(text)
        case "uuid":
            return UUID(text)
        case "timedelta":
            return timedelta(*text)
        case "datetime":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case _:
            return time.fromisoformat(text)
