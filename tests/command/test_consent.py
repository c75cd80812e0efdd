"""What a new revision takes away is listed, and somebody must agree."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.base.voice import voice
from limbeck.command.consent import find_drops, is_empty, require_consent
from limbeck.errors import DropsRefused
from limbeck.operations import ops

COLUMN = ops.DropColumnOp("account", "mail", schema="s")
LOSING = [
    ops.DropTableOp("person"),
    ops.ModifyTableOps("account", [COLUMN, ops.DropIndexOp("ix")], schema="s"),
    ops.AddColumnOp("account", sa.Column("x", sa.Integer)),
]
DROPS = ["table person", "column s.account.mail"]


class Listener:
    """Writes down what it is told, and always gives the same answer."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.heard: list[str] = []

    def note(self, text: str) -> None:
        self.heard.append(text)

    def show_log(self) -> None:
        raise AssertionError("no log here")

    def agrees(self, question: str) -> bool:
        self.heard.append(question)
        return self.answer


def scripts(*operations: ops.MigrateOperation) -> list[ops.MigrationScript]:
    return [ops.MigrationScript("a", ops.UpgradeOps(list(operations)), ops.DowngradeOps([]))]


def test_tables_and_columns_are_found_wherever_they_stand() -> None:
    assert list(find_drops(LOSING)) == DROPS


def test_without_anybody_to_ask_it_is_refused() -> None:
    with pytest.raises(DropsRefused) as caught:
        require_consent(scripts(*LOSING), allowed=False)
    assert caught.value.drops == tuple(DROPS)
    assert str(caught.value) == (
        "The new revision would drop 2 things with all data; nothing was written:\n"
        "    table person\n    column s.account.mail"
    )
    assert "--allow-drops" in (caught.value.hint or "")


def test_many_are_counted() -> None:
    many = [ops.DropTableOp(f"t{number}") for number in range(11)]
    with pytest.raises(DropsRefused) as caught:
        require_consent(scripts(*many), allowed=False)
    assert str(caught.value).splitlines()[-2:] == ["    table t7", "    and 3 more"]


def test_somebody_is_asked() -> None:
    listener = Listener(answer=True)
    with voice.active(listener):
        require_consent(scripts(*LOSING), allowed=False)
    listed = (
        "the new revision drops 1 table and 1 column, with all data:\ntable person\ncolumn s.account.mail"
    )
    assert listener.heard == [f"{listed}\nWrite it?"]
    with voice.active(Listener(answer=False)), pytest.raises(DropsRefused):
        require_consent(scripts(*LOSING), allowed=False)


def test_what_is_allowed_is_listed_all_the_same() -> None:
    listener = Listener(answer=False)
    with voice.active(listener):
        require_consent(scripts(*LOSING), allowed=True)
    assert listener.heard == [
        "the new revision drops 1 table and 1 column, with all data:\ntable person\ncolumn s.account.mail"
    ]


def test_what_loses_nothing_needs_no_consent() -> None:
    require_consent(scripts(LOSING[-1], ops.DropIndexOp("ix")), allowed=False)


def test_scripts_may_be_empty() -> None:
    assert is_empty(scripts())
    assert is_empty([])
    assert not is_empty(scripts(LOSING[-1]))
