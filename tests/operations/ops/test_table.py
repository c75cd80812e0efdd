"""Operations on tables: what they make, what undoes them, how they read as diffs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable

from limbeck.operations import ops


def flat(construct: Any) -> str:
    return " ".join(str(construct.compile(dialect=mysql.dialect())).split())


def account() -> sa.Table:
    return sa.Table(
        "account",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), index=True),
        sa.Column("mail", sa.String(50), unique=True),
        sa.CheckConstraint("id > 0", name="ck_id"),
        sa.Index("ix_mail", "mail"),
        schema="s1",
        comment="customers",
        info={"kept": True},
        prefixes=["TEMPORARY"],
        mysql_engine="InnoDB",
    )


def test_columns_of_a_user_stay_free_and_can_be_used_again() -> None:
    """OPS-12."""
    key = sa.Column("id", sa.Integer, primary_key=True)
    name = sa.Column("name", sa.String(50), sa.ForeignKey("u.id"), index=True)
    items = [
        key,
        name,
        sa.UniqueConstraint(name, name="uq"),
        sa.CheckConstraint(name > "a", name="ck"),
        sa.ForeignKeyConstraint(["id"], ["t.id"], name="fk"),
        sa.Index("ix", sa.func.lower(name)),
    ]
    tables = [ops.CreateTableOp(table, items).to_table() for table in ("a", "b")]
    assert key.table is None
    assert name.table is None
    assert [flat(CreateTable(table)) for table in tables] == [
        f"CREATE TABLE {table} ( id INTEGER NOT NULL, name VARCHAR(50), PRIMARY KEY (id), "
        "CONSTRAINT uq UNIQUE (name), CONSTRAINT ck CHECK (name > 'a'), "
        "CONSTRAINT fk FOREIGN KEY(id) REFERENCES t (id), FOREIGN KEY(name) REFERENCES u (id) )"
        for table in ("a", "b")
    ]
    assert {str(CreateIndex(index)) for index in tables[1].indexes} == {
        "CREATE INDEX ix_b_name ON b (name)",
        "CREATE INDEX ix ON b (lower(name))",
    }


def test_a_foreign_key_compiles_although_what_it_points_to_is_unknown() -> None:
    """OPS-2, OPS-61: in another schema, in the same table, and to a column that is never created here."""
    table = ops.CreateTableOp(
        "t",
        [
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("a", sa.Integer, sa.ForeignKey("s2.u.id")),
            sa.Column("b", sa.Integer, sa.ForeignKey("t.id")),
            sa.Column("c", sa.Integer, sa.ForeignKey("t.other")),
        ],
    ).to_table()
    sql = flat(CreateTable(table))
    assert "REFERENCES s2.u (id)" in sql
    assert "REFERENCES t (id)" in sql
    assert "REFERENCES t (other)" in sql
    assert "other INTEGER" not in sql
    assert "other NULL" not in sql


def test_from_table_takes_constraints_but_leaves_indexes_to_operations_of_their_own() -> None:
    """AUT-5."""
    operation = ops.CreateTableOp.from_table(account())
    assert [type(item).__name__ for item in operation.columns] == [
        "Column", "Column", "Column", "CheckConstraint", "PrimaryKeyConstraint", "UniqueConstraint",
    ]  # fmt: skip
    table = operation.to_table()
    assert not table.indexes
    assert flat(CreateTable(table)) == (
        "CREATE TEMPORARY TABLE s1.account ( id INTEGER NOT NULL AUTO_INCREMENT, name VARCHAR(50), "
        "mail VARCHAR(50), PRIMARY KEY (id), CONSTRAINT ck_id CHECK (id > 0), UNIQUE (mail) "
        ")ENGINE=InnoDB COMMENT='customers'"
    )
    assert (table.comment, table.info, dict(table.kwargs)) == (
        "customers", {"kept": True}, {"mysql_engine": "InnoDB"}
    )  # fmt: skip


def test_the_check_of_a_type_is_made_once() -> None:
    model = sa.Table("t", sa.MetaData(), sa.Column("on", sa.Boolean(create_constraint=True, name="ck_on")))
    table = ops.CreateTableOp.from_table(model).to_table()
    assert flat(CreateTable(table)).count("CHECK") == 1


def test_creating_and_dropping_undo_each_other_with_everything_they_had() -> None:
    drop = ops.CreateTableOp.from_table(account()).reverse()
    assert isinstance(drop, ops.DropTableOp)
    assert (drop.table_name, drop.schema, drop.comment, drop.info, drop.prefixes, drop.table_kw) == (
        "account", "s1", "customers", {"kept": True}, ["TEMPORARY"], {"mysql_engine": "InnoDB"},
    )  # fmt: skip
    assert flat(CreateTable(drop.reverse().to_table())) == flat(
        CreateTable(ops.CreateTableOp.from_table(account()).to_table())
    )


def test_a_dropped_table_that_nobody_knew_comes_back_empty() -> None:
    table = ops.DropTableOp("t", schema="s1").reverse().to_table()
    assert (table.fullname, list(table.c)) == ("s1.t", [])


def test_the_diffs_of_tables_hold_tables() -> None:
    """AUT-3."""
    create = ops.CreateTableOp.from_table(account())
    assert (create.to_diff_tuple()[0], create.to_diff_tuple()[1].fullname) == ("add_table", "s1.account")
    tag, table = create.reverse().to_diff_tuple()
    assert (tag, [column.name for column in table.c]) == ("remove_table", ["id", "name", "mail"])


def test_the_info_of_an_operation_is_that_of_its_table_but_not_the_same_dictionary() -> None:
    table = account()
    operation = ops.CreateTableOp.from_table(table)
    operation.info["mine"] = 1
    assert table.info == {"kept": True}
    assert operation.to_table().info == {"kept": True, "mine": 1}


def test_a_rename_is_undone_by_the_opposite_rename() -> None:
    opposite = ops.RenameTableOp("a", "b", schema="s1").reverse()
    assert (opposite.table_name, opposite.new_table_name, opposite.schema) == ("b", "a", "s1")
