"""Loads the revisions of a project: from what is remembered of unchanged files, else from the files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from limbeck.errors import DuplicateRevision
from limbeck.script.files import find_revision_directories
from limbeck.script.index import RevisionIndex
from limbeck.script.revision_file import Script


def load_scripts(
    owner: object, locations: Sequence[str], *, recursive: bool, sourceless: bool, indexed: bool
) -> Iterator[Script]:
    """Every revision in `locations`, in load order (FILE-6 to FILE-9).

    If `indexed`, files that did not change are not read again. Raises DuplicateRevision, RevisionFileError.
    """
    loaded: dict[str, str] = {}
    for directory, names in find_revision_directories(locations, recursive=recursive, sourceless=sourceless):
        with RevisionIndex(directory, names) if indexed and names else nullcontext() as index:
            prefix = os.path.join(directory, "")
            for name in names:
                path = prefix + name
                known = None if index is None else index.find(name, path)
                if known is not None and known[3] is not None:
                    script = Script._from_facts(known[3], path)
                else:
                    script = _read(owner, index, name, path)
                first = loaded.setdefault(script.revision, path)
                if first is not path:
                    raise DuplicateRevision(revision=script.revision, paths=[first, path])
                yield script


def _read(owner: object, index: RevisionIndex | None, name: str, path: str) -> Script:
    if index is None or not name.endswith(".py") or index.find(name, path):
        return Script._from_path(owner, path)
    stamp = index.watch(path)
    script = Script._from_path(owner, path)
    if stamp is not None:
        index.add(name, stamp, script._read_facts)
    return script
