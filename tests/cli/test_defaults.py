"""Each option of every command has a variable that is called like it, and the option wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from limbeck.cli.commandline import CommandLine
from limbeck.cli.defaults import RANKED_ELSEWHERE, find_variable
from limbeck.cli.main import main
from limbeck.cli.parser import GLOBAL_OPTIONS
from tests import conftest


def parse(*words: str) -> dict[str, Any]:
    return vars(CommandLine().parser.parse_args(words))


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("LIMBECK_CONFIG", "a.ini", "config", ["a.ini"]),
        ("LIMBECK_NAME", "b", "name", "b"),
        ("LIMBECK_RAISEERR", "1", "raiseerr", True),
        ("LIMBECK_SHOW_PARAMS", "on", "show_params", True),
        ("LIMBECK_JSON", "1", "json", True),
        ("LIMBECK_JSON", "lines", "json_lines", True),
        ("LIMBECK_COLOR", "never", "color", "never"),
        ("LIMBECK_OUTPUT", "github", "output_format", "github"),
        ("LIMBECK_PLAIN", "TRUE", "plain", True),
        ("LIMBECK_PLAIN", "0", "plain", False),
        ("LIMBECK_PLAIN", "", "plain", False),
        ("LIMBECK_QUIET", "yes", "quiet", True),
        ("LIMBECK_VERBOSE", "1", "tell_more", True),
        ("LIMBECK_VERBOSE", "1", "verbose", True),
    ],
)
def test_a_variable_stands_for_the_option(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, name: str, value: Any
) -> None:
    monkeypatch.setenv(variable, text)
    assert parse("heads")[name] == value


def test_the_option_wins_before_and_behind_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMBECK_COLOR", "never")
    monkeypatch.setenv("LIMBECK_CONFIG", "a.ini")
    assert parse("--color", "always", "heads")["color"] == "always"
    assert parse("heads", "--color", "always", "-c", "b.ini")["color"] == "always"
    assert parse("heads", "-c", "b.ini")["config"] == ["b.ini"]


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        (
            "LIMBECK_COLOR",
            "sometimes",
            "$LIMBECK_COLOR: invalid choice: 'sometimes' (choose from auto, always, never)",
        ),
        ("LIMBECK_PLAIN", "perhaps", "$LIMBECK_PLAIN: 'perhaps' is neither 1 nor 0"),
    ],
)
def test_what_a_variable_may_not_say_is_told_with_its_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    text: str,
    told: str,
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SystemExit) as stop:
        main(["heads"])
    assert stop.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_all_of_them_are_in_the_documentation_and_kept_from_other_tests() -> None:
    variables = {find_variable(option) for option in GLOBAL_OPTIONS} - {None}
    page = (Path(__file__).parents[2] / "docs" / "reference" / "settings.md").read_text()
    assert [name for name in variables if f"`{name}`" not in page] == []
    assert variables <= set(conftest.OF_WHOEVER_RUNS_THE_TESTS)
    assert {option.name for option in GLOBAL_OPTIONS} >= set(RANKED_ELSEWHERE)
