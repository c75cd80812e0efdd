"""Documented path for the comparison of server defaults, which lives in `defaults`."""

from limbeck.base.lazy import lazy_exports

HOME = "limbeck.autogenerate.compare.defaults"

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        name: f"{HOME}:{name}"
        for name in (
            "_dialect_impl_compare_server_default",
            "_render_server_default_for_compare",
            "_user_compare_server_default",
            "setup",
        )
    },
)
