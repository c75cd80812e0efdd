"""The pictures of the terminal show what commands write now; `make screens` draws them anew."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

from tools import screens

ROOT = Path(__file__).parents[2]


def words_in(picture: str) -> Counter[str]:
    """The words of a picture. Where a branch may come before or after another, their order is left open."""
    return Counter(" ".join(re.findall(r"<tspan[^>]*>([^<]*)", picture)).split())


def test_the_pictures_are_fresh() -> None:
    drawn = dict(screens.draw_all())
    kept = {path.stem: path.read_text("utf-8") for path in (ROOT / "docs" / "pictures").glob("*.svg")}
    assert {name: words_in(picture) for name, picture in kept.items()} == {
        name: words_in(picture) for name, picture in drawn.items()
    }
    for picture in kept.values():
        ElementTree.fromstring(picture)
        assert "\x1b" not in picture


def test_each_picture_is_shown() -> None:
    shown = " ".join(path.read_text("utf-8") for path in (ROOT / "docs" / "guides").glob("*.md"))
    names = [path.name for path in (ROOT / "docs" / "pictures").iterdir()]
    assert [name for name in names if f"pictures/{name}" not in shown] == []
