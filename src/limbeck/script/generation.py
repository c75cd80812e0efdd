"""Makes the file of a new revision: its name, the text, the post-write hooks; and reads it back."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from limbeck import errors
from limbeck.base import console
from limbeck.config import PostWriteHookConfig
from limbeck.graph.revision import as_tuple
from limbeck.script import draft, writer
from limbeck.script.revision_file import Script

if TYPE_CHECKING:
    import datetime

    from limbeck.script.revision import RevisionMap


class Directory(Protocol):
    """What a new file must know about the ScriptDirectory that it is for."""

    file_template: str
    truncate_slug_length: int
    output_encoding: str

    @property
    def revision_map(self) -> RevisionMap: ...
    @property
    def _version_locations(self) -> list[str]: ...
    def _parent_paths(self, parents: Sequence[str]) -> list[str]: ...
    def _find_template(self) -> str: ...
    def _now(self) -> datetime.datetime: ...
    def _clean(self, **sentences: str) -> AbstractContextManager[None]: ...


class NewFile(NamedTuple):
    """A revision file that is about to be made: where, with which labels, and from what."""

    path: str
    labels: tuple[str, ...]
    template: str
    variables: Mapping[str, Any]
    encoding: str


class RenderedFile(NamedTuple):
    """A revision file that was not written: what it would be called, and what would stand in it."""

    revision: str
    path: str
    text: str


def plan_file(
    directory: Directory,
    revid: str,
    message: str | None,
    head: str | Collection[str] | None = None,
    splice: bool = False,
    branch_labels: str | Iterable[str] | None = None,
    version_path: str | os.PathLike[str] | None = None,
    file_template: str | None = None,
    depends_on: str | Iterable[str] | None = None,
    **kw: Any,
) -> NewFile:
    """Decide what the file of a new revision is called and what it is told (GEN-1 to GEN-11).

    `kw` are variables for the template; `create_date` among them is the time to write, else it is now.
    Raises SeveralHeads, UnknownRevision, or another CommandError.
    """
    with directory._clean(
        several_heads="Multiple heads are present; please specify the head revision on which the new "
        "revision should be based, or perform a merge."
    ):
        new = draft.plan_revision(
            directory.revision_map,
            revid,
            head="head" if head is None else head,
            splice=splice,
            labels=as_tuple(branch_labels),
            depends_on=as_tuple(depends_on),
        )
    created = kw.pop("create_date", None) or directory._now()
    folder = draft.choose_location(
        directory._version_locations, directory._parent_paths(new.parents), version_path
    )
    name = writer.render_file_name(
        file_template or directory.file_template,
        revid,
        message,
        created,
        slug_length=directory.truncate_slug_length,
    )
    return NewFile(
        os.path.abspath(os.path.join(folder, name)),
        new.labels,
        directory._find_template(),
        {**writer.revision_variables(new, message, created), **kw},
        directory.output_encoding,
    )


def render_file(new: NewFile) -> RenderedFile:
    """What would be written, before any hooks. Raises FileInTheWay, TemplateError."""
    if os.path.exists(new.path):
        raise errors.FileInTheWay(path=new.path)
    data = writer.render_template(new.template, dict(new.variables), new.encoding)
    return RenderedFile(str(new.variables["up_revision"]), new.path, data.decode(new.encoding))


def generate_file(new: NewFile, *, hooks: Sequence[PostWriteHookConfig], quiet: bool) -> Script:
    """Write a new revision, run `hooks` on its file, and read it (GEN-6, GEN-12).

    Raises FileInTheWay, TemplateError, HookError; RevisionFileError, naming the template, if what came of it
    is no revision; CommandError if it lacks its labels.
    """
    path, labels = new.path, new.labels
    writer.create_directories(os.path.dirname(path), quiet=quiet)
    with console.status(f"Generating {path}", quiet=quiet):
        writer.template_to_file(new.template, path, new.encoding, **new.variables)
    if hooks:
        from limbeck.script import write_hooks

        write_hooks._run_hooks(path, hooks)
    script = _read_written(path, new.template)
    if labels and not set(labels) & script.branch_labels:
        raise errors.CommandError(
            f"Version {script.revision} specified branch_labels {', '.join(labels)}, however the migration "
            f"file {path} does not have them; have you upgraded your script.py.mako to include the "
            "'branch_labels' section?",
            hint="add `branch_labels = ${repr(branch_labels)}` to script.py.mako, and to this file its labels",
        )
    return script


def _read_written(path: str, template: str) -> Script:
    try:
        return Script._from_path(None, path)
    except errors.RevisionFileError as error:
        raise errors.RevisionFileError(
            path=path,
            reason=error.reason,
            line=error.line,
            source=error.source,
            hint=f"the file comes from {template}, and from the hooks after it: mend these, remove the file, "
            "and run the command again",
        ) from error
