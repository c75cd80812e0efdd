"""Every scenario in `stories/`, on every backend that it names; and proof that a scenario can fail."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.scenarios import scenario
from tests.scenarios.scenario import ScenarioFailed, Stage

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))
CASES = [
    pytest.param(story, backend, id=f"{story.name}-{backend}")
    for story in map(scenario.read, STORIES)
    for backend in story.backends
]


@pytest.mark.parametrize(("story", "backend"), CASES)
def test_scenario(
    story: scenario.Scenario, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    failure = ""
    try:
        Stage(tmp_path, url).play(story)
    except ScenarioFailed as failed:
        failure = str(failed)
    if failure:
        pytest.fail(failure, pytrace=False)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("$ limbeck 3 out err\n= 0\n", "exit status 3"),
        ("$ limbeck 0 out err\n= 255\n", "exit status 0"),
        ("$ limbeck 0 out err\n> o?\n", "standard output lacks `o?`"),
        ("$ limbeck 0 out err\n> out\n> out\n", "standard output lacks `out`"),
        ("$ limbeck 0 out err\n2> out\n", "standard error lacks `out`"),
        ("$ limbeck 0 out err\n>! er*\n", "it says err"),
        ("$ limbeck 0 out 'Traceback (most recent call last):'\n", "a traceback"),
        ("$ limbeck 0 {url} err\n", "the password of the database"),
        ("edit a.txt: two => three\n-- a.txt --\none\n", "'two' stands 0 times in a.txt"),
        ("files .: 1\n", ". holds []"),
    ],
)
def test_a_scenario_fails_where_the_truth_differs(tmp_path: Path, text: str, complaint: str) -> None:
    """The program used here ends with its first argument and prints the other two."""
    path = tmp_path / "story.txt"
    path.write_text(text)
    echo = "import sys; print(sys.argv[2]); print(sys.argv[3], file=sys.stderr); sys.exit(int(sys.argv[1]))"
    stage = Stage(tmp_path, "postgresql://user:s3cret@host/name", [sys.executable, "-c", echo])
    with pytest.raises(ScenarioFailed) as caught:
        stage.play(scenario.read(path))
    assert complaint in str(caught.value).split("\n\n")[0]


def test_a_scenario_fails_where_the_database_holds_something_else(tmp_path: Path, sqlite_url: str) -> None:
    path = tmp_path / "story.txt"
    path.write_text("tables: none\ntables: account\n")
    with pytest.raises(ScenarioFailed, match=r"story:2: tables: account\nthe database's tables are \[\]"):
        Stage(tmp_path, sqlite_url).play(scenario.read(path))
