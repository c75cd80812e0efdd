"""What is written for SQL Server and Oracle is SQL: a parser reads it, or it has a form of the vendor's reference."""

from __future__ import annotations

import logging
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from tests.ddl.recorded import DATA, IS_2_0, cases, folded, run
from tests.runtime.history import History

PARSERS = {"mssql": "tsql", "oracle": "oracle"}
SEPARATORS = {"mssql": "GO", "oracle": "/"}
KNOWN = tomllib.loads((DATA / "ddl-unparsed.toml").read_text())
WORD = r'(?:\w+|\[[^]]+\]|"[^"]+")'
PARTS = {
    "NAME": rf"{WORD}(?:\.{WORD})*",
    "TYPE": r"[A-Z]\w+(?:\([\d, ]+(?: CHAR)?\))?",
    "TEXT": r"'(?:[^']|'')*'",
    "VALUE": r"(?:N?'(?:[^']|'')*'|\d+|NULL|CURRENT_TIMESTAMP)",
    "EXPRESSION": r"[^;]+",
}
"""What the words of a form in capital letters stand for."""


@pytest.fixture(autouse=True)
def quiet_parser() -> Iterator[None]:
    """The parser logs each statement that it gives up on; here that is counted instead."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


@pytest.mark.parametrize("dialect", PARSERS)
def test_recorded_calls_give_sql(dialect: str) -> None:
    """All statements of all calls: how many are parsed, and how many have which of the other forms."""
    texts = [
        folded(sql)
        for case in cases()
        if case["dialect"] == dialect
        for sql in run(case["call"], dialect, **case.get("context", {})).sql
    ]
    unparsed = [sql for sql in texts if not is_parsed(sql, dialect)]
    assert [sql for sql in unparsed if form_of(sql, dialect) is None] == []
    if IS_2_0:
        return  # SQLAlchemy 2.0 gives some calls other statements; the numbers are those of 2.1
    assert Counter(form_of(sql, dialect) for sql in unparsed) == {
        form["pattern"]: form["statements"] for form in KNOWN["form"] if form["dialect"] == dialect
    }
    assert [len(texts) - len(unparsed), len(texts)] == KNOWN["parsed"][dialect]


@pytest.mark.parametrize("dialect", PARSERS)
def test_a_script_of_every_directive_is_sql(dialect: str, tmp_path: Path) -> None:
    """`upgrade --sql` and `downgrade --sql`, split where their client would split them."""
    history = History(
        tmp_path / "m",
        "a100 <- b200",
        upgrade={"a100": TABLES, "b200": CHANGES},
        downgrade={"a100": DOWN, "b200": "pass"},
    )
    up = history.write(dialect, "head")
    down = history.write(dialect, "base", direction="downgrade", start="b200")
    for script in (up, down):
        batches = re.split(rf"(?m)^{re.escape(SEPARATORS[dialect])}$", script)
        statements = [folded(without_comments(batch)).rstrip(";") for batch in batches]
        assert [sql for sql in statements if sql and not is_sql(sql, dialect)] == []
        assert script.rstrip().endswith(SEPARATORS[dialect])


def test_the_script_has_every_directive() -> None:
    from limbeck.operations.base import Operations

    elsewhere = {"batch_alter_table", "create_exclude_constraint", "run_async", "get_bind", "get_context"}
    machinery = {"context", "f", "implementation_for", "inline_literal", "invoke", "register_operation"}
    directives = {name: getattr(Operations, name) for name in dir(Operations) if not name.startswith("_")}
    callables = {
        name
        for name, directive in directives.items()
        if callable(directive) and directive.__module__.startswith("limbeck.")  # tests add some of their own
    }
    used = set(re.findall(r"\bop\.(\w+)\(", TABLES + CHANGES + DOWN))
    assert callables - elsewhere - machinery - used == set()


def is_sql(sql: str, dialect: str) -> bool:
    return is_parsed(sql, dialect) or form_of(sql, dialect) is not None


def is_parsed(sql: str, dialect: str) -> bool:
    """Whether the parser reads the text as one or more statements that it knows."""
    try:
        found = sqlglot.parse(sql, dialect=PARSERS[dialect])
    except sqlglot.ParseError:
        return False
    return bool(found) and not any(each is None or each.find(exp.Command) for each in found)


def form_of(sql: str, dialect: str) -> str | None:
    """The form that the whole statement has."""
    for form in KNOWN["form"]:
        if form["dialect"] == dialect and re.fullmatch(filled(form["pattern"]), sql):
            found: str = form["pattern"]
            return found
    return None


def filled(pattern: str) -> str:
    return re.sub(rf"\b({'|'.join(PARTS)})\b", lambda part: PARTS[part[0]], pattern)


def without_comments(batch: str) -> str:
    return re.sub(r"(?m)^--.*$", "", batch)


TABLES: Any = """
op.create_table("u", sa.Column("id", sa.Integer, primary_key=True), comment="it's u")
t = op.create_table(
    "t", sa.Column("id", sa.Integer, sa.Identity(start=5), primary_key=True),
    sa.Column("n", sa.String(50), nullable=False, index=True, comment="50% n"),
    sa.Column("m", sa.Numeric(10, 2), server_default="0"), sa.Column("u_id", sa.Integer),
    sa.UniqueConstraint("n", name="uq_n"), sa.CheckConstraint("m > 0", name="ck_m"),
)
op.bulk_insert(t, [{"id": 1, "n": "o'ne", "m": 1}, {"id": 2, "n": "two; --", "m": 2}])
op.create_table_comment("t", "a; comment")
op.drop_table_comment("u", existing_comment="it's u")
"""
CHANGES: Any = """
op.add_column("t", sa.Column("x", sa.Integer, sa.ForeignKey("u.id", name="fk_x"), server_default="1"))
op.alter_column("t", "n", type_=sa.String(80), existing_type=sa.String(50), existing_nullable=False, comment="N")
op.alter_column("t", "m", server_default="7", existing_type=sa.Numeric(10, 2), existing_server_default="0")
op.alter_column("t", "n", new_column_name="the name", existing_type=sa.String(80), existing_nullable=False)
op.create_index("ix_m", "t", ["m", sa.text("u_id DESC")], unique=True)
op.drop_index("ix_m", "t")
op.create_foreign_key("fk_u", "t", "u", ["u_id"], ["id"], ondelete="CASCADE")
op.create_unique_constraint("uq_m", "t", ["m", "u_id"])
op.create_check_constraint("ck_u", "t", sa.column("u_id") > 5)
op.drop_constraint("ck_u", "t", type_="check")
op.create_table("v", sa.Column("id", sa.Integer, nullable=False))
op.create_primary_key("pk_v", "v", ["id"])
op.execute("UPDATE t SET m = 5 WHERE u_id IS NULL")
op.execute(sa.table("t", sa.column("m")).update().values(m=op.inline_literal(3)))
op.rename_table("v", "w")
with op.batch_alter_table("t") as batch_op:
    batch_op.drop_constraint("fk_x", type_="foreignkey")
    batch_op.drop_column("x")
"""
DOWN: Any = """
op.drop_column("t", "m", mssql_drop_default=True, mssql_drop_check=True)
op.drop_table("w")
op.drop_table("t", if_exists=True)
op.drop_table("u")
"""
