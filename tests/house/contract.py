"""What callers may rely on, as tests/data/contract.json has it, and how far an object keeps to it.

`call` is the signature that callers write calls for, `...` a default that is not a literal. Optional parameters and
names that are not listed are no trouble.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence, Set
from inspect import Parameter
from pathlib import Path
from types import FunctionType
from typing import Any

CONTRACT: dict[str, dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "contract.json").read_text(encoding="utf-8")
)
"""By module and name: what everybody else's code imports, calls, overrides or reads."""
MISSING = object()
_VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def breaches(module: str, name: str) -> list[str]:
    """Each way in which a name of limbeck does not keep what the contract promises."""
    promise = CONTRACT[module][name]
    value = find(f"{module}.{name}".strip("."))
    if value is MISSING:
        return [f"{name} is missing"]
    if "module" in promise:
        return [] if value is find(promise["module"]) else [f"{name} is not the module {promise['module']}"]
    if "is" in promise:
        return [] if value is find(promise["is"]) else [f"{name} is not {promise['is']}"]
    if "instance_of" in promise:
        kind = find(promise["instance_of"])
        return [] if isinstance(value, kind) else [f"{name} is no {promise['instance_of']}"]
    found = [] if "call" not in promise else list(_call_breaches(promise, value))
    if "class" in promise:
        found += [
            f"derives not from {base}" for base in promise.get("bases", ()) if not _derives(value, base)
        ]
        found += [key for key, text in promise.get("values", {}).items() if getattr(value, key).value != text]
        for member, kind in promise["members"].items():
            found += [f"{member}: {breach}" for breach in _member_breaches(value, member, kind)]
    return [f"{name}: {breach}" for breach in found]


def find(path: str) -> Any:
    """The object at a dotted path below limbeck, or MISSING."""
    words = f"limbeck.{path}".strip(".").split(".")
    for length in range(len(words), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(words[:length]))
        except ModuleNotFoundError:
            continue
        for word in words[length:]:
            try:
                value = getattr(value, word)
            except (AttributeError, ImportError):
                return MISSING
        return value
    return MISSING


def _derives(kind: type, base: str) -> bool:
    package, _, name = base.rpartition(".")
    outside = package.partition(".")[0] in (
        "builtins",
        "sqlalchemy",
        "collections",
        "abc",
        "enum",
        "contextlib",
    )
    wanted = getattr(importlib.import_module(package), name) if outside else find(base)
    return wanted in kind.__mro__


def _member_breaches(owner: type, name: str, kind: str) -> Iterator[str]:
    static = inspect.getattr_static(owner, name, None)
    if static is None and name not in _instance_names(owner):
        yield "is missing"
    elif kind == "property":
        if isinstance(static, FunctionType | classmethod | staticmethod):
            yield "is a method, not a property"
    elif kind:
        on_class = isinstance(static, classmethod | staticmethod)
        if kind.startswith("class ") and not on_class:
            yield "cannot be called on the class"
        have = list(inspect.signature(getattr(owner, name)).parameters.values())
        yield from signature_breaches(read_call(kind.removeprefix("class ")), have if on_class else have[1:])


def _instance_names(owner: type) -> set[str]:
    """The attributes that instances get: annotations, slots, and what is assigned to `self`."""
    names: set[str] = set()
    for base in owner.__mro__:
        if base.__module__ == "builtins":
            continue
        names.update(vars(base).get("__annotations__", ()))
        slots = vars(base).get("__slots__", ())
        names.update([slots] if isinstance(slots, str) else slots)
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):
            continue
        names.update(
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        )
    return names


def _call_breaches(promise: Mapping[str, Any], value: Any) -> Iterator[str]:
    have = list(inspect.signature(value).parameters.values())
    if promise.get("proxy") and [parameter.kind for parameter in have] == list(_VARIADIC):
        return
    yield from signature_breaches(read_call(promise["call"]), have)


def read_call(text: str) -> list[Parameter]:
    """The parameters of a signature written as in the contract."""
    arguments = ast.parse(f"def call{text}: ...").body[0].args  # type: ignore[attr-defined]  # it is a function
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [Parameter.empty] * (len(plain) - len(arguments.defaults)) + [
        ast.literal_eval(default) for default in arguments.defaults
    ]
    found = [
        Parameter(
            argument.arg,
            Parameter.POSITIONAL_ONLY
            if argument in arguments.posonlyargs
            else Parameter.POSITIONAL_OR_KEYWORD,
            default=default,
        )
        for argument, default in zip(plain, defaults, strict=True)
    ]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, Parameter.VAR_POSITIONAL))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        value = Parameter.empty if default is None else ast.literal_eval(default)
        found.append(Parameter(argument.arg, Parameter.KEYWORD_ONLY, default=value))
    if arguments.kwarg:
        found.append(Parameter(arguments.kwarg.arg, Parameter.VAR_KEYWORD))
    return found


def signature_breaches(want: list[Parameter], have: list[Parameter]) -> Iterator[str]:
    """Why calls written for `want` could fail against `have`."""
    by_name = {parameter.name: parameter for parameter in have}
    kinds = {parameter.kind for parameter in have}
    in_order = [parameter for parameter in have if parameter.kind in _POSITIONAL]
    wanted_in_order = [parameter for parameter in want if parameter.kind in _POSITIONAL]
    for parameter in want:
        if parameter.kind in _VARIADIC:
            if parameter.kind not in kinds:
                yield f"takes no {parameter}"
            continue
        found = by_name.get(parameter.name)
        place = wanted_in_order.index(parameter) if parameter in wanted_in_order else None
        if parameter.kind is Parameter.POSITIONAL_ONLY and place is not None and place < len(in_order):
            found = in_order[place]
        if found is None or found.kind in _VARIADIC:
            yield f"has no parameter {parameter.name}"
            continue
        if place is not None and in_order[place : place + 1] != [found]:
            yield f"{parameter.name} is not the positional argument {place + 1}"
        if parameter.kind is not Parameter.POSITIONAL_ONLY and found.kind not in (
            parameter.kind,
            Parameter.POSITIONAL_OR_KEYWORD,
        ):
            yield f"{parameter.name} is {found.kind.description}, not {parameter.kind.description}"
        if parameter.default is not Parameter.empty and not _same_default(parameter.default, found.default):
            yield f"{parameter.name} has the default {found.default!r}, not {parameter.default!r}"
    names = {parameter.name for parameter in want}
    for parameter in have:
        needed = parameter.default is Parameter.empty and parameter.kind not in _VARIADIC
        if needed and parameter.name not in names and parameter.kind is not Parameter.POSITIONAL_ONLY:
            yield f"needs the additional parameter {parameter.name}"


def _same_default(wanted: Any, found: Any) -> bool:
    if found is Parameter.empty:
        return False
    if isinstance(found, enum.Enum):
        found = f"{type(found).__name__}.{found.name}"
    both_empty = isinstance(found, Mapping | Sequence | Set) and not found and wanted in ({}, (), [])
    return wanted is ... or both_empty or bool(found == wanted)
