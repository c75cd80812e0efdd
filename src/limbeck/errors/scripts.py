"""Files of a migration environment that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.errors.base import CommandError


class ScriptError(CommandError):
    """A file of the migration environment cannot be used; `path` and `line` say where."""

    def __init__(
        self, message: str, *, path: str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line


LONGEST_LINE = 200


def _indented(source: str | None) -> str:
    """The line of source that is at fault, as far as it is not too long, below the sentence about it."""
    line = (source or "").strip()
    shown = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ..."
    return f"\n    {shown}" if shown else ""


class RevisionFileError(ScriptError):
    """A revision file cannot be read: its syntax, its encoding, or its header is broken (FILE-10, FILE-11)."""

    code = "LBK-FILE-REVISION"

    def __init__(
        self,
        *,
        path: str,
        reason: str,
        line: int | None = None,
        source: str | None = None,
        hint: str = "mend the file, or move it out of the versions directory",
    ) -> None:
        where = f"{path}:{line}" if line else path
        super().__init__(
            f"Cannot read revision file {where}: {reason}{_indented(source)}", path=path, line=line, hint=hint
        )
        self.reason = reason
        self.source = source


class EnvironmentFileError(ScriptError):
    """env.py is missing or cannot be read (CLI-11)."""

    code = "LBK-FILE-ENV"

    def __init__(self, *, path: str, reason: str, line: int | None = None, source: str | None = None) -> None:
        super().__init__(
            f"Cannot read {path}{f':{line}' if line else ''}: {reason}{_indented(source)}",
            path=path,
            line=line,
            hint="correct the file"
            if line
            else "every environment has an env.py; `limbeck init` in an empty directory writes a new one",
        )
        self.reason = reason
        self.source = source


class TemplateError(ScriptError):
    """A template is missing or fails; nothing was written (GEN-14)."""

    code = "LBK-FILE-TEMPLATE"

    def __init__(self, *, path: str, reason: str, line: int | None = None, source: str | None = None) -> None:
        where = f"{path}:{line}" if line else path
        super().__init__(
            f"Template rendering failed: {where}: {reason}{_indented(source)}",
            path=path,
            line=line,
            hint="correct the template; no file was written",
        )
        self.reason = reason
        self.source = source


class FileInTheWay(ScriptError):
    """A file that was to be written exists already; it was left alone."""

    code = "LBK-FILE-EXISTS"

    def __init__(self, *, path: str) -> None:
        super().__init__(
            f"File {path} exists already and was not overwritten",
            path=path,
            hint="remove that file, or choose another message or `--rev-id`",
        )


class UnusableName(ScriptError):
    """A new revision or label cannot be called that (GEN-2, GRA-4, GRA-8)."""

    code = "LBK-NAME"

    def __init__(self, *, name: str, kind: str, reason: str) -> None:
        super().__init__(f"A revision's {kind} cannot be {name!r}: {reason}", hint=f"choose another {kind}")
        self.name = name
        self.kind = kind
        self.reason = reason


class HookError(ScriptError):
    """A post-write hook is not configured well or cannot run; the revision file is there (HOOK-9)."""

    code = "LBK-HOOK"

    setting = "post_write_hooks"


class DuplicateRevision(ScriptError):
    """Two files have the same revision identifier (FILE-12)."""

    code = "LBK-HISTORY-DUPLICATE"

    def __init__(self, *, revision: str, paths: Sequence[str]) -> None:
        super().__init__(
            f"Revision {revision} is present more than once: {', '.join(paths)}",
            path=paths[-1] if paths else None,
            hint="give one of the two files a new `revision` and let its children name that one",
        )
        self.revision = revision
        self.paths = tuple(paths)


class MissingRevision(ScriptError):
    """A revision names a parent or dependency that no file has (GRA-22)."""

    code = "LBK-HISTORY-MISSING"

    def __init__(
        self, *, revision: str, missing: str, relation: str, path: str | None = None, line: int | None = None
    ) -> None:
        where = f" ({path}:{line})" if path and line else f" ({path})" if path else ""
        super().__init__(
            f"Revision {revision}{where} names {missing!r} as its {relation}, but no file has that revision",
            path=path,
            line=line,
            hint=f"restore the file (`git log --all -S {missing}` finds where it was), "
            f"or correct `{relation}` in the file that names it",
        )
        self.revision = revision
        self.missing = missing
        self.relation = relation


class BrokenHistory(ScriptError):
    """Revisions follow each other in a circle, or two branches have the same label (GRA-4, GRA-20)."""

    code = "LBK-HISTORY-BROKEN"

    def __init__(
        self, message: str, *, revisions: Sequence[str], paths: Sequence[str] = (), hint: str | None = None
    ) -> None:
        super().__init__(
            "\n  ".join([message, *paths]),
            path=paths[0] if paths else None,
            hint=hint or "correct `down_revision`, `depends_on` or `branch_labels` in one of these files",
        )
        self.revisions = tuple(revisions)
        self.paths = tuple(paths)
