"""A URL is taken as it was meant, and what cannot be taken is explained without showing it."""

from __future__ import annotations

import pytest

from limbeck.command.discovery.reading import read_url
from limbeck.command.discovery.urls import FoundURL
from limbeck.ddl import drivers
from limbeck.errors import CommandError, DriverMissing, UnknownDatabaseKind, UnreadableURL


def read(text: str) -> tuple[str, list[str]]:
    url, notes = read_url(FoundURL(text, "DATABASE_URL"))
    return url.render_as_string(hide_password=False), list(notes)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The modules of drivers that count as installed."""
    modules = {"psycopg", "pymysql", "sqlite3", "aiosqlite"}
    monkeypatch.setattr(drivers, "find_spec", lambda name: name if name in modules else None)
    return modules


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///shop.db",
        "sqlite+aiosqlite:///shop.db",
        "postgresql+psycopg://app:s%40cret@db:5432/shop?sslmode=require",
        "mysql+pymysql://app@db/shop",
    ],
)
def test_what_is_right_stays_as_it_is(installed: set[str], text: str) -> None:
    assert read(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("postgresql+psycopg://app:we:ird@db/shop", "postgresql+psycopg://app:we%3Aird@db/shop"),
        ("postgresql+psycopg://app:we/ird#@db/shop", "postgresql+psycopg://app:we%2Fird%23@db/shop"),
        ("postgresql+psycopg://app@db/shop?options=a@b", "postgresql+psycopg://app@db/shop?options=a%40b"),
    ],
)
def test_what_can_be_told_apart_need_not_be_encoded(installed: set[str], text: str, taken: str) -> None:
    assert read(text) == (taken, [])


def test_other_words_for_a_database_are_known(installed: set[str]) -> None:
    installed.add("psycopg2")  # the usual one before SQLAlchemy 2.1
    note = "postgres:// in DATABASE_URL is read as postgresql://"
    assert read("postgres://app:pw@db/shop") == ("postgresql://app:pw@db/shop", [note])
    assert read("postgres+psycopg://db/shop")[0] == "postgresql+psycopg://db/shop"


def test_a_driver_that_is_installed_is_taken(installed: set[str]) -> None:
    assert read("mariadb://db/shop") == (
        "mariadb+pymysql://db/shop",
        ["no driver is named in DATABASE_URL: pymysql is installed and used"],
    )


def test_the_usual_driver_is_taken_if_it_is_there(installed: set[str]) -> None:
    installed |= {"psycopg2", "MySQLdb"}
    assert read("mysql://db/shop") == ("mysql://db/shop", [])


def test_an_asynchronous_driver_is_better_than_none(installed: set[str]) -> None:
    installed.discard("psycopg")
    installed.add("asyncpg")
    assert read("postgresql://db/shop")[0] == "postgresql+asyncpg://db/shop"


def test_without_any_driver_it_is_said_what_to_install(installed: set[str]) -> None:
    installed.clear()
    with pytest.raises(DriverMissing) as caught:
        read("postgresql://db/shop")
    assert str(caught.value) == (
        "postgresql needs a driver; none of psycopg, psycopg2, pg8000, asyncpg is installed "
        "(the URL is from DATABASE_URL)"
    )
    assert caught.value.hint == 'pip install "limbeck[postgresql]"'


def test_the_driver_that_is_named_is_not_installed(installed: set[str]) -> None:
    with pytest.raises(DriverMissing) as caught:
        read("postgresql+psycopg2://db/shop")
    assert caught.value.hint == (
        "pip install psycopg2-binary\nor leave +psycopg2 out of the URL: psycopg is installed"
    )


def test_a_script_needs_no_driver(installed: set[str]) -> None:
    installed.clear()
    url, notes = read_url(FoundURL("postgres://db/shop", "--url"), needs_driver=False)
    assert (str(url), notes) == ("postgresql://db/shop", ("postgres:// in --url is read as postgresql://",))


CUT = "its password has a character that must be encoded, so that it cannot be told where it ends"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("shop.db", "there is no :// in it"),
        ("sqlite:/shop.db", "there is no :// in it"),
        ("://c4nary", "what stands before :// is no name of a database"),
        ("my sql://app:c4nary@db", "what stands before :// is no name of a database"),
        ("postgresql://app:c4nary@db:abc/shop", 'the port is "abc"'),
        ("postgresql://app:c4n@ry@db/shop", CUT),
        ("postgresql://app:c4n@ry:x@db/shop", CUT),
        ("postgresql://app:c4n@ry/x@db/shop", CUT),
        ("postgresql+psycpg://app:c4nary@db/shop", 'postgresql has no driver "psycpg"'),
    ],
)
def test_what_cannot_be_read_is_explained(installed: set[str], text: str, reason: str) -> None:
    with pytest.raises(UnreadableURL) as caught:
        read(text)
    assert str(caught.value) == f"The database URL (from DATABASE_URL) cannot be read: {reason}"
    assert "c4n" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize(
    ("kind", "near"), [("postgress", ("postgresql",)), ("mariabd", ("mariadb",)), ("xyz", ())]
)
def test_an_unknown_kind_of_database(installed: set[str], kind: str, near: tuple[str, ...]) -> None:
    with pytest.raises(UnknownDatabaseKind) as caught:
        read(f"{kind}://app:c4nary@db/shop")
    assert caught.value.near == near
    assert "c4nary" not in f"{caught.value}{caught.value.hint}"


def test_they_are_all_for_the_user_to_mend() -> None:
    assert all(issubclass(kind, CommandError) for kind in (DriverMissing, UnknownDatabaseKind, UnreadableURL))
