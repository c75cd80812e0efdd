"""Statements that PostgreSQL runs outside a transaction: which they are, and what is left of one that was cut off."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from limbeck.ddl.journaling import Outcome, Settlement
from limbeck.ddl.postgresql import journaling
from tests.backends.engines import connected

BUILD = "CREATE INDEX CONCURRENTLY ix_new ON book (title)"
DECIDED = (
    BUILD,
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ux ON book USING btree (id)",
    'CREATE INDEX CONCURRENTLY "It\'s new" ON public.book (title)',
    "-- why\nCREATE INDEX CONCURRENTLY ix_new ON shop.item (id)",
    "DROP INDEX CONCURRENTLY ix_old",
    'DROP INDEX CONCURRENTLY IF EXISTS public."ix_old"',
    "DROP INDEX CONCURRENTLY shop.ix_item",
)


@pytest.fixture
def connection(postgresql_url: str):
    with connected(postgresql_url, isolation_level="AUTOCOMMIT") as connection:
        for statement in (
            "CREATE TABLE book (id int, title text)",
            "CREATE INDEX ix_old ON book (title)",
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.item (id int)",
            "CREATE INDEX ix_item ON shop.item (id)",
        ):
            connection.exec_driver_sql(statement)
        yield connection


@pytest.mark.parametrize("statement", DECIDED)
def test_it_is_known_whether_a_statement_took_effect(connection: Connection, statement: str) -> None:
    evidence = journaling.find_evidence(connection, statement)
    assert evidence is not None
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE
    connection.exec_driver_sql(statement)
    assert journaling.settle(connection, statement, evidence) == Settlement(Outcome.DONE)


@pytest.mark.parametrize("statement", ["VACUUM book", "REINDEX TABLE book", "CLUSTER book USING ix_old"])
def test_what_can_be_run_twice_is_run_again(connection: Connection, statement: str) -> None:
    evidence = journaling.find_evidence(connection, statement)
    connection.exec_driver_sql(statement)
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE


def test_nothing_is_guessed(connection: Connection) -> None:
    statement = "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p"
    assert journaling.find_evidence(connection, statement) is None
    assert journaling.settle(connection, statement, None).outcome is Outcome.UNKNOWN


def test_an_index_whose_building_was_cut_off_is_removed_before_it_is_built_again(
    connection: Connection, postgresql_url: str
) -> None:
    evidence = journaling.find_evidence(connection, BUILD)
    with (
        connected(postgresql_url) as writer,
        connected(postgresql_url, isolation_level="AUTOCOMMIT") as builder,
    ):
        writer.exec_driver_sql("INSERT INTO book VALUES (1, 'a')")  # the building waits for its end
        number = str(builder.exec_driver_sql("SELECT pg_backend_pid()").scalar())
        failures: list[Exception] = []
        thread = threading.Thread(target=_build, args=(builder, failures))
        thread.start()
        while _index_count(connection) < 1:
            time.sleep(0.01)
        assert journaling.is_session_busy(connection, number)
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        thread.join(timeout=30)
        assert failures
        writer.rollback()
    settlement = journaling.settle(connection, BUILD, evidence)
    assert settlement == Settlement(Outcome.NOT_DONE, cleanup="DROP INDEX CONCURRENTLY IF EXISTS ix_new")
    connection.exec_driver_sql(str(settlement.cleanup))
    assert _index_count(connection) == 0
    assert not journaling.is_session_busy(connection, number)


@pytest.mark.parametrize(
    ("statement", "shares"),
    [
        ("CREATE TABLE a (id int)", True),
        ("CREATE INDEX ix ON a (id)", True),
        ("UPDATE a SET id = 1", True),
        ("VACUUM", False),
        ("-- now\nREINDEX INDEX CONCURRENTLY ix", False),
        ("CREATE UNIQUE INDEX CONCURRENTLY ix ON a (id)", False),
        ("DROP INDEX CONCURRENTLY ix", False),
        ("CREATE DATABASE a", False),
        ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", False),
        ("ALTER SYSTEM SET work_mem = '1MB'", False),
        ("CALL grow(1)", False),
    ],
)
def test_what_no_transaction_may_have_around_it_is_known(statement: str, shares: bool) -> None:
    assert journaling.shares_transaction(statement, (15,)) is shares


def test_a_value_of_an_enum_may_be_added_in_a_transaction_since_12() -> None:
    statement = "ALTER TYPE mood ADD VALUE 'blue'"
    assert [journaling.shares_transaction(statement, (version,)) for version in (11, 12)] == [False, True]


PROCEDURES = (
    "CREATE PROCEDURE plain() LANGUAGE sql AS $$ UPDATE book SET id = 1 $$",
    "CREATE PROCEDURE shop.looping() LANGUAGE plpgsql AS $$ BEGIN UPDATE book SET id = 2; END $$",
    "CREATE PROCEDURE looping() LANGUAGE plpgsql AS $$ BEGIN UPDATE book SET id = 2; COMMIT; END $$",
    'CREATE PROCEDURE "It\'s"() LANGUAGE plpgsql AS $$ BEGIN CALL looping(); END $$',
)


@pytest.mark.parametrize(
    ("statement", "leaves"),
    [
        ("CALL plain()", True),
        ("call  shop . looping ( )", True),
        ("CALL public.looping()", False),
        ("CALL looping()", False),  # it may be either
        ('CALL "It\'s"()', False),
        ("CALL nobody_knows(1)", False),
        ("DO $$ BEGIN UPDATE book SET id = 3; END $$", True),
        ("-- why\nDO $$ BEGIN UPDATE book SET id = 3; COMMIT; END $$", False),
        ("VACUUM", False),
    ],
)
def test_a_procedure_that_ends_no_transaction_is_known(
    connection: Connection, statement: str, leaves: bool
) -> None:
    for procedure in PROCEDURES:
        connection.exec_driver_sql(procedure)
    assert journaling.leaves_transaction(connection, statement) is leaves


def _build(connection: Connection, failures: list[Exception]) -> None:
    try:
        connection.exec_driver_sql(BUILD)
    except DBAPIError as error:
        failures.append(error)


def _index_count(connection: Connection) -> int:
    found = connection.exec_driver_sql("SELECT count(*) FROM pg_class WHERE relname = 'ix_new'")
    return int(found.scalar_one())
