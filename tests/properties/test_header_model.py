"""Random revision files: what is read from their text is what running them gives."""

from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from limbeck.script.header import NAMES, read_header
from limbeck.script.listing import de_indented

DOCSTRINGS = st.sampled_from(
    [
        '"""message"""',
        "'''two\n\nparagraphs'''",
        '"""\n    revision = "fake"\n    """',
        'r"""raw \\d"""',
        '"""escaped \\" and \\n, and \\u00e9"""',
        '"one line"',
        '"""joined""" " with another"',
        "# comment first\n\n'''after it'''",
        '"""quotes "" inside"""  # and a comment',
        "",
        "b'bytes'",
        "f'''formatted'''",
    ]
)
USUAL_VALUES = st.sampled_from(["None", "'abc'", '"abc"', "('a', 'b')", "[]", "(\n    'a',\n)"])
STRANGE_VALUES = st.sampled_from(
    [
        "('a',)", "()", "['a', 'b']", "('a')", "'a' 'b'",
        "(\n    'a',\n    'b',\n)", "'it\\'s'", "''", "str(1)", "'a' if True else 'b'", "other", "revision",
        "tuple(x for x in 'ab')", "f'a'", "'a'  # 'b'", "('a', # )\n 'b')", "{'a'}", "1", "x = 'y'",
    ]
)  # fmt: skip
ANNOTATIONS = st.sampled_from(["", ": str", ": str | Sequence[str] | None", ": 'str'", " "])
EXTRAS = st.sampled_from(
    [
        "",
        "import os",
        "from os import path as revision",
        "from os import (path,\n    sep as depends_on)",
        "from os.path import *",
        "other = 'o'",
        "if True:\n    down_revision = 'elsewhere'",
        "for revision in 'xy':\n    pass",
        "depends_on = 'again'",
        "globals()['revision'] = 'changed'",
        "globals().update(branch_labels='changed')",
        "vars()['depends_on'] = 'v'",
        "exec('revision = 9')",
        "def upgrade():\n    revision = 'local'\n    return revision",
        "def change():\n    global revision\n    revision = 'global'\nchange()",
        "class revision:\n    pass",
        "class Local:\n    revision = 'inner'",
        "TEXT = '''\nrevision = \"in a text\"\n'''",
        "TEXT = f\"{'''revision'''}\"",
        "# revision = 'comment'",
        "revision = 'text' ; down_revision = 'same line'",
        "(revision := 'walrus')",
        "import sys; sys.modules",
        "down_revision, rest = 'p', 'q'",
        "del other",
        "try:\n    1 / 0\nexcept Exception as revision:\n    pass",
        "sql = 'select revision from t'",
        "lambda: (revision := 1)",
        "[revision for revision in 'ab']",
        "import re as branch_labels",
        "with open(__import__('os').devnull) as depends_on:\n    pass",
        "x = 1\\\n  + 2",
        "match 1:\n    case revision:\n        pass",
        "def f(a=(revision := 'default')):\n    pass",
        "@(lambda f: f)\ndef revision():\n    pass",
    ]
)


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Files with a header that is usual, or nearly, or not at all, and with something around it."""
    lines = [draw(DOCSTRINGS)]
    names = draw(st.permutations(NAMES)) if draw(st.booleans()) else list(NAMES)
    for name in names:
        if draw(st.integers(0, 9)) == 0:
            lines.append(draw(EXTRAS))
        if draw(st.integers(0, 19)):
            value = draw(USUAL_VALUES if draw(st.integers(0, 5)) else STRANGE_VALUES)
            lines.append(f"{name}{draw(ANNOTATIONS)} = {value}")
    if draw(st.booleans()):
        lines.append(draw(EXTRAS))
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 else text


@settings(max_examples=600, deadline=None)
@given(sources())
def test_a_header_that_is_read_is_the_one_that_running_gives(source: str) -> None:
    """FILE-2, PERF-1"""
    try:
        header = read_header(source.replace("\r\n", "\n"))
    except SyntaxError:
        header = None
    if header is None:
        return
    namespace: dict[str, object] = {"Sequence": list, "__name__": "file"}
    try:
        exec(compile(source, "file", "exec"), namespace)
    except Exception:
        return  # running it fails; that shows when it is run
    assert dict(header.values) == {name: namespace[name] for name in NAMES if name in namespace}
    assert header.docstring == ast.get_docstring(ast.parse(source), clean=False)
    ran = namespace.get("__doc__")
    assert ran is None or isinstance(ran, str)
    assert (header.docstring is None) == (ran is None)
    assert de_indented(header.docstring) == de_indented(
        ran
    )  # what is shown; since 3.13 compiling de-indents, too
