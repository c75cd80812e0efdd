"""Every mistake is told in a few lines: the cause first, then what to do; no traceback, no secret (UX-2, UX-3, UX-7).

The databases are real ones, and so are the refusals. `tests/cli/test_canaries.py` looks for secrets more closely.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.cli.main import main
from limbeck.errors.codes import CODES
from tests.cli.canaries import CANARY, heard_in
from tests.cli.mistakes import MISTAKES, SECRET_VALUE, Mistake, Place

LOG_LINE = re.compile(r"(?:INFO|WARNI|ERROR|DEBUG) ?\s*\[")
CASES = [
    pytest.param(mistake, backend, id=f"{mistake.name}-{backend}")
    for mistake in MISTAKES
    for backend in mistake.backends.split()
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
    return run([*mistake.typed_at(place), *more], capfd)


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
    assert heard_in(said) == []
    assert SECRET_VALUE not in without_source(said), said
    if mistake.code == "usage":
        assert any("--help` tells more" in line for line in lines), said
    else:
        assert any(line.startswith("  fix       ") for line in lines), said
        assert lines[-1].endswith(f"limbeck explain {mistake.code}"), said
        assert mistake.code in CODES


def without_source(said: str) -> str:
    """What is said, without the line of the migration, into which the user has written the value."""
    return "\n".join(line for line in said.splitlines() if not line.strip().startswith("op.execute(sa.text("))


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
