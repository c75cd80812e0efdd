"""What a traceback knows: the user's line that led to a failure, whose fault it is, and the secrets around it."""

from __future__ import annotations

import linecache
import os
import re
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from types import FrameType
from typing import Any, NamedTuple

from limbeck.base.paths import shown_path as shown_path
from limbeck.base.redaction import find_passwords
from limbeck.config import TOML_TABLE, Config

OWN_DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENVIRONMENT_FILE = "env.py"
COMPILED = (".pyx", ".pxd", ".pxi")
"""Sources of compiled drivers: their frames name them by paths that lead nowhere here."""
DOORS = (os.path.join(OWN_DIRECTORY, "op.py"), os.path.join(OWN_DIRECTORY, "context.py"))


class Place(NamedTuple):
    """A line of a file."""

    path: str
    line: int
    source: str

    def __str__(self) -> str:
        return f"{shown_path(self.path)}:{self.line}"


class Trace:
    """The frames of an exception, outermost first, as far as they are of use for a report."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.frames: list[tuple[FrameType, int]] = []
        traceback = error.__traceback__
        while traceback is not None:
            self.frames.append((traceback.tb_frame, traceback.tb_lineno))
            traceback = traceback.tb_next

    def find_place(self) -> Place | None:
        """The innermost line of the user's own code, or None if none took part."""
        for frame, line in reversed(self.frames):
            path = frame.f_code.co_filename
            if is_users_file(path):
                return Place(path, line, linecache.getline(path, line, frame.f_globals).strip())
        return None

    def find_frame(self, *, package: str, function: str) -> FrameType | None:
        """The innermost frame of a function in a package or module, or None."""
        for frame, _ in reversed(self.frames):
            name = str(frame.f_globals.get("__name__", ""))
            if frame.f_code.co_name == function and f"{name}.".startswith(f"{package}."):
                return frame
        return None

    def find_line_in(self, path: str, function: str) -> int | None:
        """The line of a function in a file that was being run, or None if it was not called."""
        for frame, line in reversed(self.frames):
            if frame.f_code.co_name == function and frame.f_code.co_filename == path:
                return line
        return None

    def is_own_fault(self) -> bool:
        """Whether limbeck itself is to blame, rather than the user's files or the database.

        It is if the failure began in limbeck's code, which was reached from nowhere or from the lines of
        env.py that hand over to limbeck; what a migration calls with wrong arguments is the migration's.
        """
        place = self.find_place()
        if place is None:
            return True
        if not self.frames or os.path.basename(place.path) != ENVIRONMENT_FILE:
            return False
        last = self.frames[-1][0].f_code.co_filename
        deliberate = type(self.error) is Exception or last in DOORS
        return last.startswith(OWN_DIRECTORY + os.sep) and not deliberate

    def walk_locals(self) -> Iterator[Any]:
        """Every local value in the frames of the exception and of the ones behind it."""
        seen: set[int] = set()
        error: BaseException | None = self.error
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            for frame, _ in self.frames if error is self.error else Trace(error).frames:
                yield from frame.f_locals.values()
            error = error.__cause__ or error.__context__


def hide_parameters(error: BaseException) -> None:
    """Let SQLAlchemy's exceptions, this one and those behind it, say nothing of the values that were sent."""
    seen: set[int] = set()
    current: Any = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if hasattr(current, "hide_parameters"):
            current.hide_parameters = True
        current = current.__cause__ or current.__context__


def first_failure(error: BaseException) -> BaseException:
    """What went wrong first: not `error`, if that is only a rollback that failed while the first was handled."""
    orig = getattr(error, "orig", None)
    trace = Trace(error)
    is_rollback = any(
        trace.find_frame(package="sqlalchemy", function=function) is not None
        for function in ("do_rollback", "do_rollback_twophase")
    )
    if orig is None or not is_rollback:
        return error
    earlier = error.__context__
    while earlier is not None and earlier is orig:
        earlier = earlier.__context__
    return earlier or error


def is_users_file(path: str) -> bool:
    """Whether a file belongs to the project that uses limbeck: not to limbeck, Python or a library."""
    if path.startswith(("<", OWN_DIRECTORY + os.sep)) or path.endswith(COMPILED):
        return False
    if os.path.basename(path) == ENVIRONMENT_FILE:
        return True  # a migration environment can be installed as part of a package (CFG-31)
    absolute = os.path.abspath(path)
    return not any(absolute.startswith(library + os.sep) for library in _libraries())


@cache
def _libraries() -> frozenset[str]:
    """Where Python and what was installed for it are; asked once, for every frame of a traceback is held against it."""
    return frozenset(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def find_secrets(trace: Trace, config: Config | None, environ: Mapping[str, str]) -> frozenset[str]:
    """Every password that may have found its way into a message (UX-3)."""
    secrets: set[str] = set()
    public: set[str] = set()
    for value in [*trace.walk_locals(), *configured_values(config), *environ.values()]:
        for item in value.values() if type(value) is dict else (value,):
            with suppress(Exception):  # what is asked may be anything, and raise anything
                _note_secrets(item, secrets, public)
    return frozenset(secrets - public)


def _note_secrets(item: Any, secrets: set[str], public: set[str]) -> None:
    """The passwords of a URL, or of what has one; and what stands beside them in it."""
    url: Any = getattr(item, "url", None) if hasattr(item, "dialect") else item
    if isinstance(url, str):
        if "://" in url:
            secrets |= find_passwords(url)
            public.add(url.partition("://")[2].partition(":")[0])
    elif hasattr(url, "drivername") and getattr(url, "password", None):
        secrets |= {str(url.password), *_cut_off(url)}
        public |= {str(url.username), str(url.database), str(url.host)}


def _cut_off(url: Any) -> frozenset[str]:
    """What of a password that has a bare `@` SQLAlchemy's URL takes for the beginning of the host."""
    host = str(url.host)
    return find_passwords(f"://:{url.password}@{host}") if "@" in host else frozenset()


def configured_values(config: Config | None) -> Iterator[str]:
    """The values of the ini file as they stand there, unsubstituted, and those of the TOML table."""
    if config is None:
        return
    parser = config._file_config
    if parser is not None:
        for section in parser.sections():
            for _, value in parser.items(section, raw=True):
                yield value
                yield value.replace("%%", "%")
    for table in (config._toml_config or {}, config._own_config or {}, config.given):
        for value in table.values():
            if isinstance(value, str):
                yield value


def find_setting_line(config: Config | None, name: str) -> str | None:
    """Where `name` is set, as `file:line` without what stands there; None if that cannot be seen."""
    if config is None:
        return None
    files = find_settings_files(config)
    for section in (config.config_ini_section, "DEFAULT", ".".join(TOML_TABLE)):
        for file in files:
            line = _find_key(file, section, name)
            if line is not None:
                return f"{shown_path(file)}:{line}"
    return None


def find_settings_files(config: Config | None) -> list[str]:
    """The ini file and the pyproject.toml that are read, as far as they exist."""
    names = () if config is None else (config.config_file_name, config.toml_file_name)
    return [name for name in names if name and os.path.isfile(name)]


def _find_key(file: str, section: str, name: str) -> int | None:
    """The line of a file that sets `name` in `section`, or begins the section or table of that name."""
    table = name.partition(".")[0]
    key = re.compile(rf"\s*['\"]?(?:{re.escape(name)}|{re.escape(table)})['\"]?\s*[=:]", re.IGNORECASE)
    current = ""
    with open(file, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            header = re.match(r"\[+([^\]]*)\]", line)
            current = header[1].strip() if header else current
            if current in (table, f"{section}.{table}") or (current == section and key.match(line)):
                return number
    return None


def find_setting(config: Config | None, text: str) -> Place | None:
    """The line of the ini file that contains `text`, or None."""
    name = config.config_file_name if config is not None else None
    if name is None or not os.path.exists(name):
        return None
    with open(name, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if text in line and not line.lstrip().startswith(("#", ";")):
                return Place(name, number, line.strip())
    return None
