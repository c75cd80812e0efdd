"""Arguments are understood, and mistakes in them are answered with help."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from limbeck import command
from limbeck.cli.commandline import CommandLine, find_config_files, find_given
from limbeck.cli.commands import COMMANDS, OPTIONS, command_of
from limbeck.cli.completion import completion
from limbeck.cli.main import main
from limbeck.command.start import start
from limbeck.config import Config
from limbeck.errors import CommandError, ConfigurationError


def parse(*words: str) -> dict[str, Any]:
    return vars(CommandLine().parser.parse_args(words))


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines on standard error of a command that argparse refuses, behind the usage."""
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    assert stop.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    start = next(number for number, line in enumerate(lines) if "error:" in line)
    return lines[start:]


def test_global_options_stand_before_the_command() -> None:
    """CLI-2, CLI-6."""
    options = parse(
        "-c", "a.ini", "-c", "pyproject.toml", "-n", "b", "-x", "k=v", "-x", "w", "--raiseerr", "-q", "heads"
    )
    assert options == {
        "config": ["a.ini", "pyproject.toml"],
        "name": "b",
        "x": ["k=v", "w"],
        "database_url": None,
        "models_module": None,
        "script_location": None,
        "raiseerr": True,
        "show_params": False,
        "json": False,
        "json_lines": False,
        "color": None,
        "output_format": None,
        "yes": False,
        "no_input": False,
        "plain": False,
        "quiet": True,
        "tell_more": False,
        "verbose": False,
        "resolve_dependencies": False,
        "cmd": (command.heads, [], ["verbose", "resolve_dependencies"]),
    }


def test_without_options_nothing_is_set() -> None:
    """CLI-6."""
    options = parse("upgrade", "head")
    assert options == {
        "config": None,
        "name": "alembic",
        "x": None,
        "database_url": None,
        "models_module": None,
        "script_location": None,
        "raiseerr": False,
        "show_params": False,
        "json": False,
        "json_lines": False,
        "color": None,
        "output_format": None,
        "yes": False,
        "no_input": False,
        "plain": False,
        "quiet": False,
        "tell_more": False,
        "revision": "head",
        "sql": False,
        "tag": None,
        "lock_timeout": None,
        "no_lock": False,
        "no_journal": False,
        "wait_db": None,
        "plan": None,
        "statement_timeout": None,
        "cmd": (
            command.upgrade,
            ["revision"],
            ["sql", "tag", "lock_timeout", "no_lock", "no_journal", "wait_db", "plan", "statement_timeout"],
        ),
    }


def test_every_option_of_revision() -> None:
    """CLI-7."""
    options = parse(
        *("revision", "-m", "a b", "--autogenerate", "--sql", "--head", "x@head", "--splice"),
        *("--branch-label", "l", "--version-path", "v", "--rev-id", "r", "--depends-on", "d"),
        *("--depends-on", "e", "--allow-drops", "--skip-empty", "--dry-run", "--edit"),
    )
    assert {name: options[name] for name in options["cmd"][2]} == {
        "message": "a b",
        "autogenerate": True,
        "sql": True,
        "head": "x@head",
        "splice": True,
        "branch_label": "l",
        "version_path": "v",
        "rev_id": "r",
        "depends_on": ["d", "e"],
        "allow_drops": True,
        "skip_empty": True,
        "dry_run": True,
        "edit": True,
    }


KNOWN_OPTIONS = {
    "message": ("-m --message", None),
    "sql": ("--sql", False),
    "tag": ("--tag", None),
    "head": ("--head", None),
    "splice": ("--splice", False),
    "depends_on": ("--depends-on", None),
    "rev_id": ("--rev-id", None),
    "version_path": ("--version-path", None),
    "branch_label": ("--branch-label", None),
    "verbose": ("-v --verbose", False),
    "resolve_dependencies": ("--resolve-dependencies", False),
    "autogenerate": ("--autogenerate", False),
    "rev_range": ("-r --rev-range", None),
    "indicate_current": ("-i --indicate-current", False),
    "purge": ("--purge", False),
    "package": ("--package", False),
    "template": ("-t --template", "generic"),
    "check_heads": ("-c --check-heads", False),
}


def test_every_known_option() -> None:
    """CLI-7: a parameter of that name becomes that option."""
    line = CommandLine()
    space: dict[str, Any] = {}
    exec(f"def act(config, rev, {', '.join(f'{name}=None' for name in KNOWN_OPTIONS)}): ...", space)
    line.register_command(space["act"])
    parsed = vars(line.parser.parse_args(["act", "r"]))
    assert {name: parsed[name] for name in KNOWN_OPTIONS} == {
        name: default for name, (_, default) in KNOWN_OPTIONS.items()
    }
    for name, (flags, default) in KNOWN_OPTIONS.items():
        for flag in flags.split():
            words = [flag] if default is False else [flag, "x"]
            expected = True if default is False else ["x"] if name == "depends_on" else "x"
            assert vars(line.parser.parse_args(["act", "r", *words]))[name] == expected


def test_of_several_labels_the_last_counts() -> None:
    """GEN-10, GEN-11."""
    options = parse("revision", "--branch-label", "a", "--branch-label", "b", "--depends-on", "d")
    assert (options["branch_label"], options["depends_on"]) == ("b", ["d"])


def test_global_options_may_stand_behind_the_command_too() -> None:
    """CLI-2: where one is given on both sides, the one behind counts; lists are joined."""
    before = parse(
        "--raiseerr", "-q", "-n", "x", "-c", "x.ini", "-x", "k=v", "--url", "u", "--dir", "d", "heads"
    )
    behind = parse(
        "heads", "--raiseerr", "-q", "-n", "x", "-c", "x.ini", "-x", "k=v", "--url", "u", "--dir", "d"
    )
    assert before == behind
    both = parse("-x", "a=1", "--url", "one", "-c", "x.ini", "heads", "-x", "b=2", "--url", "two")
    assert (both["x"], both["database_url"], both["config"]) == (["a=1", "b=2"], "two", ["x.ini"])


def test_a_commands_own_option_wins_over_a_global_one() -> None:
    """CLI-57."""
    options = parse("-c", "x.ini", "current", "-c")
    assert (options["check_heads"], options["config"]) == (True, ["x.ini"])
    assert parse("current", "--config", "x.ini")["config"] == ["x.ini"]


@pytest.mark.parametrize("name", [one.name for one in COMMANDS if "verbose" in one.options])
def test_verbose_behind_a_command_that_has_it_is_the_commands_own(name: str) -> None:
    """CLI-57: what `heads -v` and its neighbours do is as it was."""
    options = parse(name, "-v")
    assert (options["verbose"], options["tell_more"]) == (True, False)


def test_verbose_before_the_command_is_for_both() -> None:
    options = parse("-v", "heads")
    assert (options["verbose"], options["tell_more"]) == (True, True)
    assert parse("heads")["verbose"] is False


@pytest.mark.parametrize("words", [("-v", "upgrade", "head"), ("upgrade", "head", "--verbose")])
def test_verbose_on_either_side_of_a_command_that_has_no_such_option(words: tuple[str, ...]) -> None:
    options = parse(*words)
    assert options["tell_more"] is True
    assert "verbose" not in options


def test_a_programs_own_verbose_is_left_alone() -> None:
    """ECO-4."""
    line = CommandLine()
    line.parser.add_argument("--verbose", action="count", default=0)
    options = vars(line.parser.parse_args(["-v", "--verbose", "upgrade", "head"]))
    assert (options["verbose"], options["tell_more"]) == (1, True)


def test_a_programs_own_option_wins_over_a_global_one() -> None:
    """ECO-4."""
    line = CommandLine()
    line.parser.add_argument("--url", type=int)
    options = vars(line.parser.parse_args(["--url", "7", "heads"]))
    assert options["url"] == 7
    assert "database_url" not in options or options["database_url"] is None


def test_the_version_is_asked_for_without_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-2."""
    lines = refusal(capsys, "heads", "--version")
    assert lines[0] == "limbeck heads: error: unrecognized arguments: --version"


def test_options_and_variables_give_settings() -> None:
    options = CommandLine().parser.parse_args(["--models", "shop", "heads", "--dir", "here"])
    environ = {"LIMBECK_MODELS": "other", "LIMBECK_DIR": "there", "LIMBECK_URL": "sqlite://"}
    assert find_given(options, environ) == {"models": "shop", "script_location": "here"}
    options = CommandLine().parser.parse_args(["heads", "--url", "sqlite:///x"])
    assert find_given(options, environ) == {
        "models": "other",
        "script_location": "there",
        "url": "sqlite:///x",
    }


@pytest.mark.parametrize("words", [("-r-3:x",), ("--rev-range=-3:x",)])
def test_a_range_may_begin_with_a_minus(words: tuple[str, ...]) -> None:
    """CLI-7."""
    assert parse("history", *words)["rev_range"] == "-3:x"


def test_a_relative_revision_may_be_negative() -> None:
    """CLI-43."""
    assert parse("downgrade", "-1")["revision"] == "-1"


def test_stamp_and_merge_take_several_revisions() -> None:
    assert parse("stamp", "a", "b")["revisions"] == ["a", "b"]
    options = ["sql", "tag", "purge", "lock_timeout", "no_lock", "statement_timeout"]
    assert parse("stamp", "a", "b")["cmd"] == (command.stamp, ["revisions"], options)
    assert parse("merge", "heads", "-m", "x")["revisions"] == ["heads"]


@pytest.mark.parametrize("name", ["list-templates", "list_templates"])
def test_a_hyphen_is_as_good_as_an_underscore(name: str) -> None:
    assert parse(name)["cmd"] == (command.list_templates, [], [])


@pytest.mark.parametrize("name", [one.name for one in COMMANDS])
def test_the_table_and_the_functions_agree(name: str) -> None:
    """API-1: what the command line passes is what the function takes, by the same names."""
    row = next(one for one in COMMANDS if one.name == name)
    elsewhere = {"init": start, "completion": completion}  # more than the documented one; about words
    function = elsewhere.get(name) or getattr(command, name)
    derived = command_of(function)
    aliases = {"revision": "revisions"} if name == "stamp" else {}
    assert row.load() is function
    if name in ("init", "explain", "demo", "show"):  # whose argument may be left out
        derived = derived._replace(positionals=derived.options[:1], options=derived.options[1:])
    assert derived.positionals == tuple(
        {value: key for key, value in aliases.items()}.get(one, one) for one in row.positionals
    )
    assert tuple(one for one in derived.options if one in OPTIONS) == tuple(
        sorted(row.options, key=derived.options.index)
    )


def test_the_functions_take_these_parameters() -> None:
    """API-1."""
    locking = {"lock_timeout": None, "no_lock": False}
    run = {**locking, "no_journal": False, "wait_db": None}
    limit = {"statement_timeout": None}
    takes = {
        "init": {"directory": ..., "template": "generic", "package": False},
        "list_templates": {},
        "revision": {
            "message": None, "autogenerate": False, "sql": False, "head": "head", "splice": False,
            "branch_label": None, "version_path": None, "rev_id": None, "depends_on": None,
            "process_revision_directives": None, "allow_drops": False, "skip_empty": False,
            "dry_run": False, "edit": False,
        },
        "check": {"allow_drops": False},
        "merge": {"revisions": ..., "message": None, "branch_label": None, "rev_id": None, "splice": False},
        "upgrade": {"revision": ..., "sql": False, "tag": None, **run, "plan": None, **limit},
        "downgrade": {"revision": ..., "sql": False, "tag": None, **run, **limit},
        "wait": {"timeout": 60.0, "at": None},
        "show": {"rev": None, "last_run": False},
        "history": {"rev_range": None, "verbose": False, "indicate_current": False},
        "heads": {"verbose": False, "resolve_dependencies": False},
        "branches": {"verbose": False},
        "current": {"check_heads": False, "verbose": False},
        "stamp": {"revision": ..., "sql": False, "tag": None, "purge": False, **locking, **limit},
        "edit": {"rev": ...},
        "ensure_version": {"sql": False, **locking},
        "lock": {"lock_action": ..., "yes": False},
        "demo": {"directory": None},
        "resume": {**locking, **limit},
    }  # fmt: skip
    found = {}
    for name in takes:
        _, *others = inspect.signature(getattr(command, name)).parameters.values()
        found[name] = {each.name: ... if each.default is each.empty else each.default for each in others}
    assert {name: list(each.items()) for name, each in found.items()} == {
        name: list(each.items()) for name, each in takes.items()
    }


def test_no_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-3."""
    assert refusal(capsys) == ["limbeck: error: a command is needed", "`limbeck --help` tells more"]


def test_a_misspelt_command_is_answered_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "upgade", "head")[1:] == [
        "did you mean `upgrade`?",
        "`limbeck --help` tells more",
    ]


def test_a_misspelt_option_is_answered_with_the_right_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "revision", "--autogen-erate") == [
        "limbeck revision: error: unrecognized arguments: --autogen-erate",
        "did you mean `--autogenerate`?",
        'example: limbeck revision --autogenerate -m "add users"',
        "`limbeck revision --help` tells more",
    ]


def test_a_missing_argument_is_answered_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "upgrade") == [
        "limbeck upgrade: error: the following arguments are required: revision",
        "example: limbeck upgrade head",
        "`limbeck upgrade --help` tells more",
    ]


def test_show_needs_a_revision_unless_the_last_run_stands_in_its_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """CLI-65."""
    options = parse("show", "--last-run")
    assert (options["rev"], options["last_run"]) == (None, True)
    options = parse("show", "head")
    assert (options["rev"], options["last_run"]) == ("head", False)
    assert refusal(capsys, "show")[:2] == [
        "limbeck show: error: the following arguments are required: rev",
        "example: limbeck show head",
    ]


def test_help_names_every_command_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    assert [one.name for one in COMMANDS if one.name not in text or one.summary not in text] == []
    for row in COMMANDS:
        with pytest.raises(SystemExit):
            main([row.name, "--help"])
        text = capsys.readouterr().out
        assert [flag for name in row.options for flag in OPTIONS[name].flags if flag not in text] == []


def test_version_is_told_with_the_name_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-1, CLI-2."""
    from limbeck import __version__

    with pytest.raises(SystemExit) as stop:
        main(["--version"], prog="manage")
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"manage {__version__}\n"


# --- configuration files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "variable", "expected"),
    [
        ((), None, ("alembic.ini", "pyproject.toml")),
        (("a.ini",), None, ("a.ini", "pyproject.toml")),
        (("x/pyproject.toml",), None, ("alembic.ini", "x/pyproject.toml")),
        (("x/pyproject.toml", "a.ini"), None, ("a.ini", "x/pyproject.toml")),
        (("other.toml",), None, ("other.toml", "pyproject.toml")),
        ((), "e.ini", ("e.ini", "pyproject.toml")),
        ((), "e/pyproject.toml", ("alembic.ini", "e/pyproject.toml")),
        (("a.ini",), "e.ini", ("a.ini", "pyproject.toml")),
        (("a.ini",), "e/pyproject.toml", ("a.ini", "e/pyproject.toml")),
    ],
)
def test_which_files_are_read(
    given: tuple[str, ...], variable: str | None, expected: tuple[str, str]
) -> None:
    """CFG-40, CFG-41."""
    assert find_config_files(given, variable) == expected


@pytest.mark.parametrize("given", [("a.ini", "b.ini"), ("a/pyproject.toml", "b/pyproject.toml")])
def test_two_files_of_one_kind_are_refused(
    given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """CFG-40."""
    with pytest.raises(ConfigurationError):
        find_config_files(given, None)
    with pytest.raises(SystemExit) as stop:
        main(["-c", given[0], "-c", given[1], "heads"])
    out, err = capsys.readouterr()
    assert stop.value.code == 255
    assert out.startswith("FAILED: Two ")
    assert err == (
        "  fix       give at most one ini file and one pyproject.toml\n  more      limbeck explain LBK-CONFIG\n"
    )


# --- programs that bring commands of their own --------------------------------------------------------------


def test_a_function_becomes_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLI-7, CLI-8, CFG-42."""
    monkeypatch.chdir(tmp_path)
    calls: list[Any] = []

    def greet_all(
        config: Config,
        who: str,
        message: str = "hi",
        verbose: bool = False,
        other: str = "x",
        *,
        only: int = 1,
    ) -> None:
        """Greet
        somebody.

        More text.
        """
        calls.append((config, who, message, verbose, other, only))

    line = CommandLine(prog="manage")
    line.parser.add_argument("--tenant")
    line.register_command(greet_all)
    assert "Greet somebody." in line.parser.format_help()
    line.main(["--tenant", "acme", "-n", "section", "greet_all", "you", "-m", "hello"])
    config, *arguments = calls.pop()
    assert arguments == ["you", "hello", False, None, 1]
    assert (config.config_file_name, config.toml_file_name, config.config_ini_section) == (
        "alembic.ini",
        "pyproject.toml",
        "section",
    )
    assert (config.cmd_opts.tenant, config.cmd_opts.cmd[0]) == ("acme", greet_all)
    line.main(["greet-all", "you"])
    assert calls.pop()[1:3] == ("you", None)


def test_run_cmd_leaves_other_exceptions_to_the_caller() -> None:
    """CLI-8."""

    def fail(config: Config, kind: str) -> None:
        raise {"command": CommandError("refused"), "other": LookupError("lost")}[kind]

    line = CommandLine()
    line.register_command(fail)
    with pytest.raises(LookupError):
        line.run_cmd(Config(), line.parser.parse_args(["fail", "other"]))
    with pytest.raises(SystemExit) as stop:
        line.run_cmd(Config(), line.parser.parse_args(["fail", "command"]))
    assert stop.value.code == 255
    with pytest.raises(CommandError):
        line.run_cmd(Config(), line.parser.parse_args(["--raiseerr", "fail", "command"]))


def test_another_parser_class_can_be_put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """ECO-4."""
    import argparse

    monkeypatch.setattr("limbeck.config.ArgumentParser", argparse.ArgumentParser)
    line = CommandLine()
    assert type(line.parser) is argparse.ArgumentParser
    assert line.parser.parse_args(["heads"]).cmd[0] is command.heads
