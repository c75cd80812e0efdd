"""A small process that outlives the test run by a moment, and cleans up behind it.

It reads one line of JSON on its standard input, does what that line says, and answers with one line. Then it
waits until its standard input ends. That happens when the test run closes the pipe, and also when the run is
killed in any way, so servers, their directories and test databases never stay behind.

It runs in a session of its own: a Ctrl-C meant for the tests does not reach it.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1
SECONDS_TO_STOP = 15


@dataclass(frozen=True)
class ServerOrder:
    """Make a directory, put `files` and `copies` in it, run `prepare`, then keep `serve` running.

    `{directory}` in an argument or a file's text stands for the directory. `user` and `group` are the ids to
    run as, or None for the present ones.
    """

    prepare: list[str]
    serve: list[str]
    stop_signal: int
    user: int | None = None
    group: int | None = None
    files: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DatabasesOrder:
    """At the end, drop all databases on `url` whose name starts with `prefix`."""

    url: str
    prefix: str


class Keeper:
    """The test run's end of the pipe: what it gave to a keeper process is cleaned up by `close()`."""

    def __init__(self, order: ServerOrder | DatabasesOrder) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.backends.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"kind": type(order).__name__, **asdict(order)}) + "\n")
        self._process.stdin.flush()
        self.answer: dict[str, Any] = json.loads(self._process.stdout.readline() or "{}")

    def close(self) -> None:
        """Have everything cleaned up, and wait until it is."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=2 * SECONDS_TO_STOP)
        self._process.stdout.close()


# --- in the keeper process ----------------------------------------------------------------------------------


def keep_server(order: ServerOrder) -> None:
    """Run a server in a directory of its own until the owner is gone."""
    directory = Path(tempfile.mkdtemp(prefix="limbeck-test-server-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        try:
            _furnish(directory, order)
            with (directory / "log").open("wb") as log:
                subprocess.run(
                    _filled(order.prepare, directory),
                    stdout=log,
                    stderr=log,
                    check=True,
                    **_as_user(order, directory),
                )
                server = subprocess.Popen(
                    _filled(order.serve, directory),
                    stdout=log,
                    stderr=log,
                    preexec_fn=_die_with_parent(order.stop_signal),
                    **_as_user(order, directory),
                )
        except (OSError, subprocess.CalledProcessError) as error:
            _answer(error=f"{error}\n{_tail(directory / 'log')}".strip())
            return
        _answer(directory=str(directory), pid=server.pid)
        while not _owner_is_gone(timeout=0.5):
            if server.poll() is not None:
                (directory / "exited").write_text(str(server.returncode))
    finally:
        if server is not None:
            _stop(server, order.stop_signal)
        shutil.rmtree(directory, ignore_errors=True)


def keep_databases(order: DatabasesOrder) -> None:
    """Wait until the owner is gone, then drop what it has not dropped itself."""
    _answer(ready=True)
    while not _owner_is_gone(timeout=60):
        pass
    from tests.backends import databases

    with suppress(Exception):  # the server may be gone too
        databases.drop_all(order.url, order.prefix)


def _furnish(directory: Path, order: ServerOrder) -> None:
    for source, name in order.copies.items():
        shutil.copytree(source, directory / name)
    for name, text in order.files.items():
        (directory / name).write_text(text.replace("{directory}", str(directory)))
    if order.user is not None and order.group is not None:
        for name in (".", *order.files):
            os.chown(directory / name, order.user, order.group)


def _filled(arguments: list[str], directory: Path) -> list[str]:
    return [argument.replace("{directory}", str(directory)) for argument in arguments]


def _as_user(order: ServerOrder, directory: Path) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "cwd": directory,
        "stdin": subprocess.DEVNULL,
        "env": {**os.environ, "HOME": str(directory), "LC_ALL": "C"},
    }
    if order.user is not None:
        settings |= {"user": order.user, "group": order.group, "extra_groups": []}
    return settings


def _die_with_parent(number: int) -> Callable[[], None] | None:
    """Where the system can do it, a server ends also when its keeper is killed."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return lambda: cast("None", library.prctl(PR_SET_PDEATHSIG, number))


def _stop(server: subprocess.Popen[bytes], number: int) -> None:
    if server.poll() is None:
        server.send_signal(number)
    try:
        server.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _owner_is_gone(*, timeout: float) -> bool:
    readable, _, _ = select.select([0], [], [], timeout)
    return bool(readable) and os.read(0, 1) == b""


def _answer(**facts: Any) -> None:
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""


def _read_order() -> dict[str, Any]:
    line = b""
    while not line.endswith(b"\n"):  # unbuffered: `select` must see what comes after this line
        piece = os.read(0, 1)
        if not piece:
            raise SystemExit(1)
        line += piece
    return cast("dict[str, Any]", json.loads(line))


def main() -> None:
    """Do what the owner's first line says."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))  # leads through the `finally` blocks
    facts = _read_order()
    kind = facts.pop("kind")
    if kind == ServerOrder.__name__:
        keep_server(ServerOrder(**facts))
    else:
        keep_databases(DatabasesOrder(**facts))


if __name__ == "__main__":
    main()
