"""Database schema migrations for SQLAlchemy.

`from limbeck import op, context` gives the two doors that migration scripts and env.py go through.
"""

from limbeck.base.lazy import lazy_exports

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        name: f"limbeck.{name}"
        for name in (
            "autogenerate",
            "command",
            "config",
            "context",
            "ddl",
            "environment",
            "migration",
            "op",
            "operations",
            "runtime",
            "script",
            "util",
        )
    },
)
