"""Documented path for what writes messages."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "err": "limbeck.cli.failure:err",
        "msg": "limbeck.base.console:write_message",
        "obfuscate_url_pw": "limbeck.base.redaction:redact",
        "status": "limbeck.base.console:status",
        "warn": "limbeck.base.console:warn",
    },
)
