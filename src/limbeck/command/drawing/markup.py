"""A history as the text of other programs: Mermaid, which many web pages draw, and Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from limbeck.command.drawing.nodes import Node


def render_mermaid(nodes: Sequence[Node]) -> Iterator[str]:
    """The lines of a Mermaid flowchart, oldest at the top; dependencies are dotted."""
    numbers = {node.id: f"r{number}" for number, node in enumerate(reversed(nodes))}
    yield "flowchart TB"
    for node in reversed(nodes):
        text = _for_mermaid(" ".join([node.id, node.message]).strip())
        marks = _for_mermaid(", ".join(node.marks))
        yield f'    {numbers[node.id]}["{text}{f"<br/>{marks}" if marks else ""}"]'
    for node in reversed(nodes):
        yield from (f"    {numbers[one]} --> {numbers[node.id]}" for one in node.parents if one in numbers)
        yield from (
            f"    {numbers[one]} -.-> {numbers[node.id]}" for one in node.dependencies if one in numbers
        )
    waiting = [numbers[node.id] for node in reversed(nodes) if node.is_applied is False]
    if waiting:
        yield "    classDef waiting stroke-dasharray: 4 3"
        yield f"    class {','.join(waiting)} waiting"


def render_dot(nodes: Sequence[Node]) -> Iterator[str]:
    """The lines of a Graphviz graph, oldest at the top; dependencies are dashed."""
    yield "digraph revisions {"
    yield "    rankdir=TB;"
    yield '    node [shape=box, style=rounded, fontname="sans-serif"];'
    shown = {node.id for node in nodes}
    for node in reversed(nodes):
        text = "\n".join(filter(None, [node.id, node.message, ", ".join(node.marks)]))
        style = ', style="rounded,dashed"' if node.is_applied is False else ""
        yield f"    {_for_dot(node.id)} [label={_for_dot(text)}{style}];"
    for node in reversed(nodes):
        yield from (f"    {_for_dot(one)} -> {_for_dot(node.id)};" for one in node.parents if one in shown)
        yield from (
            f"    {_for_dot(one)} -> {_for_dot(node.id)} [style=dashed];"
            for one in node.dependencies
            if one in shown
        )
    yield "}"


def _for_mermaid(text: str) -> str:
    """Signs that would end the text, or be taken for HTML or Markdown, by their numbers."""
    return "".join(f"#{ord(sign)};" if sign in '"<>#&`*_[]{}|' else sign for sign in text)


def _for_dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
