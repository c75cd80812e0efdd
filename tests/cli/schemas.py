"""As much of JSON Schema as the published schemas use; a word that is not known here is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip
KNOWN = {
    "$schema", "title", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
    "minimum",
}  # fmt: skip


def violations(value: Any, schema: dict[str, Any], place: str = "$") -> Iterator[str]:
    """What is wrong with a value."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "anyOf" in schema:
        found = [list(violations(value, one, place)) for one in schema["anyOf"]]
        if all(found):
            yield f"{place}: none of {len(found)} shapes: {found}"
    if "const" in schema and value != schema["const"]:
        yield f"{place}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is not in {schema['enum']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{place}: {value!r} is too small"
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if types and not any(_is_of(value, one) for one in types):
        yield f"{place}: {value!r} is not of {types}"
        return
    if isinstance(value, dict) and "properties" in schema:
        yield from (f"{place}: {name} is missing" for name in schema["required"] if name not in value)
        if not schema["additionalProperties"]:
            yield from (f"{place}: {name} is too much" for name in value if name not in schema["properties"])
        for name, one in value.items():
            if name in schema["properties"]:
                yield from violations(one, schema["properties"][name], f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from violations(one, schema["items"], f"{place}[{number}]")


def _is_of(value: Any, type_: str) -> bool:
    if isinstance(value, bool) and type_ in ("integer", "number"):
        return False
    return isinstance(value, TYPES[type_])
