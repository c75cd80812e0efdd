"""Settings that are missing or cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.errors.base import CommandError


class ConfigurationError(CommandError):
    """A setting is missing, or has a value that cannot be used (CFG-*)."""

    code = "LBK-CONFIG"

    setting: str | None = None
    """The setting with the value that cannot be used, if it is that."""


class NoScriptLocation(ConfigurationError):
    """No configuration says where the migration scripts are (CFG-30)."""

    code = "LBK-NO-PROJECT"

    def __init__(
        self,
        *,
        looked_in: Sequence[str] = (),
        missing_file: str | None = None,
        missing_section: str | None = None,
        above: str | None = None,
    ) -> None:
        looked = f" (looked in {', '.join(looked_in)})" if looked_in else ""
        hint = (
            "run this command in the directory of your project, name its configuration with `-c`, "
            "or start a new project with `limbeck init --models MODULE`"
        )
        if above is not None and missing_file is not None:
            hint = f"the nearest project is in {above}: run this command there, or `limbeck init` for a new one here"
        elif missing_file is not None:
            hint = f"there is no file `{missing_file}`: {hint}"
        elif missing_section is not None:
            hint = f"there is no section `[{missing_section}]`: name one that has `script_location` with `-n`"
        super().__init__(f"No 'script_location' key found in configuration{looked}.", hint=hint)
        self.looked_in = tuple(looked_in)
        self.missing_file = missing_file
        self.missing_section = missing_section
        self.above = above


class NoScriptDirectory(ConfigurationError):
    """The directory that should hold the migration scripts does not exist (CFG-32)."""

    code = "LBK-NO-DIRECTORY"

    setting = "script_location"

    def __init__(self, *, path: str) -> None:
        super().__init__(
            f"Path doesn't exist: {path}.  Please use the 'init' command to create a new scripts folder.",
            hint="correct `script_location`, which is relative to the current directory, or run "
            f"`limbeck init {path}`",
        )
        self.path = path


class NoConfigFile(ConfigurationError):
    """A program names a configuration file that does not exist."""

    def __init__(self, *, path: str) -> None:
        super().__init__(
            f"No config file {path!r} found",
            hint="correct the path, which is relative to the current directory of the process",
        )
        self.path = path


class NoConfigSection(ConfigurationError):
    """The configuration file is absent, or has no section of that name (CFG-1)."""

    def __init__(self, *, file: str | None, section: str) -> None:
        super().__init__(
            f"No config file {file!r} found, or file has no '[{section}]' section",
            hint=f"add a section [{section}] to the file, or name another file with `-c`",
        )
        self.file = file
        self.section = section


class UnreadableSettings(ConfigurationError):
    """A configuration file breaks the rules of its format; `path` and `line` say where (CFG-10)."""

    def __init__(
        self, *, path: str | None, reason: str, line: int | None = None, hint: str | None = None
    ) -> None:
        where = path or "the settings"
        super().__init__(
            f"Cannot read {where}{f':{line}' if line else ''}: {reason}", hint=hint or "correct that line"
        )
        self.path = path
        self.line = line
        self.reason = reason


class InvalidSetting(ConfigurationError, ValueError):
    """A setting has a value that means nothing (CFG-22, CFG-24, CFG-25, CFG-34, CFG-39)."""

    def __init__(self, *, name: str, expected: str, value: object = None) -> None:
        given = f"{value!r} is not a valid value for" if value is not None else "The value is not valid for"
        super().__init__(
            f"{given} {name}; expected {expected}", hint=f"correct `{name}` in the configuration"
        )
        self.setting = self.name = name
        self.value = value
        self.expected = expected


class UnknownVariable(ConfigurationError, KeyError):
    """A setting uses `%(variable)s` and nothing defines that variable (CFG-22)."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes

    def __init__(self, *, setting: str, variable: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{setting} uses %({variable})s, which is not defined",
            hint=f"defined are {', '.join(known)}; write a literal percent sign as `%%`",
        )
        self.setting = setting
        self.variable = variable
        self.known = tuple(known)
