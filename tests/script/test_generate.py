"""New revisions: what they follow, where their files go, and what is refused before anything is written."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest

from limbeck.errors import (
    BrokenHistory,
    CommandError,
    SeveralHeads,
    TemplateError,
    UnknownRevision,
    UnusableName,
)
from limbeck.script import Script, ScriptDirectory, write_hooks
from tests.graph.drawing import FOREST, TREE
from tests.script.project import TEMPLATE, make_project

WHEN = datetime.datetime(2031, 2, 3, 4, 5, 6, 7)


def generate(
    directory: ScriptDirectory, id: str = "new1", message: str | None = "add t", **kw: Any
) -> Script:
    script = directory.generate_revision(id, message, create_date=WHEN, **kw)
    assert script is not None
    return script


def files(directory: ScriptDirectory) -> set[str]:
    return set(os.listdir(directory.versions)) if os.path.isdir(directory.versions) else set()


def test_the_first_revision(tmp_path: Path) -> None:
    """GEN-4, GEN-9, GEN-12"""
    directory = make_project(tmp_path / "m")
    script = generate(directory)
    assert script.path == f"{tmp_path}/m/versions/new1_add_t.py"
    assert (script.revision, script.down_revision, script.doc) == ("new1", None, "add t")
    assert (
        Path(script.path)
        .read_text()
        .startswith('"""add t\n\nRevision ID: new1\nRevises: \nCreate Date: 2031-02-03 04:05:06.000007\n')
    )
    assert directory.get_heads() == ["new1"]


def test_the_next_revisions_follow_at_once(tmp_path: Path) -> None:
    """GEN-12"""
    directory = make_project(tmp_path / "m", "a")
    assert generate(directory, "b").down_revision == "a"
    assert generate(directory, "c").down_revision == "b"
    assert ScriptDirectory(directory.dir).get_heads() == ["c"]


@pytest.mark.parametrize(
    ("head", "parents"),
    [
        ("base", None),
        ("lb@head", "b2"),
        ("heads", ("b2", "c2")),
        (("c2", "b2"), ("c2", "b2")),
        (["lc@head", "b2"], ("c2", "b2")),
    ],
)
def test_parents_are_those_that_are_asked_for(tmp_path: Path, head: Any, parents: object) -> None:
    """GEN-8, GEN-9: in the order given."""
    assert generate(make_project(tmp_path / "m", TREE), head=head).down_revision == parents


def test_a_revision_may_be_spliced_in(tmp_path: Path) -> None:
    """GEN-8"""
    directory = make_project(tmp_path / "m", "a <- b")
    assert generate(directory, head="a", splice=True).down_revision == "a"
    assert directory.get_heads() == ["b", "new1"]


def test_dependencies_keep_labels_and_complete_ids(tmp_path: Path) -> None:
    """GEN-11"""
    directory = make_project(tmp_path / "m", "aaaa1, bbbb2 [shop] <- bbbb3")
    one = generate(directory, "x1", head="aaaa1", depends_on="shop")
    two = generate(directory, "x2", head="x1", depends_on=["bbbb3", "shop@head", "shop"])
    three = generate(directory, "x3", head="x2", depends_on=["bbbb3"])
    assert "depends_on = 'bbbb3'\n" in Path(three.path).read_text()
    assert (one.dependencies, two.dependencies) == ("shop", ("bbbb3", "bbbb3", "shop"))
    assert "depends_on = 'shop'\n" in Path(one.path).read_text()
    assert "depends_on = ['bbbb3', 'bbbb3', 'shop']\n" in Path(two.path).read_text()


@pytest.mark.parametrize("labels", ["fresh", ["fresh"], ("fresh", "other")])
def test_labels_are_written_as_a_tuple(tmp_path: Path, labels: Any) -> None:
    """GEN-10"""
    script = generate(make_project(tmp_path / "m"), branch_labels=labels)
    assert "fresh" in script.branch_labels
    assert "branch_labels = ('fresh'," in Path(script.path).read_text()


def test_a_template_that_loses_labels_is_told(tmp_path: Path) -> None:
    """GEN-12: the file stays."""
    directory = make_project(tmp_path / "m")
    (tmp_path / "m" / "script.py.mako").write_text(
        TEMPLATE.replace("branch_labels = ${repr(branch_labels)}", "")
    )
    with pytest.raises(CommandError, match="branch_labels fresh.*upgraded your script.py.mako"):
        generate(directory, branch_labels="fresh")
    assert files(directory) == {"new1_add_t.py"}


def test_no_message_is_said_to_be_none(tmp_path: Path) -> None:
    """TPL-9, GEN-3"""
    directory = make_project(tmp_path / "m")
    script = generate(directory, message=None)
    assert (script.doc, os.path.basename(script.path)) == ("empty message", "new1_.py")


@pytest.mark.parametrize("message", ['say """hi"""', "C:\\new", 'a "quoted"'])
def test_any_message_is_read_back_as_it_was(tmp_path: Path, message: str) -> None:
    """TPL-8"""
    assert generate(make_project(tmp_path / "m"), message=message).doc == message


def test_variables_reach_the_template(tmp_path: Path) -> None:
    """TPL-7"""
    directory = make_project(tmp_path / "m")
    (tmp_path / "m" / "script.py.mako").write_text(
        TEMPLATE + "extra = ${repr(extra)}, ${repr(create_date.year)}\n"
    )
    script = generate(directory, upgrades="op.x()", extra="e")
    assert "def upgrade():\n    op.x()\n" in Path(script.path).read_text()
    assert script.module.extra == ("e", 2031)


EVERY_VARIABLE = """\
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
other = ${repr([create_date, message, imports, upgrades, downgrades])}
joined = "${up_revision | comma,n} ${down_revision | comma,n} ${comma(depends_on)}"
% if False:
${nothing}
% endif
"""


@pytest.mark.parametrize(
    ("asked", "variables", "joined"),
    [
        ({"head": "base"}, (None, None, None), "new1  "),
        ({"head": "b2", "depends_on": "lc"}, ("b2", None, "lc"), "new1 b2 lc"),
        (
            {"head": "heads", "depends_on": ["a", "lc"], "branch_labels": ["x", "y"]},
            (("b2", "c2"), ("x", "y"), ["a", "lc"]),
            "new1 b2, c2 a, lc",
        ),
    ],
)
def test_the_template_has_these_variables(
    tmp_path: Path, asked: dict[str, Any], variables: tuple[Any, ...], joined: str
) -> None:
    """TPL-7, GEN-9: what is undefined does no harm until it is used."""
    directory = make_project(tmp_path / "m", TREE)
    (tmp_path / "m" / "script.py.mako").write_text("import datetime\n" + EVERY_VARIABLE)
    module = generate(directory, imports="import x", upgrades="up", downgrades="down", **asked).module
    assert (module.down_revision, module.branch_labels, module.depends_on) == variables
    assert module.other == [WHEN, "add t", "import x", "up", "down"]
    assert (module.revision, module.joined) == ("new1", joined)


def test_a_location_that_is_relative_gives_an_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GEN-15, HOOK-7"""
    seen: list[str] = []
    monkeypatch.setitem(write_hooks._registry, "see", lambda path, options: seen.append(path))
    make_project(tmp_path / "m")
    monkeypatch.chdir(tmp_path)
    generate(ScriptDirectory("m", hooks=[{"_hook_name": "h", "type": "see"}]))
    path = f"{tmp_path}/m/versions/new1_add_t.py"
    assert seen == [path]
    assert capsys.readouterr().out.splitlines()[0] == f"Generating {path} ...  done"


def test_a_hook_that_cannot_run_leaves_the_file(tmp_path: Path) -> None:
    """HOOK-9"""
    directory = make_project(tmp_path / "m", hooks=[{"_hook_name": "h", "type": "nothing"}])
    with pytest.raises(CommandError, match="No formatter with name 'nothing' registered"):
        generate(directory)
    assert files(directory) == {"new1_add_t.py"}


def test_the_line_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GEN-7, GEN-15, CLI-5"""
    loud = make_project(tmp_path / "m")
    loud.messaging_opts = {}
    os.rmdir(loud.versions)
    generate(loud)
    assert capsys.readouterr().out == (
        f"Creating directory {tmp_path}/m/versions ...  done\n"
        f"Generating {tmp_path}/m/versions/new1_add_t.py ...  done\n"
    )
    generate(make_project(tmp_path / "quiet"))
    assert capsys.readouterr().out == ""


def test_a_failing_template_is_a_failed_line_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GEN-14"""
    directory = make_project(tmp_path / "m")
    directory.messaging_opts = {}
    (tmp_path / "m" / "script.py.mako").write_text("${1/0}")
    with pytest.raises(TemplateError):
        generate(directory)
    assert capsys.readouterr().out.endswith("new1_add_t.py ...  FAILED\n")
    assert files(directory) == set()


# --- places -------------------------------------------------------------------------------------------------------


def test_subdirectories_of_a_file_template_are_created(tmp_path: Path) -> None:
    """GEN-5"""
    template = "%(year)d/%(rev)s"
    directory = make_project(tmp_path / "m", file_template=template, recursive_version_locations=True)
    script = generate(directory)
    assert script.path == f"{tmp_path}/m/versions/2031/new1.py"
    assert ScriptDirectory(directory.dir, recursive_version_locations=True).get_heads() == ["new1"]
    assert ScriptDirectory(directory.dir).get_heads() == []
    assert generate(directory, "new2", file_template="%(rev)s").path == f"{tmp_path}/m/versions/new2.py"


def several(tmp_path: Path) -> ScriptDirectory:
    """Two locations, one with a branch in it."""
    make_project(tmp_path / "m", "a <- b")
    locations = [str(tmp_path / "m" / "versions"), str(tmp_path / "other")]
    return ScriptDirectory(tmp_path / "m", version_locations=locations, messaging_opts={"quiet": True})


def test_a_file_goes_where_its_parents_is(tmp_path: Path) -> None:
    """GEN-6"""
    assert os.path.dirname(generate(several(tmp_path)).path) == f"{tmp_path}/m/versions"


def test_a_file_goes_where_it_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GEN-6: relative to the current directory."""
    monkeypatch.chdir(tmp_path)
    directory = several(tmp_path)
    assert generate(directory, version_path="other", head="base").path == f"{tmp_path}/other/new1_add_t.py"
    assert os.path.dirname(generate(directory, "new2", head="new1").path) == f"{tmp_path}/other"


def test_a_file_is_not_sent_elsewhere(tmp_path: Path) -> None:
    """GEN-6"""
    with pytest.raises(
        CommandError, match="^Path elsewhere is not represented in current version locations$"
    ):
        generate(several(tmp_path), version_path="elsewhere")


def test_a_first_revision_among_several_places_needs_one(tmp_path: Path) -> None:
    """GEN-6"""
    with pytest.raises(CommandError, match="please specify --version-path"):
        generate(several(tmp_path), head="base")


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kw", "error", "message"),
    [
        ({}, SeveralHeads, "Multiple heads are present; please specify the head revision on which the new"),
        ({"head": "a"}, CommandError, "Revision a is not a head revision; please specify --splice"),
        ({"head": ["b2", "lb@head"]}, CommandError, "Duplicate head revisions specified"),
        ({"head": "zzzz"}, UnknownRevision, "Can't locate revision identified by 'zzzz'"),
        ({"head": "b2", "depends_on": "zz"}, UnknownRevision, "Can't locate revision identified by 'zz'"),
        ({"head": "b2", "depends_on": "heads"}, SeveralHeads, "Multiple heads are present"),
        ({"head": "b2", "depends_on": "head"}, SeveralHeads, "Multiple head"),
        ({"head": "lb@head-1"}, UnknownRevision, "Can't locate revision identified by"),
        ({"head": "+1"}, UnknownRevision, "Can't locate revision identified by '+1'"),
        ({"head": "current"}, UnknownRevision, "Can't locate revision identified by 'current'"),
        (
            {"head": "b2", "id": "x-y+z"},
            CommandError,
            "Character(s) '+, -' not allowed in revision identifier",
        ),
        ({"head": "b2", "id": "head"}, UnusableName, "A revision's identifier cannot be 'head'"),
        (
            {"head": "b2", "id": "a"},
            UnusableName,
            "A revision's identifier cannot be 'a': a revision of that",
        ),
        (
            {"head": "b2", "id": "lb"},
            UnusableName,
            "A revision's identifier cannot be 'lb': it is a branch label",
        ),
        ({"head": "b2", "id": "../x"}, UnusableName, "A revision's identifier cannot be '../x'"),
        ({"head": "b2", "id": ""}, UnusableName, "A revision's identifier cannot be ''"),
        ({"head": "b2", "branch_labels": "lc"}, UnusableName, "A revision's label cannot be 'lc'"),
        ({"head": "b2", "branch_labels": "base"}, UnusableName, "A revision's label cannot be 'base'"),
        ({"head": "b2", "branch_labels": "c2"}, UnusableName, "A revision's label cannot be 'c2'"),
        ({"head": "b2", "branch_labels": "x@y"}, UnusableName, "A revision's label cannot be 'x@y'"),
    ],
)
def test_nothing_is_written_that_could_not_be_used(
    tmp_path: Path, kw: dict[str, Any], error: type[CommandError], message: str
) -> None:
    """GEN-2, GEN-8, GEN-11, GRA-4, GRA-8, ID-1, ID-14"""
    directory = make_project(tmp_path / "m", TREE)
    before = files(directory)
    with pytest.raises(error) as caught:
        generate(directory, **kw)
    assert str(caught.value).startswith(message)
    assert files(directory) == before


def test_a_broken_history_is_not_added_to(tmp_path: Path) -> None:
    directory = make_project(tmp_path / "m", "a <- b <- a")
    with pytest.raises(BrokenHistory):
        generate(directory)


def test_a_dependency_on_ones_own_descendants_cannot_be_written(tmp_path: Path) -> None:
    directory = make_project(tmp_path / "m", FOREST)
    script = generate(directory, head="s2", depends_on="n3")
    assert (script.dependencies, directory.get_heads(consider_depends_on=True)) == ("n3", ["new1"])


# --- afterwards -----------------------------------------------------------------------------------------------------


def test_hooks_see_the_file_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GEN-12, HOOK-2"""

    def rewrite(path: str, options: dict[str, Any]) -> None:
        text = Path(path).read_text()
        Path(path).write_text(text.replace("add t", options["text"]))

    monkeypatch.setitem(write_hooks._registry, "rewrite", rewrite)
    hooks = [{"_hook_name": "r", "type": "rewrite", "text": "formatted"}]
    assert generate(make_project(tmp_path / "m", hooks=hooks)).doc == "formatted"


# --- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timezone", "name"), [("UTC", "UTC"), ("utc", "UTC"), ("Europe/Vienna", "CE"), (None, None), ("", None)]
)
def test_the_time_is_in_the_configured_zone(tmp_path: Path, timezone: str | None, name: str | None) -> None:
    """CFG-38"""
    now = make_project(tmp_path / "m", timezone=timezone)._now()
    assert (now.tzname() or "").startswith(name or "")
    assert (now.tzinfo is None) == (name is None)
    reference = datetime.datetime.now(datetime.UTC) if now.tzinfo else datetime.datetime.now()
    assert abs(reference - now) < datetime.timedelta(minutes=1)


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "../etc/passwd"])
def test_an_unknown_time_zone_is_told(tmp_path: Path, timezone: str) -> None:
    """CFG-38"""
    with pytest.raises(CommandError, match=f"'{timezone}' is not a valid value for timezone"):
        make_project(tmp_path / "m", timezone=timezone).generate_revision("a", "b")
