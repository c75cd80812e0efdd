"""Each option of `context.configure()`, once: its name, its default, what it is for.

The signature of `configure()`, the options a MigrationContext starts from, and the reference page agree with
this table; tests keep it so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

VERSION_TABLE: Final = "alembic_version"
PLUGINS: Final = ("alembic.autogenerate.*",)


class Subject(Enum):
    """What an option is about; the order is that of the reference page."""

    DATABASE = "which database"
    TRANSACTIONS = "transactions"
    VERSION_TABLE = "the version table"
    RUNNING = "running"
    SCRIPT = "SQL scripts (`--sql`)"
    COMPARING = "comparing with the models"
    RENDERING = "writing revisions"


class Option(NamedTuple):
    """One option of `configure()`.

    `default` is what holds if nothing is said. `is_parameter` tells whether `configure()` names it in its
    signature or takes it among its further keywords; `is_kept` whether it is found in
    `MigrationContext.opts` even if nobody gave it.
    """

    name: str
    subject: Subject
    purpose: str
    default: Any = None
    is_parameter: bool = True
    is_kept: bool = True


OPTIONS: Final[tuple[Option, ...]] = (
    Option(
        "connection", Subject.DATABASE, "The connection to work on; it gives the dialect, too.", is_kept=False
    ),
    Option("url", Subject.DATABASE, "Gives the dialect, if there is no connection.", is_kept=False),
    Option("dialect_name", Subject.DATABASE, "Gives the dialect, if there is no URL.", is_kept=False),
    Option(
        "dialect_opts",
        Subject.DATABASE,
        "Keyword arguments for the dialect that `url` or `dialect_name` gives.",
        is_kept=False,
    ),
    Option(
        "transactional_ddl",
        Subject.TRANSACTIONS,
        "Whether the database can roll back DDL; what is known about it holds if this is None.",
        is_kept=False,
    ),
    Option(
        "transaction_per_migration",
        Subject.TRANSACTIONS,
        "A transaction around each migration instead of one around all.",
        default=False,
    ),
    Option(
        "version_table",
        Subject.VERSION_TABLE,
        "The name of the table that says which revisions are applied.",
        default=VERSION_TABLE,
        is_parameter=False,
    ),
    Option("version_table_schema", Subject.VERSION_TABLE, "The schema of that table.", is_parameter=False),
    Option(
        "version_table_pk",
        Subject.VERSION_TABLE,
        "Whether that table gets a primary key when it is created.",
        default=True,
        is_parameter=False,
    ),
    Option(
        "journal",
        Subject.RUNNING,
        "Whether to write down the statements that no rollback undoes, so that the next run can go on after an "
        "interruption; the setting `journal`, or true, if this is None.",
        is_parameter=False,
        is_kept=False,
    ),
    Option(
        "journal_table",
        Subject.RUNNING,
        "The name of the table for that; the setting `journal_table`, or the name of the version table with `_journal` "
        "behind it, if this is None.",
        is_parameter=False,
        is_kept=False,
    ),
    Option(
        "on_version_apply",
        Subject.RUNNING,
        "A function, or several, called after each step, before its transaction ends.",
    ),
    Option(
        "lock",
        Subject.RUNNING,
        "Whether runs keep each other out: true, false, or `lease`; the setting `lock` if this is None.",
        is_parameter=False,
        is_kept=False,
    ),
    Option(
        "lock_timeout",
        Subject.RUNNING,
        "Seconds to wait for others: for another run, 300 if nothing is said; and, if something is said, each time for "
        "what another session of the database holds. The setting `lock_timeout` if this is None.",
        is_parameter=False,
        is_kept=False,
    ),
    Option(
        "statement_timeout",
        Subject.RUNNING,
        "Seconds that one statement may take; the setting `statement_timeout`, or what the database does by itself, if "
        "this is None.",
        is_parameter=False,
        is_kept=False,
    ),
    Option("tag", Subject.RUNNING, "Replaces what the command line was given as `--tag`.", is_kept=False),
    Option("starting_rev", Subject.SCRIPT, "Replaces the revision a script starts from.", is_kept=False),
    Option("output_buffer", Subject.SCRIPT, "The stream a script is written to; else stdout.", is_kept=False),
    Option(
        "output_encoding",
        Subject.SCRIPT,
        "Write the script as bytes in this encoding.",
        is_parameter=False,
        is_kept=False,
    ),
    Option("literal_binds", Subject.SCRIPT, "Write values into the statements of a script.", default=False),
    Option("target_metadata", Subject.COMPARING, "The MetaData of the models, or several of them."),
    Option("include_name", Subject.COMPARING, "A function that says by name what to look at."),
    Option("include_object", Subject.COMPARING, "A function that says by object what to look at."),
    Option(
        "include_schemas", Subject.COMPARING, "Look at all schemas instead of the default one.", default=False
    ),
    Option(
        "compare_type",
        Subject.COMPARING,
        "Whether to compare column types, or a function that does.",
        default=True,
    ),
    Option(
        "compare_server_default",
        Subject.COMPARING,
        "Whether to compare server defaults, or a function that does.",
        default=False,
    ),
    Option(
        "autogenerate_plugins",
        Subject.COMPARING,
        "Patterns that choose the plugins which compare.",
        default=PLUGINS,
    ),
    Option(
        "process_revision_directives",
        Subject.RENDERING,
        "A function, or a Rewriter, that edits the operations before they are written.",
    ),
    Option("render_item", Subject.RENDERING, "A function that writes objects as Python in its own way."),
    Option("render_as_batch", Subject.RENDERING, "Write changes to a table as a batch block.", default=False),
    Option(
        "upgrade_token",
        Subject.RENDERING,
        "What the template calls the upgrade operations.",
        default="upgrades",
    ),
    Option(
        "downgrade_token",
        Subject.RENDERING,
        "What the template calls the downgrade operations.",
        default="downgrades",
    ),
    Option("alembic_module_prefix", Subject.RENDERING, "The prefix of directives.", default="op."),
    Option("sqlalchemy_module_prefix", Subject.RENDERING, "The prefix of SQLAlchemy's names.", default="sa."),
    Option(
        "user_module_prefix",
        Subject.RENDERING,
        "The prefix of the project's own types; their module's path if this is None.",
    ),
    Option(
        "template_args",
        Subject.RENDERING,
        "Further variables for the template of a revision file.",
        is_kept=False,
    ),
)


def defaults() -> dict[str, Any]:
    """What a MigrationContext finds in `opts` if nothing is configured."""
    return {option.name: option.default for option in OPTIONS if option.is_kept}


def chosen(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those parameters of `configure()` that were not left at their defaults (ENV-11)."""
    by_name = {option.name: option for option in OPTIONS}
    for name, value in parameters.items():
        default = by_name[name].default if name in by_name and by_name[name].is_parameter else None
        if value is not None and value is not default:
            yield name, value
