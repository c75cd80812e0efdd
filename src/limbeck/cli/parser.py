"""From the command table to argparse: quick to build, and helpful when a word is not understood."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from limbeck import __version__
from limbeck.cli.commands import OPTIONS, POSITIONALS, Argument, Command
from limbeck.cli.defaults import take_defaults


class HelpFormatter(argparse.HelpFormatter):
    """Help in the width of the terminal; argparse's own way to ask for it imports a lot."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=min(_columns(), 110) - 2)


class Instead(argparse.Action):
    """A flag that stands in the place of the arguments that the command needs otherwise."""

    def __init__(self, option_strings: Sequence[str], dest: str, **settings: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **settings)

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option_string: Any = None
    ) -> None:
        setattr(namespace, self.dest, True)
        for action in parser._actions:
            if not action.option_strings:
                action.required = False


class ArgumentParser(argparse.ArgumentParser):
    """A parser whose errors say what was probably meant, and give an example.

    There is one for each command, and all but one are never used: what argparse does to make one takes a while, and
    if the parser `is_late`, that waits until it is used.
    """

    def __init__(self, *args: Any, is_late: bool = False, **kw: Any) -> None:
        self._given: tuple[tuple[Any, ...], dict[str, Any]] | None = (args, kw)
        self.words: list[str] = []
        self.example = ""
        self.load: Callable[[], tuple[Any, list[str], list[str]]] | None = None
        self.outer: ArgumentParser | None = None
        self.chosen: ArgumentParser = self
        self.command: Command | None = None
        if not is_late:
            self._become()

    def _become(self) -> None:
        """Become the parser that argparse makes; what was set until now stays."""
        assert self._given is not None
        (args, kw), self._given = self._given, None
        before = dict(vars(self))
        super().__init__(*args, **{"formatter_class": HelpFormatter, **kw})
        self.register("action", "instead", Instead)
        vars(self).update(before)

    if not TYPE_CHECKING:  # every attribute would be Any

        def __getattr__(self, name: str) -> Any:
            """What only argparse gives; asking for it is the first use of the parser."""
            if vars(self).get("_given") is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            self._become()
            return getattr(self, name)

    def fill(self) -> None:
        """Add the arguments of the command, now that this parser is used: most of them never are."""
        if self.command is not None:
            add_arguments(self, self.command)
            add_options_behind(self)
            self.command = None

    def format_usage(self) -> str:
        self.fill()
        return super().format_usage()

    def format_help(self) -> str:
        self.fill()
        return super().format_help()

    def parse_known_args(  # type: ignore[override]  # argparse has overloads for namespace types
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse, and note in `namespace.cmd` what is to be called (CLI-6)."""
        self.fill()
        if self.outer is not None:
            self.outer.chosen = self
        parsed, rest = super().parse_known_args(args, namespace)
        if self.load is not None:
            parsed.cmd = self.load()
        return parsed, rest

    def parse_args(  # type: ignore[override]  # as above
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> Any:
        """Parse; words that nobody understands are an error of the command they were given to."""
        parsed, rest = self.parse_known_args(args, namespace)
        join_options_behind(parsed)
        take_defaults(parsed, GLOBAL_OPTIONS, os.environ, self.chosen.error)
        pass_on_verbose(parsed)
        if rest:
            self.chosen.error(f"unrecognized arguments: {' '.join(rest)}")
        return parsed

    def error(self, message: str) -> NoReturn:
        """Print usage, what is wrong, what may have been meant, and an example; exit with 2 (CLI-3)."""
        self.print_usage(sys.stderr)
        lines = [f"{self.prog}: error: {_without_passwords(message)}"]
        known = [*self.words, *self._option_string_actions]
        near = _nearest(message, known)
        if near:
            lines.append(f"did you mean {' or '.join(f'`{word}`' for word in near)}?")
        if self.example:
            lines.append(f"example: {self.example}")
        lines.append(f"`{self.prog} --help` tells more")
        self.exit(2, "\n".join(piece for line in lines for piece in _fitted(line)) + "\n")


GLOBAL_OPTIONS: tuple[Argument, ...] = (
    Argument(
        "config",
        ("-c", "--config"),
        "the configuration: an ini file, a pyproject.toml, or one of each; default is $ALEMBIC_CONFIG, or "
        "alembic.ini and pyproject.toml here",
        action="append",
        metavar="FILE",
    ),
    Argument(
        "name", ("-n", "--name"), "the main section of the ini file", metavar="SECTION", default="alembic"
    ),
    Argument(
        "x",
        ("-x",),
        "something for env.py to read; can be given again",
        action="append",
        metavar="NAME=VALUE",
    ),
    Argument(
        "database_url",
        ("--url",),
        "the database, whatever else is configured; or $LIMBECK_URL",
        metavar="URL",
    ),
    Argument(
        "models_module",
        ("--models",),
        "where the models are: a module, a package, or module:object; or $LIMBECK_MODELS",
        metavar="MODULE",
    ),
    Argument(
        "script_location", ("--dir",), "the directory of the migrations; or $LIMBECK_DIR", metavar="DIRECTORY"
    ),
    Argument(
        "raiseerr", ("--raiseerr",), "show the whole traceback of a failure", "store_true", default=False
    ),
    Argument(
        "show_params",
        ("--show-params",),
        "show the values that were sent to the database, where a statement fails",
        "store_true",
        default=False,
    ),
    Argument(
        "json", ("--json",), "answer with one JSON object on standard output", "store_true", default=False
    ),
    Argument(
        "json_lines",
        ("--json=lines",),  # an option by itself: what stands behind `--json` is the command
        "tell what upgrade, downgrade and stamp do while they do it, each event as one JSON object in a line",
        "store_true",
        default=False,
    ),
    Argument(
        "color",
        ("--color",),
        "auto, always or never; else as NO_COLOR, FORCE_COLOR and the terminal say",
        metavar="WHEN",
        choices=("auto", "always", "never"),
    ),
    Argument(
        "output_format",
        ("--output",),
        "text, or github: with notes that GitHub shows beside the lines they are about",
        metavar="FORMAT",
        choices=("text", "github"),
    ),
    Argument(
        "yes",
        ("--yes",),
        "answer every question with yes, without asking; or $LIMBECK_YES",
        "store_true",
        default=False,
    ),
    Argument(
        "no_input",
        ("--no-input",),
        "ask nothing: what would need a yes is refused; or $LIMBECK_NO_INPUT",
        "store_true",
        default=False,
    ),
    Argument("plain", ("--plain",), "write as for a pipe, also on a terminal", "store_true", default=False),
    Argument("quiet", ("-q", "--quiet"), "print nothing to standard output", "store_true", default=False),
    Argument(
        "tell_more",  # `verbose` is what a command's own option sets
        ("-v", "--verbose"),
        "show the whole log; before a command that has such an option itself, that one, too",
        "store_true",
        default=False,
    ),
)
"""Options of every command, which may stand before it or after it."""

LISTS = ("config", "x")
"""Those that can be given again: what stands after the command comes behind what stands before it."""
BEHIND = "behind_"


def add_global_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that stand before the command (CLI-2)."""
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    for option in GLOBAL_OPTIONS:
        _add(parser, option)


def add_options_behind(parser: ArgumentParser) -> None:
    """Add the same options to a command, which says nothing about those that are not given there.

    A command's own option wins, as `-c` of `current` does.
    """
    group = parser.add_argument_group("options of every command")
    for option in GLOBAL_OPTIONS:
        flags = tuple(flag for flag in option.flags if flag not in parser._option_string_actions)
        name = f"{BEHIND}{option.name}" if option.name in LISTS else option.name
        if flags:
            _add(group, option._replace(name=name, flags=flags, default=argparse.SUPPRESS))


def join_options_behind(options: argparse.Namespace) -> None:
    """Put what was given again behind the command to what stands before it."""
    for name in LISTS:
        behind = vars(options).pop(f"{BEHIND}{name}", None)
        if behind:
            setattr(options, name, [*(getattr(options, name, None) or ()), *behind])


def pass_on_verbose(options: argparse.Namespace) -> None:
    """Let `-v` before a command mean the command's own option of that name, too."""
    if getattr(options, "tell_more", False) and "verbose" in getattr(options, "cmd", ((), (), ()))[2]:
        options.verbose = True


def add_arguments(parser: argparse.ArgumentParser, command: Command) -> None:
    """Add what a command takes; parameters that are in no table get no option (CLI-7)."""
    for name in command.positionals:
        _add(parser, POSITIONALS.get(name) or Argument(name, (), ""))
    for name in command.options:
        if name in OPTIONS:
            _add(parser, OPTIONS[name])


def _add(parser: argparse._ActionsContainer, argument: Argument) -> None:
    settings: dict[str, Any] = {"help": argument.help}
    if argument.metavar is not None:
        settings["metavar"] = argument.metavar
    if argument.choices is not None:
        settings["choices"] = argument.choices
    if not argument.flags:
        parser.add_argument(argument.name, nargs=argument.nargs, **settings)
        return
    parser.add_argument(
        *argument.flags, dest=argument.name, action=argument.action, default=argument.default, **settings
    )


def _fitted(line: str) -> list[str]:
    """A line in as many as a person's terminal needs for it; what is piped stays as it is."""
    from limbeck.base.console import is_terminal
    from limbeck.base.look import Look

    return Look(_columns() if is_terminal(sys.stderr) else None).wrapped(line, hang=2)


def _columns() -> int:
    """The width of the terminal: $COLUMNS, what the terminal says, or 80."""
    try:
        return max(int(os.environ["COLUMNS"]), 40)
    except (KeyError, ValueError):
        pass
    try:
        return max(os.get_terminal_size(sys.__stdout__.fileno()).columns, 40)  # type: ignore[union-attr]  # None: see below
    except (AttributeError, ValueError, OSError):
        return 80


def _without_passwords(message: str) -> str:
    """What argparse complains about, which may be a URL."""
    if "://" not in message:
        return message
    from limbeck.base.redaction import find_passwords, redact

    words = message.split()
    return redact(message, frozenset().union(*map(find_passwords, words)))


def _nearest(message: str, known: Sequence[str]) -> list[str]:
    """Words that resemble the one argparse complains about, at most two."""
    from difflib import get_close_matches

    found = re.search(r"invalid choice: '([^']*)'", message) or re.search(r": (-\S+)", message)
    return get_close_matches(found[1].partition("=")[0], known, n=2) if found else []
