"""MariaDB tells of each statement whether it took effect: not yet before it, and then that it did."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from limbeck.ddl.journaling import Outcome
from limbeck.ddl.mysql import journaling
from tests.backends.engines import connected

SETUP = (
    "CREATE TABLE parent (id INT PRIMARY KEY)",
    "CREATE TABLE book (id INT PRIMARY KEY, title VARCHAR(20), pages INT, parent_id INT, INDEX ix_old (title))",
    "CREATE TABLE `odd ``name` (id INT)",
    "CREATE VIEW plenty AS SELECT id FROM book",
    "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE TRIGGER tr_old BEFORE INSERT ON book FOR EACH ROW SET NEW.pages = 1",
)
DECIDED = (
    "CREATE TABLE new (id INT)",
    "CREATE TABLE IF NOT EXISTS new (id INT) COMMENT='100%%'",
    "CREATE OR REPLACE TABLE parent (id INT PRIMARY KEY, x INT)",
    "-- why\n/* and how */ CREATE TABLE new LIKE book",
    "DROP TABLE `odd ``name`",
    "DROP TABLE IF EXISTS parent, `odd ``name`",
    "ALTER TABLE book ADD COLUMN more INT",
    "ALTER TABLE book MODIFY title VARCHAR(30) NOT NULL",
    "ALTER TABLE book CHANGE pages page_count INT",
    "ALTER TABLE book ALTER COLUMN pages SET DEFAULT 3",
    "ALTER TABLE book ALTER COLUMN pages SET DEFAULT '3', ADD COLUMN a INT, DROP COLUMN title",
    "ALTER TABLE book DROP COLUMN pages",
    "ALTER TABLE book RENAME COLUMN pages TO page_count",
    "ALTER TABLE book RENAME INDEX ix_old TO ix_new",
    "ALTER TABLE book ADD CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id)",
    "ALTER TABLE book ADD CONSTRAINT uq UNIQUE (title)",
    "ALTER TABLE book ADD CONSTRAINT ck CHECK (pages > 0)",
    "ALTER TABLE book DROP PRIMARY KEY",
    "ALTER TABLE book COMMENT 'works'",
    "ALTER TABLE `odd ``name` RENAME TO even",
    "ALTER TABLE book RENAME AS tome",
    "RENAME TABLE book TO tome",
    "RENAME TABLE book TO tome, parent TO ancestor",
    "RENAME TABLE book TO aside, parent TO book, aside TO parent",
    "CREATE INDEX ix ON book (pages)",
    "CREATE UNIQUE INDEX IF NOT EXISTS ix USING BTREE ON `book` (pages)",
    "DROP INDEX ix_old ON book",
    "CREATE VIEW few AS SELECT id FROM parent",
    "CREATE OR REPLACE VIEW plenty AS SELECT title FROM book",
    "CREATE OR REPLACE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW plenty AS SELECT title FROM book",
    "DROP VIEW plenty",
    "CREATE SEQUENCE numbers START WITH 5",
    "CREATE TRIGGER tr BEFORE UPDATE ON book FOR EACH ROW SET NEW.pages = 2",
    "DROP TRIGGER tr_old",
    "CREATE PROCEDURE grow() UPDATE book SET pages = pages + 1",
    "CREATE OR REPLACE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 2",
    "DROP FUNCTION IF EXISTS one",
    "CREATE EVENT later ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 DAY DO DELETE FROM book",
)
REPEATED = ("TRUNCATE TABLE book", "OPTIMIZE TABLE book", "FLUSH TABLES", "SET @a = 1")
UNKNOWN = ("CALL grow(1)", "INSTALL SONAME 'nothing'")


@pytest.fixture
def connection(mariadb_url: str):
    with connected(mariadb_url, isolation_level="AUTOCOMMIT") as connection:
        for statement in SETUP:
            run(connection, statement)
        yield connection


def run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


@pytest.mark.parametrize("statement", DECIDED)
def test_it_is_known_whether_a_statement_took_effect(connection: Connection, statement: str) -> None:
    evidence = journaling.find_evidence(connection, statement)
    assert evidence is not None
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE
    run(connection, statement.replace("%%", "%"))
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.DONE


@pytest.mark.parametrize("statement", REPEATED)
def test_what_can_be_run_twice_is_run_again(connection: Connection, statement: str) -> None:
    evidence = journaling.find_evidence(connection, statement)
    run(connection, statement)
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE


@pytest.mark.parametrize("statement", UNKNOWN)
def test_nothing_is_guessed(connection: Connection, statement: str) -> None:
    assert journaling.find_evidence(connection, statement) is None
    assert journaling.settle(connection, statement, None).outcome is Outcome.UNKNOWN


def test_tables_of_which_some_are_dropped_are_a_question(connection: Connection) -> None:
    statement = "DROP TABLE parent, `odd ``name`"
    evidence = journaling.find_evidence(connection, statement)
    run(connection, "DROP TABLE parent")
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.UNKNOWN


def test_rows_that_come_meanwhile_do_not_look_like_a_change(connection: Connection) -> None:
    run(connection, "CREATE TABLE counted (id INT PRIMARY KEY AUTO_INCREMENT, x INT)")
    statement = "ALTER TABLE counted ADD COLUMN y INT"
    evidence = journaling.find_evidence(connection, statement)
    run(connection, "INSERT INTO counted (x) VALUES (1), (2)")
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE


def test_a_session_is_busy_only_while_it_works(connection: Connection, mariadb_url: str) -> None:
    number = str(connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar())
    with connected(mariadb_url) as other:
        assert not journaling.is_session_busy(other, number)
    assert not journaling.is_session_busy(connection, number)
