"""`limbeck doctor` as a whole; the scenario `doctor` has its words."""

from __future__ import annotations

import pytest

from limbeck.errors import ProjectBroken
from tests.command.project import Project


def test_a_project_in_order_has_no_findings(garden: Project) -> None:
    (garden.versions / "x1.py").unlink()
    (garden.versions / "x2.py").unlink()
    assert garden.out("doctor") == "Nothing was found that is broken, unsafe or different.\n"
    assert not (garden.directory / "app.db").exists() or garden.query("SELECT name FROM sqlite_master") == []


def test_what_is_broken_is_counted(garden: Project) -> None:
    (garden.versions / "a1.py").unlink()
    (garden.versions / "b1.py").unlink()
    with pytest.raises(ProjectBroken, match="3 things are broken in this project"):
        garden.out("doctor")
