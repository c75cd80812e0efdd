"""Reads a database URL with some tolerance, and chooses a driver that is installed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from limbeck import errors
from limbeck.command.discovery.urls import FoundURL
from limbeck.ddl.drivers import Driver, drivers_of, find_backend, list_backends
from limbeck.errors.databases import ENCODE


class ReadURL(NamedTuple):
    """A URL that SQLAlchemy can use, and what was made of the one that was written."""

    url: URL
    notes: tuple[str, ...]


def read_url(found: FoundURL, *, needs_driver: bool = True) -> ReadURL:
    """Take a URL as it was meant: other words for a dialect, and no driver named.

    A script (`--sql`) needs no driver. Raises UnreadableURL, UnknownDatabaseKind, DriverMissing.
    """
    url = _parse(found)
    notes = []
    backend = find_backend(url.get_backend_name())
    if backend != url.get_backend_name():
        notes.append(f"{url.get_backend_name()}:// in {found.origin} is read as {backend}://")
        url = url.set(drivername="+".join([backend, *url.drivername.split("+")[1:]]))
    _check_kind(url, found.origin)
    driver = _choose_driver(url, found.origin) if needs_driver else None
    if driver is not None:
        notes.append(f"no driver is named in {found.origin}: {driver.name} is installed and used")
        url = url.set(drivername=f"{backend}+{driver.name}")
    return ReadURL(url, tuple(notes))


def _parse(found: FoundURL) -> URL:
    text, origin = found
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise errors.UnreadableURL(reason="there is no :// in it", origin=origin)
    if not scheme.isascii() or not scheme.replace("+", "").replace("_", "").isalnum():
        raise errors.UnreadableURL(reason="what stands before :// is no name of a database", origin=origin)
    cut = "its password has a character that must be encoded, so that it cannot be told where it ends"
    try:
        url = make_url(text)
    except ValueError as error:
        if rest.count("@") > 1:
            raise errors.UnreadableURL(reason=cut, origin=origin, hint=ENCODE) from None
        port = rest.rpartition("@")[2].partition("/")[0].rpartition(":")[2]
        raise errors.UnreadableURL(reason=f'the port is "{port}"', origin=origin) from error
    except ArgumentError:
        raise errors.UnreadableURL(reason="it has not the shape of one", origin=origin) from None
    if "@" in (url.host or "") or (url.password is not None and "@" in (url.database or "")):
        raise errors.UnreadableURL(reason=cut, origin=origin, hint=ENCODE)
    return url


def _check_kind(url: URL, origin: str) -> None:
    """Raise UnknownDatabaseKind, or DriverMissing for a driver that no dialect has."""
    try:
        url.get_dialect()
    except NoSuchModuleError:
        backend, _, driver = url.drivername.partition("+")
        known = list(list_backends())
        if driver and backend in known:
            names = [each.name for each in drivers_of(backend)]
            near = get_close_matches(driver, names, n=1)
            meant = f"did you mean {backend}+{near[0]}://? " if near else ""
            raise errors.UnreadableURL(
                reason=f'{backend} has no driver "{driver}"',
                origin=origin,
                hint=f"{meant}leave +{driver} out, and an installed one is taken",
            ) from None
        near = get_close_matches(backend, known, n=2)
        raise errors.UnknownDatabaseKind(kind=backend, origin=origin, near=near, known=known) from None


def _choose_driver(url: URL, origin: str) -> Driver | None:
    """The driver to take if the URL names none and the usual one is not installed, else None."""
    backend = url.get_backend_name()
    drivers = drivers_of(backend)
    named = url.drivername.partition("+")[2]
    usual = named or url.get_driver_name()
    wanted = next((driver for driver in drivers if driver.name == usual), None)
    if wanted is None or wanted.is_installed:
        return None
    installed = [driver for driver in drivers if driver.is_installed]
    if named:
        raise errors.DriverMissing(
            backend=backend,
            origin=origin,
            driver=named,
            modules=[wanted.module],
            commands=[wanted.command],
            installed=[driver.name for driver in installed],
        )
    if not installed:
        raise errors.DriverMissing(
            backend=backend,
            origin=origin,
            driver=None,
            modules=[driver.module for driver in drivers],
            commands=[driver.command for driver in drivers],
        )
    return installed[0]
