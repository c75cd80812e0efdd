"""The recipes of the reference's cookbook, each in its form here; docs/coming-from-alembic.md has a table of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

import limbeck
from limbeck import command
from limbeck.autogenerate import produce_migrations, render_python_code
from limbeck.autogenerate.rewriter import Rewriter
from limbeck.config import CommandLine, Config
from limbeck.errors import DatabaseNotAtHead
from limbeck.migration import MigrationContext
from limbeck.operations import MigrateOperation, Operations, ops
from limbeck.script import ScriptDirectory
from tests.backends.engines import connected, opened
from tests.command.project import Project

SHARING_ENV = """
from limbeck import context
from sqlalchemy import create_engine

def run(connection):
    context.configure(connection=connection, **context.config.attributes.get("configure", {}))
    with context.begin_transaction():
        context.run_migrations()

connection = context.config.attributes.get("connection")
if connection is None:
    with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as own:
        run(own)
else:
    run(connection)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def models(*columns: sa.Column[Any]) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True), *columns)
    return metadata


def upgrade_of(text: str) -> str:
    """The part of a revision file that upgrades."""
    return text.partition("def upgrade")[2].partition("def downgrade")[0]


def other_models() -> sa.MetaData:
    """Without the table `account`."""
    metadata = sa.MetaData()
    sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def new_revision(project: Project, metadata: sa.MetaData, **configure: Any) -> str | None:
    """The text of the file that `revision --autogenerate` writes, or None if it writes none."""
    before = {*project.versions.glob("*.py")}
    project.attributes.update(target_metadata=metadata, configure=configure)
    command.revision(project.config(), autogenerate=True)
    written = {*project.versions.glob("*.py")} - before
    return written.pop().read_text(encoding="utf-8") if written else None


def test_building_an_up_to_date_database_from_scratch(project: Project) -> None:
    project.add("a1")
    project.add("b1", "a1", up="raise AssertionError('not run')")
    engine = sa.create_engine(f"sqlite:///{project.directory}/app.db")
    models().create_all(engine)
    engine.dispose()
    command.stamp(project.config(), "head")
    assert project.rows() == ["b1"]


@pytest.mark.parametrize(("words", "rows"), [(["-x", "data=true"], [(1,)]), ([], [])])
def test_conditional_migration_elements(project: Project, words: list[str], rows: list[tuple[int]]) -> None:
    project.add(
        "a1",
        up="op.execute('CREATE TABLE t (a INTEGER)')\n"
        "    from limbeck import context\n"
        "    if context.get_x_argument(as_dictionary=True).get('data') == 'true':\n"
        "        op.execute('INSERT INTO t VALUES (1)')",
    )
    CommandLine().main(["-c", str(project.directory / "alembic.ini"), *words, "upgrade", "head"])
    assert project.query("SELECT a FROM t") == rows


def test_sharing_a_connection_among_commands_of_a_program(project: Project) -> None:
    (project.directory / "migrations" / "env.py").write_text(SHARING_ENV)
    project.add("a1", up="op.create_table('t', sa.Column('a', sa.Integer))")
    project.add("b1", "a1", up="op.add_column('t', sa.Column('b', sa.Integer))")
    with opened("sqlite://") as engine, engine.begin() as connection:
        project.attributes["connection"] = connection
        command.upgrade(project.config(), "a1")
        command.upgrade(project.config(), "head")
        assert [column["name"] for column in sa.inspect(connection).get_columns("t")] == ["a", "b"]
        assert limbeck.current(connection, config=project.config()) == ("b1",)


def test_sharing_a_connection_in_a_program_with_asyncio(project: Project) -> None:
    pytest.importorskip("aiosqlite")
    (project.directory / "migrations" / "env.py").write_text(SHARING_ENV)
    project.add("a1", up="op.create_table('t', sa.Column('a', sa.Integer))")

    def upgrade(connection: sa.Connection) -> None:
        project.attributes["connection"] = connection
        command.upgrade(project.config(), "head")

    async def main() -> list[str]:
        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
            found = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        await engine.dispose()
        return found

    assert asyncio.run(main()) == ["alembic_version", "t"]


@Operations.register_operation("create_replaceable")
class CreateViewOp(MigrateOperation):
    def __init__(self, name: str, select: str) -> None:
        self.name = name
        self.select = select

    @classmethod
    def create_replaceable(cls, operations: Operations, name: str, select: str) -> Any:
        """Create a view."""
        return operations.invoke(cls(name, select))

    def reverse(self) -> DropViewOp:
        return DropViewOp(self.name, self.select)


@Operations.register_operation("drop_replaceable")
class DropViewOp(MigrateOperation):
    def __init__(self, name: str, select: str = "") -> None:
        self.name = name
        self.select = select

    @classmethod
    def drop_replaceable(cls, operations: Operations, name: str) -> Any:
        """Drop a view."""
        return operations.invoke(cls(name))

    def reverse(self) -> CreateViewOp:
        return CreateViewOp(self.name, self.select)


@Operations.implementation_for(CreateViewOp)
def _create_replaceable(operations: Operations, operation: CreateViewOp) -> None:
    operations.execute(f"CREATE VIEW {operation.name} AS {operation.select}")


@Operations.implementation_for(DropViewOp)
def _drop_replaceable(operations: Operations, operation: DropViewOp) -> None:
    operations.execute(f"DROP VIEW {operation.name}")


def test_replaceable_objects(project: Project) -> None:
    project.add("a1", up="op.create_replaceable('v', 'SELECT 1 AS a')", down="op.drop_replaceable('v')")
    project.add(
        "b1",
        "a1",
        up="op.drop_replaceable('v')\n    op.create_replaceable('v', 'SELECT 2 AS a')",
        down="op.drop_replaceable('v')\n    op.create_replaceable('v', 'SELECT 1 AS a')",
    )
    command.upgrade(project.config(), "head")
    assert project.query("SELECT a FROM v") == [(2,)]
    command.downgrade(project.config(), "-1")
    assert project.query("SELECT a FROM v") == [(1,)]
    command.downgrade(project.config(), "base")
    assert project.query("SELECT name FROM sqlite_master WHERE type = 'view'") == []


def test_running_multiple_environments_from_one_ini_file(tmp_path: Path) -> None:
    for name in ("first", "second"):
        made = Project(tmp_path / name)
        made.add(f"{name}1")
    ini = tmp_path / "alembic.ini"
    ini.write_text(
        "[DEFAULT]\npath_separator = os\n"
        + "".join(
            f"[{name}]\nscript_location = %(here)s/{name}/migrations\n"
            f"sqlalchemy.url = sqlite:///%(here)s/{name}/app.db\n"
            for name in ("first", "second")
        )
    )
    for name in ("first", "second"):
        CommandLine().main(["-c", str(ini), "-n", name, "upgrade", "head"])
        with connected(f"sqlite:///{tmp_path / name / 'app.db'}") as connection:
            assert connection.exec_driver_sql("SELECT * FROM alembic_version").all() == [(f"{name}1",)]


def test_printing_python_code_that_makes_particular_tables() -> None:
    code = render_python_code(ops.UpgradeOps(ops=[ops.CreateTableOp.from_table(models().tables["account"])]))
    assert [line.strip() for line in code.splitlines()] == [
        "# ### commands auto generated by limbeck - please adjust! ###",
        "op.create_table('account',",
        "sa.Column('id', sa.Integer(), nullable=False),",
        "sa.PrimaryKeyConstraint('id')",
        ")",
        "# ### end limbeck commands ###",
    ]


def test_running_operation_objects_directly() -> None:
    with connected() as connection:
        context = MigrationContext.configure(connection)
        script = produce_migrations(context, models(sa.Column("name", sa.String(9), index=True)))
        assert script.upgrade_ops is not None
        operations = Operations(context)

        def run(container: ops.OpContainer) -> None:
            for operation in container.ops:
                if isinstance(operation, ops.OpContainer):
                    run(operation)
                else:
                    operations.invoke(operation)

        run(script.upgrade_ops)
        inspector = sa.inspect(connection)
        assert [index["name"] for index in inspector.get_indexes("account")] == ["ix_account_name"]


def test_the_database_is_at_its_heads(project: Project) -> None:
    (project.directory / "migrations" / "env.py").write_text(SHARING_ENV)
    project.add("a1")
    project.add("b1", "a1")
    script = ScriptDirectory.from_config(project.config())
    for target, expected in (("a1", False), ("head", True)):
        command.upgrade(project.config(), target)
        with connected(f"sqlite:///{project.directory}/app.db") as connection:
            context = MigrationContext.configure(connection)
            assert (set(context.get_current_heads()) == set(script.get_heads())) is expected
            assert limbeck.at_head(connection, config=project.config()) is expected
    command.downgrade(project.config(), "-1")
    with pytest.raises(DatabaseNotAtHead):
        command.current(project.config(), check_heads=True)


def test_no_empty_migration_is_generated(project: Project) -> None:
    def leave_out_if_empty(context: Any, revision: Any, directives: list[ops.MigrationScript]) -> None:
        assert directives[0].upgrade_ops is not None
        if directives[0].upgrade_ops.is_empty():
            directives[:] = []

    hook = {"process_revision_directives": leave_out_if_empty}
    assert new_revision(project, sa.MetaData(), **hook) is None
    text = new_revision(project, models(), **hook)
    assert text is not None
    assert "op.create_table('account'" in text.replace('"', "'")


def test_no_drop_index_where_the_table_is_dropped_as_well(project: Project) -> None:
    engine = sa.create_engine(f"sqlite:///{project.directory}/app.db")
    models(sa.Column("name", sa.String(9), index=True)).create_all(engine)
    engine.dispose()
    dropped: set[str] = set()
    looking, writing = Rewriter(), Rewriter()

    @looking.rewrites(ops.DropTableOp)
    def _remember(context: Any, revision: Any, operation: ops.DropTableOp) -> ops.DropTableOp:
        dropped.add(operation.table_name)
        return operation

    @writing.rewrites(ops.DropIndexOp)
    def _leave_out(context: Any, revision: Any, operation: ops.DropIndexOp) -> Any:
        return [] if operation.table_name in dropped else operation

    text = new_revision(project, other_models(), process_revision_directives=looking.chain(writing))
    assert text is not None
    assert "account" in dropped
    assert "drop_table" in upgrade_of(text)
    assert "drop_index" not in upgrade_of(text)


def test_no_drop_table_is_generated_by_a_filter_or_a_hook(project: Project) -> None:
    engine = sa.create_engine(f"sqlite:///{project.directory}/app.db")
    models().create_all(engine)
    engine.dispose()

    def keep(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not (kind == "table" and reflected and compare_to is None)

    text = new_revision(project, other_models(), include_object=keep)
    assert text is not None
    assert "create_table" in upgrade_of(text)
    assert "drop_table" not in upgrade_of(text)


def test_columns_of_a_new_table_are_sorted_as_one_likes(project: Project) -> None:
    writer = Rewriter()

    @writer.rewrites(ops.CreateTableOp)
    def _sort(context: Any, revision: Any, operation: ops.CreateTableOp) -> ops.CreateTableOp:
        first = {"id": 1, "created": 2}
        columns = [item for item in operation.columns if isinstance(item, sa.Column)]
        others = [item._copy() for item in operation.columns if isinstance(item, sa.Constraint)]
        columns = sorted(columns, key=lambda column: first.get(column.name, 50))
        return ops.CreateTableOp(
            operation.table_name, [column._copy() for column in columns] + others, schema=operation.schema
        )

    metadata = models(sa.Column("name", sa.String(9)), sa.Column("created", sa.DateTime))
    text = new_revision(project, metadata, process_revision_directives=writer)
    assert text is not None
    places = [upgrade_of(text).index(name) for name in ("'id'", "'created'", "'name'")]
    assert places == sorted(places)


def test_no_create_table_is_generated_for_a_view(project: Project) -> None:
    metadata = models()
    sa.Table("overview", metadata, sa.Column("a", sa.Integer), info={"is_view": True})

    def leave_views_out(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        return not getattr(item, "info", {}).get("is_view", False)

    text = new_revision(project, metadata, include_object=leave_views_out)
    assert text is not None
    assert "account" in text
    assert "overview" not in text


def test_asyncio_with_the_template_for_it(tmp_path: Path) -> None:
    pytest.importorskip("aiosqlite")
    pytest.importorskip("greenlet")
    ini = tmp_path / "alembic.ini"
    command.init(Config(ini), str(tmp_path / "migrations"), template="async")
    ini.write_text(
        ini.read_text(encoding="utf-8").replace(
            "driver://user:pass@localhost/dbname", f"sqlite+aiosqlite:///{tmp_path}/app.db"
        )
    )
    command.revision(Config(ini), message="first", rev_id="a1")
    command.upgrade(Config(ini), "head")
    with connected(f"sqlite:///{tmp_path}/app.db") as connection:
        assert connection.exec_driver_sql("SELECT * FROM alembic_version").all() == [("a1",)]


def test_data_migrations(project: Project) -> None:
    project.add(
        "a1",
        up="t = op.create_table('t', sa.Column('name', sa.String(9)))\n"
        "    op.bulk_insert(t, [{'name': 'x y'}, {'name': 'z'}])",
    )
    project.add(
        "b1",
        "a1",
        up="op.add_column('t', sa.Column('first', sa.String(9)))\n"
        "    t = sa.table('t', sa.column('name'), sa.column('first'))\n"
        "    for (name,) in op.get_bind().execute(sa.select(t.c.name)).all():\n"
        "        op.execute(t.update().where(t.c.name == name).values(first=name.split()[0]))",
    )
    command.upgrade(project.config(), "head")
    assert project.query('SELECT name, "first" FROM t') == [("x y", "x"), ("z", "z")]


def test_tenants_with_a_schema_each(tmp_path: Path, postgresql_url: str) -> None:
    """The schema is told with `-x`; each has its own version table, and models name no schema."""
    project = Project(tmp_path)
    (tmp_path / "migrations" / "env.py").write_text(
        "from limbeck import context\n"
        "from sqlalchemy import create_engine, pool, text\n"
        "url = context.config.get_main_option('sqlalchemy.url')\n"
        "tenant = context.get_x_argument(as_dictionary=True)['tenant']\n"
        "with create_engine(url, poolclass=pool.NullPool).connect() as connection:\n"
        "    connection.execute(text(f'SET search_path TO {tenant}'))\n"
        "    connection.commit()\n"
        "    connection.dialect.default_schema_name = tenant\n"
        "    context.configure(\n"
        "        connection=connection, target_metadata=context.config.attributes.get('target_metadata')\n"
        "    )\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n"
    )
    ini = tmp_path / "alembic.ini"
    text = ini.read_text(encoding="utf-8").replace(
        "sqlite:///%(here)s/app.db", postgresql_url.replace("%", "%%")
    )
    ini.write_text(text, encoding="utf-8")
    project.add("a1", up="op.create_table('t', sa.Column('a', sa.Integer))")
    with opened(postgresql_url) as engine:
        with engine.begin() as connection:
            for tenant in ("one", "two"):
                connection.exec_driver_sql(f"CREATE SCHEMA {tenant}")
        CommandLine().main(["-c", str(ini), "-x", "tenant=one", "upgrade", "head"])
        inspector = sa.inspect(engine)
        assert {
            name: sorted(inspector.get_table_names(schema=name)) for name in ("one", "two", "public")
        } == {
            "one": ["alembic_version", "t"],
            "two": [],
            "public": [],
        }
