"""What is read of the text of a table: just what SQLAlchemy says of it, or nothing."""

from __future__ import annotations

import os
import warnings
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql

from limbeck.ddl.compare.records import TableRecord
from limbeck.ddl.mysql.definition import Definitions
from tests.ddl.mysql.texts import texts

COUNT = int(os.environ.get("LIMBECK_FUZZ", "40")) * 5

USUAL = """CREATE TABLE `child` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `parent_id` int(11) DEFAULT NULL,
  `mood` enum('happy','it''s: so-so') CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'happy',
  `price (in %, net)` decimal(10,2) DEFAULT 1.50 COMMENT 'it''s ''net'' \\\\ 5%',
  `double` decimal(12,3) GENERATED ALWAYS AS (`price (in %, net)` * 2) STORED,
  `changed` timestamp(3) NOT NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  PRIMARY KEY (`id`,`mood`),
  UNIQUE KEY `uq` (`changed`,`id`),
  KEY `a key` (`parent_id`),
  CONSTRAINT `fk` FOREIGN KEY (`parent_id`,`id`) REFERENCES `p.t` (`id`,`mood`) ON DELETE CASCADE ON UPDATE NO ACTION,
  CONSTRAINT `ck` CHECK (`parent_id` > 0 and `mood` <> 'x'),
  CONSTRAINT `CONSTRAINT_1` CHECK (json_valid(`double`))
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC COMMENT='child of a'"""


class Asked(mysql.dialect):  # type: ignore[misc,valid-type]  # the class of the dialect
    """SQLAlchemy's dialect, on a server that answers each question with the same text."""

    supports_statement_cache = True
    default_schema_name = "home"
    _connection_charset = None
    _needs_correct_for_88718_96365 = False
    text = ""

    def _show_create_table(self, *arguments: Any, **kw: Any) -> str:
        return self.text.strip()


def long_way(dialect: Asked, text: str, schema: str | None = None) -> dict[str, Any]:
    """What SQLAlchemy says of a text."""
    dialect.text = text
    cache: dict[str, Any] = {}

    def ask(name: str) -> Any:
        return getattr(dialect, f"get_{name}")(
            sa.create_mock_engine("mysql://", print), "t", schema, info_cache=cache
        )

    return {
        "columns": ask("columns"),
        "primary_key": ask("pk_constraint"),
        "foreign_keys": ask("foreign_keys"),
        "indexes": ask("indexes"),
        "unique_constraints": ask("unique_constraints"),
        "comment": ask("table_comment"),
    }


def plain(found: Any) -> Any:
    """The facts with types that can be compared: by class and by what they know."""
    columns = [
        {**column, "type": (type(column["type"]), sorted(known(column["type"]).items()))}
        for column in found["columns"]
    ]
    # SQLAlchemy 2.0 says what kind of index it is, too, which nobody looks at.
    indexes = [{key: said for key, said in index.items() if key != "type"} for index in found["indexes"]]
    return {**found, "columns": columns, "indexes": indexes}


def known(type_: Any) -> dict[str, str]:
    return {name: repr(value) for name, value in vars(type_).items() if name != "dispatch"}


def facts(record: TableRecord) -> dict[str, Any]:
    return {
        name: getattr(record, name)
        for name in ("columns", "primary_key", "foreign_keys", "indexes", "unique_constraints", "comment")
    }


def read(text: str, schema: str | None = None) -> TableRecord | None:
    return Definitions(Asked()).read((schema, "t"), text)


@pytest.mark.parametrize("schema", [None, "home", "other"])
def test_a_usual_text_says_what_sqlalchemy_says(schema: str | None) -> None:
    record = read(USUAL, schema)
    assert record is not None
    assert record.key == (schema, "t")
    assert plain(facts(record)) == plain(long_way(Asked(), USUAL, schema))
    assert [column["name"] for column in record.columns][3] == "price (in %, net)"
    assert record.columns[3]["comment"] == "it's 'net' \\ 5%"
    assert record.foreign_keys[0]["options"] == {"ondelete": "CASCADE"}
    assert record.comment == {"text": "child of a"}


def test_a_definition_that_was_seen_under_another_name_says_the_same() -> None:
    definitions = Definitions(Asked())
    lines = (
        ["`x` int(11) DEFAULT 7", "`y` int(11) DEFAULT 7", "`z` int(11) DEFAULT 7"],
        ["`y` int(11) DEFAULT 7"],
    )
    one, other = (
        definitions.read((None, "t"), "CREATE TABLE `t` (\n  " + ",\n  ".join(each) + "\n) ENGINE=InnoDB")
        for each in lines
    )
    assert one is not None
    assert other is not None
    assert [(column["name"], column["default"]) for column in one.columns] == [
        ("x", "7"),
        ("y", "7"),
        ("z", "7"),
    ]
    assert [(column["name"], column["default"]) for column in other.columns] == [("y", "7")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CREATE TABLE", "CREATE TEMPORARY TABLE"),
        ("CREATE TABLE `child`", 'CREATE TABLE "child"'),
        ("CREATE TABLE `child` (", "CREATE ALGORITHM=UNDEFINED VIEW `child` AS select ("),
        ("\n", "\r\n"),
        ("decimal(10,2)", "oddity(10,2)"),
        ("decimal(10,2)", "decimal(10,2,1)"),
        ("`changed` timestamp", "`chan``ged` timestamp"),
        ("so-so')", "so\nso')"),
        ("`a key` (`parent_id`)", "`a key` (`parent_id`(7))"),
        ("`a key` (`parent_id`)", "`a key` (`parent_id` DESC)"),
        ("`a key` (`parent_id`)", "`a key` (`parent_id`) USING BTREE"),
        ("`a key` (`parent_id`)", "`a key` (`parent_id`) COMMENT 'x'"),
        ("`a key` (`parent_id`)", "`a key` (`a) USING b`)"),
        ("`a key` (`parent_id`)", "`a PARTITION` (`parent_id`)"),
        ("`a key` (`parent_id`)", "`a ``key``` (`parent_id`)"),
        ("  KEY", "  FULLTEXT KEY"),
        ("  KEY", "  ODD KEY"),
        ("REFERENCES `p.t`", "REFERENCES `other`.`parent`"),
        ("ON DELETE CASCADE", "ON DELETE SET DEFAULT"),
        ("CHECK (json_valid(`double`))", "CHECK (json_valid(`double`)) /*!80016 NOT ENFORCED */"),
        ("COMMENT='child of a'", "COMMENT='child of a' "),
        ("ENGINE=InnoDB", "ENGINE=InnoDB `ENCRYPTED`=YES"),
        ("ENGINE=InnoDB", "ENGINE=InnoDB DATA DIRECTORY='/tmp'"),
        ("COMMENT='child of a'", "COMMENT='child''s'"),
        ("COMMENT='child of a'", "COMMENT='child\\nof a'"),
        ("COMMENT='child of a'", "COMMENT='child of a'\n PARTITION BY HASH (`id`)\nPARTITIONS 2"),
        ("COMMENT='child of a'", "WITH SYSTEM VERSIONING"),
    ],
)  # fmt: skip
def test_an_unusual_text_says_nothing(old: str, new: str) -> None:
    assert old in USUAL
    assert read(USUAL) is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(USUAL.replace(old, new)) is None


def test_what_is_no_text_of_a_table_says_nothing() -> None:
    assert read("") is None
    assert read("CREATE TABLE `t` (") is None


@settings(
    max_examples=COUNT,
    deadline=None,
    derandomize="LIMBECK_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(st.lists(texts(), min_size=1, max_size=4))
def test_whatever_is_read_is_what_sqlalchemy_says(written: list[str]) -> None:
    """Also of texts that no server writes, and one after the other."""
    dialect = Asked()
    definitions = Definitions(dialect)
    for text in written:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                record = definitions.read((None, "t"), text)
            except (TypeError, ValueError, sa.exc.SQLAlchemyError) as error:
                with pytest.raises(type(error)):
                    long_way(dialect, text)
                continue
            assert warned == []
            if record is not None:
                said = long_way(dialect, text)
                assert [str(warning.message) for warning in warned] == []
                assert plain(facts(record)) == plain(said)
