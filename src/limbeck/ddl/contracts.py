"""What comparing and rendering may ask of the things around them: the words of this floor for what lives above.

Rules in `ddl/compare` and in the dialects' `compare.py` and `render.py` work with any object of these shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine


class Comparing(Protocol):
    """What a comparison rule asks of an impl."""

    @property
    def type_synonyms(self) -> Sequence[set[str]]: ...
    @property
    def type_arg_extract(self) -> Iterable[str]: ...
    @property
    def identity_attrs_ignore(self) -> Sequence[str]: ...
    @property
    def dialect(self) -> Dialect: ...
    @property
    def connection(self) -> Connection | None: ...

    def render_ddl_sql_expr(self, expr: ClauseElement, is_server_default: bool = False, **kw: Any) -> str: ...


class Rendering(Protocol):
    """What a rule that renders Python asks of an impl."""

    def render_type(self, type_obj: TypeEngine[Any], autogen_context: Any) -> str | bool: ...
    def render_ddl_sql_expr(self, expr: ClauseElement, is_server_default: bool = False, **kw: Any) -> str: ...


class HasImpl(Protocol):
    """The part of a migration context that knows the database."""

    @property
    def opts(self) -> Mapping[str, Any]: ...
    @property
    def impl(self) -> Rendering: ...


class RenderContext(Protocol):
    """What a rule that renders Python asks of an autogenerate context (AUT-104)."""

    imports: set[str]
    _has_batch: bool

    @property
    def opts(self) -> Mapping[str, Any]: ...
    @property
    def dialect(self) -> Dialect: ...
    @property
    def migration_context(self) -> HasImpl: ...
