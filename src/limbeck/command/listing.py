"""Looking at revisions: heads, branches, history, show.

Only what asks for the database's revisions imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from limbeck.base.answer import give, wants_data
from limbeck.base.look import find_look
from limbeck.command.environment import Rows, read_rows, wants_environment
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.script.base import Script, ScriptDirectory

CURRENT = "current"


def heads(config: Config, verbose: bool = False, resolve_dependencies: bool = False) -> None:
    """List the newest revision of every branch (CLI-60).

    With `resolve_dependencies`, leave out those that a revision of another branch depends on.
    """
    script = ScriptDirectory.from_config(config)
    chosen = script.get_heads(consider_depends_on=resolve_dependencies)
    found = script.get_revisions(chosen)
    give_revisions(found)
    for revision in found:
        config.print_stdout(revision.cmd_format(verbose, include_branches=True, tree_indicators=False))


def branches(config: Config, verbose: bool = False) -> None:
    """List the revisions where the history splits, and what follows on each (CLI-61)."""
    script = ScriptDirectory.from_config(config)
    found = [revision for revision in script.walk_revisions() if revision.is_branch_point]
    give_revisions(found)
    for revision in found:
        indent = " " * len(revision.revision)
        lines = [revision.cmd_format(verbose, include_branches=True)]
        for child in script.get_revisions(script.revision_map.graph.children[revision.revision]):
            text = child.cmd_format(False, include_branches=True, include_doc=verbose)
            lines.append(f"{indent} -> {text}")
        config.print_stdout("\n".join([*lines, ""]))


def history(
    config: Config, rev_range: str | None = None, verbose: bool = False, indicate_current: bool = False
) -> None:
    """List revisions, newest first (CLI-62).

    `rev_range` is `[start]:[end]`; both ends are listed, too, and either may be `current`. With
    `indicate_current`, the revisions in the database's version table are marked.
    """
    script = ScriptDirectory.from_config(config)
    start, end = _parse_range(rev_range)
    rows: Rows = ()
    if indicate_current or CURRENT in (start, end) or wants_environment(config):
        rows = read_rows(config, script)
    ends = _resolve_current(start, rows) or "base", _resolve_current(end, rows) or "heads"
    marked = frozenset(rows if indicate_current else ())
    if wants_data() or verbose:
        found = list(script.walk_revisions(*ends))
        for revision in found:
            revision.is_current = revision.revision in marked
        give_revisions(found)
        lines = [
            revision.cmd_format(verbose, include_branches=True, include_doc=True, include_parents=True)
            for revision in found
        ]
    elif find_look().is_styled:
        _print_tree(config, script, list(script.walk_revisions(*ends)), rows if indicate_current else None)
        return
    else:
        lines = script.revision_map.render_lines(script._walk(*ends), marked)
    if lines:
        config.print_stdout("\n".join(lines))


def _print_tree(
    config: Config, script: ScriptDirectory, revisions: Sequence[Script], rows: Rows | None
) -> None:
    """For a person: the same revisions as a tree. What is piped keeps its lines, because programs read them."""
    from limbeck.command.drawing.nodes import make_nodes
    from limbeck.command.drawing.text import render

    if revisions:
        config.print_stdout("\n".join(render(make_nodes(script, revisions, rows), find_look())))


def show(config: Config, rev: str | None = None, last_run: bool = False) -> None:
    """Show everything about a revision, or several: `heads`, or `current`, what the database is at (CLI-65).

    With `last_run`, show what the last upgrade, downgrade or stamp has done, instead of a revision.
    """
    if last_run is (rev is not None):
        raise CommandError(
            "show is for a revision or for the last run, and for one of them",
            hint="for example `limbeck show head`, or `limbeck show --last-run`",
        )
    if rev is None:
        from limbeck.command.last_run import show_last_run

        show_last_run(config)
        return
    script = ScriptDirectory.from_config(config)
    wanted: str | Sequence[str] = read_rows(config, script) if rev == CURRENT else rev
    found = script.get_revisions(wanted)
    give_revisions(found)
    for revision in found:
        config.print_stdout(revision.log_entry)


def give_revisions(revisions: Iterable[Script | None]) -> None:
    """Answer with what is to be known about revisions, if that is wanted as data."""
    if wants_data():
        from limbeck.command.listed import revision_data

        give({"revisions": [revision_data(one) for one in revisions if one is not None]})


# --- ranges -------------------------------------------------------------------------------------------------


def _parse_range(text: str | None) -> tuple[str | None, str | None]:
    """The ends of `start:end`; None for an end that is left out (HIST-1). Raises CommandError."""
    if text is None:
        return None, None
    start, colon, end = text.strip().partition(":")
    if not colon or ":" in end:
        raise CommandError(
            "History range requires [start]:[end], [start]:, or :[end]",
            hint="for example `limbeck history -r base:current`, or `-r -3:` for the newest three",
        )
    return start or None, end or None


def _resolve_current(end: str | None, rows: Rows) -> str | Rows | None:
    """Put the database's revisions in the place of `current`; none are as if nothing was said (HIST-4)."""
    if end != CURRENT:
        return end
    return (rows if len(rows) != 1 else rows[0]) or None
