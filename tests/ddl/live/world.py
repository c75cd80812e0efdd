"""A database that can be emptied, given the tables of a model, and asked for all it has."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from tests.ddl.live.model import Model

SCHEMAS = ("s1", "s2", "MySchema", "S 1")
"""The schemas that recorded calls speak of."""


class World:
    """A database of one backend, and the schemas beside its own."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.backend = "mariadb" if self.url.get_backend_name() == "mysql" else self.url.get_backend_name()
        if self.backend == "mariadb":
            self.url = self.url.set(drivername="mariadb+pymysql")
        # One connection for everything: the databases that SQLite attaches are in memory.
        self.engine = sa.create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            poolclass=sa.StaticPool,
            # Tables change under the driver's feet: what it has prepared would not fit any more.
            connect_args={"prepare_threshold": None, "options": "-c search_path=public,contrib"}
            if self.backend == "postgresql"
            else {},
        )
        self.extensions: set[str] = set()
        if self.backend == "postgresql":
            self._install_extensions()
        self.schemas = {name: self._schema(name) for name in SCHEMAS}

    def _schema(self, name: str) -> str:
        """On MariaDB a schema is a database: one of this test's own."""
        return f"{self.url.database}_{name}" if self.backend == "mariadb" else name

    def adapted(self, call: str) -> str:
        """A recorded call with the schemas of this database."""
        for name, own in self.schemas.items():
            call = re.sub(rf"'{name}(?=['.])", f"'{own}", call)
        return call

    def _install_extensions(self) -> None:
        """What comes with PostgreSQL and recorded calls use, out of the way of what is cleared."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("CREATE SCHEMA contrib")
            available = "SELECT name FROM pg_available_extensions WHERE name IN ('pg_trgm', 'btree_gist')"
            self.extensions = {name for (name,) in connection.exec_driver_sql(available)}
            for name in self.extensions:
                connection.exec_driver_sql(f"CREATE EXTENSION {name} SCHEMA contrib")

    @property
    def version(self) -> tuple[Any, ...]:
        return self.engine.dialect.server_version_info or ()  # type: ignore[attr-defined]  # of every dialect here

    @property
    def has_comments(self) -> bool:
        return self.engine.dialect.supports_comments

    def close(self) -> None:
        self.engine.dispose()

    def schemas_in(self, call: str) -> list[str]:
        """The schemas that an adapted call speaks of."""
        return [own for own in self.schemas.values() if re.search(rf"'{own}(?=['.])", call)]

    @contextmanager
    def empty(self, schemas: list[str]) -> Iterator[sa.Connection]:
        """A connection to the database with nothing in it but empty schemas; it is emptied afterwards."""
        with self.engine.connect() as connection:
            for schema in schemas:
                self._create(connection, schema)
            try:
                yield connection
            finally:
                self._clear(connection, schemas)

    def _create(self, connection: sa.Connection, schema: str) -> None:
        name = connection.dialect.identifier_preparer.quote_identifier(schema)
        if self.backend == "sqlite":
            connection.exec_driver_sql(f"ATTACH DATABASE ':memory:' AS {name}")
        else:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")

    def _clear(self, connection: sa.Connection, schemas: list[str]) -> None:
        quote = connection.dialect.identifier_preparer.quote_identifier
        if self.backend == "sqlite":
            connection.invalidate()
        elif self.backend == "postgresql":
            names = ", ".join(quote(schema) for schema in ("public", *schemas))
            connection.exec_driver_sql("DISCARD TEMPORARY")
            connection.exec_driver_sql(f"DROP SCHEMA {names} CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        else:
            connection.exec_driver_sql("SET foreign_key_checks = 0")
            for schema in schemas:
                connection.exec_driver_sql(f"DROP SCHEMA {quote(schema)}")
            for name, kind in connection.exec_driver_sql("SHOW FULL TABLES").all():
                connection.exec_driver_sql(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {quote(name)}")
            connection.exec_driver_sql("DROP TABLE IF EXISTS t")  # a temporary one is not shown
            connection.exec_driver_sql("SET foreign_key_checks = 1")

    def build(self, connection: sa.Connection, model: Model) -> None:
        """Make what the model has, with SQLAlchemy alone."""
        for type_ in model.types.values():
            type_.create(connection)
        metadata = model.made()
        metadata.create_all(connection)
        for table in model.tables.values():
            for row in table.rows:
                connection.execute(metadata.tables[_key(table.schema, table.name)].insert().values(row))


def run_raw(connection: sa.Connection, statement: str) -> None:
    """Run text as it is: no parameters, so no percent sign and no colon means anything."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()


def snapshot(connection: sa.Connection, schemas: list[str]) -> dict[str, Any]:
    """All that a database has: by table what reflection tells, and what the server says in its own words."""
    inspector = sa.inspect(connection)
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        # SQLite's expression indexes; the server's own words have them.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection", sa.exc.SAWarning)
        for schema in [None, *schemas]:
            for name in inspector.get_table_names(schema):
                found[_key(schema, name)] = _table(connection, inspector, name, schema)
            for name in inspector.get_view_names(schema):
                found[_key(schema, name)] = inspector.get_view_definition(name, schema)
    for kind, question in OWN_WORDS.get(connection.dialect.name, {}).items():
        found[kind] = sorted(repr(tuple(row)) for row in connection.exec_driver_sql(question))
    return found


OWN_WORDS = {
    "sqlite": {
        "indexes": "SELECT name, replace(replace(sql, char(10), ' '), '  ', ' ') FROM sqlite_master "
        "WHERE type = 'index' AND sql IS NOT NULL",
        "temporary": "SELECT name FROM sqlite_temp_master",
    },
    "postgresql": {
        "types": "SELECT typnamespace::regnamespace, typname, enumlabel "
        "FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid",
        "sequences": "SELECT sequence_name, start_value, increment FROM information_schema.sequences "
        "WHERE starts_with(sequence_name, '_alembic_tmp_') IS FALSE AND sequence_name <> 't_id_seq'",
        "constraints": "SELECT conrelid::regclass, conname, contype, convalidated, condeferrable, condeferred, "
        "pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid > 16383",
        "indexes": "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index "
        "JOIN pg_class ON pg_class.oid = indrelid WHERE indexrelid > 16383 "
        "AND relnamespace <> 'pg_toast'::regnamespace",
    },
}
"""What reflection leaves out, asked for in each server's own way."""


def _table(
    connection: sa.Connection, inspector: sa.Inspector, name: str, schema: str | None
) -> dict[str, Any]:
    place = {"schema": schema}
    preparer = connection.dialect.identifier_preparer
    full = ".".join(preparer.quote_identifier(part) for part in (schema, name) if part)
    has_comments = connection.dialect.supports_comments
    return {
        "columns": [_column(column, connection) for column in inspector.get_columns(name, **place)],
        "primary key": inspector.get_pk_constraint(name, **place),
        "unique": _sorted(inspector.get_unique_constraints(name, **place)),
        "checks": _sorted(inspector.get_check_constraints(name, **place)),
        "foreign keys": _sorted(inspector.get_foreign_keys(name, **place)),
        "indexes": _sorted(inspector.get_indexes(name, **place)),
        "comment": inspector.get_table_comment(name, **place)["text"] if has_comments else None,
        "options": inspector.get_table_options(name, **place) if _has_options(connection) else {},
        "rows": sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {full}")),
    }


def _has_options(connection: sa.Connection) -> bool:
    """SQLAlchemy 2.0 reads those of a PostgreSQL table not at all."""
    return connection.dialect.name != "postgresql"


def _column(column: Any, connection: sa.Connection) -> dict[str, Any]:
    facts = {**column, "type": column["type"].compile(connection.dialect)}
    if "nextval" in str(facts.get("default")):
        facts["default"] = "nextval of its sequence"
    return facts


def _sorted(records: Any) -> list[Any]:
    return sorted((_plain(record) for record in records), key=repr)


def _plain(record: Any) -> dict[str, Any]:
    """A reflected record whose SQL is text, which can be compared."""
    options = record.get("dialect_options", {})
    plain = {
        name: str(value) if isinstance(value, sa.TextClause) else value for name, value in options.items()
    }
    return {**record, "dialect_options": plain}


def _key(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name
