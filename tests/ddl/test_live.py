"""What is written really runs: the same changes on living servers, and what the server says it has afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from limbeck.operations.base import Operations
from tests.backends.engines import opened
from tests.ddl.recorded import Context


class Bench:
    """A connection, the operations on it, and questions about what is there."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.context = Context("", connection=connection, as_sql=False)
        self.op = Operations(self.context)  # type: ignore[arg-type]

    def column(self, name: str, table: str = "t") -> dict[str, Any]:
        return {column["name"]: dict(column) for column in sa.inspect(self.connection).get_columns(table)}[
            name
        ]

    def default(self, name: str) -> str | None:
        default: str | None = self.column(name)["default"]
        return default.split("::")[0].strip("'") if default else default

    def indexes(self, table: str = "t") -> list[Any]:
        return sorted(
            (index["name"], index["unique"]) for index in sa.inspect(self.connection).get_indexes(table)
        )

    def scalars(self, question: str) -> list[Any]:
        return list(self.connection.execute(sa.text(question)).scalars())


def bench(url: str) -> Iterator[Bench]:
    with opened(url) as engine, engine.begin() as connection:
        yield Bench(connection)


@pytest.fixture
def anywhere(database_url: str) -> Iterator[Bench]:
    yield from bench(database_url)


@pytest.fixture
def pg(postgresql_url: str) -> Iterator[Bench]:
    yield from bench(postgresql_url)


@pytest.fixture
def maria(mariadb_url: str) -> Iterator[Bench]:
    yield from bench(mariadb_url)


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Bench]:
    yield from bench(request.getfixturevalue(f"{request.param}_url"))


def make(on: Bench, *items: Any) -> sa.Table:
    return on.op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), *items)


def test_a_table_comes_renamed_and_goes(anywhere: Bench) -> None:
    """OPS-60, OPS-63, OPS-66"""
    make(
        anywhere,
        sa.Column("n", sa.String(50), nullable=False, index=True),
        sa.UniqueConstraint("n", name="uq_n"),
    )
    assert ("ix_t_n", False) in [(name, bool(unique)) for name, unique in anywhere.indexes()]
    anywhere.op.rename_table("t", "u")
    anywhere.op.drop_index("ix_t_n", table_name="u")
    assert sa.inspect(anywhere.connection).get_table_names() == ["u"]
    anywhere.op.drop_table("u")
    anywhere.op.drop_table("u", if_exists=True)
    assert sa.inspect(anywhere.connection).get_table_names() == []


def test_columns_come_renamed_and_go(anywhere: Bench) -> None:
    """OPS-20, OPS-21, OPS-42"""
    make(anywhere)
    anywhere.op.add_column("t", sa.Column("n", sa.Integer, server_default="5", nullable=False, index=True))
    assert (anywhere.default("n"), anywhere.column("n")["nullable"]) == ("5", False)
    anywhere.op.drop_index("ix_t_n", table_name="t")
    anywhere.op.alter_column(
        "t",
        "n",
        new_column_name="m",
        existing_type=sa.Integer(),
        existing_nullable=False,
        existing_server_default="5",
    )
    assert (anywhere.default("m"), anywhere.column("m")["nullable"]) == ("5", False)
    anywhere.op.drop_column("t", "m")
    assert [column["name"] for column in sa.inspect(anywhere.connection).get_columns("t")] == ["id"]


def test_rows_are_inserted_and_statements_executed(anywhere: Bench) -> None:
    """OPS-90, OPS-93: a percent sign and a colon arrive as they were written."""
    table = make(anywhere, sa.Column("n", sa.String(20)), sa.Column("z", sa.Integer, default=7))
    anywhere.op.bulk_insert(table, [{"id": 1, "n": "100%"}, {"id": 2, "n": "it's :x"}])
    anywhere.op.bulk_insert(table, [{"id": 3, "n": anywhere.op.inline_literal("50%")}], multiinsert=False)
    anywhere.op.execute("UPDATE t SET z = 8 WHERE n LIKE '100%' OR n = 'x:y'")
    anywhere.op.execute(table.update().where(table.c.id == 2).values(n=anywhere.op.inline_literal("50%")))
    found = anywhere.connection.execute(sa.text("SELECT id, n, z FROM t ORDER BY id")).all()
    assert [tuple(row) for row in found] == [(1, "100%", 8), (2, "50%", 7), (3, "50%", 7)]


def test_a_column_changes_type_nullability_default_and_comment(server: Bench) -> None:
    """OPS-42, OPS-43, OPS-46, OPS-48"""
    make(server, sa.Column("n", sa.Integer, comment="old"))
    op = server.op
    op.alter_column(
        "t", "n", type_=sa.String(20), nullable=False, server_default="x", comment="50% it's",
        existing_type=sa.Integer(), existing_nullable=True, existing_comment="old",
    )  # fmt: skip
    column = server.column("n")
    assert (column["type"].length, column["nullable"], column["comment"]) == (20, False, "50% it's")
    assert server.default("n") == "x"
    op.alter_column("t", "n", server_default=None, existing_type=sa.String(20), existing_nullable=False)
    op.alter_column(
        "t", "n", comment=None, nullable=True, existing_type=sa.String(20), existing_comment="50% it's"
    )
    column = server.column("n")
    assert (column["default"], column["nullable"], column["comment"]) == (None, True, None)


def test_a_datetime_gets_a_default_that_only_a_full_definition_allows(maria: Bench) -> None:
    """OPS-47"""
    make(maria, sa.Column("d", sa.DateTime))
    maria.op.alter_column("t", "d", server_default=sa.func.now(), existing_type=sa.DateTime())
    assert str(maria.column("d")["default"]).lower() in ("current_timestamp()", "now()")
    maria.op.alter_column("t", "d", server_default=None, existing_type=sa.DateTime())
    assert maria.default("d") in (None, "NULL")


def test_a_table_comment_is_set_and_removed(server: Bench) -> None:
    """OPS-67"""
    make(server)
    server.op.create_table_comment("t", "it's 50%")
    assert sa.inspect(server.connection).get_table_comment("t") == {"text": "it's 50%"}
    server.op.drop_table_comment("t", existing_comment="it's 50%")
    assert sa.inspect(server.connection).get_table_comment("t") == {"text": None}


def test_constraints_come_and_go(server: Bench) -> None:
    """OPS-80, OPS-81, OPS-83"""
    op = server.op
    op.create_table("u", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    op.create_table("t", sa.Column("a", sa.Integer, nullable=False), sa.Column("b", sa.Integer))
    op.create_primary_key("pk_t", "t", ["a"])
    op.create_unique_constraint("uq_t", "t", ["b"])
    op.create_check_constraint("ck_t", "t", sa.column("b") > 5)
    op.create_foreign_key("fk_t", "t", "u", ["a"], ["id"], ondelete="CASCADE")
    inspector = sa.inspect(server.connection)
    assert inspector.get_pk_constraint("t")["constrained_columns"] == ["a"]
    assert [unique["name"] for unique in inspector.get_unique_constraints("t")] == ["uq_t"]
    assert [check["name"] for check in inspector.get_check_constraints("t")] == ["ck_t"]
    assert [key["options"] for key in inspector.get_foreign_keys("t")] == [{"ondelete": "CASCADE"}]
    for name, kind in (("fk_t", "foreignkey"), ("ck_t", "check"), ("uq_t", "unique"), ("pk_t", "primary")):
        op.drop_constraint(name, "t", type_=kind)  # type: ignore[arg-type]  # one of the four
    inspector = sa.inspect(server.connection)
    assert inspector.get_pk_constraint("t")["constrained_columns"] == []
    for ask in (
        inspector.get_unique_constraints,
        inspector.get_check_constraints,
        inspector.get_foreign_keys,
    ):
        assert ask("t") == []


@pytest.mark.parametrize("kind", ["unique", "check", "foreignkey"])
def test_constraints_that_may_not_be_there_are_dropped(server: Bench, kind: Any) -> None:
    """OPS-83"""
    make(server)
    server.op.drop_constraint("nothing", "t", type_=kind, if_exists=True)


def test_the_check_of_a_type_follows_its_column(server: Bench) -> None:
    """OPS-27, OPS-41"""
    make(server)
    old = sa.Enum("a", "b", name="ck_kind", native_enum=False, create_constraint=True)
    new = sa.Enum("a", "b", "c", name="ck_kind", native_enum=False, create_constraint=True)
    server.op.add_column("t", sa.Column("k", old))
    server.op.alter_column("t", "k", new_column_name="l", type_=new, existing_type=old)
    server.op.execute("INSERT INTO t (id, l) VALUES (1, 'c')")
    with pytest.raises(sa.exc.DBAPIError), server.connection.begin_nested():
        server.op.execute("INSERT INTO t (id, l) VALUES (2, 'd')")


def test_a_reference_inside_a_column_is_checked(anywhere: Bench) -> None:
    """OPS-23"""
    anywhere.op.create_table("u", sa.Column("id", sa.Integer, primary_key=True))
    make(anywhere)
    anywhere.op.add_column("t", sa.Column("u", sa.Integer, sa.ForeignKey("u.id")), inline_references=True)
    keys = sa.inspect(anywhere.connection).get_foreign_keys("t")
    assert [(key["referred_table"], key["constrained_columns"]) for key in keys] == [("u", ["u"])]


def types_of(pg: Bench) -> list[str]:
    return pg.scalars("SELECT typname FROM pg_type WHERE typtype = 'e' ORDER BY 1")


def test_an_enum_type_is_created_when_it_is_missing_and_only_then(pg: Bench) -> None:
    """OPS-60: whoever created it, and whatever was dropped in between."""
    kind = sa.Enum("a", name="kind")
    pg.op.create_table("t1", sa.Column("k", kind))
    pg.op.create_table("t2", sa.Column("k", sa.Enum("a", name="kind")))
    pg.op.drop_table("t1")
    pg.op.drop_table("t2")
    assert types_of(pg) == ["kind"]
    pg.op.create_table("t3", sa.Column("k", kind))
    pg.op.drop_table("t3")
    pg.op.execute("DROP TYPE kind")
    assert types_of(pg) == []
    pg.op.create_table("t4", sa.Column("k", kind), sa.Column("all_k", postgresql.ARRAY(kind)))
    assert types_of(pg) == ["kind"]


@pytest.mark.parametrize("checkfirst", [True, False])
def test_an_enum_type_is_created_and_dropped_through_the_bind(pg: Bench, checkfirst: bool) -> None:
    """OPS-95: what a generated downgrade does."""
    kind = sa.Enum("a", name="kind")
    kind.create(pg.op.get_bind(), checkfirst=checkfirst)
    pg.op.create_table("t", sa.Column("id", sa.Integer))
    pg.op.add_column("t", sa.Column("k", sa.Enum("a", name="kind")))
    pg.op.drop_table("t")
    sa.Enum(name="kind").drop(pg.op.get_bind(), checkfirst=checkfirst)
    assert types_of(pg) == []


def test_an_identity_is_added_changed_and_removed(pg: Bench) -> None:
    """OPS-55"""
    make(pg, sa.Column("n", sa.Integer, nullable=False, server_default="5"))
    steps = [
        ("5", sa.Identity(), "BY DEFAULT"),
        (sa.Identity(), sa.Identity(always=True, start=3, increment=2, cycle=True), "ALWAYS"),
        (sa.Identity(always=True), sa.Identity(), "BY DEFAULT"),
        (sa.Identity(), "7", None),
    ]
    for existing, new, wanted in steps:
        pg.op.alter_column("t", "n", server_default=new, existing_server_default=existing)
        question = "SELECT identity_generation FROM information_schema.columns WHERE column_name = 'n'"
        assert pg.scalars(question) == [wanted]
    assert pg.default("n") == "7"


def test_a_type_change_converts_with_using(pg: Bench) -> None:
    """OPS-43"""
    make(pg, sa.Column("n", sa.String(20)))
    pg.op.execute("INSERT INTO t (id, n) VALUES (1, '42')")
    pg.op.alter_column("t", "n", type_=sa.Integer(), postgresql_using="n::integer")
    assert pg.scalars("SELECT n FROM t") == [42]


def test_indexes_and_constraints_include_columns(pg: Bench) -> None:
    """OPS-74, OPS-82"""
    make(pg, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
    pg.op.create_index(
        "ix_a", "t", ["a"], unique=True, postgresql_include=["b"], postgresql_where=sa.text("a > 5"),
        postgresql_with={"fillfactor": 50}, if_not_exists=True,
    )  # fmt: skip
    pg.op.create_unique_constraint("uq_a", "t", ["a"], postgresql_include=["b"])
    found = {
        index["name"]: index["dialect_options"]["postgresql_include"]
        for index in sa.inspect(pg.connection).get_indexes("t")
    }
    assert found == {"ix_a": ["b"], "uq_a": ["b"]}


def test_an_exclude_constraint_excludes(pg: Bench) -> None:
    """OPS-85"""
    make(pg, sa.Column("period", postgresql.INT4RANGE))
    pg.op.create_exclude_constraint("ex_period", "t", ("period", "&&"), where=sa.text("id > 0"))  # type: ignore[attr-defined]
    pg.op.execute("INSERT INTO t (id, period) VALUES (1, '[1,5)')")
    with pytest.raises(sa.exc.IntegrityError), pg.connection.begin_nested():
        pg.op.execute("INSERT INTO t (id, period) VALUES (2, '[2,3)')")


def test_a_mariadb_server_under_a_mysql_url_is_spoken_to_as_mariadb(maria: Bench) -> None:
    """OPS-83"""
    assert maria.connection.dialect.name == "mysql"
    make(maria, sa.Column("n", sa.Integer))
    maria.op.create_check_constraint("ck_n", "t", "n > 5")
    maria.op.drop_constraint("ck_n", "t", type_="check", if_exists=True)
    maria.op.drop_constraint("ck_n", "t", type_="check", if_exists=True)
    assert sa.inspect(maria.connection).get_check_constraints("t") == []


def test_an_index_that_a_foreign_key_needs_goes_once_the_key_is_gone(maria: Bench) -> None:
    """OPS-73: MariaDB refuses it before."""
    maria.op.create_table("u", sa.Column("id", sa.Integer, primary_key=True))
    make(maria, sa.Column("u_id", sa.Integer, index=True))
    maria.op.create_foreign_key("fk_t", "t", "u", ["u_id"], ["id"])
    with pytest.raises(sa.exc.DBAPIError, match="needed in a foreign key"):
        maria.op.drop_index("ix_t_u_id", table_name="t")
    maria.op.drop_constraint("fk_t", "t", type_="foreignkey")
    maria.op.drop_index("ix_t_u_id", table_name="t")
    assert maria.indexes() == []


def test_the_version_table_is_made_and_filled(anywhere: Bench) -> None:
    """VER-1"""
    implementation = anywhere.context.impl
    table = implementation.version_table_impl(
        version_table="versions", version_table_schema=None, version_table_pk=True
    )
    table.create(anywhere.connection)
    implementation.execute(table.insert().values(version_num="ae10"))
    assert anywhere.scalars("SELECT version_num FROM versions") == ["ae10"]
