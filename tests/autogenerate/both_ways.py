"""From one set of models to another and back, with what is written for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from limbeck.autogenerate.api import compare_metadata
from limbeck.runtime.migration import MigrationContext
from tests.autogenerate.recorded import World, bodies

Models = Callable[[sa.MetaData], None]


def models(declare: Models, **options: Any) -> sa.MetaData:
    metadata = sa.MetaData(**options)
    declare(metadata)
    return metadata


def differences(connection: sa.Connection, metadata: sa.MetaData) -> Any:
    return compare_metadata(MigrationContext.configure(connection), metadata)


def check(connection: sa.Connection, before: Models, after: Models, **options: Any) -> tuple[str, str]:
    """Go from `before` to `after` and back with what is written, and return that."""
    old, new = models(before, **options), models(after, **options)
    old.create_all(connection)
    connection.commit()
    world = World({"setup_sql": []}, connection, new, {})
    upgrade, downgrade, imports = bodies(world)
    world.run(upgrade, imports)
    assert differences(connection, new) == []
    world.run(downgrade, imports)
    assert differences(connection, old) == []
    return upgrade, downgrade


def table(name: str, metadata: sa.MetaData, *items: Any) -> sa.Table:
    return sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *items)


def nothing(metadata: sa.MetaData) -> None:
    """No tables."""
