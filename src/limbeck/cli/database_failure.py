"""Failures on the way to the database: URL, driver, login."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from limbeck.base.redaction import is_well_formed
from limbeck.base.report import Fact, Report
from limbeck.cli import statement_failure
from limbeck.cli.report import state, where
from limbeck.cli.statement_failure import Advice, driver_text, find_advice
from limbeck.cli.traces import Trace, configured_values, find_setting, find_setting_line
from limbeck.config import Config

PLACEHOLDER = "driver"
"""The dialect in the URL of a fresh project: driver://user:pass@localhost/dbname."""

DISTRIBUTIONS = {"MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}
"""Packages whose modules have another name; the drivers of our own extras need no entry here."""

URL_SHAPE = "a URL is dialect+driver://host:port/database, with user:password@ before the host"
CONNECTION_ADVICE = (
    Advice(
        ("password", "authentication", "access denied", "login failed"),
        "check user and password in the URL",
        "LBK-DB-CONNECT",
    ),
    Advice(
        ("translate host", "name or service", "getaddrinfo", "nodename", "resolve"),
        "check the host in the URL",
        "LBK-DB-CONNECT",
    ),
    Advice(
        ("refused", "timeout", "timed out", "can't connect", "no route"),
        "check that the server runs, and that host and port in the URL are right",
        "LBK-DB-CONNECT",
    ),
    Advice(('role "',), "check the user in the URL", "LBK-DB-CONNECT"),
    Advice(
        ("does not exist", "unknown database"),
        "create the database, or correct its name in the URL",
        "LBK-DB-CONNECT",
    ),
    Advice(
        ("unable to open database file",),
        "check that the directory exists and that you may write there",
        "LBK-DB-CONNECT",
    ),
)
"""What to try, by the words that databases and drivers use."""

ENCODE = "in a password, write @ as %40, : as %3A, / as %2F, # as %23 and % as %25"


def describe(trace: Trace, config: Config | None, *, show_params: bool = False) -> Report | None:
    """The report about a failure that has to do with the database, or None if it is of another kind."""
    if "sqlalchemy" not in sys.modules:
        return None
    return (
        _describe_missing_driver(trace)
        or _describe_missing_greenlet(trace)
        or _describe_unknown_dialect(trace, config)
        or _describe_bad_url(trace, config)
        or _describe_no_connection(trace, config)
        or statement_failure.describe(trace, show_params=show_params)
    )


# --- before there is a connection -----------------------------------------------------------------------------


def _describe_missing_driver(trace: Trace) -> Report | None:
    error = trace.error
    frame = trace.find_frame(package="sqlalchemy", function="import_dbapi")
    if not isinstance(error, ImportError) or frame is None:
        return None
    dialect = frame.f_locals.get("cls")
    name = getattr(dialect, "name", "the database")
    module = (error.name or str(error)).partition(".")[0]
    return Report(
        f"{name} needs a driver: the Python module {module!r} is not installed",
        (*where(trace.find_place()), *_url_fact(trace)),
        fix=_driver_advice(dialect, module),
        code="LBK-DRIVER",
    )


def _driver_advice(dialect: Any, module: str) -> str:
    """How to install a driver: the extra of limbeck that is meant for the dialect, or the driver itself."""
    for name in dict.fromkeys(getattr(base, "name", None) for base in getattr(dialect, "__mro__", ())):
        driver = _driver_of_extra(name) if isinstance(name, str) else None
        if driver is None:
            continue
        command = f'pip install "limbeck[{name}]"'
        if driver == module:
            return command
        package = DISTRIBUTIONS.get(module, module)
        return (
            f"{command} and begin the URL with {name}+{driver}://\nor keep the URL and: pip install {package}"
        )
    return f"pip install {DISTRIBUTIONS.get(module, module)}"


def _driver_of_extra(extra: str) -> str | None:
    """The driver that `pip install "limbeck[extra]"` brings, or None if there is no such extra."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        requirements = requires("limbeck") or []
    except PackageNotFoundError:
        return None
    for requirement in requirements:
        if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", requirement):
            return re.split(r"[\[<>=!~;\s]", requirement, maxsplit=1)[0]
    return None


def _describe_missing_greenlet(trace: Trace) -> Report | None:
    from importlib.util import find_spec

    error = trace.error
    if type(error).__name__ == "MissingGreenlet":
        return Report(
            "An asynchronous driver was used where env.py works synchronously",
            (*where(trace.find_place()), *_url_fact(trace), *state(error)),
            fix="use a synchronous driver in the URL, or an env.py as in `limbeck init -t async`",
            code="LBK-ASYNC",
        )
    if "greenlet" in str(error) and find_spec("greenlet") is None:
        return Report(
            "Asynchronous drivers need the library greenlet, which is not installed",
            where(trace.find_place()),
            fix='pip install "limbeck[async]"',
            code="LBK-GREENLET",
        )
    return None


def _describe_unknown_dialect(trace: Trace, config: Config | None) -> Report | None:
    from sqlalchemy.exc import NoSuchModuleError

    found = re.search(r"sqlalchemy\.dialects:([^\s.]+)(?:\.(\S+))?", str(trace.error))
    if not isinstance(trace.error, NoSuchModuleError) or found is None:
        return None
    name, driver = found[1], found[2]
    if name == PLACEHOLDER:
        setting = find_setting(config, f"{PLACEHOLDER}://")
        return Report(
            "The database URL is not set: the configuration still has the placeholder "
            "driver://user:***@localhost/dbname",
            where(setting) or where(trace.find_place()),
            fix="set sqlalchemy.url to your database, for example sqlite:///app.db",
            code="LBK-URL-UNSET",
        )
    if driver is not None and name in _dialects():
        return Report(
            f'Unknown driver "{driver}" for {name}',
            (*where(trace.find_place()), *_url_fact(trace)),
            fix=f"correct the part of the URL before ://; without +{driver} the usual driver is taken",
            code="LBK-URL-KIND",
        )
    from difflib import get_close_matches

    near = get_close_matches(name, _dialects(), n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return Report(
        f'Unknown database kind "{name}"',
        (*where(trace.find_place()), *_url_fact(trace)),
        fix=f"{meant}SQLAlchemy itself knows {', '.join(_dialects())}; others come with packages of their own",
        code="LBK-URL-KIND",
    )


def _dialects() -> list[str]:
    from sqlalchemy import dialects

    return sorted({*dialects.__all__})


def _describe_bad_url(trace: Trace, config: Config | None) -> Report | None:
    from sqlalchemy.exc import ArgumentError

    error = trace.error
    module = str(trace.frames[-1][0].f_globals.get("__name__", "")) if trace.frames else ""
    place = where(trace.find_place())
    if isinstance(error, KeyError) and trace.find_frame(package="sqlalchemy", function="engine_from_config"):
        return Report(
            "The database URL is not set: the configuration has no sqlalchemy.url",
            place,
            fix="add `sqlalchemy.url = …` to the main section of the ini file, for example sqlite:///app.db",
            code="LBK-URL-UNSET",
        )
    if module != "sqlalchemy.engine.url":
        return None
    setting = find_setting_line(config, "sqlalchemy.url")
    if setting is not None:
        place = (*place, Fact("setting", f"sqlalchemy.url in {setting}"))
    if isinstance(error, ValueError):  # its text may be a piece of the password
        return Report(
            "The database URL cannot be read: what stands where the port should be is not a number",
            place,
            fix=f"{URL_SHAPE}; {ENCODE}",
            code="LBK-URL-BROKEN",
        )
    if isinstance(error, ArgumentError):
        return Report(
            "The database URL cannot be read", place, fix=f"{URL_SHAPE}; {ENCODE}", code="LBK-URL-BROKEN"
        )
    return None


# --- the database refuses -----------------------------------------------------------------------------------


def _describe_no_connection(trace: Trace, config: Config | None) -> Report | None:
    from sqlalchemy.exc import DBAPIError

    error = trace.error
    is_new = trace.find_frame(package="sqlalchemy.engine.default", function="connect")
    if isinstance(error, DBAPIError) and error.statement is None and is_new is not None:
        text = driver_text(error)
    elif isinstance(error, OSError) and trace.find_frame(package="sqlalchemy", function="connect"):
        text = str(error) or type(error).__name__
    else:
        return None
    if not all(map(is_well_formed, _urls_as_written(trace, config))):
        return Report(
            "Cannot connect to the database: the URL was probably cut at the wrong place, because its password "
            "has a character that must be encoded",
            where(trace.find_place()),
            fix=ENCODE,
            code="LBK-URL-BROKEN",
        )
    first, *others = text.splitlines() or ["no reason given"]
    facts = (Fact("database", "\n".join(map(str.strip, others[:4]))),) if others else ()
    advice = find_advice(text, CONNECTION_ADVICE)
    return Report(
        f"Cannot connect to the database: {first}",
        (*where(trace.find_place()), *_url_fact(trace), *facts, *state(error)),
        fix=advice.fix if advice else "check the URL, and that the server can be reached from here",
        code="LBK-DB-CONNECT",
    )


# --- the URL that was in use ----------------------------------------------------------------------------------


def _url_fact(trace: Trace) -> tuple[Fact, ...]:
    url = _find_url(trace)
    if url is None:
        return ()
    origin = getattr(trace.error, "limbeck_origin", None)
    shown = url.render_as_string(hide_password=True)
    return (Fact("url", f"{shown} (from {origin})" if origin else shown),)


def _find_url(trace: Trace) -> Any:
    from sqlalchemy.engine import URL

    for value in trace.walk_locals():
        found = getattr(value, "url", None) if hasattr(value, "dialect") else value
        if isinstance(found, URL):
            return found
    return None


def _urls_as_written(trace: Trace, config: Config | None) -> Iterator[str]:
    """The URLs that are to be seen in the configuration and in the frames, as somebody typed them."""
    for value in [*configured_values(config), *trace.walk_locals()]:
        for item in value.values() if type(value) is dict else (value,):
            if isinstance(item, str) and re.match(r"[\w+.-]+://\S+$", item):
                yield item
