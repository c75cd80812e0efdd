"""Running a plan: what env.py talks to, transactions, the version table, scripts of SQL."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {name: f"limbeck.runtime.{name}" for name in ("environment", "migration", "plugins")}
)
