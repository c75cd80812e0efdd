"""Remembers what the revision files of a directory say, so that unchanged files are not read again.

The index lies beside the interpreter's byte code and is trusted as that is: `marshal` gives plain values and
runs nothing, and a checksum keeps damaged bytes away from it. It may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import struct
import sys
from collections.abc import Collection, Iterator, Mapping
from importlib.util import cache_from_source, source_hash
from types import TracebackType

from limbeck import __version__
from limbeck.script.facts import STAMP_SIZE, Facts, Sheet

FORMAT = 5
"""Counts up when the rows, or the rules by which headers are read, change."""
MAGIC = f"limbeck revision index {FORMAT} of {__version__}\n".encode()
COARSEST_CLOCK = 2_000_000_000
"""Nanoseconds: the longest step in which a file system counts modification times (FAT counts in two seconds)."""


class RevisionIndex:
    """The facts about revision files of a directory, given by name, for as long as the files stay as they are.

    >>> with RevisionIndex("migrations/versions", {"ae10_.py": "migrations/versions/ae10_.py"}) as index:
    ...     index.sheet.facts(index.rows["ae10_.py"])

    What is added is written at the end, in one step, so that several processes may do this at once. Nothing
    is written if the interpreter may not write byte code there either.
    """

    def __init__(self, directory: str, paths: Mapping[str, str]) -> None:
        self._path = find_place(directory)
        self._paths = paths
        self.sheet, self._run = _read(self._path)
        self.sheet.prefix = os.path.join(directory, "")
        stamps = _read_stamps(paths.values()) if self.sheet.names or self._run else b""
        self.is_complete = self.sheet.stamps == stamps and self.sheet.names == list(paths)
        """Whether the files are those of the rows, and all are as they were."""
        self.rows: dict[str, int] = {}
        """Which row is about a file that is as it was, by name; left empty if the index is complete."""
        self.must_run: dict[str, bytes] = {}
        """The stamps of the files that are as they were, and have to be run."""
        if not self.is_complete:
            self._compare(stamps)
        self._added: dict[str, tuple[bytes, Facts | None]] = {}
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
        added = {name: stamp for name, (stamp, facts) in self._added.items() if facts is None}
        self._draft.publish(_rendered(Sheet.of(self._known()), {**self.must_run, **added}))

    def _compare(self, stamps: bytes) -> None:
        """Find out which files are as they were, one by one."""
        rows = {name: row for row, name in enumerate(self.sheet.names)}
        for number, name in enumerate(self._paths):
            stamp = stamps[number * STAMP_SIZE : (number + 1) * STAMP_SIZE]
            row = rows.get(name)
            if row is not None and stamp == self.sheet.stamp(row):
                self.rows[name] = row
            elif stamp and stamp == self._run.get(name):
                self.must_run[name] = stamp

    def _known(self) -> Iterator[tuple[str, bytes, Facts]]:
        """What is known in the end, in the order of the files."""
        for name in self._paths:
            stamp, facts = self._added.get(name, (b"", None))
            if facts is not None:
                yield name, stamp, facts
            elif name in self.rows:
                row = self.rows[name]
                yield name, self.sheet.stamp(row), self.sheet.facts(row)

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
ABSENT = b"\xff" * STAMP_SIZE
"""The stamp of a file that is not there: none has that size."""


def _stamp(found: os.stat_result) -> bytes:
    """What changes when a file does: its size, its modification time, its change time."""
    return _pack(found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read_stamps(paths: Collection[str]) -> bytes:
    """The stamps of files, one behind the other."""
    try:
        return b"".join([_stamp(found) for found in map(os.stat, paths)])
    except OSError:  # one of them has gone
        return b"".join(map(_find_stamp, paths))


def _find_stamp(path: str) -> bytes:
    try:
        return _stamp(os.stat(path))
    except OSError:
        return ABSENT


def find_place(directory: str) -> str:
    """Where the index of a directory is: with its byte code, also if that is kept elsewhere."""
    return os.path.join(find_cache(directory), f"limbeck-{sys.implementation.cache_tag}.index")


def find_cache(directory: str) -> str:
    """Where the byte code of a directory is, and what else can be made anew or done without."""
    return os.path.dirname(cache_from_source(os.path.join(directory, "env.py")))


def _read(path: str) -> tuple[Sheet, dict[str, bytes]]:
    """What an index says, and the stamps of the files that have to be run; nothing if it is absent or damaged."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return Sheet.of(()), {}
    start = len(MAGIC) + CHECKSUM_SIZE
    body = memoryview(data)[start:]
    if data.startswith(MAGIC) and data[len(MAGIC) : start] == _checksum(body):
        try:
            columns, must_run = marshal.loads(body)
            return Sheet(*columns), must_run
        except (EOFError, ValueError, TypeError):  # it is of another kind
            pass
    return Sheet.of(()), {}


def _rendered(sheet: Sheet, must_run: dict[str, bytes]) -> bytes:
    body = marshal.dumps((sheet.columns, must_run))
    return MAGIC + _checksum(body) + body


CHECKSUM_SIZE = 8


def _checksum(body: bytes | memoryview) -> bytes:
    return source_hash(body)
