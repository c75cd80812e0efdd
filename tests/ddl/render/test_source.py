from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.sql.elements import conv, quoted_name

from limbeck.ddl.render.source import call, escape_colons, render_name, render_value
from tests.autogenerate.render.rendering import rendering


def test_a_call_leaves_out_what_is_not_said() -> None:
    assert call("f", "1", None, "x=2") == "f(1, x=2)"


@pytest.mark.parametrize(
    ("name", "written"),
    [(None, "None"), ("x", "'x'"), (conv("x"), "op.f('x')"), (quoted_name("x", quote=True), "'x'")],
)
def test_a_final_name_is_marked_as_such(name: str | None, written: str) -> None:
    """AUT-78."""
    assert render_name(name, rendering()) == written


@pytest.mark.parametrize(
    "sql", ["", "a", ":a", "'x:y'", "a::b", "\\:a", "\\\\:a", ":a:", "x :a, :b", "a:b", "{:}", "{:a}", "'\\'"]
)
def test_escaped_text_comes_out_of_sqlalchemy_as_it_went_in(sql: str) -> None:
    assert str(sa.text(escape_colons(sql))) == sql


def test_a_condition_among_options_is_written_as_text() -> None:
    """AUT-81."""
    value = {"where": sa.column("a") > 5, "include": [sa.Column("b"), "c"]}
    assert render_value(value, rendering()) == "{'where': sa.text('a > 5'), 'include': ['b', 'c']}"


def test_an_object_that_writes_itself_as_python_is_taken_at_its_word() -> None:
    class Engine:
        def __repr__(self) -> str:
            return "engines.Memory()"

    assert render_value(Engine(), rendering()) == "engines.Memory()"
