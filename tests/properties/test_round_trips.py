"""From any schema to any other and back: what autogenerate writes runs, leaves nothing to do, and can be undone."""

from __future__ import annotations

import os
import warnings
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.autogenerate.recorded import World, bodies
from tests.properties.schemas import TRAITS, Schema, Traits, emptied, models, pairs, snapshot

COUNT = int(os.environ.get("LIMBECK_FUZZ", "40"))
PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]

many = settings(
    max_examples=COUNT,
    deadline=None,
    derandomize="LIMBECK_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate) if COUNT > 40 else tuple(Phase),
)


@many
@given(st.data())
def test_any_schema_becomes_any_other_on_sqlite(data: st.DataObject) -> None:
    """AUT-7, AUT-41 to AUT-53."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        check_pair(connection, TRAITS["sqlite"], data)
    engine.dispose()


def test_any_schema_becomes_any_other_on_postgresql(postgresql_url: str) -> None:
    """AUT-7, AUT-31, AUT-34, AUT-41 to AUT-53, OPS-65."""
    check_pairs(postgresql_url, TRAITS["postgresql"])


def test_any_schema_becomes_any_other_on_mariadb(mariadb_url: str) -> None:
    """AUT-7, AUT-32, AUT-44, AUT-50."""
    check_pairs(mariadb_url, TRAITS["mariadb"])


def check_pairs(url: str, traits: Traits) -> None:
    engine = sa.create_engine(url)

    @many
    @given(st.data())
    def check(data: st.DataObject) -> None:
        with engine.connect() as connection, emptied(connection, traits):
            check_pair(connection, traits, data)

    check()
    engine.dispose()


def check_pair(connection: sa.Connection, traits: Traits, data: st.DataObject) -> None:
    first, second = data.draw(pairs(traits), "from and to")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        there_and_back(connection, traits, first, second)


def there_and_back(connection: sa.Connection, traits: Traits, first: Schema, second: Schema) -> None:
    """Nothing → first → second → first → second → first → nothing, all with what is written for it."""
    nothing = snapshot(connection, traits.schemas)
    begin = Move(connection, models(first))
    begin.upgrade(begin)
    as_first = snapshot(connection, traits.schemas)
    move = Move(connection, models(second))
    move.upgrade(move)
    as_second = snapshot(connection, traits.schemas)
    move.downgrade(begin)
    check_is_same(snapshot(connection, traits.schemas), as_first)
    move.upgrade(move)
    check_is_same(snapshot(connection, traits.schemas), as_second)
    move.downgrade(begin)
    begin.downgrade(None)
    check_is_same(snapshot(connection, traits.schemas), nothing)


def check_is_same(found: dict[Any, Any], expected: dict[Any, Any]) -> None:
    """Compare two snapshots; what differs is all that is shown."""
    different = {
        key: (found.get(key), expected.get(key))
        for key in {*found, *expected}
        if found.get(key) != expected.get(key)
    }
    assert not different, different


class Move:
    """The migration from the present state to some models."""

    def __init__(self, connection: sa.Connection, metadata: sa.MetaData) -> None:
        options: dict[str, Any] = {
            "include_schemas": connection.dialect.name == "postgresql",
            "compare_server_default": True,
            "autogenerate_plugins": PLUGINS,
        }
        self.world = World({"setup_sql": []}, connection, metadata, options)
        self.up, self.down, self.imports = bodies(self.world)

    def upgrade(self, goal: Move) -> None:
        """Run the way there; the models of `goal` are reached then."""
        note(f"upgrade:\n{self.up}")
        self.world.run(self.up, self.imports)
        goal.check_is_reached()

    def downgrade(self, goal: Move | None) -> None:
        """Run the way back."""
        note(f"downgrade:\n{self.down}")
        self.world.run(self.down, self.imports)
        if goal is not None:
            goal.check_is_reached()

    def check_is_reached(self) -> None:
        """Nothing is left to do."""
        left = self.world.differences()
        assert left == [], left
