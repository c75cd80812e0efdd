"""How a revision reads in listings: one line, or a block of all there is to know."""

from __future__ import annotations

import re
from typing import Protocol

from limbeck.graph.revision import Revision


class Listed(Protocol):
    """What a listing tells of a revision."""

    path: str
    is_current: bool

    @property
    def node(self) -> Revision: ...
    @property
    def branch_labels(self) -> set[str]: ...
    @property
    def nextrev(self) -> frozenset[str]: ...
    @property
    def is_head(self) -> bool: ...
    @property
    def _is_real_head(self) -> bool: ...
    @property
    def is_branch_point(self) -> bool: ...
    @property
    def is_merge_point(self) -> bool: ...
    @property
    def doc(self) -> str: ...
    @property
    def longdoc(self) -> str: ...


def render_line(
    script: Listed,
    *,
    parents: bool = False,
    dependencies: bool = True,
    labels: bool = False,
    forks: bool = True,
    message: bool = False,
) -> str:
    """`b1, c1 -> m1 (label) (head) (mergepoint), message`, with the parts that are asked for (OUT-1 to OUT-5).

    Without `dependencies`, the line says neither what the revision depends on nor what depends on it.
    """
    parts = []
    if parents:
        parts.append(", ".join(script.node.parents) or "<base>")
        if dependencies and script.node.dependencies:
            parts.append(f" ({', '.join(script.node.dependencies)})")
        parts.append(" -> ")
    parts.append(script.node.id)
    names = script.branch_labels if labels else ()
    if names:
        parts.append(f" ({', '.join(sorted(names))})")
    if script.is_head:
        parts.append(" (effective head)" if dependencies and not script._is_real_head else " (head)")
    parts.append(_marks(script, forks=forks))
    if message:
        parts.append(f", {script.doc}")
    return "".join(parts)


def render_block(script: Listed) -> str:
    """Everything about a revision, in several lines (OUT-10, OUT-11)."""
    parents = script.node.parents
    head = " (head)" if script.is_head else ""
    lines = [f"Rev: {script.node.id}{head}{_marks(script)}"]
    if script.is_merge_point:
        lines.append(f"Merges: {', '.join(parents)}")
    else:
        lines.append(f"Parent: {', '.join(parents) or '<base>'}")
    if script.node.dependencies:
        lines.append(f"Also depends on: {', '.join(script.node.dependencies)}")
    if script.is_branch_point:
        lines.append(f"Branches into: {', '.join(sorted(script.nextrev))}")
    if script.branch_labels:
        lines.append(f"Branch names: {', '.join(sorted(script.branch_labels))}")
    text = script.longdoc
    lines += [f"Path: {script.path}", "", *(f"    {line}" if text else "" for line in text.split("\n")), ""]
    return "\n".join(lines)


def first_paragraph(text: str) -> str:
    """The message of a revision: its docstring up to the first empty line (FILE-4)."""
    return re.split(r"\n[ \t]*\n", text, maxsplit=1)[0]


def message_of(docstring: str | None) -> str:
    """The message in a docstring as the file has it (FILE-4)."""
    usual, gap, _ = (docstring or "").partition("\n\n")
    message = usual.strip()
    if gap and message and message.isprintable():
        return message  # one line and an empty one: nothing else has to be looked at
    return first_paragraph(de_indented(docstring))


def de_indented(docstring: str | None) -> str:
    """A docstring without what surrounds it and without the indentation of the file (FILE-4, OUT-11)."""
    from textwrap import dedent

    first, newline, rest = (docstring or "").expandtabs().strip("\n").partition("\n")
    return f"{first.strip()}{newline}{dedent(rest)}".strip()


def _marks(script: Listed, *, forks: bool = True) -> str:
    marks = " (current)" if script.is_current else ""
    if forks and script.is_branch_point:
        marks += " (branchpoint)"
    if forks and script.is_merge_point:
        marks += " (mergepoint)"
    return marks
