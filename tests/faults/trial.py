"""Runs a chapter of the corpus again and again, each time with another fault, and then once more without.

A program of its own, so that it can fork: limbeck is imported once, and a run costs what its statements cost.

    python -m tests.faults.trial postgresql-run rows upgrade postgresql+psycopg://postgres@127.0.0.1/limbeck_x all
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

import limbeck
from tests.backends import databases
from tests.faults import snapshot
from tests.faults.modes import CORPUS, LOOKS, MODES, START, Mode
from tests.faults.sabotage import KILLS, Event, Fault, Saboteur, faults_at

LONGEST = 120
"""Seconds after which a run counts as hanging."""


@dataclass
class Result:
    """How many trials there were, and what was wrong with those that did not arrive."""

    total: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def arrived(self) -> int:
        return self.total - len(self.failures)


class Trials:
    """All trials of one chapter in one mode and direction, on one database."""

    def __init__(self, mode: Mode, chapter: str, direction: str, url: str) -> None:
        self.mode = mode
        self.chapter = chapter
        self.direction = direction
        self.url = url
        self._place = Place(url, self.prepare)

    def run(self, most: int | None) -> Result:
        """Try every fault, or about `most` of them that are spread over all."""
        result = Result()
        with self._place.prepared():
            events, expected = self._run_undisturbed()
            faults = faults_at(events, is_server=self.mode.backend != "sqlite")
            for fault in _spread(faults, most, self.chapter):
                result.total += 1
                lines = self._try(fault, expected)
                if lines:
                    event = events[fault.number - 1].text
                    told = f"{fault.kind} {fault.number} of {len(events)}: {' '.join(event.split())[:150]}"
                    result.failures.append("\n".join([told, *("    " + line[:1500] for line in lines)]))
        return result

    def prepare(self) -> None:
        """The schema and the rows that a run begins with."""
        self._in_child(lambda: self._upgrade(START if self.direction == "upgrade" else "head"))

    def _try(self, fault: Fault, expected: snapshot.Snapshot) -> list[str]:
        self._place.reset()
        status, _, first = self._fork(fault)
        if fault.kind in KILLS and status != -signal.SIGKILL:
            return [f"it was not killed, but ended with {status}", *first.splitlines()]
        if status == 0:
            # An error that limbeck itself expects, such as one from a look at whether a table is there.
            return self._look(expected)
        status, _, told = self._fork(None)
        if status != 0:
            return [
                f"the second run ended with {status}",
                *told.splitlines(),
                "--- first:",
                *first.splitlines()[-1:],
            ]
        return self._look(expected)

    def _look(self, expected: snapshot.Snapshot) -> list[str]:
        found = self._in_child(self._take)
        return snapshot.differences(expected, found)

    def _run_undisturbed(self) -> tuple[list[Event], snapshot.Snapshot]:
        """What a run does and leads to; it takes place here, so that the forks find everything loaded."""
        self._place.reset()
        events, told = self._migrate(None)
        assert not told, told
        expected = self._take()
        assert not expected["unfinished"], expected["unfinished"]
        return events, expected

    def _take(self) -> snapshot.Snapshot:
        looks = {table: look for (chapter, table), look in LOOKS.items() if chapter == self.chapter}
        if self.direction == "downgrade":
            looks = {}
        return snapshot.take(self.mode.make_engine(self.url), looks)

    def _upgrade(self, target: str) -> None:
        location = CORPUS / self.chapter
        limbeck.upgrade(
            self.mode.make_engine(self.url), target, script_location=location, **self.mode.options
        )

    def _fork(self, fault: Fault | None) -> tuple[int, list[Event], str]:
        """A run in a process of its own: its exit status, the events, and what went wrong."""
        status, value = forked(lambda: self._migrate(fault))
        events, told = value if value is not None else ([], "")
        return (1 if told else status), events, told

    def _migrate(self, fault: Fault | None) -> tuple[list[Event], str]:
        engine = self.mode.make_engine(self.url)
        saboteur = Saboteur(engine, fault)
        location, options = CORPUS / self.chapter, self.mode.options
        try:
            if self.direction == "upgrade":
                limbeck.upgrade(engine, "head", script_location=location, **options)
            else:
                limbeck.downgrade(engine, START, script_location=location, **options)
        except Exception:
            return saboteur.events, traceback.format_exc(limit=-6) + "\n" + str(fault)
        return saboteur.events, ""

    def _in_child(self, act: Callable[[], Any]) -> Any:
        status, value = forked(act)
        assert status == 0, f"ended with {status}"
        return value


class Place:
    """The database of the trials, which can be put back to how it was prepared."""

    def __init__(self, url: str, prepare: Callable[[], None]) -> None:
        self._url = make_url(url)
        self._prepare = prepare
        self._template = f"{self._url.database}_template"

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Prepare the database, and keep a copy of it where that is cheap."""
        self._empty()
        if self._is_file:
            self._prepare()
            shutil.copy(str(self._url.database), self._template)
            yield
        elif self._is_postgresql:
            self._prepare()
            self._run(f'CREATE DATABASE "{self._template}" TEMPLATE "{self._url.database}"')
            try:
                yield
            finally:
                self._run(f'DROP DATABASE "{self._template}" WITH (FORCE)')
        else:
            yield

    def reset(self) -> None:
        """Put it back."""
        if self._is_file:
            self._empty()
            shutil.copy(self._template, str(self._url.database))
        elif self._is_postgresql:
            self._empty(f'TEMPLATE "{self._template}"')
        else:
            self._empty()
            self._prepare()

    def _empty(self, copied: str = "TEMPLATE template0") -> None:
        name = self._url.database
        if self._is_file:
            for suffix in ("", "-journal", "-wal", "-shm"):
                Path(f"{name}{suffix}").unlink(missing_ok=True)
        elif self._is_postgresql:
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" {copied}')
        else:
            self._run(f"DROP DATABASE IF EXISTS `{name}`", f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    @property
    def _is_file(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def _is_postgresql(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    def _run(self, *statements: str) -> None:
        with databases.connected(self._url.set(database="postgres" if self._is_postgresql else "")) as cursor:
            for statement in statements:
                cursor.execute(statement)


def forked(act: Callable[[], Any]) -> tuple[int, Any]:
    """Do something in a forked process: how that has ended, and what it has returned, if it has ended by itself."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.alarm(LONGEST)
        status = 1
        try:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(act(), pipe)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code, pickle.loads(data) if data and code == 0 else None


def _spread(faults: list[Fault], most: int | None, salt: str) -> list[Fault]:
    """About `most` faults at equal distances, beginning at another place for each chapter."""
    if most is None or len(faults) <= most:
        return faults
    distance = len(faults) / most
    first = sum(map(ord, salt)) % 100 / 100 * distance
    return [faults[int(first + number * distance)] for number in range(most)]


def main(mode: str, chapter: str, direction: str, url: str, most: str) -> None:
    """Run the trials, and write the result to standard output as JSON."""
    trials = Trials(MODES[mode], chapter, direction, url)
    result = trials.run(None if most == "all" else int(most))
    print(json.dumps({"total": result.total, "failures": result.failures}))


if __name__ == "__main__":
    main(*sys.argv[1:])
