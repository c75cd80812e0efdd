"""What a rehearsed step means: its operations, whom they keep waiting, how many rows they touch, the way back."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Any

from limbeck.ddl.facts import Effect
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.rehearsing import TableKey
from limbeck.operations import ops
from limbeck.operations.registry import Operation
from limbeck.operations.summary import is_reversible, loses_rows, tables_of
from limbeck.runtime.planning.recorder import Sent
from limbeck.runtime.planning.rehearsal import Rehearsed


class WayBack(Enum):
    """What the downgrade of a revision does."""

    THERE = "yes"
    EMPTY = "no: downgrade() does nothing"
    REFUSED = "no: downgrade() raises an exception"
    MISSING = "no: there is no downgrade()"


@dataclass(frozen=True, slots=True)
class Part:
    """One operation of a step, or SQL without an operation, with its statements."""

    operation: Operation | None
    sent: tuple[Sent, ...]
    effect: Effect | None
    tables: tuple[TableKey, ...]
    is_new: bool
    """Whether all it is about is created in this plan, so that nobody uses it yet."""
    is_reversible: bool
    loses_rows: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """A step, and what it means."""

    rehearsed: Rehearsed
    parts: tuple[Part, ...]
    way_back: WayBack | None


def look_at(steps: Iterable[Rehearsed], impl: DefaultImpl) -> list[Outlook]:
    """What each step means on the database of `impl`."""
    new: set[TableKey] = set()
    return [Outlook(one, tuple(_parts(one, impl, new)), find_way_back(one.step)) for one in steps]


def estimate(outlooks: Iterable[Outlook], impl: DefaultImpl) -> Mapping[TableKey, int]:
    """About how many rows the tables have that existed before."""
    tables = {table for one in outlooks for part in one.parts if not part.is_new for table in part.tables}
    if impl.connection is None:
        return {}
    return impl.estimate_rows(impl.connection, sorted(tables, key=lambda key: (key[0] or "", key[1])))


def find_way_back(step: Any) -> WayBack | None:
    """Whether there is a downgrade that does something; None for a step that is one."""
    if not step.is_upgrade or getattr(step, "revision", None) is None:
        return None
    function = getattr(step.revision.module, "downgrade", None)
    if not callable(function):
        return WayBack.MISSING
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):  # made by other means than a file
        return WayBack.THERE
    if not isinstance(tree, ast.FunctionDef):
        return WayBack.THERE
    body = [one for one in tree.body if not _is_nothing(one)]
    if not body:
        return WayBack.EMPTY
    return WayBack.REFUSED if isinstance(body[0], ast.Raise) else WayBack.THERE


def _is_nothing(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass)


def _parts(one: Rehearsed, impl: DefaultImpl, new: set[TableKey]) -> Iterable[Part]:
    own = [sent for sent in one.sent if not sent.is_bookkeeping]
    for _, group in groupby(own, key=lambda sent: id(sent.operation) if sent.operation else 0):
        sent = tuple(group)
        operation: Any = sent[0].operation
        if isinstance(operation, ops.CreateTableOp):
            new.add((operation.schema, str(operation.table_name)))
        tables = tuple(dict.fromkeys(tables_of(operation)))
        is_new = isinstance(operation, ops.CreateTableOp) or (bool(tables) and new.issuperset(tables))
        yield Part(
            operation,
            sent,
            impl.effect_of(operation) if operation is not None else None,
            tables,
            is_new,
            is_reversible(operation),
            loses_rows(operation) and not is_new,
        )
