"""The drivers of PostgreSQL."""

from limbeck.ddl.drivers import Driver

ALIASES = ("postgres",)
"""Other words for it in URLs; SQLAlchemy no longer takes them."""

DRIVERS = (
    Driver("psycopg", "psycopg", '"limbeck[postgresql]"'),
    Driver("psycopg2", "psycopg2", "psycopg2-binary"),
    Driver("pg8000", "pg8000", "pg8000"),
    Driver("asyncpg", "asyncpg", '"limbeck[async]" asyncpg'),
)
