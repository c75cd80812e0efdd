"""The test run's own servers: started privately, and gone afterwards, whatever happens to the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backends import databases, servers
from tests.backends.keeper import ROOT, DatabasesOrder, Keeper

Start = Callable[[], servers.PrivateServer]


@pytest.fixture(params=["postgresql installed", "postgresql wheel", "mariadb installed"])
def start(request: pytest.FixtureRequest) -> Start:
    """A way to start a private server."""
    if request.param == "mariadb installed":
        if servers.find_installed_mariadb() is None:
            pytest.skip("MariaDB is not installed")
        return servers.start_mariadb
    find = (
        servers.find_postgresql_wheel
        if request.param == "postgresql wheel"
        else servers.find_installed_postgresql
    )
    installation = find()
    if installation is None:
        pytest.skip(f"no {request.param}")
    return lambda: servers.start_postgresql(installation)


def test_a_private_server_takes_databases_and_vanishes(start: Start) -> None:
    server = start()
    directory, process = Path(server.keeper.answer["directory"]), server.keeper.answer["pid"]
    try:
        prefix = databases.new_prefix()
        url = databases.create(server.url, prefix)
        assert [databases.make_url(url).database] == databases.names(server.url, prefix)
        databases.drop(url)
        assert databases.names(server.url, prefix) == []
        assert is_running(process)
    finally:
        server.keeper.close()
    assert not directory.exists()
    assert not is_running(process)


def test_a_private_server_wants_its_password(start: Start) -> None:
    """Nobody else on the machine may use it."""
    server = start()
    try:
        stranger = databases.make_url(server.url).set(password="guess")
        with pytest.raises(Exception, match=r"(?i)password|denied"), databases.connected(stranger):
            pass
    finally:
        server.keeper.close()


def test_a_killed_run_leaves_no_server_and_no_directory() -> None:
    installation = servers.find_postgresql_wheel() or servers.find_installed_postgresql()
    if installation is None:
        pytest.skip("PostgreSQL is not installed")
    code = """
        import json, time
        from tests.backends import servers
        installation = servers.find_postgresql_wheel() or servers.find_installed_postgresql()
        print(json.dumps(servers.start_postgresql(installation).keeper.answer), flush=True)
        time.sleep(60)
    """
    with killed_after_its_first_line(code) as line:
        facts = json.loads(line)
    assert becomes_true(lambda: not Path(facts["directory"]).exists())
    assert not is_running(facts["pid"])


def test_a_killed_run_leaves_no_database(postgresql_url: str) -> None:
    prefix = databases.new_prefix()
    code = f"""
        import time
        from tests.backends import databases
        from tests.backends.keeper import DatabasesOrder, Keeper
        keeper = Keeper(DatabasesOrder({postgresql_url!r}, {prefix!r}))
        print(databases.create({postgresql_url!r}, {prefix!r}), flush=True)
        time.sleep(60)
    """
    with killed_after_its_first_line(code):
        assert len(databases.names(postgresql_url, prefix)) == 1
    assert becomes_true(lambda: databases.names(postgresql_url, prefix) == [])


def test_a_closed_keeper_drops_what_a_test_has_left(mariadb_url: str) -> None:
    prefix = databases.new_prefix()
    keeper = Keeper(DatabasesOrder(mariadb_url, prefix))
    databases.create(mariadb_url, prefix)
    keeper.close()
    assert databases.names(mariadb_url, prefix) == []


def test_a_missing_server_skips_with_the_reason_and_the_way_out(tmp_path: Path) -> None:
    result = run_one_test(tmp_path, LIMBECK_TEST_POSTGRESQL_URL="postgresql+psycopg://x@127.0.0.1:1/x")
    assert result.returncode == 0
    assert "1 skipped" in result.stdout
    assert "from LIMBECK_TEST_POSTGRESQL_URL: connection failed" in result.stdout
    assert "start a server on port 5432, or set LIMBECK_TEST_POSTGRESQL_URL" in result.stdout


def test_a_missing_server_that_is_required_fails(tmp_path: Path) -> None:
    result = run_one_test(
        tmp_path,
        LIMBECK_TEST_POSTGRESQL_URL="postgresql+psycopg://x@127.0.0.1:1/x",
        LIMBECK_TEST_REQUIRE="postgresql,mariadb",
    )
    assert result.returncode == 1
    assert "1 error" in result.stdout


def test_an_unknown_name_among_the_required_is_refused(tmp_path: Path) -> None:
    result = run_one_test(tmp_path, LIMBECK_TEST_REQUIRE="postgres")
    assert result.returncode == 4
    assert "LIMBECK_TEST_REQUIRE names postgres; known are postgresql, mariadb" in result.stderr


class killed_after_its_first_line:
    """Runs Python code in another process, and kills that process at the end of the block."""

    def __init__(self, code: str) -> None:
        source = "\n".join(line.strip() for line in code.strip().splitlines())
        self.process = subprocess.Popen(
            [sys.executable, "-c", source],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def __exit__(self, *_: object) -> None:
        assert self.process.stdout is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def run_one_test(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a test that wants PostgreSQL in a test run of its own."""
    test = directory / "test_one.py"
    test.write_text("def test_one(postgresql_url):\n    pass\n")
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("LIMBECK_", "PYTEST_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider",
         "-rs", "--rootdir", str(directory), "-c", os.devnull, str(test)],
        env={**inherited, **environment, "PYTHONPATH": str(ROOT), "COLUMNS": "500"},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def becomes_true(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False
