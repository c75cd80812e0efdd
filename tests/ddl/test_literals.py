"""Values as SQL: a script leaves the same rows as executing the operation does."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import uuid
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from limbeck.errors import NoLiteral
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context, statements

HURTS = "it's \\ back\\' 100% %s %(a)s {b} :x \\:y \"q\" `t` \n\t é 😀 \u202e -- ; /* */"
TWO_HOURS = dt.timezone(dt.timedelta(hours=2))


class Color(enum.Enum):
    RED = 1
    BLUE = "b'"


class Bracketed(sa.TypeDecorator[str]):
    """Says what is sent for a value."""

    impl = sa.String(50)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value and f"<{value}>"


class Shouted(Bracketed):
    """Says also how a value is written."""

    cache_ok = True

    def process_literal_param(self, value: str | None, dialect: sa.Dialect) -> str:
        assert value is not None, "SQLAlchemy never asks how None is written"
        return f"<{value}>"


class Verbatim(sa.TypeDecorator[str]):
    """Writes the SQL of its values itself."""

    impl = sa.String(50)
    cache_ok = True

    def literal_processor(self, dialect: sa.Dialect) -> Any:
        return lambda value: f"'{value}'"


class Document(sa.TypeDecorator[Any]):
    impl = sa.JSON
    cache_ok = True


COMMON: dict[str, tuple[Any, list[Any]]] = {
    "integer": (sa.Integer(), [1, -5, 0, None]),
    "big": (sa.BigInteger(), [2**62]),
    "string": (sa.String(200), [HURTS, "", "\\", "'", "''", ";", None]),
    "text": (sa.Text(), [HURTS]),
    "unicode": (sa.Unicode(200), [HURTS]),
    "boolean": (sa.Boolean(), [True, False, None]),
    "date": (sa.Date(), [dt.date(2020, 1, 2), dt.date(1, 1, 1), None]),
    "time": (sa.Time(), [dt.time(1, 2, 3), dt.time(23, 59, 59, 5)]),
    "datetime": (sa.DateTime(), [dt.datetime(2020, 1, 2, 3, 4, 5), dt.datetime(2020, 1, 2, 3, 4, 5, 678900)]),
    "datetime with zone": (sa.DateTime(timezone=True), [dt.datetime(2020, 1, 2, 3, tzinfo=TWO_HOURS)]),
    "time with zone": (sa.Time(timezone=True), [dt.time(3, 4, 5, tzinfo=TWO_HOURS)]),
    "interval": (
        sa.Interval(),
        [dt.timedelta(days=1, seconds=5, microseconds=7), -dt.timedelta(hours=5), dt.timedelta(0), None],
    ),
    "numeric": (sa.Numeric(12, 4), [Decimal("1.5"), Decimal("-0.0001"), Decimal("1E+3"), 5]),
    "float": (sa.Float(), [1.5, -1e-7, 1e20]),
    "double": (sa.Double(), [0.1, 1e300]),
    "bytes": (sa.LargeBinary(), [b"abc", b"\x00\xff'\\%", b"", bytearray(b"x"), memoryview(b"y"), None]),
    "json": (
        sa.JSON(),
        [{"a": [1, None, True, HURTS]}, [], "s", 5, 1.5, None, sa.JSON.NULL, sa.null()],
    ),
    "json without null": (sa.JSON(none_as_null=True), [None, {"a": 1}]),
    "uuid": (sa.Uuid(), [uuid.UUID(int=5), None]),
    "uuid text": (sa.Uuid(as_uuid=False), ["00000000-0000-0000-0000-000000000005"]),
    "enum": (sa.Enum("a", "it's", "5%", name="mood"), ["a", "it's", "5%", None]),
    "enum class": (sa.Enum(Color, name="color"), [Color.RED]),
    "enum values": (
        sa.Enum(Color, name="shade", values_callable=lambda colors: [str(color.value) for color in colors]),
        [Color.BLUE],
    ),
    "enum of strings": (sa.Enum("a", "b", name="letter", native_enum=False), ["b"]),
    "pickle": (sa.PickleType(), [{"a": HURTS}, None]),
    "decorated": (Bracketed(), ["a'", None]),
    "decorated literal": (Shouted(), ["a'", None]),
    "decorated SQL": (Verbatim(), ["a", None]),
    "decorated json": (Document(), [{"a": "'"}, None]),
}
NOT_FINITE = {
    "not finite": (sa.Double(), [float("nan"), float("inf"), -float("inf")]),
    "not a number": (sa.Numeric(), [Decimal("NaN")]),
}
POSTGRESQL: dict[str, tuple[Any, list[Any]]] = {
    "array": (postgresql.ARRAY(sa.Integer), [[1, 2], (3,), [], [None], None]),
    "array of strings": (postgresql.ARRAY(sa.String), [["a'", "b\\", 'c,"d', "{x}", "100%", "", None]]),
    "array of arrays": (postgresql.ARRAY(sa.Integer), [[[1, 2], [3, 4]]]),
    "array with dimensions": (postgresql.ARRAY(sa.Integer, dimensions=2), [[[1], [2]]]),
    "array of dates": (sa.ARRAY(sa.Date), [[dt.date(2020, 1, 2)]]),
    "array of numbers": (postgresql.ARRAY(sa.Numeric), [[Decimal("NaN"), Decimal(1)]]),
    "array of bytes": (postgresql.ARRAY(sa.LargeBinary), [[b"a\xff"]]),
    "array of enums": (postgresql.ARRAY(postgresql.ENUM("a", "b", name="word")), [["a"], []]),
    "array of json": (postgresql.ARRAY(postgresql.JSONB), [[{"a": 1}, 2]]),
    "jsonb": (postgresql.JSONB(), [{"a": HURTS}, None]),
    "inet": (postgresql.INET(), ["10.0.0.1", ipaddress.ip_address("::1")]),
    "cidr": (postgresql.CIDR(), ["10.0.0.0/8"]),
    "macaddr": (postgresql.MACADDR(), ["08:00:2b:01:02:03"]),
    "interval with fields": (postgresql.INTERVAL(), [dt.timedelta(days=1, seconds=5)]),
    "range": (
        postgresql.INT4RANGE(),
        [postgresql.Range(1, 5), postgresql.Range(empty=True), postgresql.Range(None, 5), "[1,2]"],
    ),
    "range of times": (
        postgresql.TSTZRANGE(),
        [postgresql.Range(dt.datetime(2020, 1, 1, tzinfo=TWO_HOURS), None)],
    ),
    "ranges": (postgresql.INT4MULTIRANGE(), [[postgresql.Range(1, 5), postgresql.Range(7, 9)], []]),
    "bytea": (postgresql.BYTEA(), [b"\xff\\"]),
    "money": (postgresql.MONEY(), ["$5.00"]),
    "bits": (postgresql.BIT(3), ["101"]),
    "tsvector": (postgresql.TSVECTOR(), ["a b"]),
    "oid": (postgresql.OID(), [5]),
    "real": (sa.REAL(), [float("inf")]),
}
MARIADB: dict[str, tuple[Any, list[Any]]] = {
    "set": (mysql.SET("a", "b'"), [{"b'", "a"}, {"a"}, set(), "a"]),
    "set as bits": (mysql.SET("a", "b", retrieve_as_bitwise=True), [{"b"}]),
    "bits": (mysql.BIT(8), [b"\x05", 5]),
    "year": (mysql.YEAR(), [2020]),
    "long time": (
        mysql.TIME(fsp=6),
        [
            dt.timedelta(hours=30),
            dt.time(1, 2, 3, 4),
            -dt.timedelta(minutes=61),
            dt.timedelta(microseconds=7),
        ],
    ),
    "fine datetime": (mysql.DATETIME(fsp=6), [dt.datetime(2020, 1, 2, 3, 4, 5, 6)]),
    "varbinary": (mysql.VARBINARY(10), [b"\xff'"]),
    "timestamp": (mysql.TIMESTAMP(), [dt.datetime(2020, 1, 2, 3, 4, 5)]),
}
BY_BACKEND = {
    "sqlite": {**COMMON, **NOT_FINITE},
    "postgresql": {**COMMON, **NOT_FINITE, **POSTGRESQL},
    "mysql": {**COMMON, **MARIADB},
}


def test_a_script_leaves_the_rows_that_executing_leaves(database_url: str) -> None:
    """OPS-91, OPS-93, OFF-10: every common type of SQLAlchemy, and the types of the database."""
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)  # a failure leaves no connection behind
    cases = BY_BACKEND[engine.dialect.name]
    executed, scripted = {}, {}
    with engine.connect() as connection:
        for case, (name, (type_, values)) in enumerate(cases.items()):
            table = sa.Table(
                f"item{case}", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("value", type_)
            )
            rows = [{"id": number, "value": value} for number, value in enumerate(values)]
            table.create(connection)
            Operations(Context("", connection=connection, as_sql=False)).bulk_insert(table, rows)  # type: ignore[arg-type]
            executed[name] = stored(connection, table)
            connection.execute(table.delete())
            for sql in script(engine.dialect.name, table, rows):
                connection.exec_driver_sql(for_driver(sql, engine))
            scripted[name] = stored(connection, table)
            connection.commit()
    engine.dispose()
    assert scripted == executed
    assert {name: len(rows) for name, rows in executed.items()} == {
        name: len(values) for name, (_, values) in cases.items()
    }


def test_an_hstore_is_written_as_a_string() -> None:
    """OPS-93: the extension is not everywhere, so this is not executed."""
    table = sa.table("item", sa.column("value", postgresql.HSTORE))
    assert script("postgresql", table, [{"value": {'a"': "b\\", "it's": None}}, {"value": "a=>b"}]) == [
        """INSERT INTO item (value) VALUES ('"a\\""=>"b\\\\", "it''s"=>NULL')""",
        "INSERT INTO item (value) VALUES ('a=>b')",
    ]


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        ("mssql", ["0x00ff", "0x"]),
        ("oracle", ["HEXTORAW('00ff')", "HEXTORAW('')"]),
        ("sqlite", ["X'00ff'", "X''"]),
        ("mysql", ["X'00ff'", "X''"]),
        ("postgresql", ["'\\x00ff'::bytea", "'\\x'::bytea"]),
    ],
)
def test_bytes_are_written_in_base_16(dialect: str, written: list[str]) -> None:
    """OPS-93"""
    table = sa.Table("item", sa.MetaData(), sa.Column("value", sa.LargeBinary))
    assert script(dialect, table, [{"value": b"\x00\xff"}, {"value": b""}]) == [
        f"INSERT INTO item (value) VALUES ({sql})" for sql in written
    ]


def test_oracle_has_words_for_numbers_that_are_none() -> None:
    """OPS-93"""
    table = sa.table("item", sa.column("value", sa.Double))
    rows = [{"value": float(text)} for text in ("nan", "inf", "-inf")]
    assert script("oracle", table, rows) == [
        "INSERT INTO item (value) VALUES (BINARY_DOUBLE_NAN)",
        "INSERT INTO item (value) VALUES (BINARY_DOUBLE_INFINITY)",
        "INSERT INTO item (value) VALUES (-BINARY_DOUBLE_INFINITY)",
    ]


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "mssql"])
def test_what_a_database_has_not_cannot_be_written_for_it(dialect: str) -> None:
    """OPS-93: the drivers refuse it, too."""
    table = sa.table("item", sa.column("value", sa.Double))
    with pytest.raises(NoLiteral, match=f"{dialect} has no way to write the value nan"):
        script(dialect, table, [{"value": float("nan")}])


def test_an_interval_is_a_time_after_the_epoch_where_there_are_no_intervals() -> None:
    """OPS-93: as SQLAlchemy keeps it."""
    table = sa.Table("item", sa.MetaData(), sa.Column("value", sa.Interval))
    assert script("mssql", table, [{"value": dt.timedelta(days=1, seconds=5)}]) == [
        "INSERT INTO item (value) VALUES ('1970-01-02 00:00:05')"
    ]


def test_a_value_for_a_column_without_a_type_is_written_by_its_own() -> None:
    """OPS-93"""
    table = sa.table("item", sa.column("value"))
    values = [1, "it's", True, None, Decimal("1.5"), dt.date(2020, 1, 2), b"\xff", uuid.UUID(int=3)]
    written = script("postgresql", table, [{"value": value} for value in values])
    assert [sql.removeprefix("INSERT INTO item (value) VALUES ") for sql in written] == [
        "(1)", "('it''s')", "(true)", "(NULL)", "(1.5)", "('2020-01-02')", "('\\xff'::bytea)",
        "('00000000-0000-0000-0000-000000000003')",
    ]  # fmt: skip


def test_the_json_serializer_of_the_engine_is_used() -> None:
    """OPS-93"""
    context = Context("sqlite")
    context.dialect._json_serializer = lambda value: f"<{value}>"  # type: ignore[attr-defined]  # create_engine sets it
    Operations(context).bulk_insert(sa.table("item", sa.column("value", sa.JSON)), [{"value": 5}])  # type: ignore[arg-type]
    assert statements(context) == ["INSERT INTO item (value) VALUES ('<5>')"]


def test_statements_of_any_kind_have_their_values_written() -> None:
    """OPS-91"""
    table = sa.table("item", sa.column("value", sa.JSON), sa.column("key", sa.LargeBinary))
    context = Context("sqlite", literal_binds=True)
    running = Operations(context)  # type: ignore[arg-type]
    running.execute(table.update().where(table.c.key == b"\x01").values(value={"a": "it's"}))
    running.execute(sa.delete(table).where(table.c.key.in_([b"\x01", b"\x02"])))
    assert statements(context) == [
        "UPDATE item SET value='{\"a\": \"it''s\"}' WHERE item.\"key\" = X'01'",
        "DELETE FROM item WHERE item.\"key\" IN (X'01', X'02')",
    ]


def script(dialect: str, table: Any, rows: list[dict[str, Any]]) -> list[str]:
    """What inserting the rows writes into a script."""
    context = Context(dialect)
    Operations(context).bulk_insert(table, rows)  # type: ignore[arg-type]
    return statements(context)


def for_driver(sql: str, engine: sa.Engine) -> str:
    """SQL with its percent signs doubled for a driver that would take them for placeholders."""
    return sql.replace("%", "%%") if engine.dialect.paramstyle in ("format", "pyformat") else sql


def stored(connection: sa.Connection, table: sa.Table) -> list[str]:
    """The values in the table as the driver reads them; as text, since NaN is not equal to itself."""
    question = sa.text(f"SELECT value FROM {table.name} ORDER BY id")
    return [repr(value) for value in connection.execute(question).scalars()]
