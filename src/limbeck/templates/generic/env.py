"""limbeck runs this file whenever a command needs the database."""

from logging.config import fileConfig
from pathlib import Path

from limbeck import context
from sqlalchemy import engine_from_config, pool

# The settings: get_main_option("name") reads any key of the main section.
config = context.config

# Set up logging as the configuration file says, if there is one.
if config.config_file_name is not None and Path(config.config_file_name).exists():
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


def run_migrations_online() -> None:
    """Connect to the database and run the migrations there."""
    engine = engine_from_config(
        config.get_section(config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
