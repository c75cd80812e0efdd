"""Database schema migrations for SQLAlchemy: `limbeck.upgrade(engine, script_location="migrations")`.

`from limbeck import op, context` gives the two doors that migration scripts and env.py go through.
"""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck import aio as aio
    from limbeck.command.program import at_head as at_head
    from limbeck.command.program import check as check
    from limbeck.command.program import current as current
    from limbeck.command.program import downgrade as downgrade
    from limbeck.command.program import plan as plan
    from limbeck.command.program import stamp as stamp
    from limbeck.command.program import upgrade as upgrade

__version__ = "0.1.0"
FUNCTIONS = ("at_head", "check", "current", "downgrade", "plan", "stamp", "upgrade")
MODULES = (
    "aio", "autogenerate", "command", "config", "context", "ddl", "environment", "migration", "op", "operations",
    "runtime", "script", "util",
)  # fmt: skip
__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {name: f"limbeck.{name}" for name in MODULES}
    | {name: f"limbeck.command.program:{name}" for name in FUNCTIONS},
)
