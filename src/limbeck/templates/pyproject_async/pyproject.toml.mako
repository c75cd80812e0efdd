[tool.alembic]
# The directory with env.py and the revisions. %(here)s is the directory of this file;
# package:directory names a directory inside an installed package.
script_location = "${script_location}"

# The name of new revision files. Tokens: rev, slug, epoch, year, month, day, hour, minute, second;
# a percent sign is written twice. For files that sort by date:
# file_template = "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s"

# The message in a file name is cut to this many characters.
# truncate_slug_length = 40

# Directories put in front of sys.path, so that env.py and revision files can import the project.
prepend_sys_path = ["."]

# Where revision files are; the default is <script_location>/versions.
# version_locations = ["%(here)s/first", "%(here)s/second"]

# Look for revision files in subdirectories, too.
# recursive_version_locations = false

# Read .pyc files where there is no .py file.
# sourceless = false

# The time zone of the date in new files, for example "UTC"; the default is the local time.
# timezone = ""

# Run env.py for every `revision` and `merge`, not only with --autogenerate.
# revision_environment = false

# The encoding of new revision files.
# output_encoding = "utf-8"

# Tools that run on each new revision file, in this order. A type is exec (a program),
# module (python -m) or console_scripts (an entry point of an installed package).
# [[tool.alembic.post_write_hooks]]
# name = "ruff_fix"
# type = "exec"
# executable = "ruff"
# options = "check --fix REVISION_SCRIPT_FILENAME"
#
# [[tool.alembic.post_write_hooks]]
# name = "ruff_format"
# type = "exec"
# executable = "ruff"
# options = "format REVISION_SCRIPT_FILENAME"
