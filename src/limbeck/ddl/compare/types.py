"""Do two types mean the same column in a database? (AUT-20 to AUT-25)

Types are compared as the database spells them: `NUMERIC(10, 2)`, `TIMESTAMP WITH TIME ZONE`,
`VARCHAR(10) COLLATE latin1_bin`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column
from sqlalchemy.exc import CompileError
from sqlalchemy.types import TypeEngine

from limbeck.ddl.contracts import Comparing


class Params(NamedTuple):
    """The text of a type in its parts: first word, all words, arguments in parentheses, and named options."""

    token0: str
    tokens: list[str]
    args: list[str]
    kwargs: dict[str, str]

    @property
    def base(self) -> str:
        """All words: what kind of type it is."""
        return " ".join(self.tokens)


ARGUMENTS = re.compile(r"\(((?:'(?:[^']|'')*'|[^()'])*)\)")
ARGUMENT = re.compile(r"'(?:[^']|'')*'|[^,]+")
COLLATE = r"""\bcollate\s+("[^"]+"|`[^`]+`|[\w.\-]+)"""
WORD = re.compile(r"""(?:"(?:[^"]|"")*"|`[^`]*`|[^\s"`]+)+""")

Refine = Callable[[Params], Params]
"""A dialect's own correction of what was read from a type's text."""


def compare_type(
    impl: Comparing, inspector_column: Column[Any], metadata_column: Column[Any], refine: Refine | None = None
) -> bool:
    """Whether the two columns have different types (AUT-20).

    Arguments count only if both sides give the same number of them, and a collation only if both sides
    name one: what was left to the database is no wish (AUT-22).
    """
    spelled = spell_type(impl, inspector_column.type), spell_type(impl, metadata_column.type)
    if spelled[0] == spelled[1]:
        return False
    reflected, wanted = (parse_type(written, impl.type_arg_extract) for written in spelled)
    if refine is not None:
        reflected, wanted = refine(reflected), refine(wanted)
    if not is_same_kind(impl.type_synonyms, reflected, wanted):
        return True
    if not _same_arguments(reflected, wanted):
        return True
    shared = reflected.kwargs.keys() & wanted.kwargs.keys()
    return any(reflected.kwargs[option] != wanted.kwargs[option] for option in shared)


def type_key(type_: TypeEngine[Any]) -> Hashable:
    """What two types share that are spelled the same for sure: class and attributes; else the type itself."""
    said = vars(type_).copy()
    said.pop("dispatch", None)  # SQLAlchemy's events, which each type has for itself
    attributes = tuple(said.items())
    try:
        hash(attributes)
    except TypeError:  # a list among them, such as the values of an enumeration
        return type_
    return type(type_), attributes


def spell_type(impl: Comparing, type_: TypeEngine[Any]) -> str:
    """A type as the database of `impl` spells it (AUT-20, AUT-25)."""
    try:
        return impl.dialect.type_compiler_instance.process(type_)
    except CompileError:  # incomplete for this database, as VARCHAR without length is for some
        return str(type_)


def parse_type(written: str, options: Iterable[str] = ()) -> Params:
    """The parts of a type's text; `options` are patterns whose first group is an option's value.

    >>> parse_type("NUMERIC(10, 2)").args
    ['10', '2']
    """
    kwargs: dict[str, str] = {}
    for pattern in (*options, COLLATE):
        found = re.search(pattern, written, re.IGNORECASE)
        if found:
            key = COLLATE if "collate" in found.group(0).lower() else pattern
            kwargs.setdefault(key, found.group(1).strip("\"`'").lower())
            written = written[: found.start()] + written[found.end() :]
    args: list[str] = []
    given = ARGUMENTS.search(written)
    if given:
        args = [argument.strip() for argument in ARGUMENT.findall(given.group(1))]
        written = f"{written[: given.start()]} {written[given.end() :]}"
        written = written.replace(" []", "[]")
    tokens = [word if '"' in word or "`" in word else word.upper() for word in WORD.findall(written)]
    return Params(tokens[0] if tokens else "", tokens, args, kwargs)


def is_same_kind(synonyms: Sequence[set[str]], one: Params, other: Params) -> bool:
    """Whether two types have names that mean the same, as a whole or in their first word (AUT-21)."""
    if are_synonyms(synonyms, one.base, other.base):
        return True
    return one.tokens[1:] == other.tokens[1:] and are_synonyms(synonyms, one.token0, other.token0)


def are_synonyms(synonyms: Sequence[set[str]], one: str, other: str) -> bool:
    """Whether two names of types mean the same (AUT-21)."""
    return one == other or any(one in names and other in names for names in synonyms)


def _same_arguments(one: Params, other: Params) -> bool:
    """Whether the arguments agree; the values of an enumeration may come in any order (AUT-23)."""
    if one.args and other.args and all(argument.startswith("'") for argument in one.args + other.args):
        return set(one.args) == set(other.args)
    if len(one.args) != len(other.args):
        return True
    return [argument.upper() for argument in one.args] == [argument.upper() for argument in other.args]
