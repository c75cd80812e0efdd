"""Every recorded call does on a living server what it says: the tables it speaks of are there, it runs, and what the
database has then is what SQLAlchemy alone would have made of the changed tables.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.ddl.live.trial import meant, try_online, try_script
from tests.ddl.live.world import World
from tests.ddl.recorded import DATA, cases, differences

BACKENDS = ("sqlite", "postgresql", "mariadb")
WAYS = {"online": try_online, "script": try_script}
KNOWN = tomllib.loads((DATA / "ddl-live.toml").read_text())
WITHOUT_DATABASE = {id_ for entry in KNOWN["without_database"] for id_ in entry["cases"]}
ONLINE_ONLY = {id_ for entry in KNOWN["online_only"] for id_ in entry["cases"]}
EXTENSIONS = {"D195": "pg_trgm", "D245": "btree_gist"}
DIFFERENCES = {
    (case["id"], case["dialect"]): case for difference in differences() for case in difference["cases"]
}
CASES = [case for case in cases() if case["dialect"] in BACKENDS and case["id"] not in WITHOUT_DATABASE]


@pytest.fixture(scope="module")
def worlds(request: pytest.FixtureRequest) -> Iterator[dict[str, World]]:
    found: dict[str, World] = {}
    yield found
    for world in found.values():
        world.close()


@pytest.fixture
def world(request: pytest.FixtureRequest, worlds: dict[str, World]) -> World:
    """The database of the case's backend, shared by all cases."""
    backend = request.getfixturevalue("case")["dialect"]
    if backend not in worlds:
        worlds[backend] = World(request.getfixturevalue(f"module_{backend}_url"))
    return worlds[backend]


@pytest.mark.filterwarnings("ignore:Computed column .* is being created as 'STORED':sqlalchemy.exc.SAWarning")
@pytest.mark.filterwarnings("ignore:Using 'mysql_using':sqlalchemy.exc.SADeprecationWarning")
@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['id']}-{case['dialect']}") for case in CASES])
def test_a_call_does_what_it_says(case: dict[str, Any], world: World) -> None:
    """OPS-1 to OPS-94, through a connection and as the statements of a script."""
    extension = EXTENSIONS.get(case["id"])
    if extension and extension not in world.extensions and world.backend == "postgresql":
        pytest.skip(f"this server has no {extension}")
    wanted = None
    for way, attempt in WAYS.items():
        trial = attempt(world, case)
        if refusal := find("refused", case, way, world):
            assert trial.error is not None, f"{way}: the server accepts it"
            assert re.search(refusal["error"], str(trial.error)), way
        elif error := expected_error(case, way):
            assert error in [class_.__name__ for class_ in type(trial.error).__mro__], (way, trial.error)
            assert trial.after == trial.before or stopped_midway(case), way
        else:
            if trial.error is not None:
                raise trial.error
            wanted = wanted or meant(world, case)
            if find("differs", case, way, world):
                assert trial.after != wanted, f"{way}: it is as meant, and the entry can go"
            else:
                assert trial.after == wanted, way


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_number_of_executed_calls_is_written_down(backend: str) -> None:
    refused = {
        id_ for entry in KNOWN["refused"] if entry["backend"] == backend and "way" not in entry
        for id_ in entry["cases"]
    }  # fmt: skip
    differing = {
        id_ for entry in KNOWN["differs"] if entry["backend"] == backend and "way" not in entry
        for id_ in entry["cases"]
    }  # fmt: skip
    own = [case for case in CASES if case["dialect"] == backend]
    as_meant = [
        case for case in own if case["id"] not in refused | differing and not expected_error(case, "online")
    ]
    assert (len(as_meant), len(own)) == (KNOWN["executed"][backend], KNOWN["recorded"][backend])


@pytest.mark.parametrize("kind", ["without_database", "online_only", "refused", "differs"])
def test_an_entry_names_recorded_cases_and_a_reason(kind: str) -> None:
    recorded = {(case["id"], case["dialect"]) for case in cases()}
    for entry in KNOWN[kind]:
        backends = [entry["backend"]] if "backend" in entry else BACKENDS
        assert entry["why"].endswith(".")
        for id_ in entry["cases"]:
            assert any((id_, backend) in recorded for backend in backends), (id_, entry)


def find(kind: str, case: dict[str, Any], way: str, world: World) -> dict[str, Any] | None:
    """The entry that holds for this case, this way, on this server."""
    for entry in KNOWN[kind]:
        is_meant = entry["backend"] == case["dialect"] and case["id"] in entry["cases"]
        is_new = "before" in entry and world.version >= (entry["before"],)
        is_of_other = not sa.__version__.startswith(entry.get("sqlalchemy", ""))
        if is_meant and entry.get("way", way) == way and not is_new and not is_of_other:
            found: dict[str, Any] = entry
            return found
    return None


def expected_error(case: dict[str, Any], way: str) -> str | None:
    """The class of the error that limbeck itself answers with."""
    if way == "online" and case["id"] in ONLINE_ONLY:
        return None
    error = DIFFERENCES.get((case["id"], case["dialect"]), case).get("error")
    return error["type"].rpartition(".")[2] if isinstance(error, dict) else error


def stopped_midway(case: dict[str, Any]) -> bool:
    """Whether statements were recorded before the error."""
    return bool(case.get("sql"))
