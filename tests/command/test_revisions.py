"""revision, merge, edit: writing and opening revision files."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import command
from limbeck.errors import CommandError, FileInTheWay, NoTablesInModels, NotUpToDate, SeveralHeads
from limbeck.operations import ops
from limbeck.script import Script
from tests.command.project import Project


def header(path: str | Path) -> dict[str, Any]:
    """What a revision file says about itself."""
    names: dict[str, Any] = {}
    exec(compile(Path(path).read_text("utf-8"), str(path), "exec"), names)
    wanted = ("revision", "down_revision", "branch_labels", "depends_on")
    return {name: names[name] for name in wanted}


def written(result: object) -> Script:
    assert isinstance(result, Script)
    return result


# --- revision -----------------------------------------------------------------------------------------------


def test_revision_writes_an_empty_file_on_top_of_the_head(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """CLI-30, CLI-34, API-3, GEN-9."""
    project.add("a1")
    script = written(command.revision(project.config(), message="Add users", rev_id="b1"))
    path = project.versions / "b1_add_users.py"
    assert (script.revision, script.path) == ("b1", str(path))
    assert header(path) == {
        "revision": "b1",
        "down_revision": "a1",
        "branch_labels": None,
        "depends_on": None,
    }
    assert capsys.readouterr().out == f"Generating {path} ...  done\n"
    assert project.attributes == {}, "env.py does not run"


def test_revision_makes_up_an_identifier(project: Project) -> None:
    """GEN-1, TPL-9."""
    from limbeck.util import rev_id

    assert len({rev_id() for _ in range(20)}) == 20
    assert all(len(made) == 12 and int(made, 16) >= 0 for made in (rev_id() for _ in range(20)))
    script = written(command.revision(project.config()))
    assert len(script.revision) == 12
    assert int(script.revision, 16) >= 0
    assert script.doc == "empty message"
    assert Path(script.path).name == f"{script.revision}_.py"


def test_revision_takes_every_option(garden: Project) -> None:
    """GEN-8, GEN-10, GEN-11."""
    script = written(
        command.revision(
            garden.config(),
            message="x",
            head="m1",
            splice=True,
            branch_label="side",
            version_path=str(garden.versions),
            rev_id="y1",
            depends_on=["xl", "x1"],
        )
    )
    facts = header(script.path)
    assert facts | {"depends_on": list(facts["depends_on"])} == {
        "revision": "y1",
        "down_revision": "m1",
        "branch_labels": ("side",),
        "depends_on": ["xl", "x1"],
    }


def test_revision_needs_to_know_which_of_several_heads(garden: Project) -> None:
    """GEN-8."""
    with pytest.raises(SeveralHeads) as raised:
        command.revision(garden.config(), message="x")
    assert sorted(raised.value.heads) == ["n1", "x2"]
    assert written(command.revision(garden.config(), head="lab@head", rev_id="n2")).down_revision == "n1"
    assert written(command.revision(garden.config(), head="base", rev_id="z1")).down_revision is None


def test_what_the_command_line_leaves_out_is_the_default(project: Project) -> None:
    """The option --head is None if it is not given."""
    project.add("a1")
    assert written(command.revision(project.config(), head=None, rev_id="b1")).down_revision == "a1"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"sql": True}, "revision_environment is not configured"),
        ({"sql": True, "autogenerate": True}, "--autogenerate does not make any sense"),
    ],
)
def test_revision_prints_no_sql(project: Project, options: dict[str, bool], text: str) -> None:
    """CLI-32."""
    with pytest.raises(CommandError, match=text):
        command.revision(project.config(), **options)
    assert list(project.versions.iterdir()) == []


def test_env_py_runs_if_every_command_is_to(tmp_path: Path) -> None:
    """CLI-32, table 6.1."""
    project = Project(tmp_path, settings="revision_environment = true\n")
    command.revision(project.config(), rev_id="a1")
    command.revision(project.config(), rev_id="b1", sql=True)
    assert project.attributes["log"] == [("online", None), ("offline", None)]


@pytest.mark.parametrize(("settings", "runs"), [("", 0), ("revision_environment = true\n", 1)])
def test_merge_runs_env_py_only_if_every_command_is_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: str, runs: int
) -> None:
    """CLI-37, CLI-34."""
    project = Project(tmp_path, settings=settings)
    project.add("a1")
    project.add("b1")
    command.merge(project.config(), "heads", rev_id="m1")
    assert project.attributes.get("log", []) == [("online", None)] * runs
    assert capsys.readouterr().out == f"Generating {project.versions}/m1_.py ...  done\n"


def test_status_goes_to_standard_output_and_not_into_the_result(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """CFG-8."""
    project.versions.rmdir()
    assert project.out("revision", rev_id="a1") == ""
    assert capsys.readouterr().out == (
        f"Creating directory {project.versions} ...  done\nGenerating {project.versions}/a1_.py ...  done\n"
    )
    assert project.out("heads") == "a1 (head)\n"
    assert capsys.readouterr().out == ""


def test_env_py_adds_variables_to_the_template(tmp_path: Path) -> None:
    """TPL-7."""
    project = Project(tmp_path, settings="revision_environment = true\n")
    project.attributes["configure"] = {"template_args": {"author": "Ada"}}
    mako = project.directory / "migrations" / "script.py.mako"
    mako.write_text(mako.read_text() + "# by ${author}\n")
    first = written(command.revision(project.config(), rev_id="a1"))
    joined = written(command.merge(project.config(), "a1", rev_id="b1"))
    assert [Path(one.path).read_text().splitlines()[-1] for one in (first, joined)] == ["# by Ada"] * 2


def test_a_hook_may_write_nothing_or_more(project: Project) -> None:
    """CLI-30, CLI-33."""

    def drop(context: Any, revision: Any, directives: list[Any]) -> None:
        directives.clear()

    assert command.revision(project.config(), process_revision_directives=drop) in ([], None)
    assert list(project.versions.iterdir()) == []

    seen: list[Any] = []

    def watch(context: Any, revision: Any, directives: list[Any]) -> None:
        seen.extend(directives)

    command.revision(project.config(), rev_id="a1", message="m", process_revision_directives=watch)
    assert [(type(one).__name__, one.rev_id, one.message) for one in seen] == [("MigrationScript", "a1", "m")]


def test_a_hook_may_add_a_revision(project: Project) -> None:
    """CLI-30, CLI-33"""
    from limbeck.operations import ops

    def add(context: Any, revision: Any, directives: list[Any]) -> None:
        directives.append(
            ops.MigrationScript("b1", ops.UpgradeOps([]), ops.DowngradeOps([]), message="more", head="a1")
        )

    made = command.revision(project.config(), rev_id="a1", process_revision_directives=add)
    assert isinstance(made, list)
    assert [(written(one).revision, written(one).down_revision) for one in made] == [
        ("a1", None),
        ("b1", "a1"),
    ]
    assert project.out("heads") == "b1 (head)\n"


SAVED = "[post_write_hooks]\nhooks = one\none.type = keep\none.options = x\n"
KEEP = """
from limbeck.script import write_hooks

@write_hooks.register("keep")
def keep(path, options):
    config.attributes.setdefault("kept", []).append((path, options))
"""


def test_hooks_run_after_every_file_that_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """HOOK-2, HOOK-3, HOOK-4, CLI-5: env.py registers its own, and being quiet does not silence them."""
    from argparse import Namespace

    from limbeck.script import write_hooks

    monkeypatch.setattr(write_hooks, "_registry", dict(write_hooks._registry))
    project = Project(tmp_path, settings=f"revision_environment = true\n{SAVED}")
    env = project.directory / "migrations" / "env.py"
    env.write_text(env.read_text() + KEEP)
    project.attributes["target_metadata"] = sa.MetaData()
    config = project.config(cmd_opts=Namespace(quiet=True))
    command.revision(config, rev_id="a1")
    command.stamp(config, "a1")
    command.revision(config, rev_id="b1", autogenerate=True)
    command.merge(config, "b1", rev_id="m1")
    options = {"_hook_name": "one", "type": "keep", "options": "x"}
    assert project.attributes["kept"] == [
        (f"{project.versions}/{name}_.py", options) for name in ("a1", "b1", "m1")
    ]
    assert capsys.readouterr().out == "Running post write hook 'one' ...\n  done\n" * 3


def test_a_hook_of_env_py_is_unknown_where_env_py_does_not_run(tmp_path: Path) -> None:
    """HOOK-4, HOOK-9"""
    project = Project(tmp_path, settings=SAVED)
    env = project.directory / "migrations" / "env.py"
    env.write_text(env.read_text() + KEEP)
    with pytest.raises(CommandError, match="No formatter with name 'keep' registered"):
        command.revision(project.config(), rev_id="a1")


def test_a_plain_revision_imports_no_sqlalchemy(project: Project) -> None:
    code = (
        "import sys; from limbeck import command; from limbeck.config import Config; "
        f"command.revision(Config({str(project.directory / 'alembic.ini')!r}), message='x'); "
        "print('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


# --- autogenerate -------------------------------------------------------------------------------------------


@pytest.fixture
def models() -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table(
        "users", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20))
    )
    return metadata


def test_autogenerate_writes_what_leads_to_the_models(project: Project, models: sa.MetaData) -> None:
    """CLI-31: from models to a migrated database without an edit."""
    project.attributes["target_metadata"] = models
    command.revision(project.config(), message="first", autogenerate=True)
    command.upgrade(project.config(), "head")
    assert [name for (name,) in project.query("SELECT name FROM pragma_table_info('users')")] == [
        "id",
        "name",
    ]
    assert project.out("check") == "No new upgrade operations detected.\n"


def test_autogenerate_needs_a_database_that_is_up_to_date(project: Project, models: sa.MetaData) -> None:
    """CLI-31."""
    project.attributes["target_metadata"] = models
    project.add("a1")
    for name in ("revision", "check"):
        with pytest.raises(NotUpToDate):
            getattr(command, name)(project.config(), **({"autogenerate": True} if name == "revision" else {}))
    assert [path.name for path in project.versions.glob("*.py")] == ["a1.py"]


def test_autogenerate_without_migrations_in_env_py_writes_an_empty_file(project: Project) -> None:
    """CLI-10"""
    (project.directory / "migrations" / "env.py").write_text("from limbeck import context\n")
    made = written(command.revision(project.config(), rev_id="a1", autogenerate=True))
    assert "def upgrade() -> None:" in Path(made.path).read_text()
    assert "op." not in Path(made.path).read_text()


def test_autogenerate_drops_everything_only_if_that_is_meant(project: Project) -> None:
    project.attributes["target_metadata"] = sa.MetaData()
    with closing(sqlite3.connect(project.directory / "app.db")) as connection:
        connection.execute("CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY)")
    with pytest.raises(NoTablesInModels):
        command.revision(project.config(), autogenerate=True)
    assert list(project.versions.iterdir()) == []
    command.revision(project.config(), autogenerate=True, allow_drops=True)
    (path,) = project.versions.glob("*.py")
    assert "op.drop_table('users')" in path.read_text()


def test_autogenerate_needs_models(project: Project) -> None:
    """CLI-31."""
    with pytest.raises(CommandError, match=r"env\.py"):
        command.revision(project.config(), autogenerate=True)


# --- merge --------------------------------------------------------------------------------------------------


def test_merge_joins_all_heads(garden: Project) -> None:
    """CLI-36, GEN-9."""
    script = written(command.merge(garden.config(), "heads", message="join", rev_id="j1"))
    assert header(script.path) == {
        "revision": "j1",
        "down_revision": ("n1", "x2"),
        "branch_labels": None,
        "depends_on": None,
    }
    assert garden.out("heads") == "j1 (lab, xl) (head)\n"
    assert garden.attributes == {}, "env.py does not run"


def test_merge_takes_revisions_labels_and_one_alone(garden: Project) -> None:
    """CLI-36."""
    assert written(
        command.merge(garden.config(), ["lab@head", "x2"], rev_id="j1", branch_label="new")
    ).down_revision == (
        "n1",
        "x2",
    )
    assert written(command.merge(garden.config(), ["j1"], rev_id="j2")).down_revision == "j1"


def test_merge_of_all_heads_leaves_out_what_another_needs(project: Project) -> None:
    """CLI-36: so there may be one."""
    project.add("a1")
    project.add("b1", depends_on="a1")
    assert written(command.merge(project.config(), "heads", rev_id="m1")).down_revision == "b1"


@pytest.mark.parametrize("asked", ["+1", "n1-1", "current"])
def test_merge_counts_from_nowhere(garden: Project, asked: str) -> None:
    """ID-1, ID-14"""
    with pytest.raises(CommandError, match="Can't locate revision identified by"):
        command.merge(garden.config(), [asked, "x2"])


def test_merge_of_what_is_no_head_needs_splice(garden: Project) -> None:
    """CLI-36, GEN-8."""
    with pytest.raises(CommandError, match="splice"):
        command.merge(garden.config(), ["b1", "x2"])
    assert written(command.merge(garden.config(), ["b1", "x2"], splice=True, rev_id="j1")).down_revision == (
        "b1",
        "x2",
    )


def test_merge_refuses_the_same_revision_twice(garden: Project) -> None:
    """CLI-36."""
    with pytest.raises(CommandError):
        command.merge(garden.config(), ["n1", "n1"])


# --- edit ---------------------------------------------------------------------------------------------------


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that writes down what it was started with; the file is returned."""
    log = tmp_path / "edited.txt"
    program = tmp_path / "my editor.py"
    program.write_text(
        "import sys\nwith open(sys.argv[1], 'a') as log:\n    log.write('|'.join(sys.argv[2:]) + '\\n')\n"
        "sys.exit('fail' in sys.argv)\n"
    )
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{program}' '{log}' --wait")
    return log


def test_edit_opens_the_files_of_a_revision(garden: Project, editor: Path) -> None:
    """CLI-66."""
    garden.out("edit", "m1")
    garden.out("edit", "heads")
    assert editor.read_text().splitlines() == [
        f"--wait|{garden.versions}/{name}.py" for name in ("m1", "n1", "x2")
    ]


def test_a_new_revision_may_be_opened_at_once(garden: Project, editor: Path) -> None:
    garden.out("revision", message="more", head="m1", splice=True, rev_id="z1", edit=True)
    assert editor.read_text() == f"--wait|{garden.versions}/z1_more.py\n"


def test_edit_opens_what_the_database_is_at(garden: Project, editor: Path) -> None:
    """CLI-66, GRA-42."""
    with pytest.raises(CommandError, match="No current revisions"):
        garden.out("edit", "current")
    garden.out("stamp", "m1")
    garden.out("edit", "current")
    assert editor.read_text() == f"--wait|{garden.versions}/m1.py\n"


def test_edit_refuses_what_is_no_file(garden: Project, editor: Path) -> None:
    """CLI-66, ID-14."""
    with pytest.raises(CommandError, match="No revision files indicated by symbol 'base'"):
        garden.out("edit", "base")
    with pytest.raises(CommandError, match="Can't locate revision identified by 'zz'"):
        garden.out("edit", "zz")
    for relative in ("+1", "n1-1"):
        with pytest.raises(CommandError, match="Can't locate revision identified by"):
            garden.out("edit", relative)
    assert not editor.exists()


def test_an_editor_that_fails_is_an_error(garden: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLI-66."""
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' -c 'raise SystemExit(3)'")
    with pytest.raises(CommandError, match="exit status 3"):
        garden.out("edit", "m1")
    monkeypatch.setenv("EDITOR", "no-such-editor")
    with pytest.raises(CommandError, match="no-such-editor"):
        garden.out("edit", "m1")


# --- without writing --------------------------------------------------------------------------------------------


def test_a_dry_run_prints_what_would_be_written(project: Project) -> None:
    project.add("a1")
    shown = project.out("revision", "add users", rev_id="b1", dry_run=True)
    assert not (project.versions / "b1_add_users.py").exists()
    created = command.revision(project.config(), "add users", rev_id="b1")
    assert isinstance(created, Script)
    text = Path(created.path).read_text()
    without_date = [line for line in text.splitlines() if not line.startswith("Create Date")]
    assert [line for line in shown.splitlines() if not line.startswith("Create Date")] == without_date


def test_a_dry_run_compares_and_lets_hooks_change_the_result(project: Project) -> None:
    def rename(context: object, revision: object, scripts: list[ops.MigrationScript]) -> None:
        scripts[0].message = "renamed"

    metadata = sa.MetaData()
    sa.Table("person", metadata, sa.Column("id", sa.Integer))
    project.attributes["target_metadata"] = metadata
    shown = project.out("revision", "x", autogenerate=True, dry_run=True, process_revision_directives=rename)
    assert '"""renamed' in shown
    assert "op.create_table(" in shown
    assert list(project.versions.iterdir()) == []


def test_a_dry_run_refuses_what_could_not_be_written(project: Project) -> None:
    with pytest.raises(CommandError):
        project.out("revision", "x", head="nowhere", dry_run=True)
    project.add("a1").rename(project.versions / "b1_x.py")
    with pytest.raises(FileInTheWay):
        project.out("revision", "x", rev_id="b1", dry_run=True)
