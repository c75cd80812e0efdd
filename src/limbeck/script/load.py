"""Loads the revisions of a project: from what is remembered of unchanged files, else from the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from limbeck.errors import DuplicateRevision
from limbeck.script.files import find_revision_files
from limbeck.script.index import RevisionIndex
from limbeck.script.revision_file import Script


def load_scripts(
    owner: object, locations: Sequence[str], *, recursive: bool, sourceless: bool, indexed: bool
) -> Iterator[Script]:
    """Every revision in `locations`, in load order (FILE-6 to FILE-9).

    If `indexed`, files that did not change are not read again. Raises DuplicateRevision, RevisionFileError.
    """
    loaded: dict[str, str] = {}
    for directory, paths in find_revision_files(locations, recursive=recursive, sourceless=sourceless):
        with RevisionIndex(directory, paths) if indexed and paths else nullcontext() as index:
            known = index.known if index is not None else {}
            for name, path in paths.items():
                facts = known.get(name)
                script = _read(owner, index, name, path) if facts is None else Script._from_facts(facts, path)
                first = loaded.setdefault(script.node.id, path)
                if first is not path:
                    raise DuplicateRevision(revision=script.node.id, paths=[first, path])
                yield script


def _read(owner: object, index: RevisionIndex | None, name: str, path: str) -> Script:
    if index is None or not name.endswith(".py") or name in index.known:
        return Script._from_path(owner, path)
    stamp = index.watch(path)
    script = Script._from_path(owner, path)
    if stamp is not None:
        index.add(name, stamp, script._read_facts)
    return script
