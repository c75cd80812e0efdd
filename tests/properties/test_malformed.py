"""Whatever stands in a project's files: an answer in time, never a traceback, and the name of the file."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from limbeck.cli.main import main
from tests.properties.malformed import KINDS, make_malformed, write_project

COUNT = int(os.environ.get("LIMBECK_FUZZ", "150"))
SECONDS = 20
COMMANDS = (
    ("heads",),
    ("history",),
    ("show", "heads"),
    ("upgrade", "--sql", "heads"),
    ("revision", "-m", "third", "--head", "heads"),
)


class TookTooLongError(BaseException):
    """No handler of ordinary exceptions may take this for one of its own."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TookTooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(words: tuple[str, ...]) -> tuple[object, str]:
    """The exit status of a command, and all that it says."""
    written = io.BytesIO()
    said = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    status: object = 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            main(list(words))
        except SystemExit as stop:
            status = stop.code
    return status, written.getvalue().decode()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers on this system")
@pytest.mark.parametrize("number", range(COUNT))
def test_a_malformed_file_gets_an_answer_that_names_it(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FILE-11, CFG-10, CLI-3, CLI-11, GEN-14: and what the graph thinks of what it says."""
    malformed = make_malformed(number)
    write_project(tmp_path, malformed)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(
        logging.getLogger("alembic"), "propagate", False
    )  # what it says is in the output, too
    for words in COMMANDS:
        with time_limit(SECONDS):
            status, said = run(words)
        shown = f"{malformed.kind} {number}, {' '.join(words)}: {malformed.data[:2000]!r}\n{said[:3000]}"
        assert "Traceback" not in said, shown
        assert status in (0, 1, 255), shown
        assert status == 0 or Path(malformed.name).name in said, shown


def test_every_kind_of_file_is_among_the_usual_number() -> None:
    assert len(KINDS) <= 150
    assert {make_malformed(number).kind for number in range(150)} == {
        "revision", "ini", "toml", "template", "environment", "large",
    }  # fmt: skip
