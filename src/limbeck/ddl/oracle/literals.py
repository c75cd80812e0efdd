"""Values as Oracle writes them."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlalchemy.engine import Dialect

from limbeck.ddl.literals import Literals


class OracleLiterals(Literals):
    """Bytes and the numbers that are none have words of their own."""

    def binary(self, value: bytes) -> str:
        """Bytes."""
        return f"HEXTORAW('{value.hex()}')"

    def not_finite(self, value: float | Decimal, dialect: Dialect) -> str:
        """NaN or an infinity."""
        if math.isnan(value):
            return "BINARY_DOUBLE_NAN"
        return "BINARY_DOUBLE_INFINITY" if value > 0 else "-BINARY_DOUBLE_INFINITY"
