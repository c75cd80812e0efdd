"""Steps: what they are called, what they run, and what callbacks are told about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.errors import RevisionFileError
from limbeck.graph.plan import Downgrade, Stamp, Upgrade
from limbeck.script import Script, ScriptDirectory
from limbeck.script.steps import MigrationStep, RevisionStep, StampStep
from tests.graph.drawing import FOREST
from tests.script.project import make_project, revision_text, write_revision


@pytest.fixture
def forest(tmp_path: Path) -> ScriptDirectory:
    return make_project(tmp_path / "m", FOREST)


def step(directory: ScriptDirectory, id: str, *, up: bool = True) -> RevisionStep:
    script = directory.get_revision(id)
    assert script is not None
    make = MigrationStep.upgrade_from_script if up else MigrationStep.downgrade_from_script
    return make(directory.revision_map, script)


def test_an_upgrade(forest: ScriptDirectory) -> None:
    """STEP-1, OUT-20: the log leaves dependencies out."""
    one = step(forest, "n3")
    assert (str(one), one.short_log) == ("upgrade n2 -> n3, make n3", "upgrade n2 -> n3")
    assert (one.name, one.doc, one.is_upgrade, one.is_downgrade) == ("upgrade", "make n3", True, False)
    assert (one.from_revisions, one.to_revisions) == (("n2", "a3"), ("n3",))
    assert (one.from_revisions_no_deps, one.to_revisions_no_deps) == (("n2",), ("n3",))
    assert one.move == Upgrade("n3")


def test_a_downgrade(forest: ScriptDirectory) -> None:
    """STEP-1"""
    one = step(forest, "n3", up=False)
    assert (str(one), one.name) == ("downgrade n3 -> n2, make n3", "downgrade")
    assert (one.from_revisions, one.to_revisions) == (("n3",), ("n2", "a3"))
    assert (one.from_revisions_no_deps, one.to_revisions_no_deps) == (("n3",), ("n2",))
    assert one.move == Downgrade("n3")


def test_a_step_from_base_has_nothing_before_the_arrow(forest: ScriptDirectory) -> None:
    """OUT-20"""
    assert step(forest, "a1").short_log == "upgrade  -> a1"
    assert step(forest, "a1", up=False).short_log == "downgrade a1 -> "


def test_the_file_is_run_when_the_function_is_asked_for(tmp_path: Path) -> None:
    """PERF-2"""
    directory = make_project(tmp_path / "m")
    write_revision(
        directory, "a.py", revision_text("a").replace("pass", "return kw", 1).replace("():", "(**kw):", 1)
    )
    (one,) = directory._upgrade_revs("head", ())
    script = directory.get_revision("a")
    assert script is not None
    assert script._module is None
    assert one.migration_fn(tag="x") == {"tag": "x"}
    assert one.migration_fn is script.module.upgrade


def test_a_file_without_the_function_is_told(tmp_path: Path) -> None:
    """Section 9 of config-cli"""
    directory = make_project(tmp_path / "m")
    path = write_revision(directory, "a.py", "revision = 'a'\ndown_revision = None\n")
    with pytest.raises(RevisionFileError) as caught:
        _ = step(directory, "a").migration_fn
    assert str(caught.value) == f"Cannot read revision file {path}: it has no function `upgrade()`"


def test_what_callbacks_are_told_of_a_migration(forest: ScriptDirectory) -> None:
    """CB-4"""
    up, down = step(forest, "n3").info, step(forest, "n3", up=False).info
    assert (up.is_upgrade, up.is_stamp, up.is_migration, up.up_revision_id) == (True, False, True, "n3")
    assert (up.up_revision_ids, up.down_revision_ids) == (("n3",), ("n2", "a3"))
    assert (up.source_revision_ids, up.destination_revision_ids) == (("n2", "a3"), ("n3",))
    assert (down.source_revision_ids, down.destination_revision_ids) == (("n3",), ("n2", "a3"))
    assert up.up_revision is forest.get_revision("n3")
    assert [each.revision for each in up.source_revisions] == ["n2", "a3"]
    assert up.destination_revisions == up.up_revisions == (forest.get_revision("n3"),)
    assert down.down_revisions == down.destination_revisions
    assert up.revision_map is forest.revision_map


def test_a_stamp(forest: ScriptDirectory) -> None:
    """STAMP-5, CB-4"""
    (one,) = forest._stamp_revs("a1", ("n3", "s2"))
    assert (str(one), one.doc, one.name) == ("stamp_revision n3, s2 -> a1", None, "stamp_revision")
    assert (one.from_, one.to_, one.branch_move) == (("n3", "s2"), ("a1",), False)
    assert one.from_revisions == one.from_revisions_no_deps == ("n3", "s2")
    assert one.to_revisions == one.to_revisions_no_deps == ("a1",)
    assert one.move == Stamp(("n3", "s2"), ("a1",), is_upgrade=False)
    assert one.migration_fn(any="thing") is None
    info = one.info
    assert (info.is_upgrade, info.is_stamp, info.up_revision_id) == (False, True, "n3")
    assert (info.up_revision_ids, info.down_revision_ids) == (("n3", "s2"), ("a1",))
    assert (info.source_revision_ids, info.destination_revision_ids) == (("n3", "s2"), ("a1",))


def test_a_stamp_can_be_made_by_hand() -> None:
    one = StampStep(None, "a", True, True)
    assert (one.from_, one.to_, one.short_log) == ((), ("a",), "stamp_revision  -> a")


def test_a_step_that_is_done_lets_its_module_go(forest: ScriptDirectory) -> None:
    """PERF-2: asked for again, the file is run again."""
    one = step(forest, "n3")
    module = one.revision.module
    assert one.revision.module is module
    one.let_go()
    assert one.revision.module is not module
    assert one.migration_fn.__name__ == "upgrade"


def test_a_script_that_was_made_of_a_module_keeps_it(forest: ScriptDirectory) -> None:
    found = step(forest, "n3").revision
    script = Script(found.module, "n3", found.path)
    RevisionStep(forest.revision_map, script, True).let_go()
    assert script.module is found.module
