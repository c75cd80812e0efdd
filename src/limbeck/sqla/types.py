"""Types: their kinds, their stand-ins, and those that have a name of their own in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy.types import DateTime, TypeEngine


def is_same_kind_of_type(one: TypeEngine[Any], other: TypeEngine[Any]) -> bool:
    """Whether two types hold the same kind of value, so that it needs no cast between them (BAT-22)."""
    return one._type_affinity is other._type_affinity


def is_datetime(type_: TypeEngine[Any]) -> bool:
    """Whether a type holds a date with a time, also behind a decorator (OPS-47)."""
    affinity = type_._type_affinity
    return affinity is not None and issubclass(affinity, DateTime)


def variants(type_: TypeEngine[Any]) -> dict[str, TypeEngine[Any]]:
    """The types that stand in for a type on certain dialects, by the dialect's name."""
    return dict(type_._variant_mapping)


def creation_event(runner: Any, *, checkfirst: bool) -> dict[str, Any]:
    """What listeners to the creation of a table are told: who creates it, whose `memo` they use to keep notes."""
    return {"checkfirst": checkfirst, "_ddl_runner": runner}


def drop_event(runner: Any) -> dict[str, Any]:
    """What listeners to the drop of a table are told.

    SQLAlchemy 2.0 would drop a named type with any table whose columns are known; said to be part of something
    greater, it leaves the type to that, as SQLAlchemy 2.1 does always (OPS-65).
    """
    return {"checkfirst": False, "_ddl_runner": runner, "_is_metadata_operation": True}


def note_named_type(type_: Any, runner: Any) -> None:
    """Let a type that has been created not be created again: SQLAlchemy asks the `memo` of `runner`."""
    type_._check_for_name_in_memos(False, {"_ddl_runner": runner})


def name_of_type(type_: Any) -> tuple[str | None, str]:
    """Schema and name of a named type."""
    return type_.schema, str(type_.name)


def forget_named_type(memo: dict[Any, Any], name: str, schema: str | None) -> None:
    """Let a dropped type be created again: SQLAlchemy notes in `memo`, by (schema, name), what it has created."""
    for created in memo.values():
        if isinstance(created, set):
            created.discard((schema, name))
