from __future__ import annotations

import pytest

from limbeck.ddl.sqlite.render import default_text


@pytest.mark.parametrize("text", ["5", "2.5", "'x'", "'it''s'", "''", "(a)", "((a) + (b))", "('(')"])
def test_a_number_a_string_and_what_is_in_parentheses_stay_as_they_are(text: str) -> None:
    """AUT-75."""
    assert default_text(text) == text


@pytest.mark.parametrize(
    "text", ["lower('X')", "1 + 5", "(a) + (b)", "'a' || 'b'", "-5", "CURRENT_TIMESTAMP"]
)
def test_an_expression_gets_parentheses(text: str) -> None:
    """AUT-75."""
    assert default_text(text) == f"({text})"
