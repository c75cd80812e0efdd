"""Which database is meant: the first place that names one. Nothing heavy is imported for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from limbeck import errors
from limbeck.config import Config

URL_OPTION = "sqlalchemy.url"
PLACEHOLDER = "driver://"
"""How the URL in the ini file of a fresh project begins."""
OWN_VARIABLE = "LIMBECK_URL"
COMMON_VARIABLE = "DATABASE_URL"


class FoundURL(NamedTuple):
    """A URL as somebody wrote it, and where."""

    text: str
    origin: str


def find_url(config: Config, environ: Mapping[str, str]) -> FoundURL | None:
    """The first URL that is set: `--url`, LIMBECK_URL, `[tool.limbeck]`, the ini file, DATABASE_URL.

    What env.py passes comes before all but `--url`; that is for env.py to say.
    """
    own = config.own_config.get("url")
    candidates = (
        (config.given.get("url"), "--url"),
        (environ.get(OWN_VARIABLE), OWN_VARIABLE),
        (own if isinstance(own, str) else None, f"[tool.limbeck] url in {config.toml_file_name}"),
        (find_ini_url(config), f"{URL_OPTION} in {config.config_file_name}"),
        (environ.get(COMMON_VARIABLE), COMMON_VARIABLE),
    )
    return next(
        (FoundURL(text.strip(), origin) for text, origin in candidates if text and text.strip()), None
    )


def get_url(config: Config, environ: Mapping[str, str]) -> FoundURL:
    """The first URL that is set. Raises NoDatabaseURL."""
    found = find_url(config, environ)
    if found is None:
        looked_in = [
            "--url",
            OWN_VARIABLE,
            "[tool.limbeck] url",
            f"{URL_OPTION} of an ini file",
            COMMON_VARIABLE,
        ]
        raise errors.NoDatabaseURL(looked_in=looked_in)
    return found


def find_ini_url(config: Config) -> str | None:
    """The URL of the ini file, unless it is the one of a fresh project."""
    text = config.file_config.get(config.config_ini_section, URL_OPTION, fallback=None)
    return None if not text or text.startswith(PLACEHOLDER) else text


def has_placeholder(config: Config) -> bool:
    """Whether the ini file still has the URL of a fresh project."""
    text = config.file_config.get(config.config_ini_section, URL_OPTION, raw=True, fallback="")
    return text.startswith(PLACEHOLDER)
