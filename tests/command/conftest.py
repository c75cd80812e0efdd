from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without revisions."""
    return Project(tmp_path)


@pytest.fixture
def garden(tmp_path: Path) -> Project:
    """A diamond with a label on one side, and a second base whose tip depends on the diamond."""
    made = Project(tmp_path)
    made.add("a1", message="start")
    made.add("b1", "a1", message="names")
    made.add("c1", "a1", message="prices", label="lab")
    made.add("m1", "b1", "c1", message="join")
    made.add("n1", "m1", message="add totals")
    made.add("x1", message="other")
    made.add("x2", "x1", message="other\nin two lines", label="xl", depends_on="b1")
    return made


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what an env.py sets up: its handlers write to the stream of one test."""
    loggers = [logging.getLogger(name) for name in (None, "alembic", "sqlalchemy.engine")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
