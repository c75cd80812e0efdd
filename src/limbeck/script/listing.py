"""How a revision reads in listings: one line, or a block of all there is to know."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Protocol

from limbeck.graph.revision import Revision


class Listed(Protocol):
    """What a listing tells of a revision."""

    path: str
    is_current: bool

    @property
    def node(self) -> Revision: ...
    @property
    def _labels(self) -> Collection[str]: ...
    @property
    def _children(self) -> Sequence[str]: ...
    @property
    def _is_real_head(self) -> bool: ...
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
    node, children = script.node, script._children
    parts = []
    if parents:
        parts.append(", ".join(node.parents) or "<base>")
        if dependencies and node.dependencies:
            parts.append(f" ({', '.join(node.dependencies)})")
        parts.append(" -> ")
    parts.append(node.id)
    if labels and script._labels:
        parts.append(f" ({', '.join(sorted(script._labels))})")
    if not children:
        parts.append(" (effective head)" if dependencies and not script._is_real_head else " (head)")
    if script.is_current:
        parts.append(" (current)")
    if forks:
        parts.append(_forks(node, children))
    if message:
        parts.append(f", {script.doc}")
    return "".join(parts)


def render_block(script: Listed) -> str:
    """Everything about a revision, in several lines (OUT-10, OUT-11)."""
    node, children = script.node, script._children
    marks = (
        f"{'' if children else ' (head)'}{' (current)' if script.is_current else ''}{_forks(node, children)}"
    )
    lines = [f"Rev: {node.id}{marks}"]
    if len(node.parents) > 1:
        lines.append(f"Merges: {', '.join(node.parents)}")
    else:
        lines.append(f"Parent: {', '.join(node.parents) or '<base>'}")
    if node.dependencies:
        lines.append(f"Also depends on: {', '.join(node.dependencies)}")
    if len(children) > 1:
        lines.append(f"Branches into: {', '.join(sorted(children))}")
    if script._labels:
        lines.append(f"Branch names: {', '.join(sorted(script._labels))}")
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


def _forks(node: Revision, children: Sequence[str]) -> str:
    branches = " (branchpoint)" if len(children) > 1 else ""
    return f"{branches} (mergepoint)" if len(node.parents) > 1 else branches
