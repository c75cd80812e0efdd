"""`--sql` with the templates as `init` writes them, in a process that thinks the world is ASCII."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REVISION = """from limbeck import op
import sqlalchemy as sa

revision = "r1"
down_revision = None


def upgrade({parameter}):
    size = op.create_table("größe", sa.Column("x", sa.String(20)))
    op.bulk_insert(size, [dict(x="1% ä:b")])
    op.execute("UPDATE größe SET x = '5% \\\\:z'")
    op.execute(size.update().values(x="100%"))


def downgrade({parameter}):
    pass
"""
SCRIPT = """BEGIN;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,\N{SPACE}
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> r1

CREATE TABLE "größe" (
    x VARCHAR(20)
);

INSERT INTO "größe" (x) VALUES ('1% ä:b');

UPDATE größe SET x = '5% :z';

UPDATE "größe" SET x='100%';

INSERT INTO alembic_version (version_num) VALUES ('r1');

COMMIT;

"""


@pytest.mark.parametrize("template", ["generic", "async", "pyproject", "pyproject_async", "multidb"])
def test_a_script_of_a_template_is_utf_8_in_the_c_locale_too(tmp_path: Path, template: str) -> None:
    """OFF-10, OFF-11, OFF-15, OFF-18: whole, with values, log lines beside it, and no password."""
    assert limbeck(tmp_path, "init", "-t", template, "migrations").returncode == 0
    driver = "asyncpg" if "async" in template else "psycopg"
    for name in ("alembic.ini", "pyproject.toml"):
        settings = tmp_path / name
        if settings.exists():
            url = f"sqlalchemy.url = postgresql+{driver}://app:c4nary@nowhere.invalid/shop"
            settings.write_text(re.sub(r"(?m)^sqlalchemy\.url\s*=.*$", url, settings.read_text()))
    revision = REVISION.format(parameter="engine_name" if template == "multidb" else "")
    (tmp_path / "migrations" / "versions" / "r1.py").write_text(revision, encoding="utf-8")
    done = limbeck(tmp_path, "upgrade", "head", "--sql")
    assert done.returncode == 0, done.stderr
    if template == "multidb":
        assert done.stdout == b""
        written = [(tmp_path / f"engine{number}.sql").read_bytes() for number in (1, 2)]
    else:
        written = [done.stdout]
    assert {script.decode("utf-8") for script in written} == {SCRIPT}
    assert b"Running upgrade  -> r1" in done.stderr
    assert b"c4nary" not in done.stdout + done.stderr


def limbeck(directory: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in the C locale, without what Python does to make up for it."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    return subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=directory,
        env={**kept, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
