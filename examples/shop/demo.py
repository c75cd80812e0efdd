"""Takes the shop through its first migrations, in a directory of its own, printing each command and what it did.

Run it with `make demo`, or with the Python of an environment that has limbeck: `python examples/shop/demo.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from change import EDITS

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "limbeck"]


def say(text: str) -> None:
    print(text, flush=True)


def limbeck(project: Path, *arguments: str) -> None:
    """Print a command, run it, and stop the demo if it fails."""
    shown = " ".join(f'"{word}"' if " " in word else word for word in arguments)
    say(f"\n$ limbeck {shown}")
    finished = subprocess.run([*COMMAND, *arguments], cwd=project, check=False)
    if finished.returncode:
        sys.exit(f"demo: `limbeck {shown}` ended with exit status {finished.returncode}")


def edit(path: Path, before: str, after: str) -> None:
    """Replace a passage that must be there."""
    text = path.read_text(encoding="utf-8")
    if before not in text:
        sys.exit(f"demo: {path.name} does not contain {before!r}")
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def show_newest(versions: Path) -> None:
    newest = max(versions.glob("*.py"), key=lambda path: path.stat().st_mtime_ns)
    say(f"\n--- {newest.name}\n{newest.read_text(encoding='utf-8').rstrip()}\n---")


def run(project: Path) -> None:
    shutil.copytree(HERE / "shop", project / "shop", ignore=shutil.ignore_patterns("__pycache__"))
    versions = project / "migrations" / "versions"

    limbeck(project, "init", "migrations")
    say("\n# two edits: which database, and which models")
    edit(project / "alembic.ini", "driver://user:pass@localhost/dbname", "sqlite:///shop.db")
    edit(
        project / "migrations" / "env.py",
        "target_metadata = None",
        "from shop.models import Base\n\ntarget_metadata = Base.metadata",
    )

    limbeck(project, "revision", "--autogenerate", "-m", "first tables")
    show_newest(versions)
    limbeck(project, "upgrade", "head")
    limbeck(project, "check")

    say("\n# the models change: a longer name, a phone number with an index, a table of coupons")
    for before, after in EDITS:
        edit(project / "shop" / "models.py", before, after)
    limbeck(project, "revision", "--autogenerate", "-m", "phones and coupons")
    show_newest(versions)
    limbeck(project, "upgrade", "head")

    limbeck(project, "history", "--verbose")
    limbeck(project, "current")
    limbeck(project, "downgrade", "-1")
    limbeck(project, "current")
    limbeck(project, "upgrade", "head")
    limbeck(project, "check")
    say("\ndemo: done; the shop's database is at its head, and agrees with the models")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="limbeck-demo-") as directory:
        run(Path(directory))


if __name__ == "__main__":
    main()
