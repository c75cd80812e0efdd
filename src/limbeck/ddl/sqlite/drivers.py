"""The drivers of SQLite."""

from limbeck.ddl.drivers import Driver

ALIASES = ("sqlite3",)

DRIVERS = (
    Driver("pysqlite", "sqlite3", "a Python that was built with SQLite"),
    Driver("aiosqlite", "aiosqlite", '"limbeck[async]" aiosqlite'),
)
