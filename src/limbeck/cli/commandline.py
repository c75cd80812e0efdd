"""The command line as an object, which programs can extend with commands and options of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TextIO

import limbeck.config as config_module
from limbeck import errors
from limbeck.base import alias
from limbeck.base.answer import Answer, Note, answer
from limbeck.base.console import let_through, write_text
from limbeck.base.look import Look, look
from limbeck.base.progress import RunWatcher, run_watcher, watcher
from limbeck.base.voice import voice
from limbeck.cli.commands import COMMANDS, Command, command_of
from limbeck.cli.look import look_at
from limbeck.cli.parser import ArgumentParser, add_global_options
from limbeck.cli.progress import find_run_watcher, find_watcher
from limbeck.cli.voice import Terminal, find_consent
from limbeck.config import INI_NAME, TOML_NAME, Config

if TYPE_CHECKING:
    import argparse

PROGRAM = "limbeck"


class CommandLine:
    """Parses arguments and runs the command they name (CLI-8).

    >>> line = CommandLine(prog="manage")
    >>> line.parser.add_argument("--tenant")
    >>> line.register_command(my_command)
    >>> line.main(["--tenant", "acme", "my_command"])
    """

    def __init__(self, prog: str | None = None) -> None:
        # Looked up there, because programs replace it there (ECO-4).
        self.parser: ArgumentParser = config_module.ArgumentParser(
            prog=prog or PROGRAM,
            description="Database schema migrations for SQLAlchemy.",
            conflict_handler="resolve",  # a program's own options win over ours
        )
        self.words: list[str] = []
        self.parser.words = self.words  # what a misspelt command may have meant
        add_global_options(self.parser)
        self.subparsers = self.parser.add_subparsers(
            title="commands", metavar="COMMAND", parser_class=ArgumentParser
        )
        for command in COMMANDS:
            self._add(command, command.load)

    def register_command(self, fn: Callable[..., Any]) -> None:
        """Make a function a command; its parameters become arguments (CLI-7)."""
        self._add(command_of(fn), lambda: fn)

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Parse `argv`, run the command, and exit with a short report if it fails (CLI-3)."""
        options = self.parser.parse_args(argv)
        if not hasattr(options, "cmd"):
            self.parser.error("a command is needed")
        if getattr(options, "sql", False):
            let_through(sys.stdout)
        if getattr(options, "json", False) and not getattr(options, "json_lines", False):
            from limbeck.cli.json_answer import run_for_data

            sys.exit(run_for_data(lambda given, out: self._run(options, given, out), options))
        if getattr(options, "json_lines", False):
            from limbeck.cli.json_events import RUNS, run_for_events

            name = options.cmd[0].__name__
            if name not in RUNS:
                self.parser.chosen.error(f"--json=lines is for {', '.join(RUNS)}; {name} takes --json")
            sys.exit(run_for_events(lambda given, out, events: self._run(options, given, out, events), name))
        exit_code = self._run(options, Answer(), None)
        if exit_code:
            sys.exit(exit_code)

    def _run(
        self,
        options: argparse.Namespace,
        given: Answer,
        out: TextIO | None,
        events: RunWatcher | None = None,
    ) -> int:
        """Run the command, tell its failure if it fails, and return what the process ends with.

        `events` hears what happens in a run, in place of whoever looks at a terminal or reads the log.
        """
        config: Config | None = None
        consent = find_consent(
            getattr(options, "yes", False), getattr(options, "no_input", False), os.environ
        )
        terminal = Terminal(
            sys.stderr,
            sys.stdin,
            quiet=getattr(options, "quiet", False),
            verbose=getattr(options, "tell_more", False),
            consent=consent,
            look=_look_at(sys.stderr, options),
        )
        with answer.active(given), look.active(_look_at(sys.stdout, options)):
            try:
                alias.install()
                config = self._config_for(options, out)
                with self._watching(options, events), voice.active(terminal):
                    self.run_cmd(config, options)
                sys.stdout.flush()
            except (Exception, KeyboardInterrupt) as error:
                if getattr(options, "raiseerr", False):
                    raise
                return _report(error, config, options)
            finally:
                terminal.end()
                if getattr(options, "output_format", None) == "github" and not given.wants_data:
                    from limbeck.cli.github import render_notes

                    for line in render_notes(given.notes):
                        write_text(sys.stdout, line, "\n")
        return given.exit_code

    @contextmanager
    def _watching(self, options: argparse.Namespace, events: RunWatcher | None) -> Iterator[None]:
        """Let whoever looks see what takes long: a person on a terminal, or whoever reads the log."""
        hidden = options.quiet or getattr(options, "plain", False)
        clock = find_watcher(sys.stderr, os.environ.get("TERM"), quiet=hidden)
        looking = events or find_run_watcher(clock, quiet=options.quiet)
        with watcher.active(clock), nullcontext() if looking is None else run_watcher.active(looking):
            yield

    def run_cmd(self, config: Config, options: argparse.Namespace) -> None:
        """Run the command that was parsed into `options`.

        A CommandError is reported and ends the program, unless `--raiseerr` was given (CLI-4); any other
        exception is left to the caller.
        """
        function, positional, keyword = options.cmd
        try:
            result = function(
                config,
                *[getattr(options, name, None) for name in positional],
                **{name: getattr(options, name, None) for name in keyword},
            )
        except errors.CommandError as error:
            if getattr(options, "raiseerr", False):
                raise
            sys.exit(_report(error, config, options))
        if result is not None and getattr(options, "json", False):
            from limbeck.cli.json_answer import give_result

            give_result(result)

    def _add(self, command: Command, load: Callable[[], Callable[..., Any]]) -> None:
        hyphenated = command.name.replace("_", "-")
        parser = self.subparsers.add_parser(
            command.name,
            aliases=[hyphenated] if hyphenated != command.name else [],
            help=command.summary,
            description=command.summary,
            is_late=True,
        )
        parser.command = command
        call = (list(command.positionals), list(command.options))
        parser.load = lambda: (load(), *call)
        parser.example = f"{self.parser.prog} {command.example}" if command.example else ""
        parser.outer = self.parser
        self.words.append(command.name)

    def _config_for(self, options: argparse.Namespace, out: TextIO | None) -> Config:
        ini, toml = find_config_files(options.config or (), os.environ.get("ALEMBIC_CONFIG"))
        config = Config(
            file_=ini,
            toml_file=toml,
            ini_section=options.name,
            output_buffer=out,
            stdout=out,
            cmd_opts=options,
        )
        config.given = find_given(options, os.environ)
        return config


def _report(error: BaseException, config: Config | None, options: argparse.Namespace) -> int:
    """Tell the user about a failure, as data too if that is wanted, and return what the process ends with."""
    from limbeck.cli.failure import report

    given = answer.find()
    if given is not None and given.wants_data:
        from limbeck.cli.json_answer import error_data

        given.error = error_data(error, config)
    if given is not None and getattr(options, "output_format", None) == "github":
        from limbeck.cli.json_answer import error_data

        told = error_data(error, config)
        text = "\n".join(filter(None, [told["message"], told["fix"]]))
        given.notes.append(Note("error", text, told["path"], told["line"], told["code"] or "limbeck"))
    return report(
        error,
        config,
        quiet=getattr(options, "quiet", False),
        show_params=getattr(options, "show_params", False),
        look=_look_at(sys.stderr, options),
    )


def _look_at(stream: TextIO, options: argparse.Namespace) -> Look:
    """How to write to a stream, after what the options say about that."""
    return look_at(
        stream, os.environ, color=getattr(options, "color", None), plain=getattr(options, "plain", False)
    )


GIVEN = {
    "script_location": ("script_location", "LIMBECK_DIR"),
    "models": ("models_module", "LIMBECK_MODELS"),
    "url": ("database_url", None),
}
"""Settings that options give, and the variables that hold their defaults; LIMBECK_URL comes behind env.py."""


def find_given(options: argparse.Namespace, environ: Mapping[str, str]) -> dict[str, str]:
    """The settings that the command line gives, or the environment in its place."""
    found = {
        setting: getattr(options, name, None) or (environ.get(variable) if variable else None)
        for setting, (name, variable) in GIVEN.items()
    }
    return {setting: value for setting, value in found.items() if value}


def find_config_files(given: Sequence[str], from_environment: str | None) -> tuple[str, str]:
    """The names of the ini and the TOML file to read, whether they exist or not (CFG-40, CFG-41, CFG-42).

    Raises ConfigurationError if two of one kind are given.
    """
    names = {"ini": INI_NAME, "toml": TOML_NAME}
    if from_environment:
        names[_kind(from_environment)] = from_environment
    chosen: dict[str, str] = {}
    for name in given:
        if _kind(name) in chosen:
            raise errors.ConfigurationError(
                f"Two {_kind(name)} files are given with -c: {chosen[_kind(name)]} and {name}",
                hint="give at most one ini file and one pyproject.toml",
            )
        chosen[_kind(name)] = name
    names.update(chosen)
    return names["ini"], names["toml"]


def _kind(name: str) -> str:
    return "toml" if os.path.basename(name) == TOML_NAME else "ini"
