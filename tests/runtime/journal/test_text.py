"""What a statement means for a second run, told from its text alone."""

from __future__ import annotations

import pytest

from limbeck.runtime.journal import digests, text
from limbeck.runtime.journal.kinds import Kind

STATEMENTS = {
    Kind.AGAIN: (
        "SELECT * FROM book",
        "  -- a look\n select 1",
        "/* one */ /* two */ SELECT 1",
        "# MariaDB\nSHOW CREATE TABLE book",
        "(SELECT 1) UNION (SELECT 2)",
        "DESCRIBE book",
        "EXPLAIN UPDATE book SET pages = 0",
        "VALUES (1), (2)",
        "WITH old AS (SELECT 1) SELECT * FROM old",
        "SET search_path TO public",
        "USE shop",
        "PRAGMA foreign_keys = OFF",
        "/*!40101 SET NAMES utf8 */",
        "BEGIN IMMEDIATE",
        "SAVEPOINT one",
        "LOCK TABLE book IN SHARE MODE",
        "VACUUM",
        "CREATE TEMPORARY TABLE aside (id INT)",
        "create temp table aside as select 1",
        "SELECT count(*) FROM book",
        "SELECT now()",
        "SELECT pg_try_advisory_lock(7)",
        "SELECT id INTO @number FROM book",
        "",
    ),
    Kind.DATA: (
        "INSERT INTO book VALUES (1)",
        "-- all\nUPDATE book SET pages = 0",
        "delete from book",
        "REPLACE INTO book VALUES (1)",
        "MERGE INTO book USING other ON (1 = 1) WHEN MATCHED THEN DELETE",
        "COPY book FROM STDIN",
        "LOAD DATA INFILE 'x' INTO TABLE book",
        "WITH gone AS (DELETE FROM book RETURNING *) INSERT INTO old SELECT * FROM gone",
        "SELECT setval('book_id_seq', 7)",
        "SELECT public.make_partition('book', 2025)",
        "SELECT * INTO copied FROM book",
    ),
    Kind.SCHEMA: (
        "CREATE TABLE book (id INT)",
        "ALTER TABLE book ADD COLUMN pages INT",
        "DROP VIEW plenty",
        "RENAME TABLE a TO b",
        "TRUNCATE book",
        "CALL grow(3)",
        "DO $$ BEGIN END $$",
        "GRANT SELECT ON book TO PUBLIC",
        "COMMENT ON TABLE book IS 'x'",
        "/*!40101 CREATE TABLE book (id INT) */",
    ),
}


@pytest.mark.parametrize(("kind", "sql"), [(kind, sql) for kind, some in STATEMENTS.items() for sql in some])
def test_every_statement_has_its_kind(kind: Kind, sql: str) -> None:
    assert text.kind_of(sql) is kind


@pytest.mark.parametrize(
    ("sql", "is_answer"),
    [
        ("SELECT id FROM book", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("SHOW CREATE TABLE `book`", True),
        ("DESCRIBE `shop`.`book`", True),
        ("PRAGMA main.table_xinfo('book')", True),
        ("SELECT LAST_INSERT_ID()", True),
        ("SHOW VARIABLES LIKE 'sql_mode'", False),
        ("SELECT @@sql_mode", False),
        ("SELECT GET_LOCK('x', 0)", False),
        ("SELECT pg_backend_pid()", False),
        ("PRAGMA foreign_keys", False),
        ("SET foreign_key_checks = 0", False),
        ("BEGIN", False),
    ],
)
def test_what_is_asked_of_the_database_is_told_from_what_the_session_is(sql: str, is_answer: bool) -> None:
    assert text.is_answer(sql) is is_answer


def test_beginnings_and_ends_of_transactions_are_seen() -> None:
    statements = (
        "BEGIN",
        "start transaction",
        "SAVEPOINT a",
        "COMMIT",
        "END",
        "ROLLBACK",
        "RELEASE a",
        "SELECT 1",
    )
    assert [text.begins_transaction(sql) for sql in statements] == [True] * 3 + [False] * 4 + [None]
    assert [text.is_commit(sql) for sql in statements] == [False] * 3 + [True] * 2 + [False] * 3


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("CREATE TEMPORARY TABLE aside (id INT)", "aside"),
        ("create temp table if not exists Aside as select 1", "aside"),
        ("CREATE OR REPLACE TEMPORARY TABLE `aside`(id INT)", "`aside`"),
        ("CREATE GLOBAL TEMPORARY TABLE aside (id INT)", "aside"),
        ("CREATE TABLE temporary_things (id INT)", None),
    ],
)
def test_tables_of_the_session_are_found(sql: str, table: str | None) -> None:
    assert text.find_temporary_table(sql) == table


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("INSERT INTO aside(id) VALUES (1)", "aside"),
        ("UPDATE Aside SET id = 1", "aside"),
        ("DELETE FROM aside", "aside"),
        ("DROP TEMPORARY TABLE IF EXISTS aside", "aside"),
        ("SELECT 1", None),
    ],
)
def test_the_table_that_a_statement_changes_is_found(sql: str, table: str | None) -> None:
    assert text.find_target(sql) == table


def test_statements_are_told_apart_by_text_and_by_values() -> None:
    one = digests.digest("UPDATE book SET pages = %(n)s", {"n": 1})
    assert one == digests.digest("UPDATE  book\n SET pages = %(n)s;", {"n": 1})
    assert one != digests.digest("UPDATE book SET pages = %(n)s", {"n": 2})
    assert digests.is_same_text(one, digests.digest("UPDATE book SET pages = %(n)s", {"n": 2}))
    assert not digests.is_same_text(one, digests.digest("UPDATE book SET title = %(n)s", {"n": 1}))
    assert digests.digest("SELECT '100%%'", None) == digests.digest("SELECT '100%'", {})


def test_a_table_that_is_dropped_beside_the_plan_is_seen() -> None:
    plan = {digests.normalized("DROP TABLE book")}
    assert text.is_table_dropped("DROP TABLE _alembic_tmp_book", but=plan)
    assert not text.is_table_dropped("\nDROP TABLE book", but=plan)
    assert not text.is_table_dropped("DROP INDEX ix", but=plan)
