"""How findings are told."""

from __future__ import annotations

from limbeck.command.diagnosis.finding import Finding, Level, gather, summary


def test_the_worst_is_told_first_and_what_is_the_same_is_told_once() -> None:
    found = gather(
        [
            Finding(Level.DIFFERENT, "a", ("x:1",)),
            Finding(Level.BROKEN, "b", ("x:2",)),
            Finding(Level.DIFFERENT, "a", ("y:1", "x:1")),
        ]
    )
    assert found == [Finding(Level.BROKEN, "b", ("x:2",)), Finding(Level.DIFFERENT, "a", ("x:1", "y:1"))]
    assert summary(found) == "1 broken, 1 different"


def test_a_finding_has_the_shape_of_a_failure() -> None:
    finding = Finding(Level.UNSAFE, "a", tuple(f"x:{line}" for line in range(7)), "because", "do that")
    assert finding.report().lines() == [
        "unsafe: a",
        "  where     x:0",
        *(f"            x:{line}" for line in (1, 2, 3, 4)),
        "            and 2 more",
        "  why       because",
        "  fix       do that",
    ]


def test_where_nothing_is_found_a_sentence_says_so() -> None:
    assert summary([]) == "Nothing was found that is broken, unsafe or different."
