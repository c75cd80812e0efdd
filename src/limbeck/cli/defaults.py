"""Defaults of the options of every command, from variables that are called like them: `LIMBECK_COLOR` for `--color`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from limbeck.cli.commands import Argument

RANKED_ELSEWHERE = ("database_url", "models_module", "script_location", "yes", "no_input", "json_lines", "x")
"""Options whose variables come behind something else than the option, or which have none."""
YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")


def find_variable(option: Argument) -> str | None:
    """The variable that holds the default of an option, or None."""
    if option.name in RANKED_ELSEWHERE:
        return None
    return f"LIMBECK_{option.flags[-1].lstrip('-').replace('-', '_').upper()}"


def take_defaults(
    parsed: argparse.Namespace,
    options: Iterable[Argument],
    environ: Mapping[str, str],
    error: Callable[[str], NoReturn],
) -> None:
    """Set the options that were not given and have a variable. What a variable may not say goes to `error`."""
    for option in options:
        variable = find_variable(option)
        if variable is None or getattr(parsed, option.name, option.default) != option.default:
            continue
        text = environ.get(variable, "")
        if text:
            reason = _set(parsed, option, text)
            if reason is not None:
                error(f"${variable}: {reason}")


def _set(parsed: argparse.Namespace, option: Argument, text: str) -> str | None:
    """Set an option to what a variable says; why not, if that cannot be."""
    value: Any = text
    if option.name == "json" and text == "lines":
        parsed.json_lines = True
        return None
    if option.action == "store_true":
        if text.lower() not in YES + NO:
            return f"{text!r} is neither 1 nor 0"
        value = text.lower() in YES
    elif option.action == "append":
        value = [text]
    elif option.choices is not None and text not in option.choices:
        return f"invalid choice: {text!r} (choose from {', '.join(option.choices)})"
    setattr(parsed, option.name, value)
    return None
