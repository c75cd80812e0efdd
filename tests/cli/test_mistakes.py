"""Every mistake is told in a few lines: the cause first, then what to do; no traceback, no secret (UX-2, UX-3, UX-7).

The databases are real ones, and so are the refusals.
"""

from __future__ import annotations

import logging
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.cli.main import main
from limbeck.errors.codes import CODES
from tests.cli.mistakes import CANARY, MISTAKES, SECRET_VALUE, SPELLINGS, Mistake, Place

LOG_LINE = re.compile(r"(?:INFO|WARNI|ERROR|DEBUG) ?\s*\[")
CASES = [
    pytest.param(mistake, backend, id=f"{mistake.name}-{backend}")
    for mistake in MISTAKES
    for backend in mistake.backends.split()
]
ABOUT_SERVERS = [
    mistake for mistake in MISTAKES if mistake.name in ("server is absent", "exception in upgrade()")
]


def run(words: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """The exit status, and what is said on both streams, without the log."""
    capfd.readouterr()
    code: object = 0
    try:
        main(words)
    except SystemExit as stop:
        code = stop.code
    out, err = capfd.readouterr()
    return code, out + err


def tell(
    mistake: Mistake, url: str, directory: Path, capfd: pytest.CaptureFixture[str], *more: str
) -> tuple[object, str]:
    """Make the mistake, and give what comes of it."""
    place = Place(directory, url)
    mistake.prepare(place)
    words = [word.replace("{url}", url) for word in shlex.split(mistake.words)]
    return run([*words, *more], capfd)


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


def with_password(url: str, password: str) -> str:
    """The URL of a test's database, with a password if there is a server that takes any."""
    parsed = sa.make_url(url)
    if parsed.host is None or parsed.password:
        return url
    if parsed.get_backend_name() == "postgresql":  # whose test server asks nobody for one
        return url.replace("@", f":{password}@", 1)
    return url


def files_with(directory: Path, text: str) -> list[str]:
    """Files that have a text in them, besides those that the test has written it into."""
    given = ("alembic.ini", "pyproject.toml", "r1_add.py")
    return [
        str(path)
        for path in directory.rglob("*")
        if path.is_file()
        and path.name not in given
        and path.suffix not in (".pyc", ".index", ".db", ".sqlite")
        and text.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize(("mistake", "backend"), CASES)
def test_a_mistake_is_told_in_a_few_lines(
    mistake: Mistake,
    backend: str,
    here: Path,
    request: pytest.FixtureRequest,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """UX-2, UX-3, UX-6, UX-7, CLI-3, CLI-4."""
    url = with_password(request.getfixturevalue(f"{backend}_url"), CANARY)
    code, said = tell(mistake, url, here, capfd)
    lines = [line for line in said.splitlines() if not LOG_LINE.match(line)]
    told = [line for line in lines if not re.match(r"usage: | {7,}\[|Creating|Generating", line)]
    assert code == mistake.exit_code, said
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert len(lines) <= 25, said
    assert any(cause in line for cause in mistake.cause.split("|") for line in told[:3]), said
    assert CANARY not in said
    assert SECRET_VALUE not in without_source(said), said
    assert files_with(here, CANARY) == []
    if mistake.code == "usage":
        assert any("--help` tells more" in line for line in lines), said
    else:
        assert any(line.startswith("  fix       ") for line in lines), said
        assert lines[-1].endswith(f"limbeck explain {mistake.code}"), said
        assert mistake.code in CODES


def without_source(said: str) -> str:
    """What is said, without the line of the migration, into which the user has written the value."""
    return "\n".join(line for line in said.splitlines() if not line.strip().startswith("op.execute(sa.text("))


@pytest.mark.parametrize("password", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("mistake", ABOUT_SERVERS, ids=lambda mistake: mistake.name)
@pytest.mark.parametrize("more", [(), ("--raiseerr",)], ids=["told", "raised"])
def test_a_password_is_shown_in_none_of_its_spellings(
    mistake: Mistake,
    password: str,
    more: tuple[str, ...],
    here: Path,
    postgresql_url: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """UX-3."""
    url = with_password(postgresql_url, password)
    assert CANARY in url
    try:
        _, said = tell(mistake, url, here, capfd, *more)
    except Exception as error:  # what Python's hook would show, which `main` replaces in a process of its own
        from limbeck.cli.failure import render_traceback

        said = render_traceback(error)
    assert said
    assert CANARY not in said
    assert files_with(here, CANARY) == []


def test_values_are_shown_if_they_are_asked_for(
    here: Path, postgresql_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """UX-3."""
    mistake = next(each for each in MISTAKES if each.name == "secret among bound values")
    _, said = tell(mistake, postgresql_url, here, capfd, "--show-params")
    assert f"  values    {{'x': '{SECRET_VALUE}', 'y': 7}}" in said


def test_there_are_enough_of_them() -> None:
    names = [mistake.name for mistake in MISTAKES]
    assert len(set(names)) == len(names) >= 45
