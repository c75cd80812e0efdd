"""Scripts of SQL: their shape on six dialects, character by character (OFF-*)."""

from __future__ import annotations

import datetime
import io
import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.migration import MigrationContext
from limbeck.operations import Operations
from limbeck.sqla import InlineLiteral
from tests.ddl.recorded import IS_2_0
from tests.runtime.history import History

BEGIN = {"postgresql": "BEGIN;\n\n", "mssql": "BEGIN TRANSACTION;\n\n"}
COMMIT = {"postgresql": "COMMIT;\n\n", "mssql": "COMMIT;\n\nGO\n\n"}
END = {"mssql": ";\n\nGO\n\n", "oracle": "\n\n/\n\n"}
DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(
        tmp_path / "m",
        "a100 <- b200",
        upgrade={
            "a100": "op.execute('CREATE TABLE t (x INTEGER)')",
            "b200": "op.execute('UPDATE t SET x = 1')",
        },
        downgrade={"a100": "op.execute('DROP TABLE t')"},
    )


def version_table(dialect: str) -> str:
    kind = "VARCHAR2(32 CHAR)" if dialect == "oracle" else "VARCHAR(32)"
    end = END.get(dialect, ";\n\n")
    return (
        f"CREATE TABLE alembic_version (\n    version_num {kind} NOT NULL, \n"
        f"    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n){end}"
    )


@pytest.mark.parametrize("per_migration", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_script_from_base(history: History, dialect: str, per_migration: bool) -> None:
    """OFF-1, OFF-4, OFF-5, OFF-6, OFF-7, OFF-8, VER-5, VER-12"""
    end = END.get(dialect, ";\n\n")
    begin, commit = BEGIN.get(dialect, ""), COMMIT.get(dialect, "")
    between = commit + begin if per_migration else ""
    assert history.write(dialect, "head", transaction_per_migration=per_migration) == (
        f"{begin}{version_table(dialect)}"
        f"-- Running upgrade  -> a100\n\nCREATE TABLE t (x INTEGER){end}"
        f"INSERT INTO alembic_version (version_num) VALUES ('a100'){end}{between}"
        f"-- Running upgrade a100 -> b200\n\nUPDATE t SET x = 1{end}"
        f"UPDATE alembic_version SET version_num='b200' WHERE alembic_version.version_num = 'a100'{end}{commit}"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_script_from_a_revision(history: History, dialect: str) -> None:
    """OFF-2, OFF-3"""
    end = END.get(dialect, ";\n\n")
    assert history.write(dialect, "head", start="a") == (
        f"{BEGIN.get(dialect, '')}-- Running upgrade a100 -> b200\n\nUPDATE t SET x = 1{end}"
        f"UPDATE alembic_version SET version_num='b200' WHERE alembic_version.version_num = 'a100'{end}"
        f"{COMMIT.get(dialect, '')}"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_script_down_to_base(history: History, dialect: str) -> None:
    """OFF-4, OFF-16"""
    end = END.get(dialect, ";\n\n")
    assert history.write(dialect, "base", start="b200", direction="downgrade") == (
        f"{BEGIN.get(dialect, '')}-- Running downgrade b200 -> a100\n\n"
        f"UPDATE alembic_version SET version_num='a100' WHERE alembic_version.version_num = 'b200'{end}"
        f"-- Running downgrade a100 -> \n\nDROP TABLE t{end}"
        f"DELETE FROM alembic_version WHERE alembic_version.version_num = 'a100'{end}{COMMIT.get(dialect, '')}"
    )


def test_a_stamp_as_a_script(history: History) -> None:
    """OFF-4"""
    assert history.write("sqlite", "b200", direction="stamp") == (
        f"{version_table('sqlite')}-- Running stamp_revision  -> b200\n\n"
        "INSERT INTO alembic_version (version_num) VALUES ('b200');\n\n"
    )


def test_the_version_table_as_a_script() -> None:
    """OFF-2"""
    output = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="oracle", opts={"as_sql": True, "output_buffer": output}
    )
    context._ensure_version_table()
    assert output.getvalue() == version_table("oracle")


@pytest.mark.parametrize(
    ("dialect", "option", "separator"),
    [("mssql", "mssql_batch_separator", "NOW"), ("oracle", "oracle_batch_separator", "RUN")],
)
def test_the_batch_separator_can_be_chosen(
    history: History, dialect: str, option: str, separator: str
) -> None:
    """§2.1"""
    written = history.write(dialect, "head", **{option: separator})
    assert f"\n\n{separator}\n\n" in written
    assert "\n\nGO\n\n" not in written
    assert "\n\n/\n\n" not in written


def test_name_schema_and_key_of_the_version_table_are_written(history: History) -> None:
    """VER-1"""
    written = history.write(
        "postgresql", "a100", version_table="v", version_table_schema="s", version_table_pk=False
    )
    assert "CREATE TABLE s.v (\n    version_num VARCHAR(32) NOT NULL\n);\n\n" in written
    assert "INSERT INTO s.v (version_num) VALUES ('a100');\n\n" in written


# --- where it is written (OFF-13, OFF-15, OFF-18) -------------------------------------------------------------------


def test_static_output_is_written_as_it_stands(history: History) -> None:
    """OFF-13"""
    output = io.StringIO()
    with history.environment("upgrade", "head", as_sql=True) as environment:
        environment.configure(dialect_name="mssql", output_buffer=output)
        environment.static_output("-- by hand")
        environment.execute("SELECT 1")
    assert output.getvalue() == "-- by hand\n\nSELECT 1;\n\nGO\n\n"


@pytest.mark.parametrize("chosen", ["option", "config", "stdout"])
def test_the_stream_is_the_option_then_that_of_the_config_then_stdout(
    history: History, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, chosen: str
) -> None:
    """OFF-15, OFF-18, PY-7: log lines are not in it."""
    caplog.set_level(logging.INFO)
    option, configured = io.StringIO(), io.StringIO()
    history.config.output_buffer = None if chosen == "stdout" else configured
    with history.environment("upgrade", "a100", as_sql=True) as environment:
        environment.configure(dialect_name="sqlite", output_buffer=option if chosen == "option" else None)
        environment.run_migrations()
    found = {"option": option.getvalue(), "config": configured.getvalue(), "stdout": capsys.readouterr().out}
    assert found.pop(chosen).startswith("CREATE TABLE alembic_version (")
    assert set(found.values()) == {""}
    assert "Running upgrade  -> a100, make a100" in caplog.messages


def test_a_script_can_be_written_as_bytes() -> None:
    """OFF-18"""
    output = io.BytesIO()
    opts: dict[str, Any] = {"as_sql": True, "output_buffer": output, "output_encoding": "utf-16-le"}
    MigrationContext.configure(dialect_name="sqlite", opts=opts).execute("SELECT 'größer'")
    assert output.getvalue().decode("utf-16-le") == "SELECT 'größer';\n\n"


def test_any_object_with_write_and_flush_will_do() -> None:
    """OFF-18"""

    class Stream:
        def __init__(self) -> None:
            self.pieces: list[str] = []

        def write(self, text: str) -> None:
            self.pieces.append(text)

        def flush(self) -> None:
            self.pieces.append("<flush>")

    stream = Stream()
    opts: dict[str, Any] = {"as_sql": True, "output_buffer": stream}
    MigrationContext.configure(dialect_name="sqlite", opts=opts).execute("SELECT 1")
    assert "".join(stream.pieces) == "SELECT 1;\n\n<flush>"


# --- values (OFF-10, OFF-11) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"literal_binds": True}, "SELECT 5 AS anon_1;\n\n"),
        ({"literal_binds": False, "dialect_opts": {"paramstyle": "named"}}, "SELECT :param_1 AS anon_1;\n\n"),
    ],
)
def test_values_are_written_if_asked_for(history: History, options: dict[str, Any], expected: str) -> None:
    """OFF-10"""
    from sqlalchemy import literal, select

    output = io.StringIO()
    with history.environment("upgrade", "head", as_sql=True) as environment:
        environment.configure(dialect_name="sqlite", output_buffer=output, **options)
        environment.execute(select(literal(5)))
    assert output.getvalue() == expected


PLACEHOLDERS = {
    "sqlite": "UPDATE t SET d=?, s=?, n=?",
    "postgresql": "UPDATE t SET d=%(d)s, s=%(s)s, n=%(n)s"
    if IS_2_0
    else "UPDATE t SET d=%(d)s::DATE, s=%(s)s::VARCHAR, n=%(n)s::INTEGER",
    "mysql": "UPDATE t SET d=%s, s=%s, n=%s",
    "mariadb": "UPDATE t SET d=%s, s=%s, n=%s",
    "mssql": "UPDATE t SET d=:d, s=:s, n=:n",
    "oracle": "UPDATE t SET d=:d, s=:s, n=:n",
}
"""How the drivers that SQLAlchemy takes by default mark a value; all but MySQL's own name stays as recorded."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_on_six_dialects(dialect: str) -> None:
    """OFF-10: placeholders of the driver, or literals by type; a literal can be asked for in either."""
    table = sa.table("t", sa.column("d", sa.Date), sa.column("s", sa.String), sa.column("n", sa.Integer))
    update = table.update().values(d=datetime.date(2020, 1, 2), s="it's 5% : x", n=5)
    date = "TO_DATE('2020-01-02', 'YYYY-MM-DD')" if dialect == "oracle" else "'2020-01-02'"
    end = END.get(dialect, ";\n\n")
    assert executed(dialect, update) == f"{PLACEHOLDERS[dialect]}{end}"
    literal = f"UPDATE t SET d={date}, s='it''s 5% : x', n=5{end}"
    assert executed(dialect, update, literal_binds=True) == literal
    for literal_binds in (False, True):
        inline = table.update().values(s=InlineLiteral("x'y%"))
        assert executed(dialect, inline, literal_binds=literal_binds) == f"UPDATE t SET s='x''y%'{end}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_value_that_has_no_literal_is_an_error_of_sqlalchemy(dialect: str) -> None:
    """OFF-10"""
    update = sa.text("UPDATE t SET x = :x").bindparams(sa.bindparam("x", object(), sa.types.NullType()))
    with pytest.raises(sa.exc.CompileError):
        executed(dialect, update, literal_binds=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_bulk_inserts_are_written_row_by_row_with_their_values(dialect: str) -> None:
    """OFF-10: whatever `literal_binds` says."""
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("s", sa.String))
    output = io.StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": output})
    Operations(context).bulk_insert(table, [{"a": 1, "s": "1% :x"}, {"a": 2, "s": "ü"}])
    end = END.get(dialect, ";\n\n")
    assert output.getvalue() == (
        f"INSERT INTO t (a, s) VALUES (1, '1% :x'){end}INSERT INTO t (a, s) VALUES (2, 'ü'){end}"
    )


def test_an_identity_column_can_be_written_on_sql_server() -> None:
    """OFF-9"""
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    output = io.StringIO()
    context = MigrationContext.configure(dialect_name="mssql", opts={"as_sql": True, "output_buffer": output})
    Operations(context).bulk_insert(table, [{"id": 1}, {"id": 2}])
    assert output.getvalue() == (
        "SET IDENTITY_INSERT t ON;\n\nGO\n\nINSERT INTO t (id) VALUES (1);\n\nGO\n\n"
        "INSERT INTO t (id) VALUES (2);\n\nGO\n\nSET IDENTITY_INSERT t OFF;\n\nGO\n\n"
    )


@pytest.mark.parametrize("paramstyle", [{}, {"paramstyle": "named"}])
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("SELECT '10%' LIKE 'a%%b'", "SELECT '10%' LIKE 'a%%b'"),
        ("SELECT '\\:x', 'a:b', x::int, '12:30:45'", "SELECT ':x', 'a:b', x::int, '12:30:45'"),
        ("SELECT 'größer'", "SELECT 'größer'"),
        ("  SELECT\n\t1\n", "SELECT\n\t1"),
    ],
)
def test_text_is_written_as_it_is_meant(
    dialect: str, paramstyle: dict[str, str], given: str, written: str
) -> None:
    """OFF-5, OFF-11: percent signs stay single, `\\:` is a colon, and so is one behind a word or a colon."""
    for literal_binds in (False, True):
        script = executed(dialect, given, literal_binds=literal_binds, dialect_opts=paramstyle)
        assert script == f"{written}{END.get(dialect, ';' + chr(10) * 2)}"


def executed(dialect: str, sql: Any, *, dialect_opts: dict[str, Any] | None = None, **options: Any) -> str:
    """The script of one statement."""
    output = io.StringIO()
    opts = {"as_sql": True, "output_buffer": output, **options}
    MigrationContext.configure(dialect_name=dialect, dialect_opts=dialect_opts, opts=opts).execute(sql)
    return output.getvalue()


def test_offline_mode_can_be_asked_for_inside_a_migration(tmp_path: Path) -> None:
    """OFF-12"""
    body = "op.execute(f'-- offline: {op.get_context().as_sql}')"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    assert "-- offline: True\n" in history.write("sqlite", "a")
