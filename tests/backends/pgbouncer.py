"""PgBouncer in transaction mode in front of a PostgreSQL server, on a free port, gone with the test run."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from tests.backends.keeper import Keeper, ServerOrder
from tests.backends.servers import SECONDS_TO_START, CannotStart, find_free_port, find_program, find_user

OPTIONS = '{"prepare_threshold": None}'
"""How to connect through it: a statement that is prepared stays with the server process, which it changes."""

SETTINGS = """
[databases]
* = {target}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
server_idle_timeout = 1
logfile = {{directory}}/pgbouncer.log
pidfile = {{directory}}/pgbouncer.pid
"""


@contextmanager
def before(server_url: str) -> Iterator[str]:
    """The host and port at which PgBouncer listens, for each database of a server. Raises CannotStart."""
    program = find_program("pgbouncer")
    if program is None:
        raise CannotStart("pgbouncer is not installed")
    url = make_url(server_url)
    port = find_free_port()
    user = find_user("postgres")
    target = {"host": url.host, "port": url.port or 5432, "user": url.username, "password": url.password}
    settings = SETTINGS.format(
        target=" ".join(f"{name}={value}" for name, value in target.items() if value), listen_port=port
    )
    keeper = Keeper(
        ServerOrder(
            files={"pgbouncer.ini": settings},
            prepare=["true"],
            serve=[program, "{directory}/pgbouncer.ini"],
            stop_signal=signal.SIGTERM,
            user=user and user.pw_uid,
            group=user and user.pw_gid,
        )
    )
    try:
        if "error" in keeper.answer:
            raise CannotStart(keeper.answer["error"])
        _wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        keeper.close()


def through(url: str, place: str) -> str:
    """The URL of the same database, by way of PgBouncer."""
    host, _, port = place.partition(":")
    return make_url(url).set(host=host, port=int(port)).render_as_string(hide_password=False)


def _wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise CannotStart(f"PgBouncer does not listen on port {port}") from error
            time.sleep(0.05)
