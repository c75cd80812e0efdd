"""The table of commands: every command, its arguments, and the function behind it, imported when it runs."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple, Protocol


class CommandFunction(Protocol):
    """A function that can be a command: its first argument is the Config (CLI-7)."""

    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...


class Argument(NamedTuple):
    """One argument on the command line; `name` is the function's parameter."""

    name: str
    flags: tuple[str, ...]
    help: str
    action: str = "store"
    metavar: str | None = None
    nargs: str | None = None
    default: Any = None
    choices: tuple[str, ...] | None = None

    @property
    def takes_value(self) -> bool:
        """Whether a word follows the flag."""
        return self.action in ("store", "append")


class Command(NamedTuple):
    """One command: what it is called, what it takes, and where its function lives (`module:function`)."""

    name: str
    summary: str
    home: str
    positionals: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    example: str = ""

    def load(self) -> Callable[..., Any]:
        """Import the function."""
        module, _, function = self.home.partition(":")
        loaded: Callable[..., Any] = getattr(import_module(module), function)
        return loaded


def _flag(name: str, *flags: str, help: str) -> Argument:
    return Argument(name, flags, help, action="store_true", default=False)


POSITIONALS: dict[str, Argument] = {
    argument.name: argument
    for argument in (
        Argument(
            "code", (), "the word at the end of a message, such as LBK-REV-HEADS; all if left out", nargs="?"
        ),
        Argument("directory", (), "the directory to create", nargs="?"),
        Argument(
            "lock_action",
            (),
            "show who holds the lock, or take away a lease that a dead run has left",
            choices=("status", "break"),
        ),
        Argument("rev", (), "a revision: id, start of an id, label, head, heads, base, current"),
        Argument("revision", (), "where to go: id, start of an id, label, head, heads, base, +2, -1"),
        Argument("target", (), "where to go, as for `upgrade`; without it to all heads", nargs="?"),
        Argument("shell", (), "bash, zsh or fish"),
        Argument("revisions", (), "one or more revisions, or heads", nargs="+"),
    )
}
"""Help for the positional arguments that are known by name; a command may have others (CLI-7)."""

OPTIONS: dict[str, Argument] = {
    argument.name: argument
    for argument in (
        _flag(
            "allow_drops",
            "--allow-drops",
            help="also if that drops tables or columns; or all of them, because the models define none",
        ),
        Argument(
            "at",
            ("--at",),
            "wait until this revision is applied, too: head, heads, an id",
            metavar="REVISION",
        ),
        _flag("autogenerate", "--autogenerate", help="write the difference between models and database"),
        Argument(
            "branch_label", ("--branch-label",), "label of the branch that begins here", metavar="LABEL"
        ),
        _flag("check_heads", "-c", "--check-heads", help="fail unless the database is at all heads"),
        Argument(
            "depends_on",
            ("--depends-on",),
            "a revision of another branch that must be applied before; can be given again",
            action="append",
            metavar="REVISION",
        ),
        _flag("downgrade", "--downgrade", help="show what undoing would do, not applying"),
        _flag("dry_run", "--dry-run", help="print the file instead of writing it"),
        _flag("edit", "--edit", help="open what was written in an editor"),
        _flag("exit_code", "--exit-code", help="end with 3 if something is pending"),
        _flag("files_only", "--files-only", help="do not ask the database, and do not run env.py"),
        Argument(
            "format",
            ("--format",),
            "ascii, mermaid, dot or svg; else as OUTPUT ends, or ascii",
            metavar="FORMAT",
            choices=("ascii", "mermaid", "dot", "svg"),
        ),
        Argument("head", ("--head",), "the parent: a head, or branch@head", metavar="REVISION"),
        Argument(
            "lock_timeout",
            ("--lock-timeout",),
            "how long to wait for others: for another run on this database, 300 if nothing is said; if it is "
            "given, each statement for other sessions, too",
            metavar="SECONDS",
        ),
        Argument(
            "last_run",
            ("--last-run",),
            "show what the last upgrade, downgrade or stamp has done, and how long each statement took",
            action="instead",
            default=False,
        ),
        Argument("message", ("-m", "--message"), "what the revision does", metavar="TEXT"),
        _flag("no_journal", "--no-journal", help="do not write down what no rollback undoes"),
        _flag("no_lock", "--no-lock", help="do not keep other runs out, and do not wait for them"),
        _flag(
            "indicate_current",
            "-i",
            "--indicate-current",
            "--current",
            help="mark the revisions of the database",
        ),
        Argument(
            "output",
            ("-o", "--output-file"),
            "the file to write; without it, standard output",
            metavar="FILE",
        ),
        Argument("out", ("--out",), "write the plan to this file, too, for `upgrade --plan`", metavar="FILE"),
        Argument("plan", ("--plan",), "run nothing but what the plan in this file says", metavar="FILE"),
        _flag("package", "--package", help="write __init__.py files, too"),
        _flag("purge", "--purge", help="empty the version table before"),
        _flag("abandon", "--abandon", help="forget what was noted, and leave the database as it is"),
        _flag("done", "--done", help="the statement that was cut off is in effect"),
        _flag("not_done", "--not-done", help="the statement that was cut off is not in effect"),
        _flag("undo", "--undo", help="undo what is in the database"),
        _flag("resolve_dependencies", "--resolve-dependencies", help="leave out heads others depend on"),
        Argument("rev_id", ("--rev-id",), "the identifier, instead of a random one", metavar="ID"),
        Argument("rev_range", ("-r", "--rev-range"), "only these, as [start]:[end]", metavar="RANGE"),
        Argument(
            "show_params",
            ("--show-params",),
            "also the values that go beside statements",
            action="store_true",
            default="==SUPPRESS==",  # for it is an option of every command, too, and may stand before this one
        ),
        _flag("splice", "--splice", help="allow a parent that is not a head"),
        _flag("sql", "--sql", help="print the SQL instead of running it"),
        Argument(
            "statement_timeout",
            ("--statement-timeout",),
            "how long one statement may take; as the database says, if nothing is said",
            metavar="SECONDS",
        ),
        Argument("tag", ("--tag",), "any text, for env.py to read"),
        _flag("save_url", "--save-url", help="write the URL into pyproject.toml; only for a local file"),
        _flag("skip_empty", "--skip-empty", help="write no file if nothing differs"),
        Argument(
            "from_template",
            ("-t", "--template"),
            "write env.py and an ini file; TEMPLATE is what to start from (see list_templates)",
            metavar="TEMPLATE",
        ),
        Argument(
            "template", ("-t", "--template"), "what to start from (see list_templates)", default="generic"
        ),
        _flag("verbose", "-v", "--verbose", help="tell more"),
        _flag("with_env", "--with-env", help="write env.py and an ini file, in which all is said"),
        Argument(
            "timeout", ("--timeout",), "how long to wait; 60 if left out", metavar="SECONDS", default=60.0
        ),
        Argument(
            "wait_db", ("--wait-db",), "wait so long for a database that does not answer", metavar="SECONDS"
        ),
        Argument("version_path", ("--version-path",), "the directory for the new file", metavar="DIRECTORY"),
    )
}
"""Every option a command can have, by the function's parameter (CLI-7)."""

COMMANDS: tuple[Command, ...] = (
    Command(
        "branches",
        "List the revisions where the history splits.",
        "limbeck.command.listing:branches",
        options=("verbose",),
        example="branches -v",
    ),
    Command(
        "check",
        "Fail if database and models differ.",
        "limbeck.command.comparison:check",
        options=("allow_drops",),
        example="check",
    ),
    Command(
        "completion",
        "Print a script for completion in a shell.",
        "limbeck.cli.completion:completion",
        positionals=("shell",),
        example="completion bash",
    ),
    Command(
        "current",
        "Show the revision the database is at.",
        "limbeck.command.database:current",
        options=("check_heads", "verbose"),
        example="current -v",
    ),
    Command(
        "demo",
        "Show the main commands at work on a small shop.",
        "limbeck.command.demonstration.walk:demo",
        positionals=("directory",),
        example="demo playground",
    ),
    Command(
        "doctor",
        "Say what is broken or unsafe here.",
        "limbeck.command.diagnosis.doctor:doctor",
        options=("files_only",),
        example="doctor --files-only",
    ),
    Command(
        "downgrade",
        "Undo migrations, back to a revision.",
        "limbeck.command.database:downgrade",
        positionals=("revision",),
        options=("sql", "tag", "lock_timeout", "no_lock", "no_journal", "wait_db", "statement_timeout"),
        example="downgrade -1",
    ),
    Command(
        "edit",
        "Open revision files in an editor.",
        "limbeck.command.revisions:edit",
        positionals=("rev",),
        example="edit head",
    ),
    Command(
        "ensure_version",
        "Create the version table if it is missing.",
        "limbeck.command.database:ensure_version",
        options=("sql", "lock_timeout", "no_lock"),
        example="ensure_version",
    ),
    Command(
        "explain",
        "Say more about a failure.",
        "limbeck.command.explaining:explain",
        positionals=("code",),
        example="explain LBK-REV-HEADS",
    ),
    Command(
        "graph",
        "Draw the history.",
        "limbeck.command.picture:graph",
        options=("format", "output", "indicate_current"),
        example="graph -o history.svg",
    ),
    Command(
        "heads",
        "List the newest revision of every branch.",
        "limbeck.command.listing:heads",
        options=("verbose", "resolve_dependencies"),
        example="heads",
    ),
    Command(
        "history",
        "List revisions, newest first.",
        "limbeck.command.listing:history",
        options=("rev_range", "verbose", "indicate_current"),
        example="history -r base:current",
    ),
    Command(
        "init",
        "Start a new project in a directory.",
        "limbeck.command.start:start",
        positionals=("directory",),
        options=("from_template", "package", "with_env", "save_url"),
        example="init --models shop.models",
    ),
    Command(
        "list_templates",
        "List what `init` can start from.",
        "limbeck.command.project:list_templates",
        example="list_templates",
    ),
    Command(
        "lock",
        "Show who holds the migration lock, or break it.",
        "limbeck.command.locking:lock",
        positionals=("lock_action",),
        example="lock status",
    ),
    Command(
        "merge",
        "Write a revision that joins several heads.",
        "limbeck.command.revisions:merge",
        positionals=("revisions",),
        options=("message", "branch_label", "rev_id", "splice"),
        example='merge heads -m "join orders and billing"',
    ),
    Command(
        "plan",
        "Show what would run, and what that means.",
        "limbeck.command.planning:plan",
        positionals=("target",),
        options=("downgrade", "verbose", "exit_code", "tag", "show_params", "out"),
        example="plan",
    ),
    Command(
        "repair",
        "Show or settle a run that has stopped midway.",
        "limbeck.command.unfinished:repair",
        options=("done", "not_done", "undo", "abandon", "lock_timeout", "no_lock"),
        example="repair --undo",
    ),
    Command(
        "resume",
        "Go on with a run that has stopped midway.",
        "limbeck.command.resuming:resume",
        options=("lock_timeout", "no_lock", "statement_timeout"),
        example="resume",
    ),
    Command(
        "revision",
        "Write a new revision file.",
        "limbeck.command.revisions:revision",
        options=(
            "message",
            "autogenerate",
            "sql",
            "head",
            "splice",
            "branch_label",
            "version_path",
            "rev_id",
            "depends_on",
            "allow_drops",
            "skip_empty",
            "dry_run",
            "edit",
        ),
        example='revision --autogenerate -m "add users"',
    ),
    Command(
        "show",
        "Show all about a revision, or the last run.",
        "limbeck.command.listing:show",
        positionals=("rev",),
        options=("last_run",),
        example="show head",
    ),
    Command(
        "stamp",
        "Record a revision as applied without running it.",
        "limbeck.command.database:stamp",
        positionals=("revisions",),
        options=("sql", "tag", "purge", "lock_timeout", "no_lock", "statement_timeout"),
        example="stamp head",
    ),
    Command(
        "status",
        "Show where the database is, and what is pending.",
        "limbeck.command.standing:status",
        options=("verbose", "exit_code"),
        example="status",
    ),
    Command(
        "upgrade",
        "Run migrations, up to a revision.",
        "limbeck.command.database:upgrade",
        positionals=("revision",),
        options=(
            "sql",
            "tag",
            "lock_timeout",
            "no_lock",
            "no_journal",
            "wait_db",
            "plan",
            "statement_timeout",
        ),
        example="upgrade head",
    ),
    Command(
        "wait",
        "Wait until the database answers.",
        "limbeck.command.waiting:wait",
        options=("timeout", "at"),
        example="wait --timeout 60 --at head",
    ),
)


def command_of(function: Callable[..., Any]) -> Command:
    """The command that a function becomes when a program registers it (CLI-7).

    Parameters without a default are positional arguments; those with one are options if OPTIONS knows the
    name. The first parameter is the Config.
    """
    from inspect import Parameter, getdoc

    from limbeck.base.signature import read_signature

    parameters = [
        parameter
        for parameter in read_signature(function).parameters.values()
        if parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ][1:]
    name = getattr(function, "__name__", "command")
    return Command(
        name,
        " ".join((getdoc(function) or "").split("\n\n")[0].split()),
        f"{function.__module__}:{name}",
        positionals=tuple(p.name for p in parameters if p.default is Parameter.empty),
        options=tuple(p.name for p in parameters if p.default is not Parameter.empty),
    )
