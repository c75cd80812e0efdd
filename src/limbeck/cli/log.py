"""The log of migrations on standard error, where no env.py has set up logging."""

from __future__ import annotations

import logging
from typing import TextIO

LOG_FORMAT = "%(levelname)-5.5s [%(name)s] %(message)s"
"""As in the ini files of the templates, so that whoever reads logs finds the same lines."""


class Lines(logging.StreamHandler[TextIO]):
    """Writes log records, unless env.py or a program has given the root logger a place for them."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(logging.Formatter(LOG_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers and not is_noise(record):
            super().emit(record)


def is_noise(record: logging.LogRecord) -> bool:
    """What says nothing new: which plugins take part, and a refusal, which is told beside the log."""
    if record.name == "alembic.util.messaging":
        return True
    return record.name == "alembic.runtime.plugins" and record.levelno <= logging.INFO
