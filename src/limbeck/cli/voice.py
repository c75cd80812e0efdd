"""The voice of the command line: notes and questions on standard error, and the log where nobody has set one up.

Most commands never say a word through it, so what it needs for that is imported then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from limbeck.base.console import is_terminal, write_text
from limbeck.base.look import Look

PLAIN = Look()


class Terminal:
    """Speaks on a stream, and listens on another.

    `consent` is the answer to every question if that was given beforehand. `look` is that of the stream. `verbose`
    shows the whole log, also if `quiet` leaves out the answer and the notes.
    """

    def __init__(
        self,
        stream: TextIO,
        answers: TextIO | None,
        *,
        quiet: bool = False,
        verbose: bool = False,
        consent: bool | None = None,
        look: Look = PLAIN,
    ) -> None:
        self._stream = stream
        self._answers = answers
        self._quiet = quiet
        self._verbose = verbose
        self._consent = consent
        self._look = look
        self._log: Any = None
        self._level = 0
        self._told: set[str] = set()

    def note(self, text: str) -> None:
        """Tell something that was decided without being asked for, once."""
        if not self._quiet and text not in self._told:
            from limbeck.base.report import Fact
            from limbeck.cli.telling import render_fact

            self._told.add(text)
            self._write("\n".join(render_fact(Fact("note", text), self._look)) + "\n")

    def show_log(self) -> None:
        """Show which migrations run: INFO of `alembic`, all of it if that is wanted, and warnings of all others."""
        import logging

        from limbeck.cli.log import Lines

        logger = logging.getLogger("alembic")
        if self._log is not None:
            return
        self._log = Lines(self._stream, is_styled=self._look.is_styled, shows_all=self._verbose)
        logger.addHandler(self._log)
        self._level = logger.level
        if self._verbose:
            logger.setLevel(logging.DEBUG)
        elif logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING if self._quiet else logging.INFO)

    def end(self) -> None:
        """Take the log away again: another command in this process may have another stream, or want less."""
        if self._log is not None:
            import logging

            logger = logging.getLogger("alembic")
            logger.removeHandler(self._log)
            logger.setLevel(self._level)
            self._log = None

    def agrees(self, question: str) -> bool:
        """Ask on a terminal; anything but `y` or `yes` is no. What was agreed to beforehand is told."""
        if self._consent is not None:
            if self._consent:
                self.note(f"{question} yes")
            return self._consent
        if self._answers is None or not (is_terminal(self._stream) and is_terminal(self._answers)):
            return False
        self._write(f"{question} [y/N] ")
        return self._answers.readline().strip().lower() in ("y", "yes")

    def _write(self, text: str) -> None:
        from limbeck.base.redaction import redact

        write_text(self._stream, redact(text))
        self._stream.flush()


def find_consent(yes: bool, no_input: bool, environ: Mapping[str, str]) -> bool | None:
    """The answer that was given before any question: by `--yes` or `--no-input`, else by a variable in their place."""
    if yes or no_input:
        return yes
    if environ.get("LIMBECK_YES", "") not in ("", "0"):
        return True
    return False if environ.get("LIMBECK_NO_INPUT", "") not in ("", "0") else None
