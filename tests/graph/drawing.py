"""Graphs drawn in one line, for tests that read as claims."""

from __future__ import annotations

import re

from limbeck.graph.graph import RevisionGraph
from limbeck.graph.plan import Plan
from limbeck.graph.revision import Revision

_NODE = re.compile(r"(?P<id>[^\s(\[]+)\s*(?:\((?P<needs>[^)]*)\))?\s*(?:\[(?P<labels>[^\]]*)\])?")

FOREST = "a1 <- a2 <- a3, a1 <- s1 [shop] <- s2, n1 [net] <- n2 <- n3 (a3)"
TREE = "a <- b [lb] <- b2, a <- c [lc] <- c2"
DIAMOND = "a <- b, a <- c, b+c <- m <- n"
LINE = "a1 <- a2 <- a3 <- a4 <- a5"


def revisions(drawing: str) -> list[Revision]:
    """The revisions of a drawing, in the order in which they first appear.

    `a <- b` lets b follow a; `b+c <- m` lets m join b and c; `n3 (a3)` lets n3 depend on a3; `s1 [shop]`
    gives s1 a label.
    """
    found: dict[str, Revision] = {}
    for chain in drawing.split(",") if drawing else ():
        below: tuple[str, ...] = ()
        for text in chain.split("<-"):
            nodes = [_read(node) for node in text.split("+")]
            for node in nodes:
                before = found.get(node.id, Revision(node.id))
                found[node.id] = Revision(
                    node.id,
                    before.parents + tuple(id for id in below if id not in before.parents),
                    before.dependencies + node.dependencies,
                    before.labels + node.labels,
                )
            below = tuple(node.id for node in nodes)
    return list(found.values())


def drawn(drawing: str) -> RevisionGraph:
    """The graph of a drawing; see `revisions`."""
    return RevisionGraph(revisions(drawing))


def ids(plan: Plan) -> list[str]:
    """What a plan applies or undoes, in its order."""
    return list(plan.revisions)


def _read(text: str) -> Revision:
    node = _NODE.fullmatch(text.strip())
    assert node is not None, text
    needs, labels = ((node[name] or "").split() for name in ("needs", "labels"))
    return Revision(node["id"], (), tuple(needs), tuple(labels))
