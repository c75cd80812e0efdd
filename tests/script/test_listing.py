"""How revisions read in listings."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.script import Script, ScriptDirectory
from limbeck.script.listing import de_indented, first_paragraph
from tests.graph.drawing import FOREST
from tests.script.project import make_project, revision_text, write_revision

EXAMPLE = "a1 <- b1, a1 <- c1 [lab], b1+c1 <- m1 <- n1"


@pytest.fixture
def example(tmp_path: Path) -> ScriptDirectory:
    return make_project(tmp_path / "m", EXAMPLE)


def get(directory: ScriptDirectory, id: str) -> Script:
    script = directory.get_revision(id)
    assert script is not None
    return script


def test_history_in_one_line_each(example: ScriptDirectory) -> None:
    """OUT-1 to OUT-5, the example of section 7.1"""
    lines = [
        script.cmd_format(False, include_branches=True, include_doc=True, include_parents=True)
        for script in example.walk_revisions()
    ]
    assert lines == [
        "m1 -> n1 (lab) (head), make n1",
        "b1, c1 -> m1 (lab) (mergepoint), make m1",
        "a1 -> b1, make b1",
        "a1 -> c1 (lab), make c1",
        "<base> -> a1 (branchpoint), make a1",
    ]


def test_heads_without_marks_of_the_tree(example: ScriptDirectory) -> None:
    """CLI-60"""
    assert (
        get(example, "n1").cmd_format(False, include_branches=True, tree_indicators=False)
        == "n1 (lab) (head)"
    )
    assert get(example, "m1").cmd_format(False, tree_indicators=False) == "m1"


def test_current_has_marks_but_no_labels(example: ScriptDirectory) -> None:
    """CLI-55"""
    assert [get(example, id).cmd_format(False) for id in ("n1", "m1", "a1")] == [
        "n1 (head)",
        "m1 (mergepoint)",
        "a1 (branchpoint)",
    ]


def test_an_effective_head_is_called_so(tmp_path: Path) -> None:
    """OUT-1, OUT-3: dependencies as written, and what another depends on."""
    forest = make_project(tmp_path / "m", FOREST)
    assert get(forest, "a3").cmd_format(False) == "a3 (effective head)"
    assert get(forest, "n3").cmd_format(False, include_parents=True) == "n2 (a3) -> n3 (head)"


def test_a_dependency_on_a_label_is_shown_as_the_label(tmp_path: Path) -> None:
    """deplabel"""
    directory = make_project(tmp_path / "m", "O [orders], z <- y (orders)")
    assert get(directory, "y").cmd_format(False, include_parents=True) == "z (orders) -> y (head)"
    assert "Also depends on: orders\n" in get(directory, "y").log_entry


def test_the_current_revision_can_be_marked(example: ScriptDirectory) -> None:
    """OUT-4, CLI-64"""
    script = get(example, "n1")
    script.is_current = True
    assert script.cmd_format(False, include_branches=True) == "n1 (lab) (head) (current)"
    assert script.log_entry.startswith("Rev: n1 (head) (current)\n")


def test_a_script_as_text_leaves_labels_and_dependencies_out(tmp_path: Path) -> None:
    """Section 2.2"""
    forest = make_project(tmp_path / "m", FOREST)
    assert str(get(forest, "n3")) == "n2 -> n3 (head), make n3"
    assert str(get(forest, "a3")) == "a2 -> a3 (head), make a3"
    assert repr(get(forest, "n3")) == "Script('n3', 'n2', dependencies='a3', branch_labels={'net'})"


def test_the_verbose_block(tmp_path: Path, example: ScriptDirectory) -> None:
    """OUT-10, section 7.2"""
    merge = get(example, "m1")
    assert merge.cmd_format(True) == merge.log_entry
    assert merge.log_entry == (
        "Rev: m1 (mergepoint)\n"
        "Merges: b1, c1\n"
        "Branch names: lab\n"
        f"Path: {tmp_path}/m/versions/m1_.py\n"
        "\n"
        "    make m1\n"
        "    \n"
        "    Revision ID: m1\n"
    )
    assert get(example, "a1").log_entry.startswith(
        "Rev: a1 (branchpoint)\nParent: <base>\nBranches into: b1, c1\nPath: "
    )


def test_a_verbose_head_is_never_called_effective(tmp_path: Path) -> None:
    """OUT-10"""
    forest = make_project(tmp_path / "m", FOREST)
    assert get(forest, "a3").log_entry.startswith("Rev: a3 (head)\nParent: a2\n")


@pytest.mark.parametrize("docstring", ["", '""\n', '"""\n\n"""\n'])
def test_no_docstring_is_an_empty_message(tmp_path: Path, docstring: str) -> None:
    """OUT-5, OUT-11"""
    directory = make_project(tmp_path / "m")
    path = write_revision(directory, "a.py", f"{docstring}revision = 'a'\ndown_revision = None\n")
    script = get(directory, "a")
    assert str(script) == "<base> -> a (head), "
    assert script.log_entry == f"Rev: a (head)\nParent: <base>\nPath: {path}\n\n\n"


@pytest.mark.parametrize(
    ("docstring", "message", "whole"),
    [
        ("one\ntwo\n\nthree", "one\ntwo", "one\ntwo\n\nthree"),
        ("\n    one\n      two\n\n    three\n    ", "one\n  two", "one\n  two\n\nthree"),
        ("one\n    two\n    \n    three", "one\ntwo", "one\ntwo\n\nthree"),
        ("  \n\n", "", ""),
        (None, "", ""),
    ],
)
def test_the_message_is_the_first_paragraph(docstring: str | None, message: str, whole: str) -> None:
    """FILE-4"""
    assert de_indented(docstring) == whole
    assert first_paragraph(whole) == message


def test_a_message_may_span_lines(tmp_path: Path) -> None:
    """OUT-4"""
    directory = make_project(tmp_path / "m")
    write_revision(directory, "a.py", revision_text("a", message="one\ntwo"))
    assert str(get(directory, "a")) == "<base> -> a (head), one\ntwo"


@pytest.mark.parametrize("drawing", [EXAMPLE, FOREST, "a <- b, b+b <- c <- d", "a, b (a) <- c <- d"])
@pytest.mark.parametrize("current", [frozenset(), frozenset({"a1", "b1", "s2", "c"})])
def test_the_lines_of_history_are_those_of_the_scripts(
    tmp_path: Path, drawing: str, current: frozenset[str]
) -> None:
    """PERF-1: most are made without a script."""
    directory = make_project(tmp_path / "m", drawing)
    ids = [script.revision for script in directory.walk_revisions()]
    lines = ScriptDirectory(directory.dir).revision_map.render_lines(ids, current)
    for script, line in zip(directory.walk_revisions(), lines, strict=True):
        script.is_current = script.revision in current
        assert line == script.cmd_format(False, include_branches=True, include_doc=True, include_parents=True)
