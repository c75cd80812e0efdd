"""`revision --dry-run`: the files that would be written are shown, and nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from limbeck.base.answer import give, wants_data
from limbeck.base.paths import shown_path
from limbeck.base.voice import note
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory
from limbeck.script.generation import RenderedFile


class DryDirectory:
    """Stands in for a ScriptDirectory where revisions are written, and keeps what would have become of them."""

    def __init__(self, script: ScriptDirectory) -> None:
        self._script = script
        self.rendered: list[RenderedFile] = []

    def get_revisions(self, id_: Any) -> Iterable[Any]:
        """What the directory knows."""
        return self._script.get_revisions(id_)

    def generate_revision(self, revid: str, message: str | None, **kw: Any) -> None:
        """Render a file instead of writing it."""
        self.rendered.append(self._script.render_revision(revid, message, **kw))


def show(config: Config, script: ScriptDirectory, files: Sequence[RenderedFile]) -> None:
    """Print what would be written; where, and what is not seen of it, is said beside."""
    if wants_data():
        give({"dry_run": True, "files": [one._asdict() for one in files]})
        return
    for file in files:
        note(f"this would be {shown_path(file.path)}; nothing was written")
        config.print_stdout(file.text.rstrip("\n"))
    if files and script.hooks:
        note("the write hooks that would follow were not run")
