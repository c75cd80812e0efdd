"""What the guide to autogenerate shows, works: its commands run, its settings do what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.api import produce_migrations, render_python_code
from limbeck.autogenerate.compare import populate_upgrade_ops
from limbeck.autogenerate.context import AutogenContext
from limbeck.base import alias
from limbeck.operations import ops
from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected
from tests.docs.test_tutorial import DOCS, TUTORIAL, blocks, run

GUIDE = list(blocks(DOCS / "guides" / "autogenerate.md"))
CHECKS, BY_NAME, BY_OBJECT, REWRITER, SKIP_EMPTY, LISTED, BY_DATABASE = (
    text for language, text in GUIDE if language == "python"
)
COMMANDS, COMMANDS_ON_ALL = (text for language, text in GUIDE if language == "console")
(DATABASES,) = (text for language, text in GUIDE if language == "ini")

MODELS = """import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def test_the_commands_work(tmp_path: Path) -> None:
    models, _ = (text for language, text in blocks(TUTORIAL) if language == "python")
    (tmp_path / "models.py").write_text(models)
    run("$ limbeck init --models models --url sqlite:///shop.db --save-url\n", tmp_path)
    run(COMMANDS, tmp_path)


def write_models(directory: Path) -> None:
    for name in ("accounts", "stock"):
        (directory / f"{name}.py").write_text(MODELS.format(name=f"{name}_item"))


def replace(path: Path, pattern: str, text: str) -> None:
    before = path.read_text()
    assert len(re.findall(pattern, before)) == 1, f"{pattern} in\n{before}"
    path.write_text(re.sub(pattern, lambda _: text, before))


def tables(directory: Path, database: str) -> set[str]:
    engine = sa.create_engine(f"sqlite:///{directory / database}")
    try:
        return {*sa.inspect(engine).get_table_names()} - {"alembic_version"}
    finally:
        engine.dispose()


def test_several_metadata_are_compared_together(tmp_path: Path) -> None:
    write_models(tmp_path)
    run("$ limbeck init migrations\n", tmp_path)
    replace(
        tmp_path / "alembic.ini", r"(?m)^(sqlalchemy\.url) = .*\n", "sqlalchemy.url = sqlite:///one.sqlite\n"
    )
    replace(tmp_path / "migrations" / "env.py", r"(?m)^target_metadata = None\n", LISTED)
    run(COMMANDS, tmp_path)
    assert tables(tmp_path, "one.sqlite") == {"accounts_item", "stock_item"}


def test_a_revision_brings_each_of_several_databases_to_its_models(tmp_path: Path) -> None:
    write_models(tmp_path)
    run("$ limbeck init --template multidb migrations\n", tmp_path)
    replace(tmp_path / "alembic.ini", r"(?ms)^databases = .*?(?=^\[post_write_hooks\])", DATABASES)
    replace(tmp_path / "migrations" / "env.py", r"(?m)^target_metadata = {}\n", BY_DATABASE)
    run(COMMANDS_ON_ALL, tmp_path)
    assert tables(tmp_path, "accounts.sqlite") == {"accounts_item"}
    assert tables(tmp_path, "stock.sqlite") == {"stock_item"}
    (revision,) = (tmp_path / "migrations" / "versions").glob("*.py")
    text = revision.read_text()
    for name in ("accounts", "stock"):
        _, _, upgrade = text.partition(f"def upgrade_{name}() -> None:")
        upgrade, _, downgrade = upgrade.partition(f"def downgrade_{name}() -> None:")
        assert f"op.create_table('{name}_item'" in upgrade.replace('"', "'")
        assert f"op.drop_table('{name}_item'" in downgrade.partition("\ndef ")[0].replace('"', "'")
    run("$ limbeck downgrade base\n", tmp_path)
    assert tables(tmp_path, "accounts.sqlite") == tables(tmp_path, "stock.sqlite") == set()


def test_every_block_was_tried() -> None:
    assert sorted(language for language, _ in GUIDE) == ["console"] * 2 + ["ini"] + ["python"] * 7


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sa.Connection]:
    alias.install()
    with connected(sqlite_url) as connection:
        yield connection


class Recorder:
    """Stands for `context` in env.py, and keeps what it was told."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def configure(self, connection: sa.Connection, **options: Any) -> None:
        self.options = options


def configured(block: str, connection: sa.Connection, metadata: sa.MetaData) -> MigrationContext:
    """A migration context as a block of the guide configures it."""
    recorder = Recorder()
    exec(block, {"context": recorder, "connection": connection, "target_metadata": metadata})
    return MigrationContext.configure(connection, opts=recorder.options)


def differences(block: str, connection: sa.Connection, metadata: sa.MetaData) -> list[Any]:
    found = ops.UpgradeOps([])
    populate_upgrade_ops(AutogenContext(configured(block, connection, metadata)), found)
    return [diff[0] for diff in found.as_diffs()]


def customer(*items: Any, **options: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("customer", metadata, sa.Column("id", sa.Integer, primary_key=True), *items, **options)
    return metadata


def test_checks_are_compared_by_name(connection: sa.Connection) -> None:
    customer().create_all(connection)
    with_check = customer(sa.CheckConstraint("id > 0", name="positive"))
    assert differences(CHECKS, connection, with_check) == ["add_constraint"]
    assert differences(BY_OBJECT, connection, with_check) == []


def test_a_filter_of_names_leaves_out_the_tables_of_others(connection: sa.Connection) -> None:
    customer().create_all(connection)
    connection.exec_driver_sql("CREATE TABLE of_others (id INTEGER)")
    assert differences(CHECKS, connection, customer()) == ["remove_table"]
    assert differences(BY_NAME, connection, customer()) == []


def test_a_filter_of_objects_reads_what_the_models_say(connection: sa.Connection) -> None:
    customer(sa.Column("name", sa.Text)).create_all(connection)
    assert differences(BY_OBJECT, connection, customer()) == ["remove_column"]
    assert differences(BY_OBJECT, connection, customer(info={"skip_autogenerate": True})) == []


def written(block: str, connection: sa.Connection, metadata: sa.MetaData) -> str:
    """The upgrade as it is written after the hook of a block; nothing if the hook leaves no script."""
    context = configured(block, connection, metadata)
    scripts = [produce_migrations(context, metadata)]
    context.opts["process_revision_directives"](context, (), scripts)
    return "".join(
        render_python_code(script.upgrade_ops) for script in scripts if script.upgrade_ops is not None
    )


def test_a_rewriter_makes_two_operations_of_one(connection: sa.Connection) -> None:
    customer().create_all(connection)
    text = written(REWRITER, connection, customer(sa.Column("name", sa.Text, nullable=False)))
    assert "op.add_column('customer', sa.Column('name', sa.Text(), nullable=True))" in text
    assert "op.alter_column('customer', 'name'" in text
    assert "nullable=False" in text


def test_empty_revisions_are_not_written(connection: sa.Connection) -> None:
    customer().create_all(connection)
    assert written(SKIP_EMPTY, connection, customer()) == ""
    assert "add_column" in written(SKIP_EMPTY, connection, customer(sa.Column("name", sa.Text)))
