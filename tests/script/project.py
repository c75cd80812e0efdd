"""Migration environments on disk, made of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from limbeck.script.base import ScriptDirectory
from tests.graph.drawing import revisions

TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


def revision_text(
    id: str,
    parents: Sequence[str] = (),
    dependencies: Sequence[str] = (),
    labels: Sequence[str] = (),
    *,
    message: str | None = None,
) -> str:
    """A revision file as the templates write it."""
    down = None if not parents else parents[0] if len(parents) == 1 else tuple(parents)
    return (
        f'"""{message or f"make {id}"}\n\nRevision ID: {id}\n"""\n\n'
        f"revision = {id!r}\ndown_revision = {down!r}\n"
        f"branch_labels = {tuple(labels) or None!r}\ndepends_on = {tuple(dependencies) or None!r}\n\n\n"
        "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n"
    )


def make_project(directory: Path, drawing: str = "", **options: Any) -> ScriptDirectory:
    """An environment in `directory` with a file for every revision of the drawing (see tests/graph)."""
    versions = directory / "versions"
    versions.mkdir(parents=True)
    (directory / "script.py.mako").write_text(TEMPLATE)
    (directory / "env.py").write_text("")
    for node in revisions(drawing):
        text = revision_text(node.id, node.parents, node.dependencies, node.labels)
        (versions / f"{node.id}_.py").write_text(text)
    return ScriptDirectory(directory, messaging_opts={"quiet": True}, **options)


def write_revision(project: ScriptDirectory, name: str, text: str | bytes) -> Path:
    """Put a file into the directory of revisions."""
    path = Path(project.versions) / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
