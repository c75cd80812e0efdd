"""From one set of models to another and back as MySQL would go, as far as MariaDB can stand for it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.mysql import foreign_keys
from limbeck.ddl.mysql.impl import MySQLImpl
from tests.autogenerate.both_ways import Models, check, table
from tests.backends.engines import connected


@pytest.mark.parametrize("name", ["fk_a", None])
def test_the_index_of_a_foreign_key_gives_way_without_if_exists(
    mariadb_url: str, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    """AUT-44: MySQL, too, drops the index that it made once another one serves, but knows no DROP INDEX IF EXISTS."""

    def settle_as_mysql(impl: MySQLImpl, operations: Any, found: sa.Table, wanted: sa.Table | None) -> Any:
        return foreign_keys.settle_table_changes(operations, found, wanted, knows_if_exists=False)

    monkeypatch.setattr(MySQLImpl, "settle_table_changes", settle_as_mysql)

    def declared(*columns: str) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table("u", metadata)
            changed = table(
                "t",
                metadata,
                sa.Column("a", sa.ForeignKey("u.id", name=name)),
                sa.Column("b", sa.Integer),
            )
            if columns:
                sa.Index("ix_new", *(changed.c[name] for name in columns))

        return declare

    with connected(mariadb_url) as connection:
        upgrade, downgrade = check(connection, declared(), declared("a", "b"))
    assert [line.split("(")[0] for line in lines(upgrade)] == [
        "op.drop_constraint", "op.drop_index", "op.create_index", "op.create_foreign_key"
    ]  # fmt: skip
    assert [line.split("(")[0] for line in lines(downgrade)] == [
        "op.drop_constraint", "op.drop_index", "op.create_index", "op.create_foreign_key"
    ]  # fmt: skip
    assert "if_exists" not in upgrade


def lines(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip().startswith("op.")]
