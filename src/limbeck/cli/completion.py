"""Completion in shells: scripts that know every command and option, so that no Python runs at a key press."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.cli.commands import COMMANDS, OPTIONS, POSITIONALS, Argument, Command
from limbeck.cli.parser import GLOBAL_OPTIONS
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.errors.codes import CODES

SYMBOLS = ("head", "heads", "base", "current")
SHELLS = ("bash", "zsh", "fish")


def completion(config: Config, shell: str) -> None:
    """Print the completion script for a shell: bash, zsh or fish. Raises CommandError for another one."""
    makers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    if shell not in makers:
        raise CommandError(
            f"There is no completion for {shell!r}", hint=f"there is one for {', '.join(SHELLS)}"
        )
    config.print_stdout(makers[shell]().rstrip("\n"))


def words_of(command: Command) -> list[str]:
    """The words that may stand in the place of a command's arguments."""
    words: list[str] = []
    for name in command.positionals:
        if name in ("rev", "revision", "revisions", "target"):
            words += SYMBOLS
        elif name == "shell":
            words += SHELLS
        elif name == "code":
            words += CODES
        words += (POSITIONALS[name].choices or ()) if name in POSITIONALS else ()
    return words


def options_of(command: Command) -> list[Argument]:
    """The options of a command, then those of all commands, as far as they do not take the same flags."""
    own = [OPTIONS[name] for name in command.options if name in OPTIONS]
    taken = {flag for option in own for flag in option.flags}
    return [*own, *_without(GLOBAL_OPTIONS, taken)]


def _without(options: Iterable[Argument], taken: set[str]) -> list[Argument]:
    left = [
        option._replace(flags=tuple(flag for flag in option.flags if flag not in taken)) for option in options
    ]
    return [option for option in left if option.flags]


def _flags(options: Iterable[Argument]) -> list[str]:
    return [flag for option in options for flag in option.flags]


def _bash() -> str:
    takers = sorted(
        {
            flag
            for command in COMMANDS
            for option in options_of(command)
            for flag in option.flags
            if option.takes_value and len(flag) > 2
        }
    )
    cases = "\n".join(
        f'        {command.name}) words=" {" ".join([*words_of(command), *_flags(options_of(command))])}" ;;'
        for command in COMMANDS
    )
    names = "|".join(command.name for command in COMMANDS)
    first = " ".join(
        [*(command.name for command in COMMANDS), "--help", "--version", *_flags(GLOBAL_OPTIONS)]
    )
    return f"""\
# Completion of limbeck for bash: put this file into ~/.local/share/bash-completion/completions/limbeck
_limbeck() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" words="" word
    COMPREPLY=()
    case "$previous" in
        {"|".join(takers)}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in
            {names}) command="$word"; break ;;
        esac
    done
    case "$command" in
        "") words=" {first}" ;;
{cases}
    esac
    [[ "$current" == -* ]] || words="${{words%% -*}}"  # options only where one begins
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _limbeck limbeck
"""


def _zsh() -> str:
    commands = "\n".join(f"        {_quoted(f'{each.name}:{each.summary}')}" for each in COMMANDS)
    cases = "\n".join(
        f"        {command.name}) compadd -- {' '.join([*words_of(command), *_flags(options_of(command))])} ;;"
        for command in COMMANDS
    )
    names = "|".join(command.name for command in COMMANDS)
    return f"""\
#compdef limbeck
# Completion of limbeck for zsh: put this file, as _limbeck, into a directory of $fpath
_limbeck() {{
    local command="" word
    local -a commands
    commands=(
{commands}
    )
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case "$word" in
            {names}) command="$word"; break ;;
        esac
    done
    case "$command" in
        "")
            _describe command commands
            compadd -- --help --version {" ".join(_flags(GLOBAL_OPTIONS))} ;;
{cases}
    esac
    _files
}}
compdef _limbeck limbeck
"""


def _fish() -> str:
    lines = [
        "# Completion of limbeck for fish: put this file into ~/.config/fish/completions/limbeck.fish",
        "complete -c limbeck -n __fish_use_subcommand -l version -d 'Show the version'",
        *(f"complete -c limbeck {_fish_option(option)}" for option in GLOBAL_OPTIONS),
    ]
    for command in COMMANDS:
        lines.append(
            f"complete -c limbeck -n __fish_use_subcommand -f -a {command.name} -d {_quoted(command.summary)}"
        )
        seen = f"-n '__fish_seen_subcommand_from {command.name}'"
        if words_of(command):
            lines.append(f"complete -c limbeck {seen} -f -a {_quoted(' '.join(words_of(command)))}")
        own = [OPTIONS[name] for name in command.options if name in OPTIONS]
        lines += [f"complete -c limbeck {seen} {_fish_option(option)}" for option in own]
    return "\n".join([*lines, ""])


def _fish_option(option: Argument) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    value = ["-r"] if option.takes_value else []
    return " ".join([*flags, *value, f"-d {_quoted(option.help)}"])


def _quoted(text: str) -> str:
    """Text in single quotes, in which no shell replaces anything; those inside are typographic."""
    return "'" + text.replace("'", "’").replace("\\", "/") + "'"
