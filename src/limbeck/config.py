"""What a project has configured: the values of its ini file and of its pyproject.toml.

Values that are not set in the ini file's main section are looked for in the table `[tool.alembic]`, and then in
`[tool.limbeck]`, where projects without an ini file and an env.py have theirs.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO, TypedDict, cast, overload

from limbeck import errors
from limbeck.base import settings
from limbeck.base.console import write_text
from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from argparse import Namespace
    from configparser import ConfigParser

INI_NAME = "alembic.ini"
TOML_NAME = "pyproject.toml"
MAIN_SECTION = "alembic"
TOML_TABLE = ("tool", "alembic")
OWN_TABLE = ("tool", "limbeck")
LOCATION = "script_location"
TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")

PostWriteHookConfig = Mapping[str, str]
"""The options of one post-write hook, with its name as `_hook_name` (HOOK-4)."""


MessagingOptions = TypedDict("MessagingOptions", {"quiet": bool})  # noqa: UP013  # in a class, "bool" is compiled
"""How talkative the command line is."""


class Config:
    """The settings of one migration environment (CFG-1).

    >>> config = Config("alembic.ini")
    >>> config.get_main_option("script_location")
    'migrations'

    Files are read when a value is first asked for. `attributes` holds objects that the caller shares with
    env.py, for example a connection (CFG-5). `given` holds settings that win over all files: `script_location`,
    `models` and `url`, as `--dir`, `--models` and `--url` give them.
    """

    def __init__(
        self,
        file_: str | os.PathLike[str] | None = None,
        toml_file: str | os.PathLike[str] | None = None,
        ini_section: str = MAIN_SECTION,
        output_buffer: TextIO | None = None,
        stdout: TextIO | None = None,
        cmd_opts: Namespace | None = None,
        config_args: Mapping[str, Any] = MappingProxyType({}),
        attributes: dict[str, Any] | None = None,
    ) -> None:
        self.config_file_name: str | None = os.fspath(file_) if file_ is not None else None
        self.toml_file_name: str | None = os.fspath(toml_file) if toml_file is not None else None
        self.config_ini_section = ini_section
        self.output_buffer = output_buffer
        self.stdout: TextIO = sys.stdout if stdout is None else stdout
        self.cmd_opts = cmd_opts
        self.config_args: dict[str, Any] = dict(config_args)
        self.toml_args: dict[str, Any] = dict(config_args)
        self._attributes: dict[str, Any] = {} if attributes is None else attributes
        self._file_config: ConfigParser | None = None
        self._toml_config: Mapping[str, Any] | None = None
        self._own_config: Mapping[str, Any] | None = None
        self._tool: Mapping[str, Any] | None = None
        self.given: dict[str, str] = {}

    @property
    def attributes(self) -> dict[str, Any]:
        """Objects that the caller shares with env.py, by any names (CFG-5)."""
        return self._attributes

    def copy(self, *, attributes: dict[str, Any]) -> Config:
        """The same settings, to be changed without changing these, with other objects for env.py."""
        import copy

        copied = copy.copy(self)
        copied._file_config = copy.deepcopy(self.file_config)
        copied._attributes = attributes
        copied.given = dict(self.given)
        return copied

    # --- speaking ------------------------------------------------------------------------------------------

    @property
    def messaging_opts(self) -> MessagingOptions:
        """How talkative to be: `quiet` is what the command line was told (CFG-6)."""
        quiet = bool(getattr(self.cmd_opts, "quiet", False))
        return cast("MessagingOptions", MappingProxyType({"quiet": quiet}))

    def print_stdout(self, text: str, *arg: Any) -> None:
        """Write one line of a command's result; with arguments, `text` is a `%` format (CFG-7)."""
        if not self.messaging_opts["quiet"]:
            write_text(self.stdout, text % arg if arg else text, "\n")

    def get_template_directory(self) -> str:
        """The directory of the environment templates that `init` offers (CFG-9)."""
        return TEMPLATES

    # --- the ini file --------------------------------------------------------------------------------------

    @property
    def file_config(self) -> ConfigParser:
        """The parsed ini file; an absent file is an empty one (CFG-4)."""
        if self._file_config is None:
            name = self.config_file_name
            self.config_args["here"] = "." if name is None else _directory_of(name)
            # Defaults are interpolated again, and a directory may be called "100%".
            variables = {**self.config_args, "here": self.config_args["here"].replace("%", "%%")}
            data = _read(name)
            parsed = settings.read_ini(settings.decode_ini(data or b""), file=name, variables=variables)
            if name is None:
                parsed.add_section(self.config_ini_section)
            self._file_config = parsed
        return self._file_config

    @overload
    def get_section(self, name: str) -> dict[str, str] | None: ...
    @overload
    def get_section(self, name: str, default: dict[str, str]) -> dict[str, str]: ...
    @overload
    def get_section(self, name: str, default: Mapping[str, str] | None) -> Mapping[str, str] | None: ...

    def get_section(self, name: str, default: Mapping[str, str] | None = None) -> Mapping[str, str] | None:
        """All settings of an ini section, with those of `[DEFAULT]` and `config_args`; `default` if it is
        absent (CFG-12)."""
        if not self.file_config.has_section(name):
            return default
        return dict(self.file_config.items(name))

    def set_main_option(self, name: str, value: str) -> None:
        """Set a value in the main ini section; a literal percent sign is `%%` (CFG-11)."""
        self.set_section_option(self.config_ini_section, name, value)

    def remove_main_option(self, name: str) -> None:
        """Take a value out of the main ini section."""
        self.file_config.remove_option(self.config_ini_section, name)

    def set_section_option(self, section: str, name: str, value: str) -> None:
        """Set a value in an ini section, which is created if need be."""
        if not self.file_config.has_section(section):
            self.file_config.add_section(section)
        self.file_config.set(section, name, value)

    def get_section_option(self, section: str, name: str, default: str | None = None) -> str | None:
        """A value of an ini section, or `default`. Raises NoConfigSection if the section is absent."""
        if not self.file_config.has_section(section):
            raise errors.NoConfigSection(file=self.config_file_name, section=section)
        if self.file_config.has_option(section, name):
            return self.file_config.get(section, name)
        return default

    @overload
    def get_main_option(self, name: str, default: str) -> str: ...
    @overload
    def get_main_option(self, name: str, default: str | None = None) -> str | None: ...

    def get_main_option(self, name: str, default: str | None = None) -> str | None:
        """A value of the main ini section, or `default`; pyproject.toml is not asked (CFG-15).

        Raises NoConfigSection if the section is absent.
        """
        return self.get_section_option(self.config_ini_section, name, default)

    # --- pyproject.toml, and both --------------------------------------------------------------------------

    @property
    def toml_alembic_config(self) -> Mapping[str, Any]:
        """The table `[tool.alembic]` of pyproject.toml, or an empty one (CFG-20)."""
        if self._toml_config is None:
            name = self.toml_file_name
            if name is not None:
                self.toml_args["here"] = _directory_of(name)
            self._toml_config = self._table("alembic")
        return self._toml_config

    @property
    def own_config(self) -> Mapping[str, Any]:
        """The table `[tool.limbeck]` of pyproject.toml, or an empty one.

        Nothing is substituted in it, and relative paths start from the directory of the file. Raises InvalidSetting.
        """
        if self._own_config is None:
            here = os.path.dirname(os.path.abspath(self.toml_file_name or ""))
            self._own_config = settings.with_absolute_paths(self._table("limbeck"), here)
        return self._own_config

    @property
    def is_own_project(self) -> bool:
        """Whether this project was set up by `limbeck init --models`: its place is in `[tool.limbeck]`.

        Or only on the command line, and in no file at all.
        """
        if self._find_ini_value(LOCATION) is not None or LOCATION in self.toml_alembic_config:
            return False
        return LOCATION in self.own_config or LOCATION in self.given

    @property
    def models(self) -> tuple[str, ...]:
        """Where the models are, as `module` or `module:object`: `--models`, or else what `[tool.limbeck]` says."""
        value = self.given.get("models") or self.own_config.get("models")
        if value is None:
            return ()
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise errors.InvalidSetting(name="models", value=value, expected="a module, or a list of modules")
        return tuple(names)

    def get_alembic_option(self, name: str, default: Any = None) -> Any:
        """A setting, from the main ini section or else from pyproject.toml, or `default` (CFG-21, CFG-22)."""
        found = self.given.get(name) or self._find_ini_value(name)
        if found is not None:
            return found
        value = self._find_toml_value(name)
        return default if value is None else value

    def get_alembic_boolean_option(self, name: str, *, default: bool = False) -> bool:
        """A setting that is true or false: `true` in the ini file, a boolean in pyproject.toml (CFG-24)."""
        found = self._find_ini_value(name)
        if found is not None:
            return found == "true"
        value = self.toml_alembic_config.get(name, self.own_config.get(name, default))
        if not isinstance(value, bool):
            raise errors.InvalidSetting(name=name, value=value, expected="a boolean: true or false")
        return value

    def get_version_locations_list(self) -> list[str] | None:
        """Where revision files are, or None if that is not configured (CFG-34, CFG-37)."""
        return self._path_list(
            "version_locations",
            separators=("path_separator", "version_path_separator"),
            legacy=re.compile(r"[ ,]+"),
            legacy_characters="spaces and commas",
        )

    def get_prepend_sys_paths_list(self) -> list[str] | None:
        """What is put in front of `sys.path`, or None if that is not configured (CFG-33, CFG-34).

        In a project set up by limbeck that is by default the directory of pyproject.toml, and its `src`.
        """
        found = self._path_list(
            "prepend_sys_path",
            separators=("path_separator",),
            legacy=re.compile(r"[ ,:]+"),
            legacy_characters="spaces, commas and colons",
        )
        if found is None and self.is_own_project:
            here = os.path.dirname(os.path.abspath(self.toml_file_name or ""))
            sources = os.path.join(here, "src")
            return [here, sources] if os.path.isdir(sources) else [here]
        return found

    def get_hooks_list(self) -> list[PostWriteHookConfig]:
        """The post-write hooks in their order, each as its options and `_hook_name` (HOOK-1)."""
        section = self.get_section("post_write_hooks", {})
        names = settings.split_list(section.get("hooks", ""), re.compile(r"[\s,]+"))
        if not names:
            return [_toml_hook(hook) for hook in self._find_toml_value("post_write_hooks") or ()]
        return [_ini_hook(name, section) for name in names]

    def _table(self, name: str) -> Mapping[str, Any]:
        """A table below `[tool]` of pyproject.toml, which is read once."""
        if self._tool is None:
            data = _read(self.toml_file_name)
            self._tool = (
                settings.read_toml(data, file=str(self.toml_file_name), table=("tool",)) if data else {}
            )
        found = self._tool.get(name, {})
        return found if isinstance(found, dict) else {}

    def _find_ini_value(self, name: str) -> str | None:
        section = self.config_ini_section
        if self.file_config.has_option(section, name):
            return self.file_config.get(section, name)
        return None

    def _find_toml_value(self, name: str) -> Any:
        value = self.toml_alembic_config.get(name)
        if value is None:
            return self.own_config.get(name)
        return settings.substitute(name, value, self.toml_args)

    def _path_list(
        self, name: str, *, separators: Sequence[str], legacy: re.Pattern[str], legacy_characters: str
    ) -> list[str] | None:
        text = self._find_ini_value(name)
        if text is None:
            value = self._find_toml_value(name)
            if value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                return value
            raise errors.InvalidSetting(name=name, value=value, expected="a list of texts")
        separator = self._get_file_separator_char(*separators)
        if separator is None:
            warnings.warn(
                f"No path_separator found in configuration; {name} is split at {legacy_characters}, as in "
                "former times. Set path_separator = os.",
                DeprecationWarning,
                stacklevel=3,
            )
        return settings.split_list(text, legacy if separator is None else separator)

    def _get_file_separator_char(self, *names: str) -> str | None:
        for name in names:
            separator = settings.find_separator(name, self._find_ini_value(name))
            if separator is not None:
                if name != "path_separator":
                    warnings.warn(
                        f"{name} is deprecated; set path_separator instead", DeprecationWarning, stacklevel=4
                    )
                return separator
        return None


def _ini_hook(name: str, section: Mapping[str, str]) -> PostWriteHookConfig:
    prefix = f"{name.lower()}."  # keys of an ini file are lower case (CFG-13)
    options = {key.removeprefix(prefix): value for key, value in section.items() if key.startswith(prefix)}
    return {**options, "_hook_name": name}


def _toml_hook(hook: Any) -> PostWriteHookConfig:
    if not isinstance(hook, dict) or "name" not in hook:
        raise errors.InvalidSetting(
            name="post_write_hooks", expected="tables [[tool.alembic.post_write_hooks]], each with a `name`"
        )
    options = {key: value for key, value in hook.items() if key != "name"}
    return {**options, "_hook_name": hook["name"]}


def _directory_of(file: str) -> str:
    return os.path.dirname(os.path.abspath(file)).replace(os.sep, "/")


def _read(file: str | None) -> bytes | None:
    if file is None:
        return None
    try:
        with open(file, "rb") as opened:  # pathlib would cost more than all the rest of this module
            return opened.read()
    except FileNotFoundError:
        return None


__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "ArgumentParser": "limbeck.cli.parser:ArgumentParser",
        "CommandFunction": "limbeck.cli.commands:CommandFunction",
        "CommandLine": "limbeck.cli.commandline:CommandLine",
        "command": "limbeck.command",
        "main": "limbeck.cli.main:main",
    },
)
__all__ += ["Config", "MessagingOptions"]
