"""Failures keep inside of the terminal, below their labels, and the cause stands out."""

from __future__ import annotations

from limbeck.base.look import Look
from limbeck.base.report import Fact
from limbeck.cli.telling import render_failure

NARROW = Look(width=60, is_styled=True)
PATH = "migrations/versions/2f6b1c40a9d1_a_message_that_is_rather_long.py:12"


def test_what_is_too_long_goes_on_below_the_text() -> None:
    facts = [
        Fact("where", PATH),
        Fact("fix", "find the values that occur twice and decide which of them to keep"),
    ]
    assert list(
        render_failure("Migration failed: could not create the unique index of table pet", facts, NARROW)
    ) == [
        "Migration failed: could not create the unique index of table",
        "  pet",
        "  where",
        PATH,
        "  fix       find the values that occur twice and decide",
        "            which of them to keep",
    ]


def test_what_is_piped_stays_in_one_line() -> None:
    fact = Fact("fix", "x " * 200)
    assert list(render_failure("c " * 200, [fact], Look())) == [
        "c " * 200,
        f"  fix       {'x ' * 200}".rstrip(),
    ]


def test_colour_is_for_the_cause_and_labels_stay_behind() -> None:
    look = Look(width=80, is_styled=True, has_color=True, has_shades=True)
    assert list(render_failure("no", [Fact("fix", "yes\nand yes")], look)) == [
        "\x1b[1m\x1b[38;5;196mno\x1b[0m\x1b[0m",
        "\x1b[2m  fix\x1b[0m       yes",
        "            and yes",
    ]


def test_a_secret_is_found_before_lines_are_folded() -> None:
    facts = [Fact("url", f"{'x ' * 20}postgresql://app:two%20words@db/shop and the words are two words")]
    told = "\n".join(render_failure("of two words", facts, NARROW, {"two words"}))
    assert "two" not in told
