"""MariaDB tells of each statement whether it took effect: not yet before it, and then that it did."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from limbeck.ddl.journaling import Outcome
from limbeck.ddl.mysql import creations, journaling
from limbeck.ddl.mysql.known import KnownObjects
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


def find_evidence(connection: Connection, statement: str, known: KnownObjects | None = None) -> str | None:
    return journaling.find_evidence(connection, statement, known or KnownObjects())


@pytest.mark.parametrize("statement", DECIDED)
def test_it_is_known_whether_a_statement_took_effect(connection: Connection, statement: str) -> None:
    evidence = find_evidence(connection, statement)
    assert evidence is not None
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE
    run(connection, statement.replace("%%", "%"))
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.DONE


@pytest.mark.parametrize("statement", REPEATED)
def test_what_can_be_run_twice_is_run_again(connection: Connection, statement: str) -> None:
    evidence = find_evidence(connection, statement)
    run(connection, statement)
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE


@pytest.mark.parametrize("statement", UNKNOWN)
def test_nothing_is_guessed(connection: Connection, statement: str) -> None:
    assert find_evidence(connection, statement) is None
    assert journaling.settle(connection, statement, None).outcome is Outcome.UNKNOWN


def test_tables_of_which_some_are_dropped_are_a_question(connection: Connection) -> None:
    statement = "DROP TABLE parent, `odd ``name`"
    evidence = find_evidence(connection, statement)
    run(connection, "DROP TABLE parent")
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.UNKNOWN


def test_rows_that_come_meanwhile_do_not_look_like_a_change(connection: Connection) -> None:
    run(connection, "CREATE TABLE counted (id INT PRIMARY KEY AUTO_INCREMENT, x INT)")
    statement = "ALTER TABLE counted ADD COLUMN y INT"
    evidence = find_evidence(connection, statement)
    run(connection, "INSERT INTO counted (x) VALUES (1), (2)")
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE


def test_a_session_is_busy_only_while_it_works(connection: Connection, mariadb_url: str) -> None:
    number = str(connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar())
    with connected(mariadb_url) as other:
        assert not journaling.is_session_busy(other, number)
    assert not journaling.is_session_busy(connection, number)


# --- what is known without asking ---------------------------------------------------------------------------

CREATED = "CREATE TABLE `Made` (id INT PRIMARY KEY, x INT, y INT, INDEX within (y))"


def questions_before(connection: Connection, known: KnownObjects, statement: str) -> int:
    """How many questions are asked before a statement, which is run then; the evidence must decide about it."""
    before = count_questions(connection)
    evidence = find_evidence(connection, statement, known)
    asked = count_questions(connection) - before - 1
    assert evidence is not None
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.NOT_DONE
    run(connection, statement)
    assert journaling.settle(connection, statement, evidence).outcome is Outcome.DONE
    return asked


def count_questions(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Questions'").one()[1])


@pytest.fixture
def known(connection: Connection) -> KnownObjects:
    """What is known after a look at the names of all tables, and the creation of one."""
    known = KnownObjects()
    assert questions_before(connection, known, CREATED) == 1
    return known


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE another (id INT)",
        "CREATE TABLE IF NOT EXISTS another LIKE book",
        "CREATE VIEW another AS SELECT id FROM book",
        "CREATE SEQUENCE another",
        "CREATE INDEX ix ON `Made` (x)",
        "CREATE UNIQUE INDEX `ix 1%` USING BTREE ON Made (x)",
    ],
)
def test_what_is_surely_absent_is_not_asked_about(
    connection: Connection, known: KnownObjects, statement: str
) -> None:
    assert questions_before(connection, known, statement) == 0


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE OR REPLACE TABLE book (id INT)"],
        ["CREATE OR REPLACE VIEW plenty AS SELECT title FROM book"],
        ["CREATE OR REPLACE TABLE `Made` (id INT)"],
        ["CREATE TABLE another (id INT)", "CREATE OR REPLACE TABLE another (x INT)"],
        ["RENAME TABLE book TO another", "CREATE OR REPLACE TABLE another (x INT)"],
        ["CREATE TABLE `änderung` (id INT)"],
        ["CREATE TABLE `odd ``one` (id INT)"],
        ["CREATE INDEX ix ON book (pages)"],
        ["CREATE OR REPLACE INDEX within ON `Made` (x)"],
        ["CREATE INDEX ix ON `Made` (x)", "CREATE OR REPLACE INDEX IX ON `Made` (y)"],
        ["ALTER TABLE `Made` ADD INDEX ix (x)", "CREATE OR REPLACE INDEX ix ON `Made` (y)"],
        ["RENAME TABLE `Made` TO gone, book TO `Made`", "CREATE INDEX ix ON `Made` (pages)"],
    ],
)
def test_what_may_be_there_is_asked_about(
    connection: Connection, known: KnownObjects, statements: list[str]
) -> None:
    *before, last = statements
    for statement in before:
        questions_before(connection, known, statement)
    assert questions_before(connection, known, last) == 1


@pytest.mark.parametrize("statement", ["CALL grow(1)", "FLUSH TABLES", "CREATE DATABASE IF NOT EXISTS test"])
def test_nothing_is_known_after_what_may_do_anything(
    connection: Connection, known: KnownObjects, statement: str
) -> None:
    find_evidence(connection, statement, known)
    run(connection, "CREATE TABLE another (id INT)")
    assert questions_before(connection, known, "CREATE OR REPLACE TABLE another (x INT)") == 2
    assert questions_before(connection, known, "CREATE INDEX ix ON `Made` (x)") == 1


def test_a_refused_statement_has_left_nothing_if_it_creates_what_was_absent(
    connection: Connection, known: KnownObjects
) -> None:
    run(connection, "CREATE TABLE another (id INT)")  # by somebody else, meanwhile
    evidence = find_evidence(connection, "CREATE TABLE another (id INT)", known)
    assert evidence == '{"TABLE another": ""}'
    assert journaling.is_undone_if_refused(str(evidence))
    evidence = find_evidence(connection, "ALTER TABLE book ADD COLUMN more INT", known)
    assert not journaling.is_undone_if_refused(str(evidence))


# --- what tells of itself -----------------------------------------------------------------------------------

TRACED = (
    "CREATE TABLE another (id INT)",
    "\n-- why\nCREATE TABLE `an other` (id INT)",
    "CREATE INDEX ix ON `Made` (x)",
    "CREATE UNIQUE INDEX `ix 1` ON Made (x)",
)
UNTRACED = (
    "CREATE TABLE IF NOT EXISTS another (id INT)",
    "CREATE OR REPLACE TABLE another (id INT)",
    "CREATE TABLE another LIKE book",
    "CREATE TABLE another (id INT) AS SELECT id FROM book",
    "CREATE TABLE another (id INT) PARTITION BY HASH (id)",
    "CREATE VIEW another AS SELECT id FROM book",
    "CREATE SEQUENCE another",
    "CREATE INDEX IF NOT EXISTS ix ON `Made` (x)",
    "ALTER TABLE book ADD COLUMN more INT",
    "DROP TABLE book",
)


@pytest.mark.parametrize("statement", TRACED)
def test_a_creation_is_found_later(connection: Connection, known: KnownObjects, statement: str) -> None:
    moment = connection.exec_driver_sql("SELECT NOW(6)").scalar_one()
    assert creations.find_new(connection, statement, known) is not None
    assert not journaling.was_created_since(connection, statement, moment)
    run(connection, statement)
    assert journaling.was_created_since(connection, statement, moment)
    assert not journaling.was_created_since(connection, statement, moment + timedelta(hours=1))


@pytest.mark.parametrize("statement", UNTRACED)
def test_what_else_a_statement_does_is_not(
    connection: Connection, known: KnownObjects, statement: str
) -> None:
    moment = connection.exec_driver_sql("SELECT NOW(6)").scalar_one()
    assert creations.find_new(connection, statement, known) is None
    run(connection, statement)
    assert not journaling.was_created_since(connection, statement, moment)


def test_dropping_an_index_of_a_new_table_is_no_creation(connection: Connection, known: KnownObjects) -> None:
    moment = connection.exec_driver_sql("SELECT NOW(6)").scalar_one()
    assert not journaling.was_created_since(connection, "DROP INDEX within ON `Made`", moment)


def test_what_is_there_already_leaves_no_trace(connection: Connection, known: KnownObjects) -> None:
    for statement in ("CREATE TABLE book (id INT)", "CREATE INDEX ix_old ON book (title)"):
        assert creations.find_new(connection, statement, known) is None


@pytest.mark.parametrize("statement", TRACED)
def test_the_evidence_of_a_creation_is_the_same_whoever_is_asked(
    connection: Connection, known: KnownObjects, statement: str
) -> None:
    assert creations.find_new(connection, statement, copy.deepcopy(known)) == find_evidence(
        connection, statement, known
    )


def test_an_index_that_a_creation_has_made_is_not_taken_for_absent(
    connection: Connection, known: KnownObjects
) -> None:
    assert creations.find_new(connection, "CREATE TABLE another (id INT, INDEX `a%%b` (id))", known)
    assert creations.find_new(connection, "CREATE INDEX `a%%b` ON another (id)", known) is None
    assert creations.find_new(connection, "CREATE INDEX ix ON another (id)", known)
    assert creations.find_new(connection, "CREATE INDEX IX ON another (id)", known) is None
