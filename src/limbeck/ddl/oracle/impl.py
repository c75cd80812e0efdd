"""Oracle Database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index
from sqlalchemy.schema import CreateIndex

from limbeck.ddl.facts import Effect, server_version
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.oracle import elements as elements
from limbeck.ddl.oracle import facts
from limbeck.ddl.oracle.literals import OracleLiterals


class OracleImpl(DefaultImpl):
    """MODIFY instead of ALTER COLUMN; scripts for SQL*Plus, where a slash runs a statement."""

    __dialect__ = "oracle"
    literals = OracleLiterals()
    transactional_ddl = False
    can_widen_version_table = True
    batch_separator = "/"
    command_terminator = ""
    # SQL Language Reference, "ANSI, DB2, and SQL/DS Data Types": what each name is stored as.
    type_synonyms = (
        *DefaultImpl.type_synonyms,
        {"VARCHAR", "VARCHAR2"},
        {"INTEGER", "SMALLINT", "BIGINT", "DECIMAL", "NUMERIC", "NUMBER"},
        {"FLOAT", "DOUBLE PRECISION"},
    )
    identity_attrs_ignore = ()

    def create_index(self, index: Index, **kw: Any) -> None:
        """Create an index; IF NOT EXISTS is left out (OPS-72)."""
        self._exec(CreateIndex(index))

    def effect_of(self, operation: Any) -> Effect | None:
        """What an operation blocks, scans and rewrites, or None if that is not known."""
        return facts.effect_of(operation, server_version(self.dialect))

    def emit_begin(self) -> None:
        """Write what opens a transaction in a script (OFF-6)."""
        self._write("SET TRANSACTION READ WRITE")

    def emit_commit(self) -> None:
        """Write what closes a transaction in a script (OFF-6)."""
        self._write("COMMIT")

    def _write(self, text: str) -> None:
        self.static_output(text)
        if self.batch_separator:
            self.static_output(self.batch_separator)
