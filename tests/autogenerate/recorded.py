"""The recorded autogenerate cases: what they set up, and how a result is written down for comparison."""

from __future__ import annotations

import json
import re
import secrets
import tomllib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import ColumnDefault
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.functions import FunctionElement

import limbeck.ddl.apply  # noqa: F401 — teaches operations how to be applied
from limbeck.autogenerate import order, render
from limbeck.autogenerate.compare import populate_upgrade_ops
from limbeck.autogenerate.context import AutogenContext
from limbeck.base import alias
from limbeck.operations import Operations, ops
from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected

IS_2_0 = sa.__version__.startswith("2.0")
OTHER = "other_db"
"""A second database that one case makes; here it gets a name of its own."""
DATA = Path(__file__).parents[1] / "data"


def load_cases() -> list[dict[str, Any]]:
    """The recorded cases; with an old SQLAlchemy, what was recorded with that one."""
    cases: list[dict[str, Any]] = json.loads((DATA / "autogen-cases.json").read_text(encoding="utf-8"))
    return [case | case.get("sqlalchemy_2_0", {}) for case in cases] if IS_2_0 else cases


def load_differences() -> dict[str, dict[str, Any]]:
    """Where limbeck consciously does something else, by case: what it does."""
    table = tomllib.loads((DATA / "autogen-differences.toml").read_text(encoding="utf-8"))
    return {
        case["id"]: case | (case.get("sqlalchemy_2_0", {}) if IS_2_0 else {})
        for group in table["difference"]
        for case in group["cases"]
    }


# --- a case, set up on a database ---------------------------------------------------------------------------


@dataclass
class World:
    """A case on a live database."""

    case: dict[str, Any]
    connection: sa.Connection
    metadata: Any
    options: dict[str, Any]

    def context(self) -> MigrationContext:
        """A migration context with the options of the case."""
        return MigrationContext.configure(
            self.connection, opts={**self.options, "target_metadata": self.metadata}
        )

    def compare(self) -> tuple[AutogenContext, ops.MigrationScript]:
        """What differs, after the hook of the case if it has one; the first is what it is rendered in."""
        script = self.produce()
        hook = self.options.get("process_revision_directives")
        if hook:
            hook(self.context(), (), [script])
        return AutogenContext(self.context()), script

    def produce(self) -> ops.MigrationScript:
        """What differs, before any hook."""
        context = self.context()
        upgrade = ops.UpgradeOps([])
        populate_upgrade_ops(AutogenContext(context), upgrade)
        downgrade = order.fill_downgrade(context.impl, upgrade, ops.DowngradeOps([]))
        return ops.MigrationScript(None, upgrade, downgrade)

    def differences(self) -> list[str]:
        """The diff tuples, written down."""
        upgrade = self.produce().upgrade_ops
        assert upgrade is not None
        return [self.plain(written(diff)) for diff in upgrade.as_diffs()]

    def plain(self, text: str) -> str:
        """Text in which a second database has the name it was recorded with."""
        name = next((sql.split()[-1] for sql in self.case["setup_sql"] if "CREATE DATABASE" in sql), OTHER)
        return text.replace(name, OTHER)

    def run(self, body: str, imports: set[str]) -> None:
        """Run a rendered body as a migration would be run."""
        source = "\n".join(
            ["import sqlalchemy as sa", *sorted(imports), "def migrate():", indent(body, "    ")]
        )
        with Operations.context(self.context()) as operations:
            namespace: dict[str, Any] = {"op": operations}
            exec(compile(source, "<migration>", "exec"), namespace)
            namespace["migrate"]()
        self.connection.commit()


@contextmanager
def set_up(case: dict[str, Any], url: str) -> Iterator[World]:
    """The case on an empty database: its tables, its models, its options."""
    alias.install()  # some models import `alembic`
    case = json.loads(json.dumps(case).replace(OTHER, f"limbeck_{secrets.token_hex(4)}"))
    space: dict[str, Any] = {"sa": sa, "pg": postgresql, "my": mysql, "print": lambda *args: None}
    with connected(url) as connection:
        for statement in case["setup_sql"]:
            connection.exec_driver_sql(statement)
        connection.commit()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SADeprecationWarning)
            exec(case["model_source"], space)
        options = eval(case["configure"], space) if case.get("configure") else {}
        yield World(case, connection, space["metadata"], options)
        for statement in case["setup_sql"]:
            if statement.startswith("CREATE DATABASE"):
                connection.exec_driver_sql(statement.replace("CREATE", "DROP"))


def bodies(world: World) -> tuple[str, str, set[str]]:
    """Both bodies as they would be written, and the imports they need."""
    context, script = world.compare()
    upgrade, downgrade = script.upgrade_ops, script.downgrade_ops
    assert upgrade is not None
    assert downgrade is not None
    return (
        render.render_cmd_body(upgrade, context),
        render.render_cmd_body(downgrade, context),
        context.imports,
    )


def bare(body: str) -> str:
    """A body as it was recorded: without markers and comments, and without the template's indent."""
    lines = [line for line in f"    {body}".splitlines() if not line.strip().startswith("#")]
    return "\n".join(line.removeprefix("    ") for line in lines).strip()


def folded(body: str) -> str:
    """Code without white space, comments and the stray commas of the recorded system (AUT-79)."""
    code = re.sub(r"^\s*#.*$", "", body, flags=re.MULTILINE)
    return re.sub(r"\s+", "", code).replace(",)", ")")


def folded_lines(body: str) -> list[str]:
    """Folded lines in no order, for what the recorded system writes in no order."""
    return sorted(filter(None, (folded(line) for line in body.splitlines())))


# --- diff tuples, written down ------------------------------------------------------------------------------


def written(diff: Any) -> str:
    """A diff tuple, or a list of them, in the form of the recorded ones."""
    if isinstance(diff, list):
        return f"[{', '.join(map(written, diff))}]"
    return f"({', '.join(map(_one, diff))})"


def normal(text: str) -> str:
    """A written diff without what comes and goes between versions and has no meaning here."""
    text = re.sub(r"(ForeignKey\('[^']*'\))(, \1)+", r"\1", text)
    text = text.replace(", use_alter=True", "").replace("always=False, ", "")
    if "index, Index" in text:  # only the names of its columns count
        text = re.sub(r", server_default=DefaultClause\([^)]*\)|, primary_key=True, nullable=False", "", text)
    return text


IDENTITY = (
    "always", "on_null", "start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle",
    "cache", "order",
)  # fmt: skip


def _one(item: Any) -> str:
    for kind, write in WRITERS:
        if isinstance(item, kind):
            return write(item)
    return item if isinstance(item, str) else repr(item)


def _dictionary(item: dict[str, Any]) -> str:
    pairs = (
        f"{key!r}: {repr(value) if isinstance(value, str) else _one(value)}" for key, value in item.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _table(table: sa.Table) -> str:
    return f"Table({table.name!r}, MetaData(), {''.join(_column(c) + ', ' for c in table.c)}schema={table.schema!r})"


def _column(column: sa.Column[Any]) -> str:
    parts = [repr(column.name), repr(column.type)]
    parts += sorted(f"ForeignKey({key.target_fullname!r})" for key in column.foreign_keys)
    if column.key != column.name:
        parts.append(f"key={column.key!r}")
    if column.primary_key:
        parts.append("primary_key=True")
    if not column.nullable:
        parts.append("nullable=False")
    for name in ("default", "onupdate", "server_default", "comment"):
        value = getattr(column, name)
        if value is not None and value != "":
            parts.append(f"{name}={repr(value) if isinstance(value, str) else _one(value)}")
    return f"Column({', '.join(parts)})"


def _argument(value: Any) -> str:
    if isinstance(value, FunctionElement):
        return f"<func {value.name}>"
    if isinstance(value, sa.sql.ClauseElement):
        return "text" if isinstance(value, TextClause) else "<expr>"
    return repr(value)


def _index(index: sa.Index) -> str:
    elements = [
        _column(element) if isinstance(element, sa.Column) else _argument(element).replace("text", "<expr>")
        for element in index.expressions
    ]
    unique = ["unique=True"] if index.unique else []
    return f"Index({', '.join([repr(index.name), *elements, *unique])})"


def _foreign_key(constraint: sa.ForeignKeyConstraint) -> str:
    options = [
        f"{name}={value!r}"
        for name in ("name", "onupdate", "ondelete", "deferrable", "initially")
        if (value := getattr(constraint, name))
    ]
    table = constraint.table.name if constraint.name else _table(constraint.table)
    return f"ForeignKeyConstraint({', '.join([*options, f'table={table}'])})"


def _identity(identity: sa.Identity) -> str:
    said = [(name, getattr(identity, name, None)) for name in IDENTITY]
    return f"Identity({', '.join(f'{name}={value!r}' for name, value in said if value is not None)})"


WRITERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    ((list, tuple), written),
    (dict, _dictionary),
    (sa.Table, _table),
    (sa.Column, _column),
    (sa.Index, _index),
    (sa.ForeignKeyConstraint, _foreign_key),
    (
        sa.UniqueConstraint,
        lambda item: f"UniqueConstraint({', '.join(_column(column) for column in item.columns)})",
    ),
    (
        sa.CheckConstraint,
        lambda item: (
            f"CheckConstraint({_argument(item.sqltext)}, name={str(item.name)!r}, table={item.table.name})"
        ),
    ),
    (sa.DefaultClause, lambda item: f"DefaultClause({_argument(item.arg)})"),
    (sa.Identity, _identity),
    (
        sa.Computed,
        lambda item: f"Computed(text{'' if item.persisted is None else f', persisted={item.persisted}'})",
    ),
    (ColumnDefault, lambda item: f"{type(item).__name__}({_argument(item.arg)})"),
)
