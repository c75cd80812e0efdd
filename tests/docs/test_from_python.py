"""What the guide to programs shows is Python, and what it shows of the example applications is theirs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import limbeck
from tests.docs.test_tutorial import DOCS, blocks

GUIDE = DOCS / "guides" / "from-python.md"
EXAMPLES = DOCS.parent / "examples"


def shown(word: str) -> str:
    """The block that has a word in it."""
    (text,) = [text for language, text in blocks(GUIDE) if language == "python" and word in text]
    return text


@pytest.mark.parametrize(("word", "example"), [("FastAPI", "fastapi_app"), ("Flask", "flask_app")])
def test_the_applications_are_shown_as_they_are(word: str, example: str) -> None:
    assert shown(word).strip() in (EXAMPLES / example / "shop" / "app.py").read_text(encoding="utf-8")


def test_every_block_is_python() -> None:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
    programs = [text for language, text in blocks(GUIDE) if language == "python"]
    assert len(programs) > 5
    for text in programs:
        compile(text, str(GUIDE), "exec", flags)


def test_every_function_is_in_the_table() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [name for name in limbeck.aio.__all__ if f"| `{name}(database" not in text] == []


def test_the_first_lines_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> None:
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    (first,) = [text for _, text in blocks(GUIDE) if "postgresql+psycopg" in text]
    exec(first.replace("postgresql+psycopg://app@localhost/shop", sqlite_url))
    assert limbeck.at_head(sqlite_url, script_location="migrations")
