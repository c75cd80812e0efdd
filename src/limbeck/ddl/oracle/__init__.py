"""Oracle Database: documented names."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.ddl.oracle.impl import OracleImpl as OracleImpl

__getattr__, __dir__, __all__ = lazy_exports(__name__, {"OracleImpl": "limbeck.ddl.oracle.impl:OracleImpl"})
