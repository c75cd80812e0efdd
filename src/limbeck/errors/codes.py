"""The code word of every kind of failure, and what `limbeck explain` says about it.

A class in `limbeck.errors` names its word as `code`; what is no exception of limbeck's, such as a statement that the
database refuses, gets one where the report about it is made.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """One kind of failure: what it is called, in one sentence what it means, and what usually helps."""

    word: str
    title: str
    meaning: str
    remedy: str


_ROWS = (
    # --- settings and files
    Code(
        "LBK-NO-PROJECT", "There is no project here",
        "No ini file and no pyproject.toml in the current directory says where the migrations are.",
        "Change to the directory of the project, name its configuration with `-c` or the directory of the "
        "migrations with "
        "`--dir`, or start one with `limbeck init --models MODULE`.",
    ),
    Code(
        "LBK-NO-DIRECTORY", "The directory of the migrations is missing",
        "The setting `script_location` names a directory that does not exist.",
        "Correct the setting, restore the directory from version control, or make one with `limbeck init`.",
    ),
    Code(
        "LBK-CONFIG", "A setting cannot be used",
        "A configuration file is missing, breaks the rules of its format, or has a value that means nothing.",
        "Correct the line that is named. In an ini file and in [tool.alembic] a percent sign is written twice; in "
        "[tool.limbeck] it stands for itself.",
    ),
    Code(
        "LBK-FILE-REVISION", "A revision file cannot be read",
        "A file in the directory of the revisions is no Python, or lacks its `revision` and `down_revision`.",
        "Correct the line that is named, or move the file elsewhere: every Python file there counts as a revision.",
    ),
    Code(
        "LBK-FILE-ENV", "env.py cannot be read",
        "The file that connects to the database is missing, or is no Python.",
        "Correct it, or restore it. Projects with `[tool.limbeck]` in pyproject.toml need none.",
    ),
    Code(
        "LBK-FILE-TEMPLATE", "The template of new revisions fails",
        "`script.py.mako` is missing, is no Mako template, or gives text that is no Python. No revision was "
        "written.",
        "Correct the line that is named, or copy the file from a project that `limbeck init -t generic` makes.",
    ),
    Code(
        "LBK-FILE-EXISTS", "A file is in the way",
        "What was to be written is there already; it was left alone.",
        "Choose another name, or remove the file.",
    ),
    Code(
        "LBK-FILE-ACCESS", "A file cannot be used",
        "The operating system refuses to read or write a file.",
        "Check the path and the permissions; the reason is that of the operating system.",
    ),
    Code(
        "LBK-NAME", "A revision or label cannot be called that",
        "Identifiers and labels may not look like the words that targets are made of: `@`, `:`, `+`, `-` in "
        "front, `head`, "
        "`base`.",
        "Choose another name.",
    ),
    Code(
        "LBK-HOOK", "A tool for new files cannot run",
        "The settings below `post_write_hooks` are incomplete, or the program they name is missing. The "
        "revision was written.",
        "Correct the settings, or install the tool; the file is there and need not be written again.",
    ),
    # --- the history
    Code(
        "LBK-HISTORY-DUPLICATE", "Two files have the same identifier",
        "A revision was copied, or two branches chose the same identifier.",
        "Give one of them another `revision`, and let its children name that one.",
    ),
    Code(
        "LBK-HISTORY-MISSING", "A parent is missing",
        "`down_revision` or `depends_on` of a file names a revision that no file has: it was not committed, "
        "or removed.",
        "Find it with `git log --all -S IDENTIFIER`, or correct the name.",
    ),
    Code(
        "LBK-HISTORY-BROKEN", "The history is no history",
        "Revisions follow each other in a circle, or two branches have the same label.",
        "Correct `down_revision`, `depends_on` or `branch_labels` in one of the files that are named.",
    ),
    Code(
        "LBK-REV-UNKNOWN", "No revision is called that",
        "What was typed, or what the version table holds, is the identifier of no file here.",
        "`limbeck history` lists the revisions. If the database is at one that no file has, a newer version "
        "of the project "
        "was run on it: bring its files here. `limbeck stamp --purge REVISION` records another one, and runs "
        "nothing.",
    ),
    Code(
        "LBK-REV-AMBIGUOUS", "Several revisions are called that",
        "The beginning of an identifier that was typed is that of several.",
        "Type more of it.",
    ),
    Code(
        "LBK-REV-HEADS", "There are several heads",
        "Two branches of the history end in revisions of their own, mostly since two people added one at the "
        "same time.",
        "`limbeck merge heads` joins them; `heads` instead of `head` means all of them; `LABEL@head` means one.",
    ),
    Code(
        "LBK-REV-UNREACHABLE", "There is no way to that revision",
        "The target exists, but it does not lie above (for upgrade) or below (for downgrade) what is applied.",
        "`limbeck current` and `limbeck history` show where the database is and where the target lies.",
    ),
    Code(
        "LBK-BEHIND", "The database is not up to date",
        "The command compares with the database, or asks whether it is at the head, and revisions are pending.",
        "`limbeck upgrade heads` applies what is pending.",
    ),
    # --- models
    Code(
        "LBK-MODELS-DIFFER", "Database and models differ",
        "`check` found operations that `revision --autogenerate` would write.",
        'Write them with `limbeck revision --autogenerate -m "…"`, or correct the models.',
    ),
    Code(
        "LBK-MODELS-EMPTY", "The models define no table",
        "The modules that define the tables were probably not imported, so that a comparison would drop "
        "everything.",
        "Import them where `target_metadata` is made, or name the package in `models`: its modules are imported.",
    ),
    Code(
        "LBK-MODELS-UNSET", "It is not known where the models are",
        "A comparison needs the MetaData of the models.",
        'Set `models = "package.module"` in [tool.limbeck], give `--models`, or pass `target_metadata` in env.py.',
    ),
    Code(
        "LBK-MODELS-IMPORT", "The models cannot be found",
        "The module or object that `models` names does not exist, or holds no MetaData.",
        "Correct the name; the directory of pyproject.toml and its `src` are searched first, others with "
        "`prepend_sys_path`.",
    ),
    Code(
        "LBK-MODELS-DROP", "The new revision would lose data",
        "Tables or columns are in the database and not in the models. A renamed column looks like that, too.",
        "Write renames by hand, with `op.alter_column(…, new_column_name=…)`; otherwise add `--allow-drops`.",
    ),
    Code(
        "LBK-MODELS", "Models and database cannot be compared",
        "There is no database to compare with (`--sql`), or two MetaData objects have a table of the same name.",
        "Follow the advice of the message.",
    ),
    # --- operations and env.py
    Code(
        "LBK-OPERATION", "An operation cannot be done, or not in that way",
        "A directive lacks something that this database needs, or asks for something that it cannot do.",
        "Correct the line of the migration that is named.",
    ),
    Code(
        "LBK-BATCH", "A table cannot be rebuilt in that way",
        "A batch block asks for a change that would lose rows, break something else, or names what is not there.",
        "Correct the block; nothing of it was carried out.",
    ),
    Code(
        "LBK-ENV-ORDER", "Something was asked for out of turn",
        "env.py, or a program, used the context before `configure()`, without a connection, or in a mode "
        "that lacks it.",
        "Compare env.py with the one that `limbeck init -t generic` makes in an empty directory.",
    ),
    Code(
        "LBK-PROGRAM", "A program asked for what it cannot have",
        "A function such as `limbeck.upgrade()` was called with what is no database, or with one that env.py "
        "does not use.",
        "Follow the advice of the message; the guide on programs shows every way.",
    ),
    Code(
        "LBK-GREENLET", "greenlet is missing",
        "Asynchronous drivers are used through the library greenlet, which SQLAlchemy does not install everywhere.",
        'pip install "limbeck[async]"',
    ),
    Code(
        "LBK-ASYNC", "An asynchronous driver in a synchronous env.py",
        "The URL names an asynchronous driver, and env.py uses it as if it were not one.",
        "Name a synchronous driver in the URL, or take the env.py of `limbeck init -t async`.",
    ),
    Code(
        "LBK-VERSION-TABLE", "The version table is not as expected",
        "It has several rows where one was expected, another run has changed it, or an identifier does not fit.",
        "`limbeck current -v` shows what it holds. Let one run at a time change it.",
    ),
    Code(
        "LBK-PLUGIN", "A plugin cannot be used",
        "Two plugins have the same name, or a pattern of `autogenerate_plugins` means nothing.",
        "Correct the pattern, or remove one of the packages.",
    ),
    Code(
        "LBK-TWO-ALEMBICS", "Two implementations in one process",
        "Something imported the original before limbeck could stand in for it.",
        "Let `import limbeck.as_alembic` be the first line of the program.",
    ),
    Code(
        "LBK-DOCTOR", "The project is broken",
        "`limbeck doctor` found something that must be mended; each finding says how.",
        "Mend the first, and run it again.",
    ),
    # --- the way to the database
    Code(
        "LBK-URL-UNSET", "The database URL is not set",
        "Neither an option, nor the environment, nor a setting names the database, or it is still the placeholder.",
        "Give `--url`, set DATABASE_URL, or set `sqlalchemy.url` in the ini file of a project with env.py.",
    ),
    Code(
        "LBK-URL-BROKEN", "The database URL cannot be read",
        "It is dialect+driver://user:password@host:port/database. A password with special characters is "
        "mostly the reason.",
        "In a password, write @ as %40, : as %3A, / as %2F, # as %23 and % as %25.",
    ),
    Code(
        "LBK-URL-KIND", "The kind of database is not known",
        "The word in front of :// is that of no dialect, or of one whose package is not installed.",
        "Correct it, or install the package that brings the dialect.",
    ),
    Code(
        "LBK-DRIVER", "A driver is missing",
        "SQLAlchemy needs a library that speaks to the database; it is installed by itself.",
        "Type the command that the message shows, in the same environment.",
    ),
    Code(
        "LBK-DB-CONNECT", "The database cannot be reached",
        "The server does not answer, or refuses user, password or database.",
        "Check the parts of the URL; `--wait-db SECONDS` or `limbeck wait` waits for a server that is about "
        "to start.",
    ),
    Code(
        "LBK-DB-LOST", "The connection was lost",
        "The server, or something between, ended the connection while it was used.",
        "The log of the server tells why. `limbeck current` shows what is applied before you run the command "
        "again.",
    ),
    Code(
        "LBK-DB-REFUSED", "The database refuses a statement",
        "The message has its reason, the statement, and the line of the migration it came from.",
        "Correct the migration, or the data it stumbled on, and run the command again.",
    ),
    Code(
        "LBK-DB-DUPLICATE", "A value occurs twice",
        "A unique key, index or constraint cannot be made, or a row cannot be written, because of values "
        "that are there.",
        "Find them with SELECT column, count(*) FROM table GROUP BY column HAVING count(*) > 1, and decide "
        "what to keep.",
    ),
    Code(
        "LBK-DB-REFERENCE", "A row refers to one that is not there",
        "A foreign key cannot be made or kept: rows refer to rows that are missing, or what is to go is "
        "still in use.",
        "Find these rows with a LEFT JOIN, and mend or delete them before, in the same migration.",
    ),
    Code(
        "LBK-DB-NULL", "A value is missing",
        "A column that must not be NULL has rows without a value.",
        "Add the column with a `server_default`, or fill it before `nullable=False` is set.",
    ),
    Code(
        "LBK-DB-MISSING", "Something is not in the database",
        "The statement names a table, column, type or schema that is not there.",
        "Check its name, and what `limbeck current` counts as applied: an earlier migration may have been "
        "undone by hand.",
    ),
    Code(
        "LBK-DB-EXISTS", "Something is in the database already",
        "The statement makes a table, column or type that is there: made by hand, by `create_all()`, or by a "
        "run that broke.",
        "If the change is there as a whole, record it with `limbeck stamp`; otherwise correct the migration.",
    ),
    Code(
        "LBK-DB-SYNTAX", "The database does not understand a statement",
        "The SQL is wrong, or is that of another database.",
        "Correct the text of the statement at the place that the database names.",
    ),
    Code(
        "LBK-DB-LOCKED", "Somebody else holds a lock",
        "Another connection uses what the statement needs for itself alone.",
        "Wait until it is done, or end it, and run the command again. With `--lock-timeout SECONDS` a statement waits "
        "no longer than that, and what was rolled back is tried again a few times.",
    ),
    Code(
        "LBK-DB-SLOW", "A statement took too long",
        "There is a limit for the time of a statement: `--statement-timeout`, or one that the database has for the "
        "user or the session.",
        "Raise the limit, or split the migration.",
    ),
    Code(
        "LBK-DB-FULL", "The disk is full",
        "The database has no room for what it should store.",
        "Make room where its files are, and run the command again.",
    ),
    Code(
        "LBK-DB-READONLY", "Nothing can be written there",
        "The server is a replica, the session is read-only, or the file or its directory is write-protected.",
        "Use the URL of a server and a user that may write.",
    ),
    Code(
        "LBK-DB-PERMISSION", "The user of the URL may not do that",
        "The database has refused for lack of rights.",
        "Give the user the right, or run migrations as another one.",
    ),
    Code(
        "LBK-SQL-VALUES", "A statement lacks a value",
        "A `:name` in SQL text is a parameter, also inside quotes, and has no value; or a value has the "
        "wrong type.",
        "Write `\\:name` where a colon is meant, or give a value with `sa.text(…).bindparams(…)`.",
    ),
    Code(
        "LBK-LOCK", "Another run holds the migration lock",
        "Runs on one database come one after the other; the lock of the other run is still there, or that of this one "
        "was lost.",
        "Wait until the other run is done, and run the command again; `limbeck current` shows what is applied then.",
    ),
    Code(
        "LBK-PLAN", "A kept plan cannot be followed",
        "`upgrade --plan` runs only what was looked at: the revisions, what the database is at and the statements must "
        "be those of the plan, and the plan must know all of them. Nothing has run.",
        "Look at `limbeck plan` again, and write it with `limbeck plan --out FILE`.",
    ),
    # --- the project's own code
    Code(
        "LBK-CODE", "The project's own code fails",
        "An exception was raised in a migration, in env.py or in the models.",
        "Correct the line that is named; `--raiseerr` shows how it was reached.",
    ),
    Code(
        "LBK-CODE-SYNTAX", "A file of the project is no Python",
        "A module that a migration, env.py or the models import has a syntax error.",
        "Correct the line that is named.",
    ),
    Code(
        "LBK-CODE-IMPORT", "Something cannot be imported",
        "A migration, env.py or the models import a module or name that does not exist in this environment.",
        "Install it; if it is your own, add its directory to `prepend_sys_path`.",
    ),
    # --- everything else
    Code(
        "LBK-REFUSED", "The command cannot do what was asked",
        "Options contradict each other, or what was asked for makes no sense here.",
        "Follow the advice of the message; `limbeck COMMAND --help` shows what the command takes.",
    ),
    Code(
        "LBK-BUG", "limbeck is at fault",
        "Something happened that limbeck did not expect.",
        "Report it with the traceback and the versions below it. Passwords are masked in both.",
    ),
)  # fmt: skip

CODES = {code.word: code for code in _ROWS}
"""Every code word."""
