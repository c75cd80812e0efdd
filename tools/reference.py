"""Write the pages of docs/reference that follow from the code: commands, directives, options, functions, errors.

With `--check` nothing is written: the exit status says whether the pages are as they should be.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.cli.commands import Argument

PAGES = Path(__file__).parents[1] / "docs" / "reference"
CASES = Path(__file__).parents[1] / "tests" / "data"
SOURCE = Path(__file__).parents[1] / "src" / "limbeck"
NOTE = "<!-- Made from the code by `make docs`; do not edit. -->\n"


def commands() -> Iterator[str]:
    """Every command with what it takes."""
    from limbeck.cli.commands import COMMANDS, OPTIONS, POSITIONALS
    from limbeck.cli.parser import GLOBAL_OPTIONS

    yield "# Commands\n"
    yield (
        "`limbeck [OPTIONS] COMMAND …`; `limbeck COMMAND --help` says the same as this page. "
        "What a user can put right ends with 255, a wrong command line with 2, an error of the database or of your "
        "own code with 1. `plan --exit-code` ends with 3 if something is pending, and a run that has waited in vain "
        "[for another one](../guides/several-deployments.md) with 4.\n"
    )
    yield "## Options of every command\n"
    yield "They stand before the command or behind it; `--version`, which shows the version, stands alone.\n"
    yield table(("option", ""), [(flags(option), option.help) for option in GLOBAL_OPTIONS])
    for command in COMMANDS:
        words = [command.name]
        for name in command.positionals:
            argument = POSITIONALS[name]
            words.append(f"{name.upper()}…" if argument.nargs == "+" else name.upper())
        yield f"## {command.name}\n"
        yield f"{command.summary}\n"
        yield f"```console\n$ limbeck {command.example}\n```\n" if command.example else ""
        rows = [
            (f"`{placeholder(POSITIONALS[name])}`", POSITIONALS[name].help) for name in command.positionals
        ]
        for name in command.options:
            rows.append((flags(OPTIONS[name]), OPTIONS[name].help))
        if rows:
            yield table(("argument", ""), rows)


def placeholder(argument: Argument) -> str:
    """What stands for an argument without a flag."""
    return "|".join(argument.choices or ()) or argument.name.upper()


def flags(option: Argument) -> str:
    """How an option is written."""
    value = f" {option.metavar or option.name.upper()}" if option.takes_value else ""
    return ", ".join(f"`{flag}{value}`" for flag in option.flags)


def directives() -> Iterator[str]:
    """Every function of `op`, as its stub has it."""
    yield "# Directives\n"
    yield "What `from limbeck import op` offers inside `upgrade()` and `downgrade()`.\n"
    yield from functions("op.pyi", "op")


def environment() -> Iterator[str]:
    """Every function of `context`, and every option of `configure()`."""
    from limbeck.runtime.options import OPTIONS, Subject

    yield "# In env.py\n"
    yield "What `from limbeck import context` offers while env.py runs.\n"
    yield "## Options of configure()\n"
    for subject in Subject:
        yield f"### {subject.value[0].upper()}{subject.value[1:]}\n"
        rows = [
            (f"`{option.name}`", f"{option.purpose}{default(option.default)}")
            for option in OPTIONS
            if option.subject is subject
        ]
        yield table(("option", ""), rows)
    yield "## Functions\n"
    yield from functions("context.pyi", "context", level=3)


def program() -> Iterator[str]:
    """Every function for programs, and what they return."""
    from limbeck.command import results

    yield "# From a program\n"
    yield (
        "What `import limbeck` offers to programs. `limbeck.aio` has the same functions, with the same parameters, "
        "to be awaited. [The guide](../guides/from-python.md) shows their use; the options that they take are "
        "explained [with env.py](environment.md).\n"
    )
    yield from functions("command/program.py", "limbeck")
    yield "## Results\n"
    yield "They are in `limbeck.command.results`, and cannot be changed.\n"
    for name, kind in vars(results).items():
        if dataclasses.is_dataclass(kind):
            fields = ", ".join(f"{field.name}: {field.type}" for field in dataclasses.fields(kind))
            yield f"### {name}\n"
            yield f"```python\n{name}({fields})\n```\n"
            yield from paragraphs(inspect.cleandoc(kind.__doc__ or "").partition("\n\n>>>")[0])


def errors() -> Iterator[str]:
    """Every exception."""
    from limbeck import errors

    yield "# Errors\n"
    yield (
        "All are in `limbeck.errors`; `limbeck.util.exc` and `limbeck.script.revision` have those that are "
        "documented there. An error carries its facts as attributes; `hint` says what to do.\n"
    )
    tree = re.search(r"\n( +Exception\n.*?)\n\n", errors.__doc__ or "", re.DOTALL)
    assert tree is not None
    yield f"```text\n{textwrap.dedent(tree[1])}\n```\n"
    classes = sorted(
        ((name, getattr(errors, name)) for name in errors.__all__),
        key=lambda each: (each[1].__module__, each[0]),
    )
    yield table(
        ("error", ""),
        [(f"`{name}`", " ".join((kind.__doc__ or "").split("\n\n")[0].split())) for name, kind in classes],
    )


def error_codes() -> Iterator[str]:
    """Every code word."""
    from limbeck import errors
    from limbeck.errors.codes import CODES

    yield "# Error codes\n"
    yield (
        "Every message about a failure ends with a word, and `limbeck explain WORD` shows what stands here. "
        "Programs find it as `code` of the exception.\n"
    )
    for code in CODES.values():
        kinds = [name for name in errors.__all__ if vars(getattr(errors, name)).get("code") == code.word]
        yield f"## {code.word}\n"
        yield f"{code.title}.\n"
        yield f"{code.meaning}\n"
        yield f"{code.remedy}\n"
        if kinds:
            yield f"Raised as {', '.join(f'`{name}`' for name in kinds)}.\n"


def differences() -> Iterator[str]:
    """Every conscious difference from the reference that a recorded case shows."""
    yield "# Differences, one by one"
    yield (
        "\nLimbeck is tested with recorded behaviour of the reference. This is where it does something else on "
        "purpose; each line has a test.\n"
    )
    for title, stem in DIFFERENCES.items():
        listed = tomllib.loads((CASES / f"{stem}-differences.toml").read_text(encoding="utf-8"))
        yield f"## {title}\n"
        yield "".join(f"- {why}\n" for why in dict.fromkeys(entry["why"] for entry in listed["difference"]))


def functions(stub: str, door: str, level: int = 2) -> Iterator[str]:
    """A chapter for each function of a stub."""
    source = (SOURCE / stub).read_text(encoding="utf-8")
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    for name, versions in itertools.groupby(nodes, lambda node: node.name):
        heads, docstring = [], ""
        for node in versions:
            text = ast.get_source_segment(source, node) or ""
            head = re.split(r'\n    r?"""|: \.\.\.$', text)[0].removeprefix("def ").removesuffix(":")
            heads.append(f"{door}.{head}")
            docstring = docstring or ast.get_docstring(node, clean=False) or ""
        yield f"{'#' * level} {name}\n"
        yield "```python\n" + "\n".join(heads) + "\n```\n"
        yield from paragraphs(re.sub(r"(?m)^    ", "", docstring).strip())


def paragraphs(docstring: str) -> Iterator[str]:
    """A docstring as Markdown: indented paragraphs are code, rule numbers are for developers only."""
    blocks = re.split(r"\n\n+", docstring)
    for is_code, group in itertools.groupby(blocks, is_an_example):
        if is_code:
            yield f"```python\n{textwrap.dedent((chr(10) * 2).join(group))}\n```\n"
        else:
            yield from (f"{without_rules(block)}\n" for block in group if block)


def is_an_example(block: str) -> bool:
    # The formatter takes the indentation away where nothing but the example follows the first line.
    return block.startswith(("    ", "op.", "context."))


def without_rules(text: str) -> str:
    return re.sub(r"\s*\((?:see )?(?:[A-Z]{2,4}-\d+|§)[^()]*\)", "", text)


def default(value: object) -> str:
    return "" if value is None else f" Default: `{value!r}`."


def table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| {left} | {without_rules(right).replace('|', chr(92) + '|')} |" for left, right in rows]
    return "\n".join(lines) + "\n"


DIFFERENCES = {"Autogenerate": "autogen", "Directives and SQL": "ddl", "Batch blocks": "batch"}

MAKERS: dict[str, Callable[[], Iterator[str]]] = {
    "commands.md": commands,
    "directives.md": directives,
    "environment.md": environment,
    "program.md": program,
    "errors.md": errors,
    "error-codes.md": error_codes,
    "differences.md": differences,
}


def main() -> int:
    """Write the pages, or with `--check` compare them."""
    stale = []
    for name, make in MAKERS.items():
        text = "\n".join([NOTE, *filter(None, make())])
        path = PAGES / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"docs/reference: {', '.join(stale)} not as the code has it; run `make docs`", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
