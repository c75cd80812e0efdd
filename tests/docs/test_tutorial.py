"""What the tutorial shows is what happens: its files are written, its edits made, its commands run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorial" / "first-migration.md"


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a page: language and text."""
    for found in re.finditer(r"(?ms)^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8")):
        yield found[1], found[2]


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    python = [text for language, text in blocks(TUTORIAL) if language == "python"]
    models, change = python
    (settings,) = [text for language, text in blocks(TUTORIAL) if language == "toml"]
    console = [text for language, text in blocks(TUTORIAL) if language == "console"]
    beginning, check, second, back = console

    (tmp_path / "models.py").write_text(models)
    run(beginning, tmp_path)
    assert (tmp_path / "pyproject.toml").read_text() == settings
    run(check, tmp_path)
    replace(tmp_path / "models.py", r"(?m)^    name: .*\n", change)
    run(second, tmp_path)
    newest = max((tmp_path / "migrations" / "versions").glob("*addresses.py"))
    assert re.search(r"with op\.batch_alter_table\(.customer.", newest.read_text())
    run(back, tmp_path)


def test_every_page_is_reached_and_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(DOCS)}: {target}"
        for page in DOCS.rglob("*.md")
        if "_build" not in page.parts
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_first_pages_link_to_what_exists(page: str) -> None:
    text = (DOCS.parent / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert targets
    assert [target for target in targets if not (DOCS.parent / target).exists()] == []


def run(console: str, directory: Path) -> None:
    """Run the commands of a console block, and compare output where it is shown."""
    for part in re.split(r"(?m)^\$ ", console)[1:]:
        line, _, shown = part.partition("\n")
        program, *arguments = shlex.split(line)
        if program == "pip":
            continue
        assert program == "limbeck", line
        finished = subprocess.run(
            [sys.executable, "-B", "-m", "limbeck", *arguments],
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, f"{line}\n{finished.stdout}{finished.stderr}"
        assert shown.strip() in finished.stdout, line


def replace(path: Path, pattern: str, text: str) -> None:
    before = path.read_text()
    assert len(re.findall(pattern, before)) == 1, f"{pattern} in\n{before}"
    path.write_text(re.sub(pattern, lambda _: text, before))
