# Database and logging; the project itself is configured in pyproject.toml under [tool.alembic].

[alembic]
# Which database: dialect+driver://user:password@host:port/name. Special characters of a password
# are encoded as in every URL (@ is %40). env.py may take the URL from elsewhere just as well.
sqlalchemy.url = driver://user:pass@localhost/dbname

# Logging, read by env.py. INFO of alembic tells which migrations run; INFO of sqlalchemy.engine
# would show every statement.
[loggers]
keys = root,sqlalchemy,alembic

[handlers]
keys = console

[formatters]
keys = generic

[logger_root]
level = WARNING
handlers = console
qualname =

[logger_sqlalchemy]
level = WARNING
handlers =
qualname = sqlalchemy.engine

[logger_alembic]
level = INFO
handlers =
qualname = alembic

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
datefmt = %H:%M:%S
