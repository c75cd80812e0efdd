"""What two runs must agree about, so that one keeps the other out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from limbeck.ddl.locking import Claim
from limbeck.ddl.mysql.lock import lock_name
from limbeck.ddl.postgresql.lock import lock_key

MOST_OF_A_NAME = 64
"""Characters that MySQL takes as the name of a lock."""


def claim(
    table: str = "alembic_version", schema: str | None = None, default_schema: str | None = None
) -> Claim:
    return Claim(
        table,
        schema,
        "web-3",
        812,
        "9d01aa",
        lambda: datetime.now(UTC),
        "journal",
        default_schema=default_schema,
    )


def test_the_number_is_the_same_in_all_versions_of_limbeck() -> None:
    """The vector was computed with another implementation of FNV-1a; to change it lets old and new runs collide."""
    assert claim().number == 0x543254132C971C4A
    assert claim("versionen", "büro").number == 0x99D53AD6145DFE4F


def test_it_tells_tables_and_schemas_apart() -> None:
    numbers = {claim(table, schema).number for table in ("a", "b", "ab") for schema in (None, "a", "b", "ä")}
    assert len(numbers) == 12
    assert claim(schema="public").number == claim(default_schema="public").number
    assert claim(schema="other", default_schema="public").number == claim(schema="other").number


@pytest.mark.parametrize("table", ["alembic_version", "x" * 63, "ÄÖÜ" * 20])
def test_databases_take_it(table: str) -> None:
    assert -(2**63) <= lock_key(claim(table)) < 2**63
    assert len(lock_name(claim(table))) <= MOST_OF_A_NAME
