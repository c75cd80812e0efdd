"""What is read of many MariaDB tables at once: what SQLAlchemy's inspector says of each, table by table."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.compare import records as long_way
from limbeck.ddl.compare.records import COMPARED, TableRecord
from limbeck.ddl.mysql import records
from limbeck.ddl.mysql.definition import Definitions
from tests.backends.engines import connected
from tests.ddl.mysql.test_definition import facts, plain

KINDS = COMPARED | {"primary_key"}

USUAL = r"""
CREATE TABLE parent (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, UNIQUE two (b, a)) COMMENT 'they''re',
    ENGINE InnoDB COMMENT 'plain';
CREATE TABLE child (
    id BIGINT UNSIGNED AUTO_INCREMENT, a INTEGER NOT NULL, b INTEGER, p INTEGER, code VARCHAR(9) NOT NULL,
    PRIMARY KEY (id, a), UNIQUE uq_code (code), UNIQUE INDEX aa (p, code), INDEX zz (b), KEY `odd key` (code, b),
    CONSTRAINT fk_two FOREIGN KEY (b, a) REFERENCES parent (b, a) ON UPDATE CASCADE ON DELETE NO ACTION,
    CONSTRAINT fk_one FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL,
    CONSTRAINT ck CHECK (code <> 'KEY `k` (`a`)'), CONSTRAINT `odd ck` CHECK (code < '~')
) AUTO_INCREMENT = 7;
CREATE TABLE numbers (
    a TINYINT, b SMALLINT UNSIGNED, c MEDIUMINT(5) UNSIGNED ZEROFILL, d INT(7), e BIGINT, f BOOLEAN, g BIT, h BIT(9),
    i DECIMAL, j DECIMAL(12, 3) UNSIGNED, k FLOAT, l DOUBLE, m DOUBLE(10, 2), n FLOAT(7, 3), o REAL, p YEAR
);
CREATE TABLE texts (
    a CHAR, b CHAR(3), c VARCHAR(20), d TINYTEXT, e TEXT, f MEDIUMTEXT, g LONGTEXT, h BINARY(16), i VARBINARY(9),
    j BLOB,
    k LONGBLOB, l VARCHAR(20) CHARACTER SET latin1, m VARCHAR(20) COLLATE utf8mb4_bin, n TEXT CHARACTER SET ascii,
    o ENUM ('a', 'b'), p ENUM ('it''s', 'b,c', '(d)', 'e f'), q SET ('a', 'b'), r SET ('x''y', ''),
    s NATIONAL CHAR(3), t JSON
);
CREATE TABLE times (a DATE, b DATETIME, c DATETIME(6), d TIMESTAMP, e TIMESTAMP(3) NULL, f TIME, g TIME(2));
CREATE TABLE defaults (
    a INTEGER DEFAULT 7, b INTEGER NOT NULL DEFAULT -7, c DECIMAL(5, 2) DEFAULT 1.50, d VARCHAR(40) DEFAULT 'x',
    e VARCHAR(40) DEFAULT '', f VARCHAR(40) DEFAULT 'it''s', g VARCHAR(40) DEFAULT 'a\\b',
    h VARCHAR(40) DEFAULT 'NULL',
    i VARCHAR(40) DEFAULT (uuid()), j INTEGER DEFAULT (1 + 2), k DATETIME DEFAULT CURRENT_TIMESTAMP,
    l TEXT DEFAULT 'long',
    m DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    n TIMESTAMP NOT NULL DEFAULT '2001-02-03 04:05:06',
    o TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP, p BIT(3) DEFAULT b'101', q ENUM ('a', 'b') NOT NULL DEFAULT 'b',
    r VARCHAR(40) DEFAULT (concat('a)', 'b')), s VARCHAR(40) DEFAULT 'a COMMENT ''b''', t FLOAT DEFAULT 1e10,
    u DATE DEFAULT (curdate()),
    v VARCHAR(40) DEFAULT '% %s %%', w VARCHAR(40) DEFAULT 'é☃', x JSON DEFAULT '{"a": [1, ","]}',
    y BOOLEAN DEFAULT TRUE
);
CREATE TABLE comments (
    a INTEGER COMMENT 'plain', b INTEGER COMMENT 'it''s "quoted"', c INTEGER COMMENT 'back\\slash',
    d INTEGER COMMENT 'new\nline',
    e INTEGER COMMENT 'tab\t, return\r', f INTEGER COMMENT '', g INTEGER NOT NULL DEFAULT 3 COMMENT ', `a` INT',
    h INTEGER COMMENT '50%',
    i INTEGER COMMENT 'PRIMARY KEY (`a`)', j INTEGER INVISIBLE COMMENT 'hidden'
) COMMENT 'é☃, (ENGINE=x) "COMMENT=y" % %s';
CREATE TABLE computed (
    a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL, c INTEGER AS (a + 1) STORED,
    d VARCHAR(9) AS (concat(a, ')')) PERSISTENT,
    e VARCHAR(9) AS (concat('it''s', a)) COMMENT 'why', f INTEGER CHECK (f > 0), g JSON CHECK (json_length(g) > 0),
    UNIQUE (c)
);
CREATE TABLE `odd % name's "x" é☃, (y). \ z` (
    `a,b` INTEGER, `f(x)` INTEGER, `it's` INTEGER, `50% %s` INTEGER, `é☃` INTEGER, `x.y` INTEGER, `"q"` INTEGER,
    `\n` INTEGER, `KEY` INTEGER,
    KEY `x.y` (`x.y`, `it's`), UNIQUE `50% %s` (`50% %s`, `é☃`), KEY `"` (`"q"`, `\n`, `KEY`)
);
CREATE TABLE myisam (a INTEGER PRIMARY KEY, b INTEGER, KEY (b)) ENGINE MyISAM CHECKSUM 1 MAX_ROWS 10;
CREATE TABLE compact (a INTEGER) ENGINE InnoDB ROW_FORMAT COMPACT DEFAULT CHARSET latin1;
CREATE TABLE binaries (a VARCHAR(9), b TEXT) COLLATE utf8mb4_bin;
CREATE TABLE chosen (a ENUM ('new
line', 'b'));
CREATE TABLE checked (a VARCHAR(20), CONSTRAINT c CHECK (a <> '
  KEY `k` (`a`)'));
CREATE TABLE compressed (a TEXT COMPRESSED, b INTEGER WITHOUT SYSTEM VERSIONING);
"""

UNUSUAL = r"""
CREATE TABLE `back``tick` (a INTEGER);
CREATE TABLE backticks (`a``b` INTEGER, c INTEGER);
CREATE TABLE prefixed (a TEXT, b VARCHAR(40), KEY k (a(7)), UNIQUE u (b(3)));
CREATE TABLE searched (a TEXT, FULLTEXT KEY k (a));
CREATE TABLE placed (a POINT NOT NULL, SPATIAL KEY k (a));
CREATE TABLE descending (a INTEGER, b INTEGER, KEY k (a DESC, b));
CREATE TABLE hashed (a INTEGER, KEY k (a) USING BTREE COMMENT 'it''s');
CREATE TABLE ignored (a INTEGER, KEY k (a) IGNORED);
CREATE TABLE odd_keys (`a,b` INTEGER, `c)` INTEGER, KEY k (`a,b`, `c)`), KEY `k(` (`c)`));
CREATE TABLE abroad (p INTEGER, CONSTRAINT fk FOREIGN KEY (p) REFERENCES {other}.target (id));
CREATE TABLE partitioned (a INTEGER PRIMARY KEY) PARTITION BY HASH (a) PARTITIONS 3;
CREATE TABLE ranged (a INTEGER) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10),
    PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE `PARTITION` (a INTEGER, KEY `PARTITION` (a));
CREATE TABLE versioned (a INTEGER) WITH SYSTEM VERSIONING;
CREATE TABLE periods (a DATE, b DATE, PERIOD FOR p (a, b));
CREATE TABLE quoted_comment (a INTEGER) COMMENT 'it''s';
CREATE TABLE long_comment (a INTEGER) COMMENT 'new\nline, back\\slash';
CREATE TABLE `new
line` (a INTEGER);
CREATE TABLE others (a UUID, b INET6, c POINT, d GEOMETRY NOT NULL, e POLYGON);
CREATE TABLE `ck, odd` (a INTEGER, CONSTRAINT `ck, odd` CHECK (a < 3));
"""


@pytest.fixture
def other(mariadb_url: str) -> Iterator[str]:
    """A second schema, with a table to refer to."""
    name = f"{sa.make_url(mariadb_url).database}_other_{secrets.token_hex(2)}"
    with connected(mariadb_url) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        connection.exec_driver_sql(f"CREATE TABLE {name}.target (id INTEGER PRIMARY KEY)")
        yield name
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
        connection.exec_driver_sql(f"DROP DATABASE {name}")


@pytest.fixture
def connection(mariadb_url: str, other: str) -> Iterator[sa.Connection]:
    with connected(mariadb_url) as connection:
        for statement in (USUAL + UNUSUAL).replace("{other}", other).split(";\n"):
            if statement.strip():
                run(connection, statement)
        yield connection


def run(connection: sa.Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def names(connection: sa.Connection) -> list[str]:
    return sorted(sa.inspect(connection).get_table_names())


def read(connection: sa.Connection, found: list[str], schema: str | None = None) -> dict[str, TableRecord]:
    given = records.read_records(sa.inspect(connection), schema, found, KINDS)
    return {record.name: record for record in given}


def read_long(
    connection: sa.Connection, found: list[str], schema: str | None = None
) -> dict[str, TableRecord]:
    given = long_way.read_records(sa.inspect(connection), schema, found, KINDS)
    return {record.name: record for record in given}


def compare(connection: sa.Connection, found: list[str], schema: str | None = None) -> int:
    """Assert that both ways say the same of these tables, and count them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        short, long = read(connection, found, schema), read_long(connection, found, schema)
    assert short.keys() == long.keys()
    for name, record in short.items():
        assert record.key == long[name].key
        assert plain(facts(record)) == plain(facts(long[name])), name
    return len(short)


@pytest.mark.parametrize("is_named", [False, True])
def test_the_records_are_those_of_the_inspector(connection: sa.Connection, is_named: bool) -> None:
    schema = connection.engine.url.database if is_named else None
    assert compare(connection, names(connection), schema) == USUAL.count("CREATE ") + UNUSUAL.count("CREATE ")


def test_usual_tables_are_read_without_the_inspector(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(inspector: Any, schema: str | None, found: list[str], kinds: Any) -> Iterator[TableRecord]:
        asked.extend(found)
        return iter(())

    monkeypatch.setattr(long_way, "read_records", ask)
    found = read(connection, names(connection))
    assert len(asked) == UNUSUAL.count("CREATE ")
    assert len(found) == USUAL.count("CREATE ")
    assert {"child", "defaults", "comments"} <= found.keys()
    assert {"searched", "abroad", "versioned"} <= set(asked)


@pytest.mark.parametrize(
    "mode",
    [
        "SET sql_mode = 'ANSI_QUOTES'",
        "SET sql_mode = 'ANSI'",
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
        "SET sql_mode = 'NO_TABLE_OPTIONS'",
        "SET sql_mode = 'MYSQL40'",
        "SET sql_mode = 'ORACLE'",
        "SET sql_quote_show_create = 0",
        "SET group_concat_max_len = 4",
    ],
)
def test_a_mode_of_the_session_makes_no_difference(connection: sa.Connection, mode: str) -> None:
    connection.exec_driver_sql(mode)
    assert compare(connection, names(connection)) > 0


def test_a_server_that_quotes_otherwise_is_asked_by_sqlalchemy(
    mariadb_url: str, connection: sa.Connection
) -> None:
    url = sa.make_url(mariadb_url).update_query_dict({"init_command": "SET sql_mode = 'ANSI_QUOTES'"})
    found = names(connection)
    with connected(url.render_as_string(hide_password=False)) as other_connection:
        assert not records.is_known(other_connection.dialect)
        assert compare(other_connection, found) == len(found)


def test_a_table_that_is_gone_is_left_out(connection: sa.Connection) -> None:
    assert list(read(connection, ["child", "gone"])) == ["child"]


def test_a_table_of_a_session_is_read_instead_of_the_one_it_hides(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TEMPORARY TABLE child (only INTEGER)")
    assert compare(connection, ["child", "parent"]) == 2
    assert [column["name"] for column in read(connection, ["child"])["child"].columns] == ["only"]


def test_who_asks_for_more_gets_it_from_the_inspector(connection: sa.Connection) -> None:
    kinds = KINDS | {"check_constraints"}
    (record,) = records.read_records(sa.inspect(connection), None, ["child"], kinds)
    assert [check["name"] for check in record.check_constraints] == ["ck", "odd ck"]


def test_whoever_listens_hears_each_question(connection: sa.Connection) -> None:
    heard: list[str] = []

    def listen(*arguments: Any) -> None:
        heard.append(arguments[2])

    sa.event.listen(connection, "before_cursor_execute", listen)
    read(connection, ["child", "parent"])
    assert heard == ["SHOW CREATE TABLE `child`", "SHOW CREATE TABLE `parent`"]


def test_relatives_and_servers_that_write_keys_wrongly_are_asked_by_sqlalchemy(
    connection: sa.Connection,
) -> None:
    class Relative(type(connection.dialect)):  # type: ignore[misc]
        __module__ = "tidb.dialect"

    assert records.is_known(connection.dialect)
    assert not records.is_known(Relative())
    wrong = type(connection.dialect)()
    wrong._needs_correct_for_88718_96365 = True  # type: ignore[attr-defined]
    assert not records.is_known(wrong)


def test_a_type_that_nobody_knows_is_left_to_sqlalchemy(connection: sa.Connection) -> None:
    """Which warns of it, once."""
    row = connection.exec_driver_sql("SHOW CREATE TABLE parent").one()
    assert Definitions(connection.dialect).read((None, "parent"), row[1]) is not None
    assert Definitions(connection.dialect).read((None, "parent"), row[1].replace("int(", "oddity(")) is None


def test_a_connection_that_is_lost_is_not_asked_again(mariadb_url: str, connection: sa.Connection) -> None:
    (number,) = connection.exec_driver_sql("SELECT CONNECTION_ID()").one()
    with connected(mariadb_url) as other_connection:
        other_connection.exec_driver_sql(f"KILL {number}")
    with pytest.raises(sa.exc.OperationalError, match="SHOW CREATE TABLE `child`") as raised:
        read(connection, ["child", "parent"])
    assert raised.value.connection_invalidated
