"""A revision as plain values, for commands that are asked for data."""

from __future__ import annotations

from typing import Any

from limbeck.script.base import Script


def revision_data(script: Script) -> dict[str, Any]:
    """What `show` tells about a revision."""
    node = script.node
    return {
        "revision": script.revision,
        "message": script.doc,
        "text": script.longdoc,
        "path": script.path,
        "parents": list(node.parents),
        "dependencies": list(node.dependencies),
        "labels": sorted(script._labels),
        "children": list(script._children),
        "head": not script._children,
        "current": script.is_current,
    }
