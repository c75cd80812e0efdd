"""One request of a program: which migrations, with which options, and what to do with a database that is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from limbeck import errors
from limbeck.command.comparison import Comparison
from limbeck.command.connecting import Job, connects_itself
from limbeck.command.environment import Rows, Work, run_environment
from limbeck.command.results import Difference, Direction, Plan, Run
from limbeck.command.seen import Seen
from limbeck.command.span import read_span
from limbeck.config import TOML_NAME, Config
from limbeck.runtime.given import GivenDatabase
from limbeck.runtime.option_types import ConfigureOptions
from limbeck.script.base import ScriptDirectory
from limbeck.script.steps import MigrationStep

R = TypeVar("R")
StrPath = str | os.PathLike[str]


class Runner:
    """The migrations of a project, for one call of a program.

    Its methods make the jobs of the functions in `limbeck.command.program` that are called like them.
    Raises CommandError if the configuration, or the directory, cannot be used.
    """

    def __init__(
        self, script_location: StrPath | None, config: Config | StrPath | None, options: ConfigureOptions
    ) -> None:
        self.config = make_config(script_location, config)
        self.script = ScriptDirectory.from_config(self.config)
        self.options = options

    # --- what a program can ask for ------------------------------------------------------------------------

    def upgrade(self, revision: str) -> Job[Run]:
        return self._job(lambda given: self._migrate(given, "upgrade", revision), writes=True)

    def downgrade(self, revision: str) -> Job[Run]:
        return self._job(lambda given: self._migrate(given, "downgrade", revision), writes=True)

    def stamp(self, revision: str | Sequence[str], *, purge: bool) -> Job[Run]:
        named = [revision] if isinstance(revision, str) else revision
        targets = tuple(read_span(one, sql=False).target for one in named)
        self.script.get_revisions(targets)  # an unknown target is refused before anything is purged

        def do(given: GivenDatabase) -> Run:
            seen = Seen(self.script, lambda rows: self.script._stamp_revs(targets, rows))
            self._run(given, seen, destination_rev=targets, purge=purge)
            return Run(seen.before, seen.after)

        return self._job(do, writes=True)

    def current(self) -> Job[Rows]:
        return self._job(self._read, writes=False)

    def at_head(self) -> Job[bool]:
        return self._job(lambda given: self.script.are_heads(self._read(given)), writes=False)

    def plan(self, revision: str, direction: Direction) -> Job[Plan]:
        def do(given: GivenDatabase) -> Plan:
            steps = self._planner(direction, revision)
            rows = self._read(given, destination_rev=revision)
            seen = Seen(self.script, steps)
            seen(rows, None)
            return Plan(seen.before, seen.after, seen.described)

        return self._job(do, writes=False)

    def check(self) -> Job[tuple[Difference, ...]]:
        def do(given: GivenDatabase) -> tuple[Difference, ...]:
            comparison = Comparison(self.config, self.script, allow_drops=True)  # nothing is written
            self._run(given, comparison.run, template_args=comparison.context.template_args, dont_mutate=True)
            return tuple(_flattened(comparison.diffs))

        return self._job(do, writes=False)

    # --- how -----------------------------------------------------------------------------------------------

    def _job(self, do: Callable[[GivenDatabase], R], *, writes: bool) -> Job[R]:
        path = self.script.env_py_location
        return Job(do, writes=writes, connects_itself=connects_itself(path), env_py=path)

    def _planner(self, direction: Direction, revision: str) -> Callable[[Rows], Iterable[MigrationStep]]:
        target = read_span(revision, sql=False).target
        if direction == "upgrade":
            return lambda rows: self.script._upgrade_revs(target, rows)
        return lambda rows: self.script._downgrade_revs(target, rows)

    def _migrate(self, given: GivenDatabase, direction: Direction, revision: str) -> Run:
        seen = Seen(self.script, self._planner(direction, revision))
        self._run(given, seen, destination_rev=revision)
        return Run(seen.before, seen.after, seen.described)

    def _read(self, given: GivenDatabase, **keywords: Any) -> Rows:
        found: dict[str, None] = {}

        def keep(rows: Rows, context: Any) -> Iterable[MigrationStep]:
            found.update(dict.fromkeys(rows))
            return ()

        self._run(given, keep, dont_mutate=True, **keywords)
        return tuple(found)

    def _run(self, given: GivenDatabase, work: Work, **keywords: Any) -> None:
        run_environment(self.config, self.script, work, given=given, **{**self.options, **keywords})


def make_config(script_location: StrPath | None, config: Config | StrPath | None) -> Config:
    """The configuration that a program names, or one with nothing but the place of the migrations.

    Raises NoMigrationsNamed if neither is named; NoConfigFile.
    """
    if config is None:
        if script_location is None:
            raise errors.NoMigrationsNamed()
        made = Config()
    elif isinstance(config, Config):
        made = config.copy(attributes=config.attributes)
    else:
        made = read_config(config)
    if script_location is not None:
        made.set_main_option("script_location", os.fspath(script_location).replace("%", "%%"))
    return made


def read_config(path: StrPath) -> Config:
    """An ini file with the pyproject.toml beside it, or a pyproject.toml alone. Raises NoConfigFile."""
    if not os.path.isfile(path):
        raise errors.NoConfigFile(path=os.fspath(path))
    if os.path.basename(path) == TOML_NAME:
        return Config(toml_file=path)
    return Config(path, toml_file=os.path.join(os.path.dirname(path), TOML_NAME))


def _flattened(diffs: Iterable[Any]) -> Iterable[Difference]:
    """The changes to one column stand together in a list."""
    for diff in diffs:
        for kind, *details in diff if isinstance(diff, list) else (diff,):
            yield Difference(kind, tuple(details))
