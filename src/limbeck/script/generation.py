"""Makes the file of a new revision: the template's text, the post-write hooks, and what was written read back."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from limbeck.base import console
from limbeck.config import PostWriteHookConfig
from limbeck.errors import CommandError, RevisionFileError
from limbeck.script import writer
from limbeck.script.revision_file import Script


def generate_file(
    path: str,
    labels: Sequence[str],
    *,
    template: str,
    variables: Mapping[str, Any],
    encoding: str,
    hooks: Sequence[PostWriteHookConfig],
    quiet: bool,
) -> Script:
    """Write a revision with `labels` to `path`, run `hooks` on it, and read it (GEN-6, GEN-12).

    Raises FileInTheWay, TemplateError, HookError; RevisionFileError, naming the template, if what came of it
    is no revision; CommandError if it lacks its labels.
    """
    writer.create_directories(os.path.dirname(path), quiet=quiet)
    with console.status(f"Generating {path}", quiet=quiet):
        writer.template_to_file(template, path, encoding, **variables)
    if hooks:
        from limbeck.script import write_hooks

        write_hooks._run_hooks(path, hooks)
    script = _read_written(path, template)
    if labels and not set(labels) & script.branch_labels:
        raise CommandError(
            f"Version {script.revision} specified branch_labels {', '.join(labels)}, however the migration "
            f"file {path} does not have them; have you upgraded your script.py.mako to include the "
            "'branch_labels' section?",
            hint="add `branch_labels = ${repr(branch_labels)}` to script.py.mako, and to this file its labels",
        )
    return script


def _read_written(path: str, template: str) -> Script:
    try:
        return Script._from_path(None, path)
    except RevisionFileError as error:
        raise RevisionFileError(
            path=path,
            reason=error.reason,
            line=error.line,
            source=error.source,
            hint=f"the file comes from {template}, and from the hooks after it: mend these, remove the file, "
            "and run the command again",
        ) from error
