"""The door to the environment that is active while env.py runs: `from limbeck import context`.

Every public method of `EnvironmentContext` is a function here, and `config` and `script` are attributes
(RUN-2). Which object they reach is decided when they are used, for each thread and task by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from limbeck.base import current

ATTRIBUTES = ("config", "script")
FUNCTIONS = (
    "begin_transaction", "configure", "execute", "get_bind", "get_context", "get_head_revision",
    "get_head_revisions", "get_impl", "get_revision_argument", "get_starting_revision_argument",
    "get_tag_argument", "get_x_argument", "is_offline_mode", "is_transactional_ddl",
    "requires_connection", "run_migrations", "static_output",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    environment = current.environment.find()
    if name in FUNCTIONS:
        return _forward(name)
    if environment is not None and not name.startswith("_"):
        return getattr(environment, name)
    if name in ATTRIBUTES:
        raise AttributeError(
            f"`context.{name}` exists only while env.py runs{current.environment.explanation}"
        )
    raise AttributeError(f"module 'limbeck.context' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted((*FUNCTIONS, *ATTRIBUTES))


def _forward(name: str) -> Callable[..., Any]:
    def call(*args: Any, **kw: Any) -> Any:
        environment = current.environment.find()
        if environment is None:
            raise NameError(
                f"`context.{name}()` can be called only while env.py runs: no migration environment is active"
                f"{current.environment.explanation}"
            )
        return getattr(environment, name)(*args, **kw)

    call.__name__ = call.__qualname__ = name
    return call
