"""An env.py that takes the connection of a program, or connects by itself."""

from sqlalchemy import Connection, MetaData, create_engine

from limbeck import context

config = context.config
target_metadata = MetaData()


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=target_metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = config.attributes.get("connection")
url = config.get_main_option("sqlalchemy.url", "sqlite://")
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()
elif given is not None:
    run(given)
else:
    with create_engine(url).connect() as connection:
        run(connection)
