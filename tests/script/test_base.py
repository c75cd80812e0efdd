"""ScriptDirectory: what it finds, plans, and says when something is wrong."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import pytest

from limbeck.config import Config
from limbeck.errors import (
    AmbiguousRevision,
    BrokenHistory,
    CommandError,
    DuplicateRevision,
    EnvironmentFileError,
    InvalidSetting,
    MissingRevision,
    NoScriptDirectory,
    NoScriptLocation,
    RevisionError,
    RevisionFileError,
    SeveralHeads,
    UnknownRevision,
    UnreachableRevision,
)
from limbeck.script import Script, ScriptDirectory
from tests.graph.drawing import FOREST, LINE, TREE
from tests.script.project import make_project, revision_text, write_revision


@pytest.fixture
def forest(tmp_path: Path) -> ScriptDirectory:
    return make_project(tmp_path / "m", FOREST)


@pytest.fixture
def tree(tmp_path: Path) -> ScriptDirectory:
    return make_project(tmp_path / "m", TREE)


@pytest.fixture
def empty(tmp_path: Path) -> ScriptDirectory:
    return make_project(tmp_path / "m")


# --- reading ----------------------------------------------------------------------------------------------------


def test_an_environment_knows_its_places(tmp_path: Path, empty: ScriptDirectory) -> None:
    """API-20"""
    assert empty.dir == str(tmp_path / "m")
    assert empty.versions == str(tmp_path / "m" / "versions")
    assert empty.env_py_location == str(tmp_path / "m" / "env.py")
    assert empty.version_locations == []


def test_an_environment_is_made_of_these() -> None:
    """API-20"""
    parameters = inspect.signature(ScriptDirectory).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items()}
    assert {name: list(value) if value == () else value for name, value in defaults.items()} == {
        "dir": inspect.Parameter.empty,
        "file_template": "%(rev)s_%(slug)s",
        "truncate_slug_length": 40,
        "version_locations": None,
        "sourceless": False,
        "output_encoding": "utf-8",
        "timezone": None,
        "hooks": [],
        "recursive_version_locations": False,
        "messaging_opts": {},
    }


def test_an_environment_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """API-20, CFG-32"""
    with pytest.raises(NoScriptDirectory, match="^Path doesn't exist: .*'init' command to create"):
        ScriptDirectory(tmp_path / "nowhere")


def test_several_version_locations_are_not_one(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    with pytest.raises(CommandError, match="^Multiple version_locations present$"):
        _ = ScriptDirectory(tmp_path / "m", version_locations=["a", "b"]).versions


def test_no_versions_directory_is_no_revisions(tmp_path: Path) -> None:
    """CFG-32"""
    directory = ScriptDirectory(tmp_path)
    assert (directory.get_heads(), directory.get_current_head(), directory.get_base()) == ([], None, None)


def test_ends_are_lists_of_ids(forest: ScriptDirectory) -> None:
    """Section 2.1; files are loaded by name."""
    assert forest.get_heads() == ["a3", "n3", "s2"]
    assert forest.get_heads(consider_depends_on=True) == ["n3", "s2"]
    assert forest.get_bases() == ["a1", "n1"]


def test_listing_runs_no_revision_file(empty: ScriptDirectory) -> None:
    """PERF-1, PERF-2"""
    write_revision(empty, "a.py", revision_text("a") + "raise RuntimeError('ran')\n")
    script = empty.get_revision("a")
    assert script is not None
    assert (empty.get_heads(), script.doc) == (["a"], "make a")
    with pytest.raises(RuntimeError, match="^ran$"):
        _ = script.module


def test_files_are_read_when_revisions_are_asked_for_and_once(empty: ScriptDirectory) -> None:
    """FILE-11: a broken file does no harm until then."""
    broken = write_revision(empty, "b.py", "x = (\n")
    again = ScriptDirectory(empty.dir)
    with pytest.raises(RevisionFileError):
        again.get_heads()
    broken.unlink()
    write_revision(empty, "a.py", revision_text("a"))
    assert empty.get_heads() == ["a"]
    write_revision(empty, "c.py", revision_text("c", ["a"]))
    assert (empty.get_heads(), ScriptDirectory(empty.dir).get_heads()) == (["a"], ["c"])


def test_only_attributes_say_what_a_revision_is(empty: ScriptDirectory) -> None:
    """FILE-4, FILE-13: its docstring does not, and an id may be longer than the column of the version table."""
    name = "a" * 40
    text = revision_text(name).replace(f"Revision ID: {name}", "Revision ID: zzzz\nRevises: yyyy")
    write_revision(empty, "a.py", text)
    script = empty.get_revision(name)
    assert script is not None
    assert (script.revision, script.down_revision) == (name, None)
    assert script.longdoc == f"make {name}\n\nRevision ID: zzzz\nRevises: yyyy"


def test_a_header_that_is_computed_is_run(empty: ScriptDirectory) -> None:
    """FILE-2, PERF-1"""
    write_revision(empty, "a.py", "'''computed'''\nrevision = 'a' * 2\ndown_revision = None\n")
    script = empty.get_revision("aa")
    assert script is not None
    assert (script.doc, script.module.revision) == ("computed", "aa")


def test_the_module_of_a_revision_is_its_file(forest: ScriptDirectory) -> None:
    """FILE-5"""
    script = forest.get_revision("shop")
    assert script is not None
    assert (script.path, script.module.__file__) == (f"{forest.versions}/s1_.py",) * 2
    assert script.module.__name__ == "s1__py"
    assert script.module is script.module


def test_a_script_can_be_made_of_a_module(forest: ScriptDirectory) -> None:
    """Section 2.2, ECO-1"""
    first = forest.get_revision("s1")
    assert first is not None
    script = Script(first.module, "s1", first.path)
    assert (script.down_revision, script.branch_labels, script.doc) == ("a1", {"shop"}, "make s1")
    again = Script._from_path(forest, first.path)
    forest.revision_map.add_revision(again, _replace=True)
    assert forest.get_revision("s1") is again
    assert again.nextrev == {"s2"}


@pytest.mark.parametrize(
    ("asked", "id"),
    [("head", "a5"), ("a3", "a3"), (None, None), ("base", None), ("a5@head", "a5"), ("heads", "a5")],
)
def test_one_revision(tmp_path: Path, asked: str | None, id: str | None) -> None:
    """Section 2.1"""
    found = make_project(tmp_path / "m", LINE).get_revision(asked)
    assert (None if found is None else found.revision) == id


def test_current_revisions_include_implied_branches(forest: ScriptDirectory) -> None:
    """GRA-42"""
    assert {script.revision for script in forest.get_all_current(("n3",))} == {"n3", "a3"}
    assert forest.get_all_current(()) == forest.get_all_current(None) == set()


@pytest.mark.parametrize(
    ("symbol", "number"),
    [
        ("heads", ("n3", "s2")), ("base", None), (None, None), ("shop@head", "s2"), ("shop", "s1"), ("a1", "a1"),
        ("zz", "zz"), ("+1", "+1"), (("a1", "n1"), ("a1", "n1")),
    ],
)  # fmt: skip
def test_symbols_become_numbers(forest: ScriptDirectory, symbol: str | None, number: object) -> None:
    """ENV-2: what does not exist stays as it is."""
    assert forest.as_revision_number(symbol) == number


def test_a_walk_lists_both_ends(forest: ScriptDirectory) -> None:
    """Section 2.1"""
    assert [each.revision for each in forest.walk_revisions()] == [
        "n3",
        "n2",
        "n1",
        "s2",
        "s1",
        "a3",
        "a2",
        "a1",
    ]
    assert [each.revision for each in forest.walk_revisions("s1", "s2")] == ["s2", "s1"]
    assert [each.revision for each in forest.iterate_revisions("s2", "s1")] == ["s2"]


# --- plans ------------------------------------------------------------------------------------------------------


def test_steps_of_an_upgrade(forest: ScriptDirectory) -> None:
    """PLAN-1, OUT-20"""
    assert [str(step) for step in forest._upgrade_revs("n3", ("a2",))] == [
        "upgrade a2 -> a3, make a3",
        "upgrade  -> n1, make n1",
        "upgrade n1 -> n2, make n2",
        "upgrade n2 -> n3, make n3",
    ]


def test_steps_of_a_downgrade(forest: ScriptDirectory) -> None:
    """PLAN-10"""
    assert [str(step) for step in forest._downgrade_revs("a2", ("n3",))] == [
        "downgrade n3 -> n2, make n3",
        "downgrade a3 -> a2, make a3",
    ]


def test_steps_of_a_stamp(forest: ScriptDirectory) -> None:
    """STAMP-5"""
    steps = forest._stamp_revs(("a1", "n1"), ("n3", "s2"))
    assert [(str(step), step.is_upgrade, step.branch_move) for step in steps] == [
        ("stamp_revision n3, s2 -> a1", False, False),
        ("stamp_revision  -> n1", True, True),
    ]


@pytest.mark.parametrize("rows", [None, (), "base", ["base"]])
def test_an_empty_table_may_be_said_in_several_ways(forest: ScriptDirectory, rows: object) -> None:
    """PY-5, OFF-3"""
    assert [step.revision.revision for step in forest._upgrade_revs("a2", rows)] == ["a1", "a2"]  # type: ignore[arg-type]


def test_a_script_may_start_from_a_shortened_id(tmp_path: Path) -> None:
    """OFF-3"""
    project = make_project(tmp_path / "m", "aaaa1 <- bbbb2 <- cccc3")
    assert [step.revision.revision for step in project._upgrade_revs("head", "bb")] == ["cccc3"]


# --- what is refused, and how it is said --------------------------------------------------------------------------


def refused(ask: object) -> CommandError:
    with pytest.raises(CommandError) as caught:
        ask()  # type: ignore[operator]
    return caught.value


def test_an_unknown_revision_is_named_with_what_is_near(tmp_path: Path) -> None:
    """ID-8, API-21"""
    project = make_project(tmp_path / "m", "ae1027a <- bf3322b")
    error = refused(lambda: project.get_revision("ae1O27a"))
    assert isinstance(error, UnknownRevision)
    assert str(error) == "Can't locate revision identified by 'ae1O27a'"
    assert (error.near, isinstance(error.__cause__, RevisionError)) == (("ae1027a",), True)


def test_an_ambiguous_revision_is_named_with_its_candidates(tmp_path: Path) -> None:
    """ID-8"""
    project = make_project(tmp_path / "m", "ae10aa, ae10bb")
    error = refused(lambda: project.get_revision("ae10"))
    assert isinstance(error, AmbiguousRevision)
    assert str(error) == "Can't locate revision identified by 'ae10': it may be any of ae10aa, ae10bb"


@pytest.mark.parametrize("asked", ["lb@c", "zz@head", "+1", ""])
def test_what_cannot_be_located_is_named(tree: ScriptDirectory, asked: str) -> None:
    """ID-8, section 9 of config-cli"""
    assert str(refused(lambda: tree.get_revision(asked))).startswith("Can't locate revision identified by '")


def test_a_row_that_no_file_has_is_named(tree: ScriptDirectory) -> None:
    """STAMP-6, CLI-59"""
    for ask in (
        lambda: tree._upgrade_revs("heads", ("ffff",)),
        lambda: tree._stamp_revs("b", ("ffff",)),
        lambda: tree.get_all_current(("ffff",)),
    ):
        assert str(refused(ask)) == "Can't locate revision identified by 'ffff'"


@pytest.mark.parametrize("asked", ["head", "heads"])
def test_several_heads_are_named(tree: ScriptDirectory, asked: str) -> None:
    """ID-4"""
    error = refused(lambda: tree.get_revision(asked))
    assert isinstance(error, SeveralHeads)
    assert error.heads == ("b2", "c2")
    assert str(error) == (
        f"Multiple head revisions are present for given argument '{asked}'; please specify a specific target "
        f"revision, '<branchname>@{asked}' to narrow to a specific head, or 'heads' for all heads"
    )


def test_the_only_head_or_base_is_refused_if_there_are_several(forest: ScriptDirectory) -> None:
    """Section 2.1"""
    assert str(refused(forest.get_current_head)).startswith("The script directory has multiple heads")
    assert str(refused(forest.get_base)).startswith("The script directory has multiple bases")


def test_a_range_along_no_branch_is_named(tree: ScriptDirectory) -> None:
    """HIST-6; the walk is refused when it is asked for, not when it is looked at."""
    error = refused(lambda: tree.walk_revisions("b2", "c2"))
    assert isinstance(error, UnreachableRevision)
    assert str(error) == (
        "Requested range b2:c2 does not refer to ancestor/descendant revisions along the same branch"
    )
    assert str(refused(lambda: tree.iterate_revisions("c2", "b2"))) == (
        "Revision b2 is not an ancestor of revision c2"
    )


def test_an_unreachable_target_keeps_its_first_line(tree: ScriptDirectory) -> None:
    """PLAN-14"""
    error = refused(lambda: tree._downgrade_revs("b", ("c2",)))
    assert isinstance(error, UnreachableRevision)
    assert str(error) == "Destination b is not a valid downgrade target from current head(s)"
    assert error.hint is not None


def test_a_missing_parent_is_told_with_its_place(empty: ScriptDirectory) -> None:
    """GRA-22"""
    path = write_revision(empty, "b.py", revision_text("b", ["gone"]))
    error = refused(empty.get_heads)
    assert isinstance(error, MissingRevision)
    line = path.read_text().split("\n").index("down_revision = 'gone'") + 1
    assert (error.revision, error.missing, error.path, error.line) == ("b", "gone", str(path), line)


@pytest.mark.parametrize(
    ("drawing", "names"),
    [("a <- b <- a", ["a", "b"]), ("a <- b [L], a <- c [L]", ["c", "b"]), ("a (a)", ["a"])],
)
def test_a_broken_history_names_the_files(tmp_path: Path, drawing: str, names: list[str]) -> None:
    """GRA-4, GRA-20, API-21: whatever is asked first."""
    for number, ask in enumerate(("get_heads", "get_bases", "get_current_head", "walk_revisions")):
        project = make_project(tmp_path / str(number), drawing)
        error = refused(getattr(project, ask))
        assert isinstance(error, BrokenHistory)
        assert error.paths == tuple(f"{project.versions}/{name}_.py" for name in names)
        assert isinstance(error.__cause__, RevisionError)


def test_two_files_with_one_id_are_refused(empty: ScriptDirectory) -> None:
    """FILE-12"""
    paths = [str(write_revision(empty, name, revision_text("a"))) for name in ("x.py", "y.py")]
    error = refused(empty.get_heads)
    assert isinstance(error, DuplicateRevision)
    assert (error.revision, error.paths) == ("a", tuple(paths))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("revision = 'a'\n", "it does not set `down_revision`"),
        ("down_revision = None\n", "it does not set `revision`; every file"),
        ("revision = 1\ndown_revision = None\n", "its `revision` is 1, not a text"),
        ("revision = ''\ndown_revision = None\n", "its `revision` is '', not a text"),
        (
            "revision = 'a'\ndown_revision = 5\n",
            "its `down_revision` is 5; it must be None, a text, or several",
        ),
        ("revision = 'a'\ndown_revision = None\ndepends_on = [1]\n", "its `depends_on` is [1]; it must be"),
        (
            "revision = 'a-b'\ndown_revision = None\n",
            "Character(s) '-' not allowed in revision identifier 'a-b'",
        ),
        ("x = (\n", ":1: '(' was never closed"),
        ("revision = '\0'\n", ":1: there is a NUL byte in it"),
    ],
)
def test_a_file_that_is_no_revision_is_named(empty: ScriptDirectory, text: str, reason: str) -> None:
    """FILE-1, FILE-10, FILE-11, FILE-13"""
    path = write_revision(empty, "file.py", text)
    error = refused(empty.get_heads)
    assert isinstance(error, RevisionFileError)
    assert re.match(f"Cannot read revision file {re.escape(str(path))}.*{re.escape(reason)}", str(error))


def test_a_very_old_file_is_called_by_its_name(empty: ScriptDirectory) -> None:
    """FILE-10"""
    write_revision(empty, "1af2.py", "down_revision = None\n")
    assert empty.get_heads() == ["1af2"]


def test_an_empty_parent_is_a_missing_one(empty: ScriptDirectory) -> None:
    """FILE-3"""
    write_revision(empty, "a.py", "revision = 'a'\ndown_revision = ''\n")
    assert isinstance(refused(empty.get_heads), MissingRevision)


def test_env_py_is_run(tmp_path: Path, empty: ScriptDirectory) -> None:
    (tmp_path / "m" / "env.py").write_text("raise LookupError(__name__, __file__)")
    with pytest.raises(LookupError) as caught:
        empty.run_env()
    assert caught.value.args == ("env_py", str(tmp_path / "m" / "env.py"))


def test_a_missing_env_py_is_told(tmp_path: Path, empty: ScriptDirectory) -> None:
    """CLI-11"""
    (tmp_path / "m" / "env.py").unlink()
    with pytest.raises(EnvironmentFileError, match="env.py: there is no such file"):
        empty.run_env()


# --- configuration ------------------------------------------------------------------------------------------------


def configured(tmp_path: Path, text: str) -> Config:
    (tmp_path / "alembic.ini").write_text(f"[alembic]\npath_separator = newline\n{text}")
    return Config(tmp_path / "alembic.ini")


def test_a_configuration_says_it_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CFG-31, CFG-33, CFG-37"""
    monkeypatch.setattr("sys.path", ["last"])
    make_project(tmp_path / "m", LINE)
    config = configured(
        tmp_path,
        "script_location = %(here)s/m\nfile_template = %%(slug)s\ntruncate_slug_length = 7\ntimezone = utc\n"
        "version_locations =\n  %(here)s/m/versions\n  %(here)s/other\noutput_encoding = latin-1\n"
        "prepend_sys_path =\n  one\n  two\nsourceless = true\nrecursive_version_locations = true\n",
    )
    script = ScriptDirectory.from_config(config)
    assert sys.path == ["one", "two", "last"]
    ScriptDirectory.from_config(config)
    assert sys.path == ["one", "two", "last"]
    assert script.version_locations == [f"{tmp_path}/m/versions", f"{tmp_path}/other"]
    assert (script.file_template, script.truncate_slug_length, script.output_encoding) == (
        "%(slug)s",
        7,
        "latin-1",
    )
    assert (script.timezone, script.sourceless, script.recursive_version_locations) == ("utc", True, True)
    assert script.get_current_head() == "a5"


def test_prepended_paths_come_first_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CFG-33"""
    monkeypatch.setattr("sys.path", ["last"])
    make_project(tmp_path / "m")
    text = "script_location = %(here)s/m\n"
    ScriptDirectory.from_config(configured(tmp_path, text))
    assert sys.path == ["last"]
    config = configured(tmp_path, f"{text}prepend_sys_path =\n  one\n  two\n")
    ScriptDirectory.from_config(config)
    sys.path.insert(0, "in front")
    ScriptDirectory.from_config(config)
    assert sys.path[:2] == ["one", "two"]


def test_an_environment_may_be_in_a_package_that_a_prepended_path_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CFG-31"""
    monkeypatch.setattr("sys.path", list(sys.path))
    make_project(tmp_path / "lib" / "package_of_a_test" / "m", LINE)
    (tmp_path / "lib" / "package_of_a_test" / "__init__.py").touch()
    text = "script_location = package_of_a_test:m\nprepend_sys_path = %(here)s/lib\n"
    script = ScriptDirectory.from_config(configured(tmp_path, text))
    assert (script.get_current_head(), script.dir) == ("a5", str(tmp_path / "lib/package_of_a_test/m"))


def test_a_relative_location_is_below_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CFG-31: and not below the ini file's."""
    make_project(tmp_path / "here" / "m", LINE)
    make_project(tmp_path / "elsewhere" / "m")
    monkeypatch.chdir(tmp_path / "here")
    script = ScriptDirectory.from_config(configured(tmp_path / "elsewhere", "script_location = m\n"))
    assert script.get_current_head() == "a5"


def test_defaults(tmp_path: Path) -> None:
    """CFG-38, CFG-39: an empty time zone is none, and a length of 0 the usual one."""
    make_project(tmp_path / "m")
    text = "script_location = %(here)s/m\ntruncate_slug_length = 0\ntimezone =\n"
    script = ScriptDirectory.from_config(configured(tmp_path, text))
    assert (script.file_template, script.truncate_slug_length) == ("%(rev)s_%(slug)s", 40)
    assert (script.timezone, script.sourceless, script.hooks) == (None, False, [])


def test_no_location_is_told(tmp_path: Path) -> None:
    """CFG-30"""
    with pytest.raises(NoScriptLocation, match="alembic.ini"):
        ScriptDirectory.from_config(configured(tmp_path, ""))


@pytest.mark.parametrize("length", ["long", "", "4.5"])
def test_a_length_that_is_no_number_is_told(tmp_path: Path, length: str) -> None:
    """CFG-39"""
    make_project(tmp_path / "m")
    text = f"script_location = %(here)s/m\ntruncate_slug_length = {length}\n"
    with pytest.raises(InvalidSetting, match=f"'{length}' is not a valid value for truncate_slug_length"):
        ScriptDirectory.from_config(configured(tmp_path, text))
