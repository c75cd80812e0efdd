"""Names and texts that hurt, put through every directive that takes one; each step says how to see that it arrived."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

NAMES = (
    "it's", "'", 'say "hi"', '"', "back`tick", "`", "semi;colon; DROP TABLE plain", "100%", "%s %(x)s %%",
    "back\\slash", "trailing\\", "\\'", ":bind :x", "a::b", "?", "$1 $$", "--comment", "/* c */", "new\nline",
    "dot.ted", "sq[uare]", "select", "Mixed", "ünïcödé", "שלום עולם", "\u200fmarked", " lead", "trail ", "x" * 63,
    "é" * 31 + "x", "x" * 64, "😀'b",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """Something to do with `op`, and how to see that it happened."""

    action: Callable[[Any], object]
    check: Callable[[sa.Connection], None]


def fits(name: str, backend: str) -> bool:
    """Whether a server of this kind can have an object of this name at all."""
    if backend == "postgresql":
        return len(name.encode()) <= 63
    if backend == "mariadb":
        return len(name) <= 64 and name == name.rstrip() and all(ord(sign) < 0x10000 for sign in name)
    return True


def of_table(name: str, text: str, has_comments: bool) -> Iterator[Step]:
    """A table of this name, its comment, and what refers to it by name."""

    def there(comment: str | None) -> Callable[[sa.Connection], None]:
        def check(connection: sa.Connection) -> None:
            inspector = sa.inspect(connection)
            assert inspector.get_table_names() == [name]
            if has_comments:
                assert inspector.get_table_comment(name)["text"] == comment

        return check

    id_ = lambda: sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)  # noqa: E731
    yield Step(lambda op: op.create_table(name, id_(), comment=text), there(text))
    yield Step(lambda op: op.create_table_comment(name, f"{text}2"), there(f"{text}2"))
    yield Step(lambda op: op.drop_table_comment(name, existing_comment=text), there(None))
    yield Step(lambda op: op.rename_table(name, "plain"), _has_tables("plain"))
    yield Step(lambda op: op.rename_table("plain", name), there(None))
    yield Step(lambda op: op.add_column(name, sa.Column("x", sa.Integer)), _has_columns(name, "id", "x"))
    yield Step(lambda op: op.create_index("ix_x", name, ["x"]), _has_indexes(name, "ix_x"))
    yield Step(lambda op: op.drop_index("ix_x", name), _has_indexes(name))
    yield Step(lambda op: op.drop_column(name, "x"), _has_columns(name, "id"))
    yield Step(lambda op: op.drop_table(name), _has_tables())


def of_column(name: str, text: str, has_comments: bool, alter: Callable[[Any, str], Any]) -> Iterator[Step]:
    """A column of this name with the text as default and comment, in indexes and constraints."""
    type_ = sa.String(300)

    def there(column: str, default: str | None, comment: str | None) -> Callable[[sa.Connection], None]:
        def check(connection: sa.Connection) -> None:
            assert columns(connection, "plain")[-1] == (column, comment if has_comments else None)
            connection.execute(sa.text("DELETE FROM plain"))
            connection.execute(sa.text("INSERT INTO plain (id) VALUES (1)"))
            got = connection.execute(sa.select(sa.table("plain", sa.column(column)))).scalar()
            connection.execute(sa.text("DELETE FROM plain"))
            assert got == default

        return check

    existing: dict[str, Any] = {"existing_type": type_, "existing_nullable": True}
    facts = {**existing, "existing_server_default": text, "existing_comment": text}
    plain = sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)
    added = sa.Column(name, type_, server_default=text, comment=text)
    yield Step(lambda op: op.create_table("plain", plain), _has_tables("plain"))
    yield Step(lambda op: op.add_column("plain", added), there(name, text, text))
    yield Step(
        lambda op: alter(op, "plain").alter_column(name, new_column_name="n", **facts), there("n", text, text)
    )
    yield Step(
        lambda op: alter(op, "plain").alter_column("n", new_column_name=name, **facts),
        there(name, text, text),
    )
    longer = f"{text};x"
    yield Step(
        lambda op: alter(op, "plain").alter_column(name, server_default=longer, **facts),
        there(name, longer, text),
    )
    facts2 = {**facts, "existing_server_default": longer}
    yield Step(
        lambda op: alter(op, "plain").alter_column(name, comment=longer, **facts2),
        there(name, longer, longer),
    )
    facts3 = {**facts2, "existing_comment": longer}
    yield Step(
        lambda op: alter(op, "plain").alter_column(name, type_=sa.String(400), **facts3),
        there(name, longer, longer),
    )
    yield Step(lambda op: op.create_index("ix", "plain", [name], unique=True), _has_indexes("plain", "ix"))
    yield Step(lambda op: op.drop_index("ix", "plain"), _has_indexes("plain"))
    yield Step(
        lambda op: alter(op, "plain").create_unique_constraint("uq", [name]),
        _has_constraints("plain", "unique", "uq"),
    )
    yield Step(
        lambda op: alter(op, "plain").drop_constraint("uq", type_="unique"),
        _has_constraints("plain", "unique"),
    )
    yield Step(
        lambda op: alter(op, "plain").create_check_constraint("ck", sa.column(name) != text),
        _has_constraints("plain", "check", "ck"),
    )
    yield Step(
        lambda op: alter(op, "plain").drop_constraint("ck", type_="check"), _has_constraints("plain", "check")
    )
    yield Step(lambda op: op.drop_column("plain", name), _has_columns("plain", "id"))
    yield Step(lambda op: op.drop_table("plain"), _has_tables())


def of_index_and_constraints(name: str, alter: Callable[[Any, str], Any]) -> Iterator[Step]:
    """An index and constraints of this name, and a foreign key between a table and a column of this name."""
    id_ = lambda: sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)  # noqa: E731
    number = sa.Column("n", sa.Integer, nullable=False)
    yield Step(lambda op: op.create_table("plain", id_(), number), _has_tables("plain"))
    yield Step(lambda op: op.create_index(name, "plain", ["n"]), _has_indexes("plain", name))
    yield Step(lambda op: op.drop_index(name, "plain"), _has_indexes("plain"))
    for kind, create in {
        "unique": lambda batch: batch.create_unique_constraint(name, ["n"]),
        "check": lambda batch: batch.create_check_constraint(name, "n > 5"),
    }.items():
        yield Step(
            lambda op, create=create: create(alter(op, "plain")),  # type: ignore[misc]
            _has_constraints("plain", kind, name),
        )
        yield Step(
            lambda op, kind=kind: alter(op, "plain").drop_constraint(name, type_=kind),  # type: ignore[misc]
            _has_constraints("plain", kind),
        )
    target = sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)
    yield Step(lambda op: op.create_table(name, target), _has_tables("plain", name))
    yield Step(
        lambda op: alter(op, "plain").create_foreign_key(f"{name[:40]}k", name, ["n"], [name]),
        _refers("plain", name),
    )
    yield Step(
        lambda op: alter(op, "plain").drop_constraint(f"{name[:40]}k", type_="foreignkey"), _refers("plain")
    )
    yield Step(lambda op: (op.drop_table("plain"), op.drop_table(name)), _has_tables())


def of_enum(name: str, text: str) -> Iterator[Step]:
    """A type of this name with values that hurt."""
    labels = [text, f"{text};", name] if text != name else [text, f"{text};"]

    def kind() -> sa.Enum:
        return sa.Enum(*labels, name=name, create_constraint=True)

    def accepts(connection: sa.Connection) -> None:
        table = sa.table("e", sa.column("k", sa.String))
        for label in labels:
            connection.execute(table.insert().values(k=sa.literal(label, kind())))
        found = connection.execute(sa.text("SELECT k FROM e")).scalars().all()
        assert sorted(found) == sorted(labels)

    yield Step(lambda op: op.create_table("e", sa.Column("k", kind())), accepts)
    yield Step(lambda op: (op.drop_table("e"), kind().drop(op.get_bind(), checkfirst=False)), _has_tables())


def columns(connection: sa.Connection, table: str) -> list[tuple[str, str | None]]:
    """Names and comments; MariaDB is asked itself, for reflection trips over backticks there."""
    if connection.dialect.name in ("mysql", "mariadb"):
        question = (
            "SELECT column_name, if(length(column_comment), column_comment, NULL) FROM information_schema.columns "
            "WHERE table_schema = database() AND table_name = :name ORDER BY ordinal_position"
        )
        return [tuple(row) for row in connection.execute(sa.text(question), {"name": table})]
    return [(column["name"], column.get("comment")) for column in sa.inspect(connection).get_columns(table)]


def indexes(connection: sa.Connection, table: str) -> list[str | None]:
    """The names of the indexes that are no primary key."""
    if connection.dialect.name in ("mysql", "mariadb"):
        question = (
            "SELECT DISTINCT index_name FROM information_schema.statistics "
            "WHERE table_schema = database() AND table_name = :name AND index_name <> 'PRIMARY'"
        )
        return list(connection.execute(sa.text(question), {"name": table}).scalars())
    return [index["name"] for index in sa.inspect(connection).get_indexes(table)]


def constraints(connection: sa.Connection, table: str, kind: str) -> list[str | None]:
    """The names of the constraints of a kind; SQLite knows them as text only."""
    if connection.dialect.name == "sqlite":
        question = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
        sql: str = connection.execute(question, {"name": table}).scalar_one()
        names = re.findall(rf'CONSTRAINT ("(?:[^"]|"")*"|\w+) {kind.upper()}', sql)
        return [name[1:-1].replace('""', '"') if name.startswith('"') else name for name in names]
    if connection.dialect.name == "postgresql":
        return [each["name"] for each in getattr(sa.inspect(connection), f"get_{kind}_constraints")(table)]
    found = (
        "SELECT constraint_name FROM information_schema.table_constraints "
        "WHERE table_schema = database() AND table_name = :name AND constraint_type = :kind"
    )
    return list(connection.execute(sa.text(found), {"name": table, "kind": kind.upper()}).scalars())


def _has_tables(*names: str) -> Callable[[sa.Connection], None]:
    def check(connection: sa.Connection) -> None:
        assert sorted(sa.inspect(connection).get_table_names()) == sorted(names)

    return check


def _has_columns(table: str, *names: str) -> Callable[[sa.Connection], None]:
    def check(connection: sa.Connection) -> None:
        assert [name for name, _ in columns(connection, table)] == list(names)

    return check


def _has_indexes(table: str, *names: str) -> Callable[[sa.Connection], None]:
    def check(connection: sa.Connection) -> None:
        assert indexes(connection, table) == list(names)

    return check


def _has_constraints(table: str, kind: str, *names: str) -> Callable[[sa.Connection], None]:
    def check(connection: sa.Connection) -> None:
        assert constraints(connection, table, kind) == list(names)

    return check


def _refers(table: str, *targets: str) -> Callable[[sa.Connection], None]:
    def check(connection: sa.Connection) -> None:
        if connection.dialect.name in ("mysql", "mariadb"):
            question = (
                "SELECT referenced_table_name, referenced_column_name FROM information_schema.key_column_usage "
                "WHERE table_schema = database() AND table_name = :name AND referenced_table_name IS NOT NULL"
            )
            found = [tuple(row) for row in connection.execute(sa.text(question), {"name": table})]
        else:
            keys = sa.inspect(connection).get_foreign_keys(table)
            found = [(key["referred_table"], key["referred_columns"][0]) for key in keys]
        assert found == [(target, target) for target in targets]

    return check
