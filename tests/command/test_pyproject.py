"""The table is written, and whatever else is in the file stays as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from limbeck.command.pyproject import write_table
from limbeck.errors import CommandError, UnreadableSettings

SETTINGS: dict[str, str | list[str]] = {"script_location": "migrations", "models": ["shop", "büro"]}
LINES = '[tool.limbeck]\nscript_location = "migrations"\nmodels = ["shop", "büro"]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, LINES),
        ("", LINES),
        ('[project]\nname = "a"', f'[project]\nname = "a"\n\n{LINES}'),
        (
            "# mine\n[tool.limbeck]  # later\ntimezone = 'UTC'\n\n[tool.other]\nx = 1\n",
            "# mine\n[tool.limbeck]  # later\n"
            'script_location = "migrations"\nmodels = ["shop", "büro"]\n'
            "timezone = 'UTC'\n\n[tool.other]\nx = 1\n",
        ),
        ("[tool]\na = 1\n", f"[tool]\na = 1\n\n{LINES}"),
    ],
)
def test_the_table_is_added(tmp_path: Path, before: str | None, after: str) -> None:
    path = tmp_path / "pyproject.toml"
    if before is not None:
        path.write_text(before, encoding="utf-8")
    write_table(path, SETTINGS)
    assert path.read_text(encoding="utf-8") == after
    assert tomllib.loads(after)["tool"]["limbeck"].items() >= SETTINGS.items()


@pytest.mark.parametrize(
    "text",
    [
        "tool = {other = {x = 1}}\n",
        "[tool]\nlimbeck.timezone = 'UTC'\n",
        "[tool.limbeck]\nscript_location = 'elsewhere'\n",
        "[project]\ndescription = '''\n[tool.limbeck]\n'''\n[tool.limbeck]\ntimezone = 'UTC'\n",
    ],
)
def test_what_cannot_be_added_as_text_is_left_to_the_user(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    with pytest.raises(CommandError) as caught:
        write_table(path, SETTINGS)
    assert caught.value.hint is not None
    assert 'script_location = "migrations"' in caught.value.hint
    assert path.read_text() == text


def test_a_broken_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[project]\nname = \n")
    with pytest.raises(UnreadableSettings) as caught:
        write_table(path, SETTINGS)
    assert caught.value.line == 2
