"""A password is in nothing that comes of any mistake, however it is spelled (UX-3).

That is: not on the screen, not in what is answered as data, in no log, no file and no table.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from limbeck.cli.failure import render_traceback
from limbeck.cli.main import main
from tests.cli.canaries import (
    RARE_SPELLINGS,
    SPELLINGS,
    Spelling,
    empty,
    heard_in,
    heard_in_files,
    heard_in_tables,
    singing_url,
    snapshot,
)
from tests.cli.mistakes import MISTAKES, Mistake, Place

TELLING = ("server is absent", "wrong password", "password in an exception")


def calls_for(mistake: Mistake) -> Iterator[tuple[str, Spelling]]:
    """Where a mistake is made with which spelling: the plain one on every database, the others on one in turn."""
    backends = mistake.backends.split()
    plain, *others = (*SPELLINGS, *(RARE_SPELLINGS if mistake.name in TELLING else ()))
    yield from ((backend, plain) for backend in backends)
    yield from zip(cycle(backends), others, strict=False)


CASES = [
    pytest.param(mistake, backend, spelling, id=f"{mistake.name}-{backend}-{spelling.name}")
    for mistake in MISTAKES
    for backend, spelling in calls_for(mistake)
]


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """The URL of the database that the tests of this module share, each of which leaves it empty."""
    return lambda backend: request.getfixturevalue(f"module_{backend}_url")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    sys.path_importer_cache.pop(".", None)
    for name in ("DATABASE_URL", "LIMBECK_URL"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    for handler in logging.getLogger().handlers:  # those of the ini file
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).parent == tmp_path:
            handler.close()


@pytest.mark.parametrize(("mistake", "backend", "spelling"), CASES)
def test_a_password_is_in_nothing_that_comes_of_a_mistake(
    mistake: Mistake,
    backend: str,
    spelling: Spelling,
    here: Path,
    database: Callable[[str], str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """As data and in words first, for `--json` gives both; then with the traceback."""
    way_in = f"sqlite:///{here}/database.sqlite" if backend == "sqlite" else database(backend)
    with singing_url(way_in, spelling) as url:
        try:
            place = Place(here, url, spelling=spelling, way_in=way_in)
            mistake.prepare(place)
            words = mistake.typed_at(place)
            before = snapshot(here)
            out, err = run([*words, "--json"], capfd)
            assert heard_in(out + err) == []
            if mistake.code != "usage":
                assert json.loads(out)["error"]["message"]
            raised = "".join(run([*words, "--raiseerr"], capfd))
            assert "Traceback" in raised or mistake.code == "usage"
            assert heard_in(raised) == []
            assert heard_in_files(here, before) == []
            assert heard_in_tables(way_in) == []
        finally:
            empty(way_in)


def run(words: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What is said on both streams, with what Python's hook would show, which `main` replaces in its own process."""
    capfd.readouterr()
    try:
        main(words)
    except SystemExit:
        pass
    except Exception as error:
        sys.stderr.write(render_traceback(error))
    out, err = capfd.readouterr()
    return out, err


DAILY = (
    "doctor",
    "plan -v --show-params",
    "plan --out kept.json",
    "upgrade head --sql",
    "upgrade head",
    "status -v",
    "current -v",
    "history -i",
    "graph --current",
    "check",
    "lock status",
    "wait --at head",
    "revision --autogenerate -m more --dry-run",
    "downgrade base",
    "stamp head",
)
"""What is done every day, in an order in which it works."""


@pytest.mark.parametrize(
    "spelling", [one for one in SPELLINGS if one.password is not None], ids=lambda one: one.name
)
@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
@pytest.mark.parametrize("is_classic", [True, False], ids=["env.py", "no env.py"])
def test_a_password_is_in_nothing_that_is_said_every_day(
    spelling: Spelling,
    backend: str,
    is_classic: bool,
    here: Path,
    database: Callable[[str], str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    way_in = f"sqlite:///{here}/database.sqlite" if backend == "sqlite" else database(backend)
    with singing_url(way_in, spelling) as url:
        try:
            place = Place(here, url, spelling=spelling, way_in=way_in)
            if is_classic:
                place.classic()
                place.edit(
                    "migrations/env.py",
                    "target_metadata = None",
                    "import sqlalchemy as sa; target_metadata = sa.MetaData()",
                )
            else:
                place.own('models = "no_models_here"')
                place.write("no_models_here.py", "import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
            place.revision(body="op.create_table('pet', sa.Column('id', sa.Integer))")
            before = snapshot(here)
            options = [] if is_classic else ["--url", spelling.write(url)]
            heard: dict[str, list[str]] = {}
            for command in DAILY:
                for more in ([], ["--json"]):
                    said = "".join(run([*command.split(), *options, *more], capfd))
                    if found := heard_in(said):
                        heard[" ".join([command, *more])] = found
            assert heard == {}
            assert heard_in_files(here, before) == []
            assert heard_in_tables(way_in) == []
        finally:
            empty(way_in)
