"""heads, branches, history, show: looking at revisions without a database."""

from __future__ import annotations

from textwrap import dedent

import pytest

from limbeck import command
from limbeck.errors import CommandError
from tests.command.project import Project


def test_heads_lists_what_nothing_follows(garden: Project) -> None:
    """CLI-60, OUT-2, OUT-3."""
    assert garden.out("heads") == "n1 (lab) (head)\nx2 (xl) (head)\n"
    assert garden.out("heads", resolve_dependencies=True) == "n1 (lab) (head)\nx2 (xl) (head)\n"


def test_a_head_that_others_depend_on_is_an_effective_head(project: Project) -> None:
    """CLI-60, OUT-3."""
    project.add("a1")
    project.add("b1", depends_on="a1")
    assert project.out("heads") == "a1 (effective head)\nb1 (head)\n"
    assert project.out("heads", resolve_dependencies=True) == "b1 (head)\n"


def test_verbose_heads_are_blocks(garden: Project) -> None:
    """CLI-60, OUT-10."""
    assert garden.out("heads", verbose=True) == (
        f"""\
Rev: n1 (head)
Parent: m1
Branch names: lab
Path: {garden.versions}/n1.py

    add totals
    
    Revision ID: n1

Rev: x2 (head)
Parent: x1
Also depends on: b1
Branch names: xl
Path: {garden.versions}/x2.py

    other
    in two lines
    
    Revision ID: x2

"""  # noqa: W293  # blank lines of a docstring are indented, too
    )


def test_a_head_that_merges_has_no_other_mark(project: Project) -> None:
    """CLI-60."""
    for name, parents in (("a1", ()), ("b1", ()), ("m1", ("a1", "b1"))):
        project.add(name, *parents)
    assert project.out("heads") == "m1 (head)\n"


def test_an_empty_project_has_no_heads_and_no_history(project: Project) -> None:
    """CLI-60."""
    assert [project.out(name) for name in ("heads", "history", "branches")] == ["", "", ""]


def test_branches_lists_where_the_history_splits(garden: Project) -> None:
    """CLI-61."""
    assert garden.out("branches") == "a1 (branchpoint)\n   -> b1\n   -> c1 (lab)\n\n"


def test_branches_stand_in_the_order_of_history_below_an_id_of_any_length(project: Project) -> None:
    """CLI-61, OUT-4: children with their labels and marks."""
    project.add("a")
    project.add("bbbbbb", "a")
    project.add("c", "a", label="lc")
    project.add("m", "bbbbbb", "c")
    project.add("n", "bbbbbb")
    assert project.out("branches") == (
        "bbbbbb (branchpoint)\n"
        "       -> m (lc) (head) (mergepoint)\n"
        "       -> n (head)\n"
        "\n"
        "a (branchpoint)\n"
        "  -> bbbbbb (branchpoint)\n"
        "  -> c (lc)\n"
        "\n"
    )


def test_verbose_branches_have_a_block_and_messages(garden: Project) -> None:
    """CLI-61, OUT-10."""
    assert garden.out("branches", verbose=True) == (
        f"""\
Rev: a1 (branchpoint)
Parent: <base>
Branches into: b1, c1
Path: {garden.versions}/a1.py

    start
    
    Revision ID: a1

   -> b1, names
   -> c1 (lab), prices

"""  # noqa: W293  # as above
    )


HISTORY = dedent(
    """\
    m1 -> n1 (lab) (head), add totals
    b1, c1 -> m1 (lab) (mergepoint), join
    x1 (b1) -> x2 (xl) (head), other
    in two lines
    <base> -> x1 (xl), other
    a1 -> b1, names
    a1 -> c1 (lab), prices
    <base> -> a1 (branchpoint), start
    """
)


def test_history_lists_revisions_newest_first(garden: Project) -> None:
    """CLI-62, OUT-1, OUT-2, OUT-3, OUT-4."""
    assert garden.out("history") == HISTORY


def test_every_mark_has_its_place(project: Project) -> None:
    """OUT-1, OUT-4, OUT-10: in one line and in a block."""
    for name in ("a1", "b1", "d1", "d2"):
        project.add(name)
    path = project.add("m1", "a1", "b1", message="join", label="lab", depends_on=("d1", "d2"))
    project.add("x1", "m1")
    project.add("y1", "m1")
    command.stamp(project.config(), "m1")
    (line,) = project.out("history", rev_range="m1:m1", indicate_current=True).splitlines()
    assert line == "a1, b1 (d1, d2) -> m1 (lab) (current) (branchpoint) (mergepoint), join"
    assert project.out("history", rev_range="m1:m1", indicate_current=True, verbose=True) == (
        "Rev: m1 (current) (branchpoint) (mergepoint)\n"
        "Merges: a1, b1\n"
        "Also depends on: d1, d2\n"
        "Branches into: x1, y1\n"
        "Branch names: lab\n"
        f"Path: {path}\n"
        "\n"
        "    join\n"
        "    \n"
        "    Revision ID: m1\n"
        "\n"
    )


def test_a_file_without_docstring_has_an_empty_message(project: Project) -> None:
    """OUT-5, OUT-11."""
    (project.versions / "a.py").write_text('revision = "a1"\ndown_revision = None\n')
    assert project.out("history") == "<base> -> a1 (head), \n"
    assert project.out("show", "a1") == (
        f"Rev: a1 (head)\nParent: <base>\nPath: {project.versions}/a.py\n\n\n\n"
    )


@pytest.mark.parametrize(
    ("rev_range", "expected"),
    [
        ("b1:n1", ["n1", "m1", "b1"]),
        ("b1:", ["n1", "m1", "b1"]),
        (":b1", ["b1", "a1"]),
        ("m1:+1", ["n1", "m1"]),
        ("base:base", []),
        ("x1:heads", ["x2", "x1"]),
        ("lab:", ["n1", "m1", "c1"]),
    ],
)
def test_history_of_a_range(garden: Project, rev_range: str, expected: list[str]) -> None:
    """CLI-63, HIST-1, HIST-2, HIST-3, HIST-5, HIST-7, HIST-8."""
    lines = garden.out("history", rev_range=rev_range).splitlines()
    ids = [line.partition(" -> ")[2].split()[0].rstrip(",") for line in lines if " -> " in line]
    assert ids == expected


@pytest.mark.parametrize("rev_range", ["b1", "a1:b1:c1", ""])
def test_a_range_needs_one_colon(garden: Project, rev_range: str) -> None:
    """CLI-63."""
    with pytest.raises(CommandError, match="History range requires") as raised:
        garden.out("history", rev_range=rev_range)
    assert raised.value.hint is not None


def test_a_range_whose_start_is_not_below_its_end_is_refused(garden: Project) -> None:
    """HIST-6."""
    with pytest.raises(CommandError, match="x1.*n1|n1.*x1"):
        garden.out("history", rev_range="n1:x1")


def test_history_marks_the_rows_of_the_database(garden: Project) -> None:
    """CLI-64, OUT-4: exact rows only, in front of branchpoint and mergepoint."""
    command.stamp(garden.config(), "m1")
    marked = garden.out("history", indicate_current=True)
    assert marked == HISTORY.replace("m1 (lab) (mergepoint)", "m1 (lab) (current) (mergepoint)")
    assert garden.out("history") == HISTORY
    verbose = garden.out("history", indicate_current=True, verbose=True)
    assert [line for line in verbose.splitlines() if "(current)" in line] == [
        "Rev: m1 (current) (mergepoint)"
    ]


def test_current_can_be_an_end_of_a_range(garden: Project) -> None:
    """HIST-4."""
    assert garden.out("history", rev_range="base:current") == HISTORY
    command.stamp(garden.config(), "b1")
    assert garden.out("history", rev_range="base:current") == (
        "a1 -> b1, names\n<base> -> a1 (branchpoint), start\n"
    )
    assert garden.out("history", rev_range="current:m1") == (
        "b1, c1 -> m1 (lab) (mergepoint), join\na1 -> b1, names\n"
    )
    assert garden.out("history", rev_range="current:current") == "a1 -> b1, names\n"


def test_asking_for_the_current_revision_creates_no_version_table(garden: Project) -> None:
    garden.out("history", indicate_current=True)
    garden.out("show", "current")
    garden.out("current")
    assert garden.query("SELECT name FROM sqlite_master") == []


def test_show_prints_everything_about_a_revision(garden: Project) -> None:
    """CLI-65, OUT-10."""
    assert garden.out("show", "m1") == (
        f"""\
Rev: m1 (mergepoint)
Merges: b1, c1
Branch names: lab
Path: {garden.versions}/m1.py

    join
    
    Revision ID: m1

"""  # noqa: W293  # as above
    )


def test_show_takes_several_none_and_the_current_ones(garden: Project) -> None:
    """CLI-65."""

    def shown(rev: str) -> list[str]:
        return [line for line in garden.out("show", rev).splitlines() if line.startswith("Rev: ")]

    assert shown("heads") == ["Rev: n1 (head)", "Rev: x2 (head)"]
    assert shown("base") == []
    assert shown("current") == []
    command.stamp(garden.config(), "x2")
    assert shown("current") == ["Rev: x2 (head)"]


def test_show_refuses_what_is_not_there(garden: Project) -> None:
    """CLI-65, ID-14."""
    for asked in ("zz", "+1", "n1-1"):
        with pytest.raises(CommandError, match="Can't locate revision identified by"):
            garden.out("show", asked)


def test_looking_runs_no_env_py(garden: Project) -> None:
    """Table 6.1."""
    (garden.directory / "migrations" / "env.py").unlink()
    for name in ("heads", "branches", "history"):
        assert garden.out(name) != ""
    assert garden.out("show", "a1") != ""


def test_history_runs_env_py_if_every_command_is_to(garden: Project) -> None:
    """Table 6.1."""
    ini = garden.directory / "alembic.ini"
    ini.write_text(ini.read_text() + "revision_environment = true\n")
    assert garden.out("history") == HISTORY
    assert garden.attributes["log"] == [("online", None)]


def test_history_and_show_mark_the_rows_and_not_what_they_imply(project: Project) -> None:
    """GRA-43, CLI-64, CLI-65."""
    project.add("a1", message="first")
    project.add("n1", message="second", depends_on="a1")
    command.stamp(project.config(), "n1")
    assert project.out("current") == "a1 (effective head)\nn1 (head)\n"
    assert project.out("history", indicate_current=True) == (
        "<base> (a1) -> n1 (head) (current), second\n<base> -> a1 (effective head), first\n"
    )
    assert [line for line in project.out("show", "current").splitlines() if "Rev: " in line] == [
        "Rev: n1 (head)"
    ]


@pytest.mark.parametrize(
    ("name", "arguments"), [("heads", ()), ("show", ("a1",)), ("upgrade", ("head",)), ("revision", ())]
)
def test_a_command_raises_its_error_and_keeps_what_the_graph_said(
    project: Project, name: str, arguments: tuple[str, ...]
) -> None:
    """API-2."""
    from limbeck import util
    from limbeck.errors import CycleDetected

    project.add("a1", "b1")
    project.add("b1", "a1")
    with pytest.raises(util.CommandError) as raised:
        getattr(command, name)(project.config(), *arguments)
    assert util.CommandError is util.exc.CommandError
    assert type(raised.value.__cause__) is CycleDetected
