"""limbeck runs this file whenever a command needs the database."""

import asyncio
from logging.config import fileConfig
from pathlib import Path

from limbeck import context
from sqlalchemy import Connection, pool

# The settings: get_main_option("name") reads any key of the main section.
config = context.config

# A program that runs migrations may hand over a connection; logging is its own business, too.
given_connection = config.attributes.get("connection")

# Set up logging as the configuration file says, if there is one.
if given_connection is None and config.config_file_name and Path(config.config_file_name).exists():
    fileConfig(config.config_file_name, disable_existing_loggers=False, encoding="utf-8")

# The tables as the models define them, for `revision --autogenerate` and `check`:
#   from myapp.models import Base
#   target_metadata = Base.metadata
target_metadata = None


def run_migrations_offline() -> None:
    """Print the SQL instead of running it (--sql); no driver and no database is needed."""
    context.configure(
        url=config.get_main_option("sqlalchemy.url"),
        target_metadata=target_metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


def run_migrations(connection: Connection) -> None:
    """Run the migrations on a connection, as if it were a synchronous one."""
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Connect to the database and run the migrations there."""
    from sqlalchemy.ext.asyncio import async_engine_from_config  # needs greenlet, which --sql does not

    engine = async_engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run_migrations)
    await engine.dispose()


def run_migrations_online() -> None:
    """Start an event loop and run the migrations in it."""
    if given_connection is not None:
        run_migrations(given_connection)
    else:
        asyncio.run(connect_and_run())


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
