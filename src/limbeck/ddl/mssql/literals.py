"""Values as SQL Server writes them."""

from __future__ import annotations

from limbeck.ddl.literals import Literals


class MSSQLLiterals(Literals):
    """Bytes are a number in base 16."""

    def binary(self, value: bytes) -> str:
        """Bytes."""
        return f"0x{value.hex()}"
