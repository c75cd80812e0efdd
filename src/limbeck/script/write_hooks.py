"""What happens to a new revision file after it was written: formatters, linters, functions of one's own."""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from limbeck import errors
from limbeck.base import console

REVISION_SCRIPT_TOKEN = "REVISION_SCRIPT_FILENAME"
"""Stands for the path of the new file in the `options` of a hook (HOOK-7)."""

HookFunction = Callable[..., Any]
Registered = TypeVar("Registered", bound=HookFunction)
Options = Mapping[str, Any]

_registry: dict[str, HookFunction] = {}


def register(name: str) -> Callable[[Registered], Registered]:
    """Make the decorated function a type of hook, called with the path and the hook's options (HOOK-4).

    >>> @write_hooks.register("spaces")
    ... def no_trailing_spaces(path, options): ...
    """

    def decorate(function: Registered) -> Registered:
        _registry[name] = function
        return function

    return decorate


def _invoke(name: str, revision_path: str | os.PathLike[str], options: Options) -> Any:
    """Call the hook of type `name`. Raises HookError if there is none of that type (HOOK-9)."""
    try:
        function = _registry[name]
    except KeyError:
        raise errors.HookError(
            f"No formatter with name '{name}' registered",
            hint=f"there are {', '.join(sorted(_registry))}; a function of your own is registered when env.py "
            "is run, which `revision_environment = true` brings about",
        ) from None
    return function(os.fspath(revision_path), dict(options))


def _run_hooks(path: str | os.PathLike[str], hooks: Iterable[Options]) -> None:
    """Run the configured hooks on a new file, in their order (HOOK-2, HOOK-3)."""
    for options in hooks:
        name = options["_hook_name"]
        kind = options.get("type")
        if not kind:
            raise errors.HookError(
                f"Key '{name}.type' (or 'type' in toml) is required for post write hook '{name}'",
                hint=f"set `{name}.type` to one of {', '.join(sorted(_registry))}",
            )
        with console.status(f"Running post write hook {name!r}", newline=True):
            _invoke(kind, path, options)


@register("console_scripts")
def console_scripts(
    path: str,
    options: dict[str, Any],
    ignore_output: bool = False,
    verify_version: str | tuple[str, ...] | None = None,
) -> None:
    """Run a console script of an installed package in this Python (HOOK-5, HOOK-10).

    `verify_version` is the version that the package must have, or several.
    """
    from importlib import metadata

    name = _required(options, "entrypoint")
    found = [entry for entry in metadata.entry_points(group="console_scripts") if entry.name == name]
    if not found:
        raise errors.HookError(
            f"Could not find entrypoint console_scripts.{name}",
            hint=f"install the package that has the program `{name}` into this Python: {sys.executable}",
        )
    entry = found[0]
    if verify_version is not None:
        _verify_version(name, entry.dist.version if entry.dist is not None else None, verify_version)
    call = f"import {entry.module}; {entry.module}.{entry.attr}()"
    _run([sys.executable, "-c", call], path, options, ignore_output=ignore_output)


@register("exec")
def exec_(path: str, options: dict[str, Any], ignore_output: bool = False) -> None:
    """Run a program (HOOK-5)."""
    _run([_required(options, "executable")], path, options, ignore_output=ignore_output)


@register("module")
def module(path: str, options: dict[str, Any], ignore_output: bool = False) -> None:
    """Run a module in this Python, as `python -m` does (HOOK-5)."""
    name = _required(options, "module")
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise errors.HookError(
            f"Could not find module {name}", hint=f"install it into this Python: {sys.executable}"
        )
    _run([sys.executable, "-m", name], path, options, ignore_output=ignore_output)


def _required(options: Options, key: str) -> str:
    value = options.get(key)
    if not value:
        name = options.get("_hook_name", "?")
        raise errors.HookError(
            f"Key {name}.{key} is required for post write hook '{name}'",
            hint=f"set `{name}.{key}` in the configuration",
        )
    return str(value)


def _verify_version(name: str, version: str | None, accepted: str | tuple[str, ...]) -> None:
    versions = (accepted,) if isinstance(accepted, str) else tuple(accepted)
    if version not in versions:
        raise errors.HookError(
            f"Post write hook {name} has version {version}, not {' or '.join(versions)}",
            hint="install that version",
        )


def _run(command: list[str], path: str, options: Options, *, ignore_output: bool) -> None:
    """Run a command on the file, and warn if it says that it failed (HOOK-6 to HOOK-8)."""
    words = shlex.split(str(options.get("options", "")), posix=os.name == "posix")
    if not any(REVISION_SCRIPT_TOKEN in word for word in words):
        words.insert(0, REVISION_SCRIPT_TOKEN)
    command += [word.replace(REVISION_SCRIPT_TOKEN, path) for word in words]
    streams: dict[str, Any] = {}
    if ignore_output:
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    sys.stdout.flush()  # the tool writes to the same place, and what was said before comes first
    try:
        done = subprocess.run(command, cwd=options.get("cwd"), check=False, **streams)
    except OSError as error:
        name = options.get("_hook_name", "?")
        raise errors.HookError(
            f"Could not run {command[0]} for post write hook '{name}': {error.strerror}",
            hint=f"the file {path} is written; correct `{name}` in the configuration",
        ) from error
    if done.returncode:
        warnings.warn(
            f"post write hook {options.get('_hook_name', command[0])!r} exited with status {done.returncode}",
            UserWarning,
            stacklevel=4,
        )
