"""Every failure has a code word, and `explain` says more about it."""

from __future__ import annotations

import ast
import io
import re

import pytest

from limbeck import command, errors
from limbeck.command.explaining import WIDTH, find_code
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.errors.codes import CODES
from tests.house.source import modules

KINDS = [getattr(errors, name) for name in errors.__all__]
REFUSALS = [kind for kind in KINDS if issubclass(kind, CommandError)]


def explained(code: str | None) -> str:
    out = io.StringIO()
    command.explain(Config(stdout=out), code)
    return out.getvalue()


def words_in_the_code() -> set[str]:
    """The code words that stand as a string anywhere but in their own table."""
    return {
        node.value
        for module in modules().values()
        if module.name != "limbeck.errors.codes"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"LBK-[A-Z-]+[A-Z]", node.value)
    }


def test_a_word_is_explained() -> None:
    assert explained("LBK-GREENLET") == (
        "LBK-GREENLET: greenlet is missing\n\n"
        "Asynchronous drivers are used through the library greenlet, which SQLAlchemy does not install\n"
        "everywhere.\n\n"
        'pip install "limbeck[async]"\n'
    )


@pytest.mark.parametrize("text", ["LBK-REV-HEADS", "lbk-rev-heads", "rev-heads", " [LBK-REV-HEADS] "])
def test_a_word_may_be_written_in_several_ways(text: str) -> None:
    assert find_code(text).word == "LBK-REV-HEADS"


def test_without_a_word_all_are_listed() -> None:
    lines = explained(None).splitlines()
    assert [line.split()[0] for line in lines] == list(CODES)


def test_a_misspelt_word_is_guessed() -> None:
    with pytest.raises(CommandError) as caught:
        find_code("LBK-REV-HEDS")
    assert (caught.value.hint or "").startswith("did you mean LBK-REV-HEADS")


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_word_that_is_explained(kind: type[CommandError]) -> None:
    assert kind.code in CODES


def test_every_word_is_used_and_every_used_one_is_explained() -> None:
    used = words_in_the_code() | {"LBK-BUG"}  # which stands inside of a longer text
    assert sorted(used) == sorted(CODES)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.word)
def test_explanations_are_sentences(code: object) -> None:
    word, title, meaning, remedy = code  # type: ignore[misc]  # a named tuple
    assert title[0].isupper() or title.startswith(("env.py", "greenlet", "limbeck"))
    assert not title.endswith(".")
    assert meaning.endswith(".")
    assert remedy.endswith((".", '"'))
    assert all(len(line) <= WIDTH for line in explained(word).splitlines())
