"""limbeck runs this file whenever a command needs the database."""

import logging
import re
from logging.config import fileConfig
from pathlib import Path

from limbeck import context
from sqlalchemy import engine_from_config, pool

USE_TWO_PHASE = False
"""Commit all databases in two phases; they all have to support that."""

# The settings: get_section_option("engine1", "name") reads a key of a database's section.
config = context.config

# Set up logging as the configuration file says, if there is one.
if config.config_file_name is not None and Path(config.config_file_name).exists():
    fileConfig(config.config_file_name, disable_existing_loggers=False, encoding="utf-8")

logger = logging.getLogger("alembic.env")

names = [name for name in re.split(r"[\s,]+", config.get_main_option("databases", "")) if name]

# The tables as the models define them, for `revision --autogenerate` and `check`, by database:
#   target_metadata = {"engine1": first.Base.metadata, "engine2": second.Base.metadata}
target_metadata = {}


def run_migrations_offline() -> None:
    """Write the SQL of each database to a file instead of running it (--sql)."""
    for name in names:
        path = f"{name}.sql"
        logger.info("Writing SQL for database %s to %s", name, path)
        with open(path, "w", encoding="utf-8") as buffer:
            context.configure(
                url=config.get_section_option(name, "sqlalchemy.url"),
                output_buffer=buffer,
                target_metadata=target_metadata.get(name),
                literal_binds=True,
                dialect_opts={"paramstyle": "named"},
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


def roll_back(connection, transaction, error) -> None:
    """Undo what was done on a connection; if that fails, too, the first error stays the one to read."""
    try:
        transaction.rollback()
    except Exception as failure:
        error.add_note(
            f"the rollback failed, too ({type(failure).__name__}): the connection was closed instead"
        )
        connection.invalidate()


def run_migrations_online() -> None:
    """Connect to all databases, run the migrations in each, and commit only if all went well."""
    connections = {}
    transactions = {}
    try:
        for name in names:
            engine = engine_from_config(
                config.get_section(name, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
            )
            connections[name] = engine.connect()
            begin = connections[name].begin_twophase if USE_TWO_PHASE else connections[name].begin
            transactions[name] = begin()

        for name in names:
            logger.info("Migrating database %s", name)
            context.configure(
                connection=connections[name],
                upgrade_token=f"{name}_upgrades",
                downgrade_token=f"{name}_downgrades",
                target_metadata=target_metadata.get(name),
            )
            context.run_migrations(engine_name=name)

        if USE_TWO_PHASE:
            for transaction in transactions.values():
                transaction.prepare()
    except BaseException as error:
        for name, transaction in transactions.items():
            roll_back(connections[name], transaction, error)
        raise
    else:
        for transaction in transactions.values():
            transaction.commit()
    finally:
        for connection in connections.values():
            connection.close()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
