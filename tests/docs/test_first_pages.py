"""What the first pages tell newcomers to type works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from tests.command.project import Project
from tests.docs.running import commands_of, page, succeed, use
from tests.runtime.history import rows

README, COMING = "README.md", "docs/coming-from-alembic.md"

MODELS = """from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
"""


def edit(path: Path, pattern: str, text: str) -> None:
    """Replace the one line that is like this."""
    before = path.read_text(encoding="utf-8")
    assert len(re.findall(pattern, before)) == 1, pattern
    path.write_text(re.sub(pattern, lambda _: text, before), encoding="utf-8")


def test_a_first_migration(tmp_path: Path) -> None:
    init, revision, upgrade, check, again = (one for one in commands_of(README) if "limbeck." not in one)
    (url,) = re.findall(r"(?m)^    (sqlalchemy\.url = .*\n)", page(README))
    (metadata,) = re.findall(r"(?m)^    (from shop.*\n)    (target_metadata = .*\n)", page(README))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "models.py").write_text(MODELS)
    succeed(tmp_path, init)
    edit(tmp_path / "alembic.ini", r"(?m)^sqlalchemy\.url = .*\n", url)
    edit(tmp_path / "migrations" / "env.py", r"(?m)^target_metadata = None\n", "".join(metadata))
    succeed(tmp_path, revision)
    succeed(tmp_path, upgrade)
    succeed(tmp_path, check)
    succeed(tmp_path, again)
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    try:
        assert sorted(sa.inspect(engine).get_table_names()) == ["alembic_version", "customer"]
    finally:
        engine.dispose()


def test_from_a_program(tmp_path: Path, database_url: str) -> None:
    (line,) = re.findall(r"(?m)^    (limbeck\.upgrade\(.*\))$", page(README))
    project = Project(tmp_path / "shop")
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "migrations" / "env.py").unlink()
    (tmp_path / "shop" / "alembic.ini").unlink()
    project.add("a1", up="op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))")
    program = f"import limbeck, sqlalchemy\nengine = sqlalchemy.create_engine({database_url!r})\n{line}\n"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert rows(database_url) == ("a1",)


def test_coming_with_a_project_of_the_original(tmp_path: Path, database_url: str) -> None:
    upgrade, doctor = commands_of(COMING)
    project = Project(tmp_path)
    use(project, database_url)
    path = project.add("a1", up="op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))")
    path.write_text(path.read_text().replace("from limbeck import op", "from alembic import op"))
    env = tmp_path / "migrations" / "env.py"
    env.write_text(env.read_text().replace("from limbeck import context", "from alembic import context"))
    succeed(tmp_path, doctor)
    succeed(tmp_path, upgrade)
    assert "(head)" in succeed(tmp_path, "limbeck current").stdout
