"""Which editor is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.base.editor import find_editor
from limbeck.errors import CommandError


def test_editor_comes_before_visual_and_may_have_arguments() -> None:
    """CLI-66."""
    assert find_editor({"EDITOR": "code -w 'a b'", "VISUAL": "vim"}) == ["code", "-w", "a b"]
    assert find_editor({"EDITOR": " ", "VISUAL": "vim"}) == ["vim"]


def test_otherwise_the_first_usual_editor_that_is_installed(tmp_path: Path) -> None:
    """CLI-66."""
    for name in ("vim", "nano"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    assert find_editor({"PATH": str(tmp_path)}) == [str(tmp_path / "nano")]


def test_no_editor_is_an_error_that_says_what_to_set(tmp_path: Path) -> None:
    """CLI-66."""
    with pytest.raises(CommandError, match="No editor was found") as raised:
        find_editor({"PATH": str(tmp_path)})
    assert raised.value.hint == "set the environment variable EDITOR to a program that can edit text"
