"""The log of migrations on standard error, where no env.py has set up logging."""

from __future__ import annotations

import logging
from typing import TextIO

from limbeck.base.answer import wants_data
from limbeck.base.look import find_look

LOG_FORMAT = "%(levelname)-5.5s [%(name)s] %(message)s"
"""As in the ini files of the templates, so that whoever reads logs finds the same lines."""


class Lines(logging.StreamHandler[TextIO]):
    """Writes log records, unless env.py or a program has given the root logger a place for them."""

    def __init__(self, stream: TextIO, *, is_styled: bool = False) -> None:
        super().__init__(stream)
        self._is_styled = is_styled
        self.setFormatter(logging.Formatter(LOG_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        if logging.getLogger().handlers or is_noise(record) or (self._is_styled and is_known(record)):
            return
        super().emit(record)


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
    """What says nothing new: which plugins take part, and a refusal, which is told beside the log."""
    if record.name == "alembic.util.messaging":
        return True
    return record.name == "alembic.runtime.plugins" and record.levelno <= logging.INFO
