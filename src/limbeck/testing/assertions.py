"""Assertions, and dialects by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect

_dialect_mods: dict[str, ModuleType] = {}
"""Modules of dialects that are not registered with SQLAlchemy, by name; each has a class `dialect`."""


def assert_raises_message(
    except_cls: type[Exception], msg: str, callable_: Callable[..., Any], *args: Any, **kwargs: Any
) -> Exception:
    """Assert that a call raises an exception whose text contains what `msg` matches, and return it."""
    with expect_raises_message(except_cls, msg, check_context=False) as raised:
        callable_(*args, **kwargs)
    return raised[0]


@contextmanager
def expect_raises_message(
    except_cls: type[Exception], msg: str, check_context: bool = True, text_exact: bool = False
) -> Iterator[list[Exception]]:
    """Assert that a block raises an exception whose text contains what `msg` matches, or is `msg` exactly.

    With `check_context`, an exception raised while another is handled must have a cause. The value of the
    block is a list that holds the exception afterwards.
    """
    raised: list[Exception] = []
    try:
        yield raised
    except except_cls as error:
        raised.append(error)
    assert raised, f"{except_cls.__name__} was not raised"
    found = raised[0]
    assert str(found) == msg if text_exact else re.search(msg, str(found)), str(found)
    assert not check_context or found.__context__ is None or found.__cause__ is not None, (
        f"{found!r} was raised while {found.__context__!r} was handled, without `from`"
    )


def get_dialect(name: str) -> Dialect:
    """A dialect by its name: `default`, one in `_dialect_mods`, or one that SQLAlchemy knows."""
    if name == "default":
        return DefaultDialect()
    if name in _dialect_mods:
        made: Dialect = _dialect_mods[name].dialect()
        return made
    known: Dialect = registry.load(name)()
    return known
