"""Law 3: commands that only read files start without SQLAlchemy, Mako and rich."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("sqlalchemy", "mako", "rich")
REVISION = '''"""{message}

Revision ID: {revision}
Revises: {parent}
Create Date: 2024-01-01 00:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("t_{revision}", sa.Column("id", sa.Integer))


def downgrade() -> None:
    op.drop_table("t_{revision}")
'''
RUN = """
import json, sys
from limbeck.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as leaving:
    code = leaving.code
else:
    code = 0
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two revisions, written by hand."""
    directory = tmp_path_factory.mktemp("project")
    versions = directory / "migrations" / "versions"
    versions.mkdir(parents=True)
    (directory / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (directory / "migrations" / "env.py").write_text("raise AssertionError('env.py was run')\n")
    (directory / "migrations" / "script.py.mako").write_text("")
    for revision, parent, message in (("a1f0c3", None, "first"), ("b2e1d4", "a1f0c3", "second")):
        text = REVISION.format(revision=revision, parent=parent, message=message)
        (versions / f"{revision}_{message}.py").write_text(text)
    return directory


@pytest.mark.parametrize(
    "command",
    ["--help", "--version", "heads", "heads --verbose", "branches", "history", "history --verbose",
     "history -r a1f0c3:head", "show head", "show b2e1", "doctor --files-only"],
)  # fmt: skip
def test_a_light_command_loads_nothing_heavy(project: Path, command: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", RUN, *command.split()], cwd=project, capture_output=True, text=True, check=True
    )
    code, loaded = json.loads(finished.stdout.splitlines()[-1])
    assert code in (0, None), finished.stdout + finished.stderr
    assert [name for name in HEAVY if name in loaded] == []


def test_importing_the_package_and_its_settings_is_light_too() -> None:
    code = "import limbeck, limbeck.config, limbeck.script, limbeck.command, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [name for name in HEAVY if name in loaded.split()] == []
