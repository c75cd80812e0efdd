# The configuration of the migrations in this project.

[alembic]
# The directory with env.py and the revisions. %(here)s is the directory of this file;
# package:directory names a directory inside an installed package.
script_location = ${script_location}

# The name of new revision files. Tokens: rev, slug, epoch, year, month, day, hour, minute, second;
# a percent sign is written twice. For files that sort by date:
# file_template = %%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s

# The message in a file name is cut to this many characters.
# truncate_slug_length = 40

# Directories put in front of sys.path, so that env.py and revision files can import the project.
prepend_sys_path = .

# What separates directories in prepend_sys_path and version_locations:
# os (as in $PATH), space, newline, or one of the characters : and ;
path_separator = os

# Where revision files are; the default is <script_location>/versions.
# version_locations = %(here)s/first:%(here)s/second

# Look for revision files in subdirectories, too.
# recursive_version_locations = false

# Read .pyc files where there is no .py file.
# sourceless = false

# The time zone of the date in new files, for example UTC; the default is the local time.
# timezone =

# Run env.py for every `revision` and `merge`, not only with --autogenerate.
# revision_environment = false

# The encoding of new revision files.
# output_encoding = utf-8

# Which database: dialect+asyncdriver://user:password@host:port/name. Special characters of a password
# are encoded as in every URL (@ is %40). env.py may take the URL from elsewhere just as well.
sqlalchemy.url = driver://user:pass@localhost/dbname

[post_write_hooks]
# Tools that run on each new revision file, in this order. A type is exec (a program),
# module (python -m) or console_scripts (an entry point of an installed package).
# hooks = ruff_fix, ruff_format
# ruff_fix.type = exec
# ruff_fix.executable = ruff
# ruff_fix.options = check --fix REVISION_SCRIPT_FILENAME
# ruff_format.type = exec
# ruff_format.executable = ruff
# ruff_format.options = format REVISION_SCRIPT_FILENAME

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
