"""Writing and opening revision files: revision, merge, edit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from limbeck.base.answer import wants_data
from limbeck.base.look import find_look
from limbeck.command.environment import list_current, read_rows, run_environment, wants_environment
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.script.base import Script, ScriptDirectory
from limbeck.script.draft import new_revision_id

Hook = Callable[..., None]


class Target(Protocol):
    """Where a new revision goes: to the directory, or only to the screen."""

    def get_revisions(self, id_: Any) -> Iterable[Any]: ...
    def generate_revision(self, revid: str, message: str | None, **kw: Any) -> Any: ...


def revision(
    config: Config,
    message: str | None = None,
    autogenerate: bool = False,
    sql: bool = False,
    head: str | None = "head",
    splice: bool = False,
    branch_label: str | Sequence[str] | None = None,
    version_path: str | os.PathLike[str] | None = None,
    rev_id: str | None = None,
    depends_on: str | Sequence[str] | None = None,
    process_revision_directives: Hook | None = None,
    allow_drops: bool = False,
    skip_empty: bool = False,
    dry_run: bool = False,
    edit: bool = False,
) -> Script | list[Script | None] | None:
    """Write a new revision file (CLI-30).

    With `autogenerate`, it has the operations that lead from the database to the models (CLI-31). Returns
    what was written: one Script, several if a hook asked for that, or None. Models that define no table
    although the database has some are refused with NoTablesInModels, unless `allow_drops`.

    With `skip_empty`, and in projects set up by limbeck, no file is written if nothing differs; and in the latter,
    DropsRefused is raised if something would be dropped, unless `allow_drops` or somebody agrees.

    With `dry_run` the file is printed instead of written, and None returned. With `edit`, what was written is opened in
    an editor.
    """
    script = ScriptDirectory.from_config(config)
    environment = wants_environment(config)
    if sql and autogenerate:
        raise CommandError(
            "Using --sql with --autogenerate does not make any sense",
            hint="a comparison needs a connection: leave --sql out",
        )
    if sql and not environment:
        raise CommandError(
            "Using --sql with the revision command when revision_environment is not configured does not "
            "make any sense",
            hint="leave --sql out, or set `revision_environment = true`",
        )
    wanted = {
        "message": message,
        "autogenerate": autogenerate,
        "sql": sql,
        "head": head or "head",
        "splice": splice,
        "branch_label": branch_label,
        "version_path": version_path,
        "rev_id": rev_id,
        "depends_on": depends_on,
        "allow_drops": allow_drops,
        "skip_empty": skip_empty or config.is_own_project,
        "dry_run": dry_run,
    }
    if dry_run:
        _show_dry(config, script, wanted, process_revision_directives, environment=environment)
        return None
    hook = process_revision_directives
    if autogenerate or environment or hook:
        written = _write_with_hooks(config, script, script, wanted, hook, environment=environment)
    else:
        written = _write_empty(config, script, wanted)
    if edit:
        _open(written if isinstance(written, list) else [written])
    return written


def merge(
    config: Config,
    revisions: str | Sequence[str],
    message: str | None = None,
    branch_label: str | Sequence[str] | None = None,
    rev_id: str | None = None,
    splice: bool = False,
) -> Script | None:
    """Write a revision that joins several: after it, there is one head again (CLI-36)."""
    script = ScriptDirectory.from_config(config)
    variables: dict[str, Any] = {"config": config}
    if wants_environment(config):  # configure(template_args=...) adds to the variables
        run_environment(config, script, lambda rows, context: [], template_args=variables)
    return script.generate_revision(
        rev_id or new_revision_id(),
        message,
        head=revisions,
        splice=splice,
        branch_labels=branch_label,
        **variables,
    )


def edit(config: Config, rev: str) -> None:
    """Open the files of a revision in an editor (CLI-66)."""
    script = ScriptDirectory.from_config(config)
    if rev == "current":
        found: Iterable[Script | None] = list_current(script, read_rows(config, script))
        missing = "No current revisions"
    else:
        found = script.get_revisions(rev)
        missing = f"No revision files indicated by symbol '{rev}'"
    if not _open(found):
        raise CommandError(missing, hint="`limbeck history` lists the revisions there are")


def _open(scripts: Iterable[Script | None]) -> bool:
    """Open files in an editor; False if there are none."""
    from limbeck.base.editor import open_in_editor

    paths = [one.path for one in scripts if one is not None]
    for path in paths:
        open_in_editor(path, os.environ)
    return bool(paths)


def _show_dry(
    config: Config,
    script: ScriptDirectory,
    wanted: dict[str, Any],
    hook: Hook | None,
    *,
    environment: bool,
) -> None:
    """Do all that leads to a revision file, and show it instead of writing it."""
    from limbeck.command.dry_run import DryDirectory, show

    dry = DryDirectory(script)
    if wanted["autogenerate"] or environment or hook:
        _write_with_hooks(config, script, dry, wanted, hook, environment=environment)
    else:
        _write_empty(config, dry, wanted)
    show(config, script, dry.rendered)


def _write_empty(config: Config, target: Target, wanted: Mapping[str, Any]) -> Any:
    """Write a file without operations, straight from the template; SQLAlchemy is not needed for that."""
    return target.generate_revision(
        wanted["rev_id"] or new_revision_id(),
        wanted["message"],
        head=wanted["head"],
        splice=wanted["splice"],
        branch_labels=wanted["branch_label"],
        version_path=wanted["version_path"],
        depends_on=wanted["depends_on"],
        config=config,
    )


def _write_with_hooks(
    config: Config,
    script: ScriptDirectory,
    target: Target,
    wanted: dict[str, Any],
    hook: Hook | None,
    *,
    environment: bool,
) -> Script | list[Script | None] | None:
    """Let env.py, the comparison and hooks take part in what is written (CLI-33)."""
    from limbeck.autogenerate.revision import RevisionContext

    context = RevisionContext(config, target, wanted, process_revision_directives=hook)
    if wanted["autogenerate"] or environment:
        run = context.run_autogenerate if wanted["autogenerate"] else context.run_no_autogenerate

        def work(rows: Any, migration_context: Any) -> Iterable[Any]:
            run(rows, migration_context)
            return []

        run_environment(
            config,
            script,
            work,
            compares=wanted["autogenerate"],
            as_sql=wanted["sql"],
            template_args=context.template_args,
        )
    if wanted["autogenerate"] and not _is_worth_writing(config, context.generated_revisions, wanted):
        return None
    written = list(context.generate_scripts())
    return written[0] if len(written) == 1 else written


def _is_worth_writing(config: Config, scripts: Sequence[Any], wanted: Mapping[str, Any]) -> bool:
    """Whether there is something to write, and nothing in it that somebody must agree to first."""
    from limbeck.command.changes import list_changes
    from limbeck.command.consent import is_empty, require_consent

    if wanted["skip_empty"] and is_empty(scripts):
        config.print_stdout("Nothing has changed: the database agrees with the models. No file was written.")
        return False
    if find_look().is_styled and not wants_data() and not wanted["dry_run"]:
        for change in list_changes(scripts):
            config.print_stdout(f"  {change}")
    if config.is_own_project:
        require_consent(scripts, allowed=wanted["allow_drops"] or wanted["dry_run"])
    return True
