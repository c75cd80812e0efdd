"""Values as SQLite writes them."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlalchemy.engine import Dialect

from limbeck.ddl.literals import Literals


class SQLiteLiterals(Literals):
    """SQLite has infinities but no word for them, and keeps NaN as NULL."""

    def not_finite(self, value: float | Decimal, dialect: Dialect) -> str:
        """NaN or an infinity."""
        if math.isnan(value):
            return "NULL"
        return "9e999" if value > 0 else "-9e999"
