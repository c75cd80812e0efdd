"""Remembers what the revision files of a directory say, so that unchanged files are not read again.

The index lies beside the interpreter's byte code and is trusted as that is: `marshal` gives plain values and
runs nothing, and a checksum keeps damaged bytes away from it. It may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import struct
import sys
import zlib
from collections.abc import Mapping
from importlib.util import cache_from_source
from types import TracebackType

from limbeck import __version__
from limbeck.script.facts import Facts

FORMAT = 4
"""Counts up when the rows, or the rules by which headers are read, change."""
MAGIC = f"limbeck revision index {FORMAT} of {__version__}\n".encode()
COARSEST_CLOCK = 2_000_000_000
"""Nanoseconds: the longest step in which a file system counts modification times (FAT counts in two seconds)."""


Row = tuple[bytes, Facts | None]
"""A file's stamp, and what it says; None if only running it tells."""


class RevisionIndex:
    """The facts about revision files of a directory, given by name, for as long as the files stay as they are.

    >>> with RevisionIndex("migrations/versions", {"ae10_.py": "migrations/versions/ae10_.py"}) as index:
    ...     index.known["ae10_.py"]

    What is added is written at the end, in one step, so that several processes may do this at once. Nothing
    is written if the interpreter may not write byte code there either.
    """

    def __init__(self, directory: str, paths: Mapping[str, str]) -> None:
        self._path = find_place(directory)
        self._paths = paths
        self._rows = _read_rows(self._path)
        self.known = self._find_unchanged()
        self._added: dict[str, Row] = {}
        self._draft: Draft | None = None
        self._is_writable = not sys.dont_write_bytecode

    def __enter__(self) -> RevisionIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._draft is None:
            return
        if not self._added:
            self._draft.discard()
            return
        rows = {**self._rows, **self._added}
        self._draft.publish(_rendered({name: rows[name] for name in self._paths if name in rows}))

    def _find_unchanged(self) -> dict[str, Facts | None]:
        """The facts of the files that are as they were; None for one that has to be run."""
        known = {}
        for name, path in self._paths.items():
            row = self._rows.get(name)
            if row is None:
                continue
            try:
                found = os.stat(path)
            except OSError:
                continue
            stamp, facts = row
            if stamp == _stamp(found):
                known[name] = facts
        return known

    def watch(self, path: str) -> bytes | None:
        """The stamp of the file as it is before it is read, for `add`; None if it could change again unseen.

        A file that was written a moment ago could be written once more without its times moving on.
        """
        if not self._is_writable:
            return None
        if self._draft is None:
            self._draft = Draft.start(self._path)
            if self._draft is None:
                self._is_writable = False
                return None
        try:
            found = os.stat(path)
        except OSError:
            return None
        youngest = max(found.st_mtime_ns, found.st_ctime_ns)
        if youngest + COARSEST_CLOCK > self._draft.started:
            return None
        return _stamp(found)

    def add(self, name: str, stamp: bytes, facts: Facts | None) -> None:
        """Remember what the file said when it had this stamp; None if it had to be run."""
        self._added[name] = (stamp, facts)


class Draft:
    """A file beside byte code that is being written, under a name that nobody reads."""

    def __init__(self, path: str, name: str, descriptor: int, *, made_directory: bool) -> None:
        self._path = path
        self._name = name
        self._descriptor = descriptor
        self._made_directory = made_directory
        # What counts is the clock of the file system, which need not be this machine's.
        self.started = os.fstat(descriptor).st_mtime_ns

    @classmethod
    def start(cls, path: str) -> Draft | None:
        """Begin; None if nothing can be written there."""
        name = f"{path}.{os.urandom(6).hex()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        directory = os.path.dirname(path)
        is_new = not os.path.isdir(directory)
        try:
            os.makedirs(directory, exist_ok=True)
            return cls(path, name, os.open(name, flags, 0o666), made_directory=is_new)
        except OSError:
            return None

    def publish(self, data: bytes) -> bool:
        """Put it in its place, whole or not at all."""
        try:
            with open(self._descriptor, "wb") as file:
                file.write(data)
            os.replace(self._name, self._path)
        except OSError:
            self._remove()
            return False
        return True

    def discard(self) -> None:
        """Leave everything as it was."""
        os.close(self._descriptor)
        self._remove()
        if self._made_directory:
            try:
                os.rmdir(os.path.dirname(self._path))
            except OSError:  # somebody else has put something there
                pass

    def _remove(self) -> None:
        try:
            os.unlink(self._name)
        except OSError:
            pass


_pack = struct.Struct("=qqq").pack


def _stamp(found: os.stat_result) -> bytes:
    """What changes when a file does: its size, its modification time, its change time."""
    return _pack(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def find_place(directory: str) -> str:
    """Where the index of a directory is: with its byte code, also if that is kept elsewhere."""
    return os.path.join(find_cache(directory), f"limbeck-{sys.implementation.cache_tag}.index")


def find_cache(directory: str) -> str:
    """Where the byte code of a directory is, and what else can be made anew or done without."""
    return os.path.dirname(cache_from_source(os.path.join(directory, "env.py")))


def _read_rows(path: str) -> dict[str, Row]:
    """The rows of an index; none if it is absent, damaged, or of another kind."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return {}
    start = len(MAGIC) + 4
    body = memoryview(data)[start:]
    if not data.startswith(MAGIC) or data[len(MAGIC) : start] != _checksum(body):
        return {}
    try:
        rows = marshal.loads(body)
    except (EOFError, ValueError, TypeError):
        return {}
    return rows if isinstance(rows, dict) else {}


def _rendered(rows: dict[str, Row]) -> bytes:
    body = marshal.dumps(rows)
    return MAGIC + _checksum(body) + body


def _checksum(body: bytes | memoryview) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")
