"""Law 4: every documented path and name imports; the classes have their documented methods."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

NAMES: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "documented-names.json").read_text(encoding="utf-8")
)
MISSING = object()


@pytest.mark.parametrize("path", [path for path in NAMES if path != "__main__"])
def test_a_documented_module_has_all_its_names(path: str) -> None:
    module = importlib.import_module(f"limbeck.{path}".rstrip("."))
    missing = []
    for name, methods in NAMES[path].items():
        value = find(module, name)
        if value is None:
            missing.append(name)
        missing += [
            f"{name}.{method}" for method in methods if value is not None and find(value, method) is None
        ]
    assert missing == []


def find(holder: Any, name: str) -> Any:
    try:
        return getattr(holder, name)
    except (AttributeError, ImportError):
        return MISSING
