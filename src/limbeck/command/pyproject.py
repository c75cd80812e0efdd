"""Writes the table `[tool.limbeck]` into a pyproject.toml, and leaves all else in it as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from limbeck.base.settings import read_toml
from limbeck.config import OWN_TABLE
from limbeck.errors import CommandError
from limbeck.script.writer import create_file, replace_file

HEADER = f"[{'.'.join(OWN_TABLE)}]"


def write_table(path: Path, settings: Mapping[str, str | list[str]]) -> None:
    """Add settings to the table, which is added too if need be, as is the file.

    Raises UnreadableSettings if the file is broken, and CommandError if the table cannot be added as text.
    """
    lines = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items())
    if not path.exists():
        create_file(str(path), f"{HEADER}\n{lines}".encode())
        return
    data = path.read_bytes()
    before = read_toml(data, file=str(path), table=())
    text = data.decode()
    wanted = {**read_toml(data, file=str(path), table=OWN_TABLE), **settings}
    changed, count = re.subn(
        rf"(?m)^{re.escape(HEADER)}[ \t]*(#.*)?$",
        lambda found: f"{found[0]}\n{lines.rstrip()}",
        text,
        count=1,
    )
    if not count:
        changed = f"{text.rstrip()}\n\n{HEADER}\n{lines}" if text.strip() else f"{HEADER}\n{lines}"
    if not _is_right(changed, before, wanted):
        raise CommandError(
            f"{path.name} is written in a way in which {HEADER} cannot be added",
            hint=f"add these lines to it yourself:\n{HEADER}\n{lines.rstrip()}",
        )
    replace_file(str(path), changed.encode())


def _is_right(text: str, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether the text says what it said before, and the settings."""
    try:
        after = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    tools = {name: value for name, value in before.get("tool", {}).items() if name != OWN_TABLE[1]}
    return after == {**before, "tool": {**tools, OWN_TABLE[1]: dict(wanted)}}
