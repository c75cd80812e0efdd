"""The tables of drivers agree with SQLAlchemy, and with the extras that limbeck has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import make_url

from limbeck.ddl.drivers import Driver, drivers_of, find_backend, list_backends

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]
ALL = [(backend, driver) for backend in list_backends() for driver in drivers_of(backend)]


@pytest.mark.parametrize(("backend", "driver"), ALL, ids=[f"{b}-{d.name}" for b, d in ALL])
def test_sqlalchemy_knows_every_driver(backend: str, driver: Driver) -> None:
    dialect = make_url(f"{backend}+{driver.name}://").get_dialect()
    assert dialect.driver == driver.name or driver.name == "cx_oracle"
    is_async = bool(getattr(dialect, "is_async", False))
    assert is_async == ("limbeck[async]" in driver.requirement)


@pytest.mark.parametrize(("backend", "driver"), ALL, ids=[f"{b}-{d.name}" for b, d in ALL])
def test_an_extra_that_is_named_exists(backend: str, driver: Driver) -> None:
    for extra in re.findall(r"limbeck\[(\w+)\]", driver.requirement):
        assert extra in EXTRAS
        if extra != "async":
            assert any(re.match(rf"{driver.name}\b", each) for each in EXTRAS[extra])


def test_a_driver_inside_a_package_that_is_not_there_is_not_installed() -> None:
    assert not Driver("x", "no_such_package_here.connector", "x").is_installed
    assert Driver("x", "sqlite3", "x").is_installed
    assert Driver("x", "y", '"limbeck[z]"').command == 'pip install "limbeck[z]"'


def test_a_dialect_from_elsewhere_has_no_table() -> None:
    assert drivers_of("cockroachdb") == ()
    assert find_backend("cockroachdb") == "cockroachdb"
    assert find_backend("postgres") == "postgresql"
