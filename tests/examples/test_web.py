"""The example applications migrate their database before they serve, and say whether they are ready."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.history import rows

EXAMPLES = Path(__file__).parents[2] / "examples"
FASTAPI = """
from fastapi.testclient import TestClient
from shop.app import app

with TestClient(app) as client:
    first = client.post("/products/bread").json(), client.get("/products").json(), client.get("/ready")
with TestClient(app) as client:
    again = client.get("/products").json()
print(first[0], first[1], first[2].status_code, first[2].json(), again)
"""
FLASK = """
import os
import limbeck
from shop.app import MIGRATIONS, create_app

client = create_app().test_client()
print(client.post("/products/bread").text, client.get("/products").json, client.get("/ready").status_code)
limbeck.downgrade(os.environ["DATABASE_URL"], "-1", script_location=MIGRATIONS)
print(client.get("/ready").status_code, client.get("/ready").text)
app = create_app()
print(app.test_cli_runner().invoke(args=["check-models"]).output)
"""


def run(example: str, code: str, url: str) -> str:
    """What a program prints that uses the application, which warns of nothing."""
    finished = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:limbeck", "-c", code],
        cwd=EXAMPLES / example,
        env={"DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_fastapi_application_migrates_when_it_starts(backend: str, request: pytest.FixtureRequest) -> None:
    url: str = request.getfixturevalue(f"{backend}_url")
    printed = run("fastapi_app", FASTAPI, url.replace("sqlite:", "sqlite+aiosqlite:"))
    assert printed == "1 ['bread'] 200 ready ['bread']\n"
    assert rows(url) == ("b1",)


def test_a_flask_application_migrates_when_it_is_made(database_url: str) -> None:
    printed = run("flask_app", FLASK, database_url)
    assert printed == "1 ['bread'] 200\n503 the database is not at the newest revision\n\n"
    assert rows(database_url) == ("b1",)


def test_the_lifespan_has_at_most_three_lines_of_limbeck() -> None:
    source = (EXAMPLES / "fastapi_app" / "shop" / "app.py").read_text()
    lifespan = re.search(r"(?s)async def lifespan.*?\n\n\n", source)
    assert lifespan is not None
    lines = [line for line in lifespan[0].splitlines()[1:] if line.strip()]
    assert len(lines) == 3
    assert [line.strip() for line in lines if "limbeck" in line] == [
        "await limbeck.aio.upgrade(engine, script_location=MIGRATIONS)"
    ]
