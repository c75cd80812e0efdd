"""Rows to insert, page by page: in Python, on living servers, and in a script."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.rows import Page, pages
from limbeck.operations.base import Operations
from tests.backends.engines import connected
from tests.ddl.recorded import Context, statements


def test_pages_are_full_but_the_last_and_keep_the_order() -> None:
    """OPS-93"""
    rows = [{"n": n} for n in range(5)]
    assert list(pages(rows, size=2)) == [Page(rows[:2]), Page(rows[2:4]), Page(rows[4:])]
    assert list(pages([])) == []


def test_a_new_page_begins_where_the_columns_change() -> None:
    """OPS-93: each row gives what it names, the rest is left to defaults."""
    a, b, c = {"x": 1, "y": 1}, {"y": 2, "x": 2}, {"x": 3}
    assert list(pages([a, b, c])) == [Page([a, b]), Page([c])]


def test_a_row_with_expressions_is_a_page_of_its_own() -> None:
    """OPS-93"""
    upper = sa.func.upper("a")
    rows = [{"x": 1, "y": "b"}, {"x": 2, "y": upper}, {"x": 3, "y": "c"}]
    assert list(pages(rows)) == [Page([rows[0]]), Page([{"x": 2}], {"y": upper}), Page([rows[2]])]


def test_an_iterator_is_read_a_page_at_a_time() -> None:
    """OPS-93"""
    taken: list[int] = []

    def rows() -> Iterator[dict[str, int]]:
        for n in range(10):
            taken.append(n)
            yield {"n": n}

    first = next(pages(rows(), size=3))
    assert (first, taken) == (Page([{"n": 0}, {"n": 1}, {"n": 2}]), [0, 1, 2])


def test_any_mapping_is_a_row() -> None:
    """OPS-93"""
    with connected() as connection:
        rows = connection.execute(sa.text("SELECT 1 AS n UNION SELECT 2")).mappings()
        assert [dict(row) for page in pages(rows) for row in page.values] == [{"n": 1}, {"n": 2}]


class Table:
    """A table on a server, the operations that fill it, and how often the server was asked."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.table = sa.Table(
            "item",
            sa.MetaData(),
            sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("name", sa.String(50), server_default="nobody"),
            sa.Column("size", sa.Integer, default=7),
        )
        self.table.create(connection)
        self.op = Operations(Context("", connection=connection, as_sql=False))  # type: ignore[arg-type]
        self.rows_sent: list[int] = []
        sa.event.listen(connection, "before_cursor_execute", self._count)

    def _count(self, _: Any, __: Any, ___: str, parameters: Any, ____: Any, many: bool) -> None:
        self.rows_sent.append(len(parameters) if many else 1)

    def rows(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.execute(self.table.select().order_by("id"))]


@pytest.fixture
def item(database_url: str) -> Iterator[Table]:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        yield Table(connection)
    engine.dispose()


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_each_page_is_one_way_to_the_server(item: Table, kind: Any) -> None:
    """OPS-93: a list or anything else that gives rows."""
    item.op.bulk_insert(item.table, kind([{"id": n, "name": f"n{n}"} for n in range(2500)]))
    assert item.rows_sent == [1000, 1000, 500]
    assert item.rows() == [(n, f"n{n}", 7) for n in range(2500)]


def test_a_column_that_a_row_does_not_name_gets_its_default(item: Table) -> None:
    """OPS-93: of the server or of Python; None is a value."""
    item.op.bulk_insert(
        item.table,
        [{"id": 1, "name": "a", "size": 1}, {"id": 2}, {"id": 3, "name": None}, {"id": 4, "size": None}],
    )
    assert item.rows() == [(1, "a", 1), (2, "nobody", 7), (3, None, 7), (4, "nobody", None)]


def test_expressions_are_values_with_and_without_multiinsert(item: Table) -> None:
    """OPS-93: what the reference sends as a string, or not at all."""
    item.op.bulk_insert(
        item.table, [{"id": 1, "name": item.op.inline_literal("it's")}, {"id": 2, "name": "b"}]
    )
    item.op.bulk_insert(
        item.table,
        [{"id": 3, "name": sa.func.upper("c")}, {"id": 4, "name": "d"}, {"id": 5}],
        multiinsert=False,
    )
    assert item.rows() == [(1, "it's", 7), (2, "b", 7), (3, "C", 7), (4, "d", 7), (5, "nobody", 7)]
    assert item.rows_sent == [1] * 6


def test_no_rows_ask_nothing_of_the_server(item: Table) -> None:
    """OPS-93"""
    item.op.bulk_insert(item.table, [])
    item.op.bulk_insert(item.table, iter(()))
    assert item.rows_sent == []


def test_values_for_a_column_that_the_table_has_not_are_left_out_with_a_warning(item: Table) -> None:
    """OPS-93: existing migrations do that."""
    with pytest.warns(UserWarning, match="table 'item' has no column 'nmae': the values are left out"):
        item.op.bulk_insert(item.table, [{"id": 1, "nmae": "a"}])
    assert item.rows() == [(1, "nobody", 7)]


def test_in_a_script_a_column_that_the_table_has_not_is_an_error() -> None:
    """OPS-93"""
    table = sa.table("item", sa.column("id", sa.Integer))
    with pytest.raises(sa.exc.CompileError, match="Unconsumed column names: nmae"):
        Operations(Context("sqlite")).bulk_insert(table, [{"id": 1, "nmae": "a"}])  # type: ignore[arg-type]


def test_memory_does_not_grow_with_the_rows_of_an_iterator(sqlite_url: str) -> None:
    """OPS-93"""
    engine = sa.create_engine(sqlite_url)
    peaks = []
    with engine.connect() as connection:
        item = Table(connection)
        for start, count in ((0, 3_000), (10_000, 3_000), (20_000, 30_000)):  # the first fills caches
            rows = ({"id": start + n, "name": "x" * 40, "size": n} for n in range(count))
            tracemalloc.start()
            item.op.bulk_insert(item.table, rows)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    engine.dispose()
    assert peaks[2] < 1.2 * peaks[1]


def test_a_script_is_written_row_by_row() -> None:
    """OPS-93: the columns in the order of the table, and only those of the row."""
    table = sa.table("item", sa.column("id", sa.Integer), sa.column("name", sa.String))
    context = Context("postgresql")
    Operations(context).bulk_insert(table, iter([{"name": "a", "id": 1}, {"id": 2}, {"id": 3, "name": None}]))  # type: ignore[arg-type]
    assert statements(context) == [
        "INSERT INTO item (id, name) VALUES (1, 'a')",
        "INSERT INTO item (id) VALUES (2)",
        "INSERT INTO item (id, name) VALUES (3, NULL)",
    ]


def test_sql_server_is_told_which_rows_bring_their_identity() -> None:
    """OPS-94, OFF-9: it refuses a value for an identity otherwise, and a row without one while it is told so."""
    table = sa.Table(
        "item", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)
    )
    context = Context("mssql")
    running = Operations(context)  # type: ignore[arg-type]
    running.bulk_insert(table, [{"n": 1}, {"id": 2, "n": 2}, {"id": 3, "n": 3}, {"n": 4}])
    assert statements(context) == [
        "INSERT INTO item (n) VALUES (1)",
        "SET IDENTITY_INSERT item ON",
        "INSERT INTO item (id, n) VALUES (2, 2)",
        "INSERT INTO item (id, n) VALUES (3, 3)",
        "SET IDENTITY_INSERT item OFF",
        "INSERT INTO item (n) VALUES (4)",
    ]


def test_sql_server_is_told_so_of_any_table_of_which_nothing_is_known_and_of_none_without_identity() -> None:
    """OPS-94"""
    known = sa.Table("item", sa.MetaData(), sa.Column("n", sa.Integer))
    context = Context("mssql")
    running = Operations(context)  # type: ignore[arg-type]
    running.bulk_insert(known, [{"n": 1}])
    running.bulk_insert(sa.table("item", sa.column("n", sa.Integer), schema="s1"), [{"n": 2}])
    assert statements(context) == [
        "INSERT INTO item (n) VALUES (1)",
        "SET IDENTITY_INSERT s1.item ON",
        "INSERT INTO s1.item (n) VALUES (2)",
        "SET IDENTITY_INSERT s1.item OFF",
    ]
