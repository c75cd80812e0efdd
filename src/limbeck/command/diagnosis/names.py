"""Which names that files take from the original limbeck does not have."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable, Iterator

from limbeck.base.alias import ALIAS, OWN
from limbeck.command.diagnosis.finding import Finding, Level
from limbeck.command.diagnosis.source import Import


def check_names(imports: Iterable[Import]) -> Iterator[Finding]:
    """A finding for each name that is missing. Imports limbeck's modules, and with them SQLAlchemy."""
    for module, name, place in imports:
        if _has(module, name):
            continue
        why = (
            "names that begin with an underscore are the original's own affair"
            if name.startswith("_")
            else None
        )
        yield Finding(
            Level.BROKEN,
            f"limbeck has no `{name}` in `{f'{ALIAS}.{module}'.rstrip('.')}`",
            (place,),
            why,
            "look for the documented name of what it is used for, or write these lines yourself",
        )


def _has(module: str, name: str) -> bool:
    path = f"{OWN}.{module}".rstrip(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if hasattr(importlib.import_module(path), name):
                return True
            importlib.import_module(f"{path}.{name}")
        except ModuleNotFoundError:
            return False
    return True
