"""What users do wrong: each mistake is a project that is made in a directory, and the words that are typed there.

They are told by `tests/cli/test_mistakes.py`.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from limbeck.config import Config
from tests.backends.engines import connected, opened
from tests.cli.canaries import CANARY, SPELLINGS, Spelling

SECRET_VALUE = "s3cretvalue"
"""A value that migrations send to the database."""
GENERIC = Path(Config().get_template_directory(), "generic")

REVISION = '''"""{message}"""
from limbeck import op
import sqlalchemy as sa
{header}
revision = {revision!r}
down_revision = {parent!r}


def upgrade():
    {body}


def downgrade():
    pass
'''


class Place:
    """A directory with a classic project in it, and the URL of an empty database with a password in it.

    `spelling` is how that password is written where limbeck reads it, and `way_in` the URL by which the test itself
    gets at the database.
    """

    def __init__(
        self, directory: Path, url: str, *, spelling: Spelling = SPELLINGS[0], way_in: str | None = None
    ) -> None:
        self.directory = directory
        self.url = url
        self.spelling = spelling
        self.way_in = way_in or url
        self.versions = directory / "migrations" / "versions"

    # --- what a project is made of ------------------------------------------------------------------------------

    def classic(self, url: str | None = None) -> None:
        """A project as `init -t generic` makes it, with the URL in its ini file."""
        self.versions.mkdir(parents=True)
        for name in ("env.py", "script.py.mako"):
            shutil.copyfile(GENERIC / name, self.directory / "migrations" / name)
        self.write(
            "alembic.ini",
            f"[alembic]\nscript_location = migrations\nprepend_sys_path = .\npath_separator = os\n{LOGGING}",
        )
        self.set_url(self.url if url is None else url)

    def own(self, *lines: str) -> None:
        """A project as `init --models` makes it."""
        self.versions.mkdir(parents=True)
        self.write(
            "pyproject.toml", "\n".join(["[tool.limbeck]", 'script_location = "migrations"', *lines, ""])
        )

    def set_url(self, url: str) -> None:
        text = (self.directory / "alembic.ini").read_text()
        line = f"sqlalchemy.url = {self.spelling.write(url).replace('%', '%%')}\n"
        self.write("alembic.ini", text.replace("script_location", f"{line}script_location", 1))

    def write(self, name: str, text: str | bytes) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.directory / name).read_text()
        assert old in text, name
        self.write(name, text.replace(old, new, 1))

    def revision(
        self,
        revision: str = "r1",
        parent: object = None,
        body: str = "pass",
        *,
        header: str = "",
        name: str = "",
    ) -> None:
        text = REVISION.format(revision=revision, parent=parent, body=body, header=header, message="add")
        self.write(f"migrations/versions/{name or f'{revision}_add.py'}", text)

    def execute(self, *statements: str) -> None:
        """Run SQL on the database of the URL."""
        with connected(self.way_in) as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()

    @property
    def backend(self) -> str:
        return sa.make_url(self.url).get_backend_name()

    def with_parts(self, **parts: object) -> str:
        """The URL with other parts."""
        return sa.make_url(self.url).set(**parts).render_as_string(hide_password=False)  # type: ignore[arg-type]  # names of parts


LOGGING = """
[loggers]
keys = root,alembic
[handlers]
keys = console,file
[formatters]
keys = plain
[logger_root]
level = WARNING
handlers = console,file
[logger_alembic]
level = INFO
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[handler_file]
class = FileHandler
args = ("run.log",)
formatter = plain
[formatter_plain]
format = %(levelname)-5.5s [%(name)s] %(message)s
"""


@dataclass(frozen=True)
class Mistake:
    """One mistake: what is prepared, what is typed, and what the first lines must say about the cause."""

    name: str
    prepare: Callable[[Place], object]
    words: str
    cause: str
    code: str
    backends: str = "sqlite"
    exit_code: int = 255

    def typed_at(self, place: Place) -> list[str]:
        """The words, with the URL where they name one, and its password as the place spells it."""
        return [place.spelling.write(word.replace("{url}", place.url)) for word in shlex.split(self.words)]


def steps(*actions: Callable[[Place], object]) -> Callable[[Place], None]:
    """Several preparations, one after the other."""

    def prepare(place: Place) -> None:
        for action in actions:
            action(place)

    return prepare


def classic(*, body: str = "pass", **files: str) -> Callable[[Place], None]:
    """A classic project with one revision."""

    def prepare(place: Place) -> None:
        place.classic()
        place.revision(body=body)

    return prepare


def at(url: Callable[[Place], str]) -> Callable[[Place], None]:
    """A classic project with another URL."""
    return lambda place: place.classic(url(place))


def bad_password(place: Place) -> str:
    return place.with_parts(username="nobody_here", password=CANARY)


def cut_wrongly(place: Place) -> str:
    return place.with_parts(username="app", password=CANARY).replace(CANARY, f"{CANARY}@x")


def insert(statement: str, values: str = "") -> str:
    return f"op.execute(sa.text({statement!r}){values})"


def make_table(place: Place) -> None:
    place.execute("CREATE TABLE pet (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(30))")
    place.execute(f"INSERT INTO pet VALUES (1, '{SECRET_VALUE}'), (2, '{SECRET_VALUE}')")


def stop_in_upgrade(place: Place) -> None:
    place.revision("r2", "r1")
    with opened(place.way_in) as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('ffff')")


SERVERS = "postgresql mariadb"
ALL = "sqlite postgresql mariadb"
NO_MODELS = "from sqlalchemy import MetaData\nmetadata = MetaData()\n"

MISTAKES = (
    # --- words on the command line
    Mistake("no command", classic(), "", "a command is needed", "usage", exit_code=2),
    Mistake("misspelt command", classic(), "upgarde head", "invalid choice: 'upgarde'", "usage", exit_code=2),
    Mistake("misspelt option", classic(), "revision --autogenrate", "--autogenrate", "usage", exit_code=2),
    Mistake("missing argument", classic(), "upgrade", "required: revision", "usage", exit_code=2),
    Mistake(
        "misspelt option with a URL",
        classic(),
        f"heads --ulr=postgresql://app:{CANARY}@db/shop",
        "unrecognized arguments",
        "usage",
        exit_code=2,
    ),
    Mistake(
        "range without --sql", classic(), "upgrade base:head", "Range revision not allowed", "LBK-REFUSED"
    ),
    Mistake("unknown code word", classic(), "explain LBK-NONSENSE", "No failure is called", "LBK-REFUSED"),
    # --- settings
    Mistake(
        "no project here", lambda place: None, "heads", "No 'script_location' key found", "LBK-NO-PROJECT"
    ),
    Mistake(
        "directory is missing",
        lambda p: p.write("alembic.ini", "[alembic]\nscript_location = nowhere\n"),
        "heads",
        "Path doesn't exist: nowhere",
        "LBK-NO-DIRECTORY",
    ),
    Mistake(
        "garbage in the ini file",
        steps(classic(), lambda p: p.write("alembic.ini", "[alembic\nx = 1\n")),
        "heads",
        "Cannot read alembic.ini:1",
        "LBK-CONFIG",
    ),
    Mistake(
        "garbage in pyproject.toml",
        lambda p: p.write("pyproject.toml", "[tool.limbeck]\nmodels = \n"),
        "heads",
        "Cannot read pyproject.toml:2",
        "LBK-CONFIG",
    ),
    Mistake(
        "percent sign in the ini file",
        steps(
            classic(),
            lambda p: p.edit(
                "alembic.ini", "sqlalchemy.url", f"sqlalchemy.url = a://b:{CANARY}%zz@c/d\nold.url"
            ),
        ),
        "current",
        "The setting `sqlalchemy.url` in section [alembic] of alembic.ini cannot be read",
        "LBK-CONFIG",
        exit_code=1,
    ),
    Mistake(
        "unknown section",
        classic(),
        "-n other heads",
        "No 'script_location' key found",
        "LBK-NO-PROJECT",
    ),
    Mistake(
        "unknown time zone",
        steps(classic(), lambda p: p.edit("alembic.ini", "prepend", "timezone = Mars/Base\nprepend")),
        "revision -m x",
        "'Mars/Base' is not a valid value for timezone",
        "LBK-CONFIG",
    ),
    Mistake(
        "full directory",
        lambda p: p.write("migrations/mine.txt", ""),
        "init migrations",
        "Directory migrations already exists and is not empty",
        "LBK-REFUSED",
    ),
    Mistake(
        "unknown template", lambda p: None, "init -t fancy migrations", "No such template", "LBK-REFUSED"
    ),
    Mistake(
        "broken template",
        steps(classic(), lambda p: p.write("migrations/script.py.mako", "${nothing(}\n")),
        "revision -m x",
        "Template rendering failed",
        "LBK-FILE-TEMPLATE",
    ),
    Mistake(
        "second project",
        classic(),
        "init --models shop other",
        "There is a project here already",
        "LBK-REFUSED",
    ),
    # --- revision files
    Mistake(
        "syntax error in a revision",
        classic(body="print('x'"),
        "upgrade head",
        "r1_add.py:10: '(' was never closed",
        "LBK-FILE-REVISION",
    ),
    Mistake(
        "encoding error in a revision",
        steps(classic(), lambda p: p.write("migrations/versions/r2_x.py", b"# \xfc\nrevision = 'r2'\n")),
        "heads",
        "r2_x.py:1: it is not utf-8 text",
        "LBK-FILE-REVISION",
    ),
    Mistake(
        "import error in a revision",
        steps(lambda p: p.classic(), lambda p: p.revision(header="import no_such_library")),
        "upgrade head",
        "No module named 'no_such_library'",
        "LBK-CODE-IMPORT",
        exit_code=1,
    ),
    Mistake(
        "missing parent",
        steps(classic(), lambda p: p.revision("r2", "deadbeef")),
        "heads",
        "Revision r2 (",
        "LBK-HISTORY-MISSING",
    ),
    Mistake(
        "duplicate",
        steps(classic(), lambda p: p.revision("r1", name="copy.py")),
        "heads",
        "Revision r1 is present more than once",
        "LBK-HISTORY-DUPLICATE",
    ),
    Mistake(
        "cycle",
        steps(lambda p: p.classic(), lambda p: p.revision("r1", "r2"), lambda p: p.revision("r2", "r1")),
        "heads",
        "r1",
        "LBK-HISTORY-BROKEN",
    ),
    Mistake(
        "two heads",
        steps(classic(), lambda p: p.revision("r2", "r1"), lambda p: p.revision("r3", "r1")),
        "upgrade head",
        "Multiple head revisions",
        "LBK-REV-HEADS",
    ),
    Mistake(
        "unknown revision",
        classic(),
        "upgrade 123abc",
        "Can't locate revision identified by '123abc'",
        "LBK-REV-UNKNOWN",
    ),
    Mistake(
        "ambiguous revision",
        steps(lambda p: p.classic(), lambda p: p.revision("abc1"), lambda p: p.revision("abc2", "abc1")),
        "show abc",
        "it may be any of abc",
        "LBK-REV-AMBIGUOUS",
    ),
    Mistake(
        "revision in the way",
        classic(),
        "revision --rev-id r1 -m x",
        "r1",
        "LBK-NAME",
    ),
    # --- env.py
    Mistake(
        "env.py is missing",
        steps(classic(), lambda p: (p.directory / "migrations/env.py").unlink()),
        "current",
        "env.py: there is no such file",
        "LBK-FILE-ENV",
    ),
    Mistake(
        "env.py has a syntax error",
        steps(classic(), lambda p: p.write("migrations/env.py", "def run(:\n")),
        "current",
        "env.py:1",
        "LBK-FILE-ENV",
    ),
    Mistake(
        "env.py fails",
        steps(
            classic(),
            lambda p: p.edit("migrations/env.py", "target_metadata = None", "target_metadata = {}['models']"),
        ),
        "current",
        "KeyError: 'models'",
        "LBK-CODE",
        exit_code=1,
    ),
    Mistake(
        "env.py forgets to configure",
        steps(
            classic(),
            lambda p: p.write("migrations/env.py", "from limbeck import context\ncontext.run_migrations()\n"),
        ),
        "upgrade head",
        "No context has been configured yet",
        "LBK-ENV-ORDER",
    ),
    Mistake(
        "env.py passes an engine",
        steps(
            classic(),
            lambda p: p.edit("migrations/env.py", "run_migrations(connection)\n", "run_migrations(engine)\n"),
        ),
        "upgrade head",
        "expected to be a sqlalchemy.engine.Connection",
        "LBK-ENV-ORDER",
    ),
    Mistake("no metadata", classic(), "check", "Target database is not up to date", "LBK-BEHIND", ALL),
    Mistake(
        "no metadata in env.py",
        lambda p: p.classic(),
        "check",
        "env.py gives no MetaData object",
        "LBK-MODELS-UNSET",
    ),
    # --- models without env.py
    Mistake(
        "models are not named",
        lambda p: p.own(),
        "check",
        "It is not known where the models are",
        "LBK-MODELS-UNSET",
    ),
    Mistake(
        "models are misspelt",
        steps(lambda p: p.own('models = "shop_modles"'), lambda p: p.write("shop_models.py", NO_MODELS)),
        "check --url sqlite://",
        "Cannot import shop_modles (from [tool.limbeck] models",
        "LBK-MODELS-IMPORT",
    ),
    Mistake(
        "models import what is not there",
        steps(
            lambda p: p.own('models = "shop_imports"'),
            lambda p: p.write("shop_imports.py", "import no_such_library\n"),
        ),
        "check --url sqlite://",
        "No module named 'no_such_library'",
        "LBK-CODE-IMPORT",
        exit_code=1,
    ),
    Mistake(
        "models are no Python",
        steps(lambda p: p.own('models = "shop_syntax"'), lambda p: p.write("shop_syntax.py", "class A(:\n")),
        "check --url sqlite://",
        "shop_syntax.py:1",
        "LBK-CODE-SYNTAX",
        exit_code=1,
    ),
    Mistake(
        "models define no table",
        steps(
            lambda p: p.own('models = "shop_empty"'),
            lambda p: p.write("shop_empty.py", NO_MODELS),
            make_table,
        ),
        "revision --autogenerate -m x --url {url}",
        "shop_empty defines no table",
        "LBK-MODELS-EMPTY",
        ALL,
    ),
    # --- the way to the database
    Mistake("no URL", lambda p: p.own(), "current", "The database URL is not set", "LBK-URL-UNSET"),
    Mistake(
        "placeholder",
        at(lambda p: "driver://user:pass@localhost/dbname"),
        "current",
        "The database URL is not set",
        "LBK-URL-UNSET",
        exit_code=1,
    ),
    Mistake(
        "unknown dialect",
        at(lambda p: f"postgress://app:{CANARY}@db/shop"),
        "current",
        'Unknown database kind "postgress"',
        "LBK-URL-KIND",
        exit_code=1,
    ),
    Mistake(
        "unknown dialect without env.py",
        lambda p: p.own(),
        f"current --url postgress://app:{CANARY}@db/shop",
        'Unknown database kind "postgress"',
        "LBK-URL-KIND",
    ),
    Mistake(
        "port is no number",
        at(lambda p: f"postgresql+psycopg://app:{CANARY}@db:port/shop"),
        "current",
        "The database URL cannot be read",
        "LBK-URL-BROKEN",
        exit_code=1,
    ),
    Mistake(
        "port is no number without env.py",
        lambda p: p.own(),
        f"current --url postgresql://app:{CANARY}@db:port/shop",
        'the port is "port"',
        "LBK-URL-BROKEN",
    ),
    Mistake(
        "driver is missing",
        lambda p: p.own(),
        f"current --url oracle+oracledb://app:{CANARY}@db/shop",
        "needs the Python module oracledb",
        "LBK-DRIVER",
    ),
    Mistake(
        "wrong password",
        at(bad_password),
        "current",
        "Cannot connect to the database",
        "LBK-DB-CONNECT",
        SERVERS,
        exit_code=1,
    ),
    Mistake(
        "server is absent",
        at(lambda p: p.with_parts(port=1)),
        "current",
        "Cannot connect to the database",
        "LBK-DB-CONNECT",
        SERVERS,
        exit_code=1,
    ),
    Mistake(
        "host is absent",
        at(lambda p: p.with_parts(host="no-such-host.invalid")),
        "current",
        "Cannot connect to the database",
        "LBK-DB-CONNECT",
        SERVERS,
        exit_code=1,
    ),
    Mistake(
        "database is absent",
        at(lambda p: p.with_parts(database="no_such_database")),
        "current",
        "Cannot connect to the database",
        "LBK-DB-CONNECT",
        SERVERS,
        exit_code=1,
    ),
    Mistake(
        "unescaped @",
        at(cut_wrongly),
        "current",
        "its password has a character that must be encoded",
        "LBK-URL-BROKEN",
        SERVERS,
        exit_code=1,
    ),
    Mistake(
        "unescaped @ without env.py",
        lambda p: p.own(),
        f"current --url postgresql://app:{CANARY}@x@127.0.0.1/shop",
        "its password has a character that must be encoded",
        "LBK-URL-BROKEN",
    ),
    Mistake(
        "password in a query key",
        lambda p: p.own(),
        f"current --url postgresql+psycopg://127.0.0.1:1/shop?user=app&password={CANARY}",
        "Cannot connect to the database",
        "LBK-DB-CONNECT",
        exit_code=1,
    ),
    Mistake(
        "file in no directory",
        lambda p: p.own(),
        "current --url sqlite:///no/such/directory/shop.db",
        "unable to open database file",
        "LBK-DB-CONNECT",
        exit_code=1,
    ),
    # --- migrations that fail
    Mistake(
        "exception in upgrade()",
        classic(body="{}['nothing']"),
        "upgrade head",
        "KeyError: 'nothing'",
        "LBK-CODE",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "wrong argument in upgrade()",
        classic(body="op.drop_table()"),
        "upgrade head",
        "drop_table() missing 1 required",
        "LBK-CODE",
        exit_code=1,
    ),
    Mistake(
        "SQL that nobody understands",
        classic(body=insert("SELEC 1")),
        "upgrade head",
        "syntax",
        "LBK-DB-SYNTAX",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "table that is not there",
        classic(body=insert("DELETE FROM nothing_here")),
        "upgrade head",
        "nothing_here",
        "LBK-DB-MISSING",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "table that is there",
        steps(classic(body="op.create_table('pet', sa.Column('id', sa.Integer))"), make_table),
        "upgrade head",
        "already exists",
        "LBK-DB-EXISTS",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "unique index over what is there twice",
        steps(classic(body="op.create_index('ux', 'pet', ['name'], unique=True)"), make_table),
        "upgrade head",
        "ux|name",
        "LBK-DB-DUPLICATE",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "row with a key that is there",
        steps(
            classic(body=insert("INSERT INTO pet VALUES (1, :x)", f".bindparams(x={SECRET_VALUE!r})")),
            make_table,
        ),
        "upgrade head",
        "pet|PRIMARY",
        "LBK-DB-DUPLICATE",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "NOT NULL over rows without a value",
        steps(
            classic(
                body=insert(
                    "INSERT INTO pet (id, name) VALUES (NULL, :x)", f".bindparams(x={SECRET_VALUE!r})"
                )
            ),
            make_table,
        ),
        "upgrade head",
        "null",
        "LBK-DB-NULL",
        SERVERS,
        exit_code=1,
    ),
    Mistake(
        "secret among bound values",
        classic(
            body=insert("INSERT INTO nothing_here VALUES (:x, :y)", f".bindparams(x={SECRET_VALUE!r}, y=7)")
        ),
        "upgrade head",
        "nothing_here",
        "LBK-DB-MISSING",
        ALL,
        exit_code=1,
    ),
    Mistake(
        "parameter without a value",
        classic(body=insert("INSERT INTO x VALUES (:one, :two)", f".bindparams(one={SECRET_VALUE!r})")),
        "upgrade head",
        "two",
        "LBK-SQL-VALUES",
        exit_code=1,
    ),
    Mistake(
        "password in SQL",
        classic(body=insert(f"CREATE USER x IDENTIFIED BY '{CANARY}' NONSENSE")),
        "upgrade head",
        "syntax",
        "LBK-DB-SYNTAX",
        "sqlite mariadb",
        exit_code=1,
    ),
    Mistake(
        "password in SQL before the failure",
        classic(
            body=f"op.execute(\"CREATE TABLE vault (id INTEGER) /* IDENTIFIED BY '{CANARY}' */\")\n    "
            "op.execute('SELEC 1')"
        ),
        "upgrade head",
        "syntax",
        "LBK-DB-SYNTAX",
        "mariadb",  # which cannot undo the first, so that it is noted
        exit_code=5,
    ),
    Mistake(
        "password in an exception",
        classic(body="raise RuntimeError(op.get_bind().engine.url.render_as_string(False))"),
        "upgrade head",
        "RuntimeError",
        "LBK-CODE",
        ALL,
        exit_code=1,
    ),
    # --- what the database is at
    Mistake(
        "database at an unknown revision",
        steps(classic(), stop_in_upgrade),
        "upgrade head",
        "Can't locate revision identified by 'ffff'",
        "LBK-REV-UNKNOWN",
        ALL,
    ),
    Mistake(
        "behind the head",
        classic(),
        "revision --autogenerate -m x",
        "Target database is not up to date",
        "LBK-BEHIND",
        ALL,
    ),
    Mistake(
        "behind the head when asked",
        classic(),
        "current --check-heads",
        "Database is not on all head revisions",
        "LBK-BEHIND",
    ),
    Mistake("below the base", classic(), "downgrade -1", "Relative revision -1", "LBK-REV-UNREACHABLE", ALL),
)
