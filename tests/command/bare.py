"""Migrations without configuration and without env.py: a directory with revision files, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.command.project import Project

CREATE = "op.create_table('{0}', sa.Column('id', sa.Integer, primary_key=True))"
DROP = "op.drop_table('{0}')"


class Migrations(Project):
    """`versions/` in a directory. Each revision makes a table that is called like it."""

    def __init__(self, directory: Path, *revisions: str, env_py: str | None = None) -> None:
        super().__init__(directory)
        (directory / "alembic.ini").unlink()
        (self.location / "script.py.mako").unlink()
        self.env_py = self.location / "env.py"
        self.env_py.unlink()
        if env_py is not None:
            self.env_py.write_text(env_py)
        for below, revision in zip((None, *revisions), revisions):
            parents = (below,) if below else ()
            self.add(
                revision,
                *parents,
                message=f"make {revision}",
                up=CREATE.format(revision),
                down=DROP.format(revision),
            )

    @property
    def location(self) -> Path:
        """What programs pass as `script_location`."""
        return self.directory / "migrations"

    def path(self, revision: str) -> str:
        """The file of a revision."""
        return str(self.versions / f"{revision}.py")
