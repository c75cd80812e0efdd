"""Text of an ini or TOML file becomes settings: parsing, `%` substitution, yes and no, separated lists."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping, Sequence
from configparser import BasicInterpolation, ConfigParser
from typing import Any

from limbeck import errors

TRUE_WORDS = frozenset({"true", "yes", "on", "y", "t", "1"})
FALSE_WORDS = frozenset({"false", "no", "off", "n", "f", "0"})

SEPARATORS: Mapping[str, str] = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
"""What `path_separator` may be, and the character it stands for (CFG-34)."""


# --- ini --------------------------------------------------------------------------------------------------


def read_ini(text: str, *, file: str | None, variables: Mapping[str, str]) -> ConfigParser:
    """Parse ini text; `variables` can be used as `%(name)s` in every value (CFG-11).

    Raises UnreadableSettings, which knows file and line.
    """
    import configparser

    parser = ConfigParser(variables, interpolation=_Interpolation())
    try:
        parser.read_string(text, source=file or "<settings>")
    except configparser.Error as error:
        line = getattr(error, "lineno", None)
        faults = getattr(error, "errors", None)
        if faults:
            line = faults[0][0]
        raise errors.UnreadableSettings(
            path=file, line=line, reason=_parse_reason(error), hint="write settings as `name = value`"
        ) from error
    return parser


def _parse_reason(error: Exception) -> str:
    """What is wrong with the file, without the text of the line: it may hold a password."""
    import configparser

    match error:
        case configparser.DuplicateSectionError():
            return f"section [{error.section}] stands there twice"
        case configparser.DuplicateOptionError():
            return f"`{error.option}` stands in section [{error.section}] twice"
        case configparser.MissingSectionHeaderError():
            return "there are settings before the first [section]"
        case _:
            return "this line is neither a [section], a setting, nor a comment"


def decode_ini(data: bytes) -> str:
    """The text of an ini file: UTF-8, with or without a byte order mark (CFG-14).

    Files in the encoding of the user's system are read too; a stray byte in a comment does no harm.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        import locale

        return data.decode(locale.getencoding(), errors="surrogateescape")


class _Interpolation(BasicInterpolation):
    """`%(name)s` and `%%`, and besides `%40` and the like as they stand: people paste encoded passwords."""

    _PERCENT = re.compile(r"%(%|[0-9A-Fa-f]{2})")

    def before_read(
        self, parser: MutableMapping[str, Mapping[str, str]], section: str, option: str, value: str
    ) -> str:
        return self._PERCENT.sub(lambda found: f"%%{found[1].lstrip('%')}", value)


# --- TOML -------------------------------------------------------------------------------------------------


def read_toml(data: bytes, *, file: str, table: Sequence[str]) -> dict[str, Any]:
    """The table of a TOML file that `table` leads to, or an empty one (CFG-20).

    Raises UnreadableSettings, which knows file and line.
    """
    import tomllib

    try:
        value: Any = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise errors.UnreadableSettings(path=file, line=line, reason="it is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise errors.UnreadableSettings(
            path=file, line=int(found[1]) if found else None, reason=f"it is not valid TOML: {error}"
        ) from error
    for name in table:
        value = value.get(name, {}) if isinstance(value, dict) else {}
    return value if isinstance(value, dict) else {}


PATHS = ("script_location", "version_locations", "prepend_sys_path")
"""Settings that are paths, or lists of them."""


def with_absolute_paths(table: Mapping[str, Any], directory: str) -> dict[str, Any]:
    """A table of settings whose paths start from `directory`; `package:path` stays as it is."""

    def absolute(value: Any) -> Any:
        if isinstance(value, list):
            return [absolute(item) for item in value]
        if not isinstance(value, str) or re.match(r"[\w.]{2,}:", value):  # one letter is a drive
            return value
        return os.path.normpath(os.path.join(directory, value))

    return {name: absolute(value) if name in PATHS else value for name, value in table.items()}


def substitute(name: str, value: Any, variables: Mapping[str, str]) -> Any:
    """A TOML value with `%(name)s` filled in, in strings, lists of strings and lists of tables (CFG-22)."""
    match value:
        case bool() | int():
            return value
        case str():
            return _filled(name, value, variables)
        case list():
            return [_substitute_item(name, item, variables) for item in value]
        case _:
            raise errors.InvalidSetting(
                name=name,
                value=value,
                expected="a text, a number, true or false, or a list of texts or tables",
            )


def _substitute_item(name: str, item: Any, variables: Mapping[str, str]) -> Any:
    match item:
        case str():
            return _filled(name, item, variables)
        case dict():
            for key, value in item.items():
                if not isinstance(value, str):
                    raise errors.InvalidSetting(
                        name=f"{name}.{key}", value=value, expected="a text in quotes"
                    )
            return {key: _filled(f"{name}.{key}", value, variables) for key, value in item.items()}
        case _:
            raise errors.InvalidSetting(name=name, value=item, expected="only texts or tables in the list")


def _filled(name: str, text: str, variables: Mapping[str, str]) -> str:
    try:
        return text % variables
    except KeyError as error:
        raise errors.UnknownVariable(
            setting=name, variable=str(error.args[0]), known=tuple(variables)
        ) from error
    except (ValueError, TypeError) as error:
        raise errors.InvalidSetting(
            name=name, expected="every literal percent sign written as `%%`"
        ) from error


# --- values -----------------------------------------------------------------------------------------------


def read_boolean(name: str, value: object) -> bool:
    """Yes or no in the usual words, upper or lower case; None is no (CFG-25). Raises InvalidSetting."""
    if value is None or isinstance(value, bool):
        return bool(value)
    word = str(value).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise errors.InvalidSetting(name=name, value=value, expected="true or false")


def find_separator(name: str, value: str | None) -> str | None:
    """The character that a separator setting stands for; None if it is not set (CFG-34)."""
    if value is None:
        return None
    try:
        return SEPARATORS[value]
    except KeyError:
        expected = ", ".join(f"'{word}'" for word in SEPARATORS)
        raise errors.InvalidSetting(name=name, value=value, expected=f"one of {expected}") from None


def split_list(text: str, separator: str | re.Pattern[str]) -> list[str]:
    """The items of a separated list, stripped; empty ones are dropped (CFG-34)."""
    items = text.split(separator) if isinstance(separator, str) else separator.split(text)
    return [item.strip() for item in items if item.strip()]
