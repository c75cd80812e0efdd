"""Where the URL came from that is in use; with an env.py, as far as that can be seen from what it connects to."""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterator, Mapping

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from limbeck.base.paths import shown_path
from limbeck.command.discovery.urls import COMMON_VARIABLE, OWN_VARIABLE, FoundURL, find_url
from limbeck.config import Config


def find_origin(config: Config, environ: Mapping[str, str], url: URL, *, env_py: str) -> str | None:
    """The place that named `url`: an option, a variable, or a key and its file; None if it is nowhere to be seen.

    Where there is an env.py, it decides, unless `--url` was given. What it connects to is looked up in the settings and
    the environment, and the first place that has just this URL is named.
    """
    if "url" in config.given or not os.path.isfile(env_py):
        found = find_url(config, environ)
        return None if found is None else found.origin
    through = shown_path(env_py)
    same = next((one.origin for one in _named(config, environ) if _is_same(one.text, url)), None)
    return f"{same}, through {through}" if same else through


def _named(config: Config, environ: Mapping[str, str]) -> Iterator[FoundURL]:
    """Every URL in the ini file, in `[tool.alembic]` and in the environment, what limbeck itself looks at first."""
    file, parser = shown_path(config.config_file_name or ""), config.file_config
    main = config.config_ini_section
    for section in sorted(parser.sections(), key=lambda name: name != main):
        for key in parser.options(section):
            try:
                text = parser.get(section, key)
            except configparser.InterpolationError:  # none that anybody can have used
                continue
            yield FoundURL(text, f"{key} in {file}" if section == main else f"{key} in [{section}] of {file}")
    for key, value in config.toml_alembic_config.items():
        if isinstance(value, str):
            yield FoundURL(value, f"[tool.alembic] {key} in {shown_path(config.toml_file_name or '')}")
    for name in sorted(environ, key=lambda name: (name not in (OWN_VARIABLE, COMMON_VARIABLE), name)):
        yield FoundURL(environ[name], name)


def _is_same(text: str, url: URL) -> bool:
    if "://" not in text:
        return False
    try:
        return make_url(text.strip()) == url
    except (ArgumentError, ValueError):  # a URL of something else
        return False
