"""Do two server defaults mean the same? (AUT-30 to AUT-36)

Databases store a default in their own spelling: `('x')`, `'5'`, `current_timestamp()`. `read_value` brings a
spelling to its meaning, so that only meanings are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sqlalchemy import Column, Computed, Identity
from sqlalchemy.schema import DefaultClause
from sqlalchemy.types import TypeEngine

from limbeck.ddl.contracts import Comparing

STRING = re.compile(r"'(?:[^']|'')*'")
PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|[^'"`]+""")
BOOLEANS = {"true": Decimal(1), "false": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Value:
    """What a default stands for: nothing, a string, a number, or SQL to be evaluated."""

    kind: Literal["null", "string", "number", "sql"]
    content: str | Decimal = ""


NULL = Value("null")
Spell = Callable[[str], str]
"""A dialect's own correction of SQL text, before it is read."""


def compare_server_default(
    impl: Comparing,
    inspector_column: Column[Any],
    metadata_column: Column[Any],
    rendered_metadata_default: str | None,
    rendered_inspector_default: str | None,
    spell: Spell = str,
) -> bool:
    """Whether the two defaults differ (AUT-30, AUT-32, AUT-33).

    Parentheses around, letter case and white space outside of strings, and the spelling of numbers make no
    difference; a quoted number is that number; a default of NULL is none.
    """
    reflected = read_value(rendered_inspector_default, spell)
    wanted = read_value(metadata_default(metadata_column, rendered_metadata_default), spell)
    return not is_same_value(reflected, wanted, native_boolean=impl.dialect.supports_native_boolean)


def metadata_default(column: Column[Any], rendered: str | None) -> str | None:
    """The default of a column in the models as SQL: a plain string is one in SQL too (AUT-30)."""
    default = column.server_default
    if rendered is not None and isinstance(default, DefaultClause) and isinstance(default.arg, str):
        return quoted(default.arg)
    return rendered


def quoted(text: str) -> str:
    """A string as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def read_value(sql: str | None, spell: Spell = str) -> Value:
    """What SQL text stands for.

    >>> read_value("('it''s')").content
    "it's"
    """
    if sql is None:
        return NULL
    written = without_parentheses(spell(sql))
    if written.lower() == "null":
        return NULL
    if STRING.fullmatch(written):
        return Value("string", written[1:-1].replace("''", "'"))
    number = read_number(written)
    if number is not None:
        return Value("number", number)
    return Value("sql", normalized(written))


def is_same_value(one: Value, other: Value, *, native_boolean: bool = True) -> bool:
    """Whether two values are the same once the column has stored them."""
    if one == other:
        return True
    numbers = _number(one, native_boolean), _number(other, native_boolean)
    return None not in numbers and numbers[0] == numbers[1]


def read_number(text: str) -> Decimal | None:
    """The number that text spells, or None."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number.normalize() if number.is_finite() else None


def without_parentheses(sql: str) -> str:
    """SQL without the parentheses around all of it.

    >>> without_parentheses("((a) + (b))")
    '(a) + (b)'
    """
    sql = sql.strip()
    while sql.startswith("(") and _closes_at_end(sql):
        sql = sql[1:-1].strip()
    return sql


def normalized(sql: str) -> str:
    """SQL with one spelling for what has no meaning: letter case and white space outside of quotes.

    >>> normalized("LOWER( 'X' )")
    "lower('X')"
    """

    def tidy(piece: str) -> str:
        if piece[0] in "'\"`":
            return piece
        squeezed = re.sub(r"\s+", " ", piece.lower())
        return re.sub(r"\s*([(),+*/=<>|-])\s*", r"\1", squeezed)

    return "".join(tidy(piece) for piece in PIECE.findall(sql)).strip()


def _closes_at_end(sql: str) -> bool:
    depth = 0
    for place, character in enumerate(STRING.sub(lambda found: "x" * len(found.group()), sql)):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(sql) - 1
    return False


def _number(value: Value, native_boolean: bool) -> Decimal | None:
    if value.kind == "number":
        assert isinstance(value.content, Decimal)
        return value.content
    if value.kind == "string":
        return read_number(str(value.content))
    if value.kind == "sql" and not native_boolean:
        return BOOLEANS.get(str(value.content))
    return None


# --- identity and computed columns ---------------------------------------------------------------------------

IDENTITY_ATTRIBUTES = (
    "always", "on_null", "start", "increment", "minvalue", "maxvalue",
    "nominvalue", "nomaxvalue", "cycle", "cache", "order",
)  # fmt: skip


def identity_differences(
    impl: Comparing, reflected: Identity | None, wanted: Identity | None
) -> frozenset[str]:
    """The attributes in which two identities differ; what the models leave open does not count (AUT-34)."""
    if reflected is None or wanted is None:
        return frozenset() if reflected is wanted else frozenset({"identity"})
    compared = [name for name in IDENTITY_ATTRIBUTES if name not in impl.identity_attrs_ignore]
    return frozenset(
        name
        for name in compared
        if _identity_differs(getattr(reflected, name, None), getattr(wanted, name, None), name)
    )


def _identity_differs(reflected: Any, wanted: Any, name: str) -> bool:
    if name == "always":
        return bool(reflected) != bool(wanted)
    if wanted is None:
        return False
    if isinstance(wanted, bool):
        return bool(reflected) != wanted
    return bool(reflected != wanted)


def is_same_expression(reflected: str, wanted: str) -> bool:
    """Whether two computed columns compute the same, as far as their texts tell (AUT-35)."""
    return _bare_expression(reflected) == _bare_expression(wanted)


def _bare_expression(sql: str) -> str:
    without_casts = re.sub(r"::\w+(\s+varying)?(\([^)]*\))?(\[\])?", "", sql)
    return re.sub(r"""[\s()"'`]""", "", without_casts).lower()


def is_computed(column: Column[Any]) -> bool:
    """Whether the database computes the column."""
    return isinstance(column.server_default, Computed)


def has_text_type(type_: TypeEngine[Any]) -> bool:
    """Whether values of this type are strings."""
    try:
        return issubclass(type_.python_type, str)
    except NotImplementedError:
        return False
