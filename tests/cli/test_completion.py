"""Scripts for completion know every command and option, and the shell takes them."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from limbeck.cli.commands import COMMANDS, OPTIONS
from limbeck.cli.completion import SHELLS, completion, options_of, words_of
from limbeck.config import Config
from limbeck.errors import CommandError


def script(shell: str) -> str:
    out = io.StringIO()
    completion(Config(stdout=out), shell)
    return out.getvalue()


def complete(directory: Path, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    path = directory / "completion.sh"
    path.write_text(script("bash"))
    program = (
        f'source {path}; COMP_WORDS=(limbeck "$@"); COMP_CWORD=$(($#)); _limbeck; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    finished = subprocess.run(
        ["bash", "-c", program, "bash", *words], cwd=directory, capture_output=True, text=True, check=True
    )
    return finished.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["upg"], ["upgrade"]),
        (["he"], ["heads"]),
        (["--ur"], ["--url"]),
        (["upgrade", "hea"], ["head", "heads"]),
        (["upgrade", "--wa"], ["--wait-db"]),
        (["-q", "--url", "sqlite://", "revision", "--autog"], ["--autogenerate"]),
        (["revision", "--mod"], ["--models"]),
        (["current", "--con"], ["--config"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["current", ""], []),
        (["current", "-i"], []),
        (["explain", "LBK-URL-"], ["LBK-URL-UNSET", "LBK-URL-BROKEN", "LBK-URL-KIND"]),
    ],
)
def test_bash_offers_what_begins_like_that(tmp_path: Path, words: list[str], offered: list[str]) -> None:
    assert complete(tmp_path, *words) == offered


def test_bash_offers_files_where_an_option_takes_one(tmp_path: Path) -> None:
    (tmp_path / "other.ini").touch()
    assert complete(tmp_path, "--config", "oth") == ["other.ini"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_the_script(shell: str) -> None:
    text = script(shell)
    assert [command.name for command in COMMANDS if command.name not in text] == []
    flags = {flag for command in COMMANDS for name in command.options for flag in OPTIONS[name].flags}
    spelt = {flag: f"-l {flag[2:]}" for flag in flags if flag.startswith("--")} if shell == "fish" else {}
    assert [flag for flag in sorted(flags) if spelt.get(flag, flag) not in text and len(flag) > 2] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_takes_the_script(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "script"
    path.write_text(script(shell))
    finished = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_a_commands_own_flag_is_not_offered_twice() -> None:
    current = next(command for command in COMMANDS if command.name == "current")
    flags = [flag for option in options_of(current) for flag in option.flags]
    assert flags.count("-c") == 1
    assert words_of(current) == []


def test_another_shell_has_none() -> None:
    with pytest.raises(CommandError, match="no completion for 'tcsh'"):
        completion(Config(), "tcsh")
