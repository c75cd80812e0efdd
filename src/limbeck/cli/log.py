"""The log of migrations on standard error, where no env.py has set up logging."""

from __future__ import annotations

import logging
from typing import TextIO

from limbeck.base.answer import wants_data
from limbeck.base.look import find_look
from limbeck.base.redaction import redact

LOG_FORMAT = "%(levelname)-5.5s [%(name)s] %(message)s"
"""As in the ini files of the templates, so that whoever reads logs finds the same lines."""
TOLD_BESIDE = "alembic.util.messaging"
"""Refusals, which are told beside the log."""


class Lines(logging.StreamHandler[TextIO]):
    """Writes log records, unless env.py or a program has given the root logger a place for them.

    `shows_all` shows also what says nothing new to most people.
    """

    def __init__(self, stream: TextIO, *, is_styled: bool = False, shows_all: bool = False) -> None:
        super().__init__(stream)
        self._is_styled = is_styled
        self._shows_all = shows_all
        self.setFormatter(logging.Formatter(LOG_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        if logging.getLogger().handlers or record.name == TOLD_BESIDE:
            return
        if not self._shows_all and (is_noise(record) or (self._is_styled and is_known(record))):
            return
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """A line without secrets, which what a driver says may have in it (UX-3)."""
        return redact(super().format(record))


def is_known(record: logging.LogRecord) -> bool:
    """What a person on a terminal sees anyway: how the database was taken, which steps run, what differs.

    Where the answer goes somewhere else, or is data, steps and differences are shown nowhere but here.
    """
    if record.levelno != logging.INFO:
        return False
    text = record.getMessage()
    if record.name.startswith("alembic.autogenerate."):
        return text.startswith("Detected ") and find_look().is_styled and not wants_data()
    if not record.name.startswith("alembic.runtime."):
        return False
    if text.startswith(("Context impl ", "Will assume ", "Generating static SQL")):
        return True
    is_step = text.startswith(("Running upgrade ", "Running downgrade "))
    return is_step and find_look().is_styled and not wants_data()


def is_noise(record: logging.LogRecord) -> bool:
    """What says nothing new: which plugins take part."""
    return record.name == "alembic.runtime.plugins" and record.levelno <= logging.INFO
