"""Several processes at once: each revision is applied exactly once. `make races` runs many more of these rounds."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backends import pgbouncer
from tests.backends.engines import connected
from tests.backends.servers import CannotStart
from tests.conftest import FLEET
from tests.races.race import KINDS, Race, empty_database, races
from tests.runtime.history import History

ROUNDS = 2
PROCESSES = 4


@pytest.fixture(scope="module")
def proxy(pytestconfig: pytest.Config) -> Iterator[str]:
    """Where PgBouncer listens."""
    server = pytestconfig.stash[FLEET].find("postgresql")
    if server.reason:
        pytest.skip(str(server))
    try:
        with pgbouncer.before(server.url) as place:
            yield place
    except CannotStart as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("backend", "kind"),
    [(backend, kind) for backend in ("sqlite", "postgresql", "mariadb") for kind in races(backend)],
)
def test_each_revision_is_applied_once(
    pytestconfig: pytest.Config, tmp_path: Path, backend: str, kind: str
) -> None:
    fleet = pytestconfig.stash[FLEET]
    if backend != "sqlite" and fleet.find(backend).reason:
        pytest.skip(str(fleet.find(backend)))
    race = Race(tmp_path / "project", kind, processes=PROCESSES)
    for _ in range(ROUNDS):
        with empty_database(fleet, backend) as url:
            assert race.run(url).faults == []


@pytest.mark.parametrize("is_mixed", [False, True], ids=["all", "half of them"])
@pytest.mark.parametrize("kind", KINDS)
def test_so_it_is_behind_a_proxy(
    pytestconfig: pytest.Config, tmp_path: Path, proxy: str, kind: str, is_mixed: bool
) -> None:
    """A lease and an advisory lock respect each other."""
    connect = pgbouncer.OPTIONS
    race = Race(tmp_path / "project", kind, processes=PROCESSES, connect=connect, is_mixed=is_mixed)
    for _ in range(ROUNDS):
        with empty_database(pytestconfig.stash[FLEET], "postgresql") as url:
            assert race.run(pgbouncer.through(url, proxy), direct_url=url).faults == []


def test_the_proxy_is_noticed(tmp_path: Path, postgresql_url: str, proxy: str) -> None:
    """A lock of the session is used only where the session is one's own."""
    history = History(tmp_path / "line", "a")
    seen: list[str] = []

    def note(ctx: Any, **kw: Any) -> None:
        seen.append(ctx.run_lock.kind)

    for url in (pgbouncer.through(postgresql_url, proxy), postgresql_url):
        with connected(url, connect_args=literal_eval(pgbouncer.OPTIONS)) as connection:
            history.run(connection, "head", on_version_apply=note)
            history.run(connection, "base", direction="downgrade", on_version_apply=note)
    assert seen == ["lease", "lease", "advisory lock", "advisory lock"]
