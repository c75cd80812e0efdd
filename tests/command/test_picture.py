"""Pictures of the history, and the tree that a person sees."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from limbeck import command
from limbeck.base.answer import Answer, answer
from limbeck.base.look import Look, look
from tests.command.project import Project

TERMINAL = Look(width=80, is_styled=True, has_color=False, is_wide=True)


def test_as_text_it_is_a_tree(garden: Project) -> None:
    assert garden.out("graph").splitlines() == [
        "*      n1  add totals   head",
        "*      m1  join",
        "+-.",
        "| | *  x2  other        head, label xl, needs b1",
        "| | *  x1  other        base",
        "* |    b1  names",
        "| *    c1  prices       label lab",
        "+-'",
        "*      a1  start        base",
    ]


def test_a_person_sees_history_as_a_tree_and_a_pipe_the_known_lines(garden: Project) -> None:
    """OUT-1."""
    piped = garden.out("history")
    with look.active(TERMINAL):
        tree = garden.out("history")
        assert "Rev: n1 (head)" in garden.out("history", verbose=True)
    assert piped.splitlines()[-1] == "<base> -> a1 (branchpoint), start"
    assert tree.splitlines() == [
        "●      n1  add totals   head",
        "●      m1  join",
        "├─╮",
        "│ │ ●  x2  other        head, label xl, needs b1",
        "│ │ ●  x1  other        base",
        "● │    b1  names",
        "│ ●    c1  prices       label lab",
        "├─╯",
        "●      a1  start        base",
    ]


def test_what_is_applied_is_told_by_a_word_and_a_sign(garden: Project) -> None:
    garden.out("upgrade", "b1")
    lines = garden.out("graph", indicate_current=True).splitlines()
    assert next(line for line in lines if " b1 " in line) == "* |    b1  names        applied"
    assert next(line for line in lines if " c1 " in line) == "| o    c1  prices       not applied, label lab"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_tree_fits_the_terminal(project: Project, width: int) -> None:
    project.add("a1", message="a long message " * 20)
    project.add("b1", "a1", message="short")
    with look.active(TERMINAL._replace(width=width)):
        lines = project.out("history").splitlines()
    assert max(map(len, lines)) <= width
    assert lines[1].endswith("base")


def test_for_mermaid_signs_are_written_as_numbers(project: Project) -> None:
    project.add("a1", message='say "hi" [now]')
    project.add("b1", "a1", message="next")
    assert project.out("graph", format="mermaid").splitlines() == [
        "flowchart TB",
        '    r0["a1 say #34;hi#34; #91;now#93;<br/>base"]',
        '    r1["b1 next<br/>head"]',
        "    r0 --> r1",
    ]


def test_for_graphviz_quotes_are_escaped_and_dependencies_dashed(garden: Project) -> None:
    lines = garden.out("graph", format="dot").splitlines()
    assert (lines[0], lines[-1]) == ("digraph revisions {", "}")
    assert '    "m1" -> "n1";' in lines
    assert '    "b1" -> "x2" [style=dashed];' in lines


def test_an_svg_has_a_box_for_each_revision_and_a_line_for_each_step(garden: Project, tmp_path: Path) -> None:
    garden.add("z1", "n1", message="<script>&\"'")
    garden.out("graph", output=str(tmp_path / "history.svg"))
    root = ElementTree.parse(tmp_path / "history.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{name}g")) == 8
    assert len(root.findall(f"{name}path")) == 7 + 1  # steps and a dependency
    assert len(root.findall(f"{name}script")) == 0
    assert "z1 <script>&\"' head" in [title.text for title in root.iter(f"{name}title")]


def test_the_end_of_the_files_name_says_which_format(garden: Project, tmp_path: Path) -> None:
    for ending, start in (("mmd", "flowchart"), ("dot", "digraph"), ("gv", "digraph"), ("svg", "<svg")):
        garden.out("graph", output=str(tmp_path / f"h.{ending}"))
        assert (tmp_path / f"h.{ending}").read_text(encoding="utf-8").startswith(start)


def test_another_format_is_refused(garden: Project) -> None:
    with pytest.raises(ValueError, match="the format is one of ascii, mermaid, dot, svg, not 'gif'"):
        garden.out("graph", format="gif")


def test_as_data_it_has_the_relations(garden: Project) -> None:
    with answer.active(Answer(wants_data=True)) as given:
        command.graph(garden.config())
    assert given.data is not None
    assert given.data["revisions"][-1] == {
        "revision": "a1",
        "message": "start",
        "parents": [],
        "dependencies": [],
        "labels": [],
        "head": False,
        "applied": None,
    }
