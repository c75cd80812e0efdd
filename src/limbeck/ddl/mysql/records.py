"""What MySQL and MariaDB say about many tables, for the first glance of a comparison.

Both are asked about each table by itself, since only its text says everything. SQLAlchemy's inspector then makes a
result, a parser's state and six answers of it; a record is made of the text at once where it is a usual one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect, Inspector
from sqlalchemy.engine.interfaces import CoreExecuteOptionsParameter
from sqlalchemy.exc import DBAPIError

from limbeck import sqla
from limbeck.ddl.compare import records
from limbeck.ddl.compare.records import COMPARED, TableRecord
from limbeck.ddl.mysql.definition import Definitions

READ = COMPARED | {"primary_key"}
"""What a record says that is made of a text."""
UNTOLD: CoreExecuteOptionsParameter = {"skip_user_error_events": True}
"""SQLAlchemy's inspector tells listeners of no error either."""


def read_records(
    inspector: Inspector, schema: str | None, names: Sequence[str], kinds: Collection[str]
) -> Iterator[TableRecord]:
    """Read these tables of a schema; SQLAlchemy's inspector is asked about those of which something is unusual."""
    connection = inspector.bind
    unusual = names
    if isinstance(connection, Connection) and READ.issuperset(kinds) and is_known(connection.dialect):
        unusual = []
        definitions = Definitions(connection.dialect)
        for name in names:
            text = _find_text(connection, schema, name)
            record = definitions.read((schema, name), text) if text is not None else None
            if record is None:
                unusual.append(name)
            else:
                yield record
    if unusual:
        yield from records.read_records(inspector, schema, unusual, kinds)


def is_known(dialect: Dialect) -> bool:
    """Whether SQLAlchemy itself would read the texts, and as they are."""
    return (
        type(dialect).__module__.startswith("sqlalchemy.dialects.mysql.")
        and dialect.identifier_preparer.initial_quote == "`"
        and not sqla.corrects_foreign_keys(dialect)
    )


def _find_text(connection: Connection, schema: str | None, name: str) -> str | None:
    """The text of a table, or None if the server refuses it or the driver does not give it as text."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    path = ".".join(quote(part) for part in (schema, name) if part is not None)
    try:
        row = connection.exec_driver_sql(f"SHOW CREATE TABLE {path}", execution_options=UNTOLD).first()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    return row[1] if row is not None and isinstance(row[1], str) else None
