"""Notes and questions go to standard error, without secrets; nobody is asked where nobody sits."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from limbeck.base.look import Look
from limbeck.cli.log import LOG_FORMAT, Lines
from limbeck.cli.voice import Terminal, find_consent


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_note_has_no_secrets() -> None:
    stream = io.StringIO()
    Terminal(stream, None).note("postgresql://app:c4nary@db is used\nand more")
    assert stream.getvalue() == "  note      postgresql://app:***@db is used\n            and more\n"


def test_a_note_is_told_once() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream, None)
    for text in ("one", "two", "one"):
        terminal.note(text)
    assert stream.getvalue() == "  note      one\n  note      two\n"


def test_no_note_when_quiet() -> None:
    stream = io.StringIO()
    Terminal(stream, None, quiet=True).note("x")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("answer", "agrees"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False), ("yo\n", False)],
)
def test_somebody_is_asked_on_a_terminal(answer: str, agrees: bool) -> None:
    stream = Screen()
    assert Terminal(stream, Screen(answer)).agrees("Write it?") is agrees
    assert stream.getvalue() == "Write it? [y/N] "


def test_nobody_is_asked_elsewhere() -> None:
    for stream, answers in ((io.StringIO(), Screen("y\n")), (Screen(), io.StringIO("y\n")), (Screen(), None)):
        assert not Terminal(stream, answers).agrees("Write it?")
        assert stream.getvalue() == ""


def test_an_answer_may_be_given_beforehand() -> None:
    """No question is asked then, not even on a terminal."""
    stream = Screen()
    assert Terminal(stream, Screen("n\n"), consent=True).agrees("Write it?")
    assert stream.getvalue() == "  note      Write it? yes\n"
    stream = Screen()
    assert not Terminal(stream, Screen("y\n"), consent=False).agrees("Write it?")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("yes", "no_input", "environ", "expected"),
    [
        (False, False, {}, None),
        (True, False, {}, True),
        (False, True, {}, False),
        (True, True, {}, True),  # nothing is asked, and the answer is yes
        (False, False, {"LIMBECK_YES": "1"}, True),
        (False, False, {"LIMBECK_NO_INPUT": "1"}, False),
        (False, True, {"LIMBECK_YES": "1"}, False),
        (False, False, {"LIMBECK_YES": "0", "LIMBECK_NO_INPUT": ""}, None),
    ],
)
def test_the_command_line_goes_before_the_environment(
    yes: bool, no_input: bool, environ: dict[str, str], expected: bool | None
) -> None:
    assert find_consent(yes, no_input, environ) is expected


@contextmanager
def bare_logging() -> Iterator[None]:
    """Logging as nobody has set it up; pytest does so anew for each phase of a test."""
    root, logger = logging.getLogger(), logging.getLogger("alembic")
    kept = (root.handlers, logger.handlers, logger.level)
    root.handlers, logger.handlers = [], []
    logger.setLevel(logging.NOTSET)
    try:
        yield
    finally:
        root.handlers, logger.handlers = kept[:2]
        logger.setLevel(kept[2])


STYLED = Look(is_styled=True)


@pytest.mark.parametrize(
    ("verbose", "quiet", "look", "shown"),
    [
        (False, False, STYLED, ["a line"]),
        (False, False, Look(), ["Context impl X.", "a line"]),
        (False, True, Look(), []),
        (True, False, STYLED, ["setting up", "Context impl X.", "inserting a1", "a line"]),
        (True, False, Look(), ["setting up", "Context impl X.", "inserting a1", "a line"]),
        (True, True, STYLED, ["setting up", "Context impl X.", "inserting a1", "a line"]),
    ],
)
def test_how_much_of_the_log_is_shown(verbose: bool, quiet: bool, look: Look, shown: list[str]) -> None:
    with bare_logging():
        stream = io.StringIO()
        terminal = Terminal(stream, None, verbose=verbose, quiet=quiet, look=look)
        terminal.show_log()
        logging.getLogger("alembic.runtime.plugins").info("setting up")
        logging.getLogger("alembic.runtime.migration").info("Context impl X.")
        logging.getLogger("alembic.runtime.migration").debug("inserting a1")
        logging.getLogger("alembic.runtime.migration").info("a line")
        logging.getLogger("alembic.util.messaging").error("told beside it")
        terminal.end()
        assert [line.partition("] ")[2] for line in stream.getvalue().splitlines()] == shown
        assert logging.getLogger("alembic").level == logging.NOTSET


def test_the_log_is_shown_until_the_end() -> None:
    with bare_logging():
        stream = io.StringIO()
        terminal = Terminal(stream, None)
        terminal.show_log()
        terminal.show_log()
        logging.getLogger("alembic.runtime.migration").info("Running upgrade")
        logging.getLogger().handlers = [logging.NullHandler()]
        logging.getLogger("alembic.runtime.migration").info("shown by somebody else")
        terminal.end()
        assert stream.getvalue() == "INFO  [alembic.runtime.migration] Running upgrade\n"
        assert logging.getLogger("alembic").handlers == []


def test_the_log_has_no_secrets() -> None:
    """UX-3."""
    with bare_logging():
        stream = io.StringIO()
        terminal = Terminal(stream, None, verbose=True)
        terminal.show_log()
        logging.getLogger("alembic.runtime.migration").debug("no way to postgresql://app:c4nary@db")
        terminal.end()
        assert stream.getvalue() == "DEBUG [alembic.runtime.migration] no way to postgresql://app:***@db\n"


def test_lines_look_like_those_of_the_templates() -> None:
    assert Lines(io.StringIO()).formatter is not None
    assert LOG_FORMAT == "%(levelname)-5.5s [%(name)s] %(message)s"
