"""A revision and its file: what the file says, and the file as a module once it is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from limbeck import errors
from limbeck.graph.revision import Revision as Node
from limbeck.script.facts import NAMES, Facts, Header, Sheet
from limbeck.script.listing import de_indented, message_of, render_block, render_line
from limbeck.script.module import failure_of_syntax, read_source, run_file
from limbeck.script.revision import Revision


class Script(Revision):
    """A revision with its file (section 2.2).

    Its facts are read from the text of the file; the file is run when `module` is asked for, as it is when
    the revision is applied (PERF-1, PERF-2).
    """

    path: str
    """Where the file is."""
    is_current: bool = False
    """Whether listings mark the revision with `(current)`."""
    _module: ModuleType | None = None
    _place: tuple[Sheet, int] | None = None
    """Where the docstring is, if it was not read from the file."""
    _was_run: bool = False
    """Whether the file was run to learn what it says."""

    def __init__(self, module: ModuleType, rev_id: str, path: str) -> None:
        values = {name: getattr(module, name) for name in NAMES if hasattr(module, name)}
        self._fill(Header(values, module.__doc__), rev_id, path)
        self._module = module
        self._was_run = True

    @classmethod
    def _from_path(cls, scriptdir: object, path: str | os.PathLike[str]) -> Script:
        """Read the file of one revision (ECO-1). Raises RevisionFileError if it cannot be one."""
        name = os.fspath(path)
        header = _find_header(name) if name.endswith(".py") else None
        if header is None:
            module = run_file(name)
            return cls(module, _identifier(vars(module), name), name)
        script = cls.__new__(cls)
        script._fill(header, _identifier(header.values, name), name)
        return script

    @classmethod
    def _from_row(cls, sheet: Sheet, row: int) -> Script:
        """The revision of a file that is known already; the facts were checked when it was read."""
        script = cls.__new__(cls)
        script.node = Node._make(sheet.node(row))
        script.path = sheet.path(row)
        script._place = (sheet, row)
        return script

    @property
    def _read_facts(self) -> Facts | None:
        """What was read in the text of the file; None if the file was run."""
        if self._was_run:
            return None
        node = self.node
        return (node.id, node.parents, node.dependencies, node.labels), self._docstring

    def _fill(self, header: Header, rev_id: str, path: str) -> None:
        self.path = path
        self._read_docstring = header.docstring
        try:
            down_revision = header.values["down_revision"]
        except KeyError:
            raise errors.RevisionFileError(path=path, reason="it does not set `down_revision`") from None
        parents, labels, dependencies = (
            _checked(name, value, path)
            for name, value in (
                ("down_revision", down_revision),
                ("branch_labels", header.values.get("branch_labels")),
                ("depends_on", header.values.get("depends_on")),
            )
        )
        try:
            super().__init__(rev_id, parents, dependencies, labels)
        except errors.InvalidRevisionId as error:
            raise errors.RevisionFileError(path=path, reason=str(error)) from error

    @property
    def _docstring(self) -> str | None:
        if self._place is None:
            return self._read_docstring
        sheet, row = self._place
        return sheet.docstrings[row]

    @property
    def module(self) -> ModuleType:
        """The file as a Python module; asking for it runs the file."""
        if self._module is None:
            self._module = run_file(self.path)
        return self._module

    def let_module_go(self) -> None:
        """Called when a migration has run: thousands of modules take much memory, and each can be had again."""
        if not self._was_run:
            self._module = None

    @property
    def doc(self) -> str:
        """The message: the first paragraph of the docstring (FILE-4)."""
        return message_of(self._docstring)

    @property
    def longdoc(self) -> str:
        """The whole docstring, without its indentation (FILE-4)."""
        return de_indented(self._docstring)

    @property
    def log_entry(self) -> str:
        """Everything about the revision, in several lines (OUT-10)."""
        return render_block(self)

    def cmd_format(
        self,
        verbose: bool,
        include_branches: bool = False,
        include_doc: bool = False,
        include_parents: bool = False,
        tree_indicators: bool = True,
    ) -> str:
        """The revision as listings show it: one line, or with `verbose` all there is to know."""
        if verbose:
            return render_block(self)
        return render_line(
            self,
            parents=include_parents,
            labels=include_branches,
            forks=tree_indicators,
            message=include_doc,
        )

    def __str__(self) -> str:
        return render_line(self, parents=True, dependencies=False, message=True)


def _find_header(path: str) -> Header | None:
    from limbeck.script.header import read_header  # not needed for files that are known

    source = read_source(path)
    try:
        return read_header(source)
    except SyntaxError as error:
        raise failure_of_syntax(error, path) from error


def _identifier(values: Mapping[str, Any], path: str) -> str:
    """The identifier that a file sets; very old files are called by it (FILE-10)."""
    if "revision" in values:
        found = values["revision"]
        if isinstance(found, str) and found:
            return found
        raise errors.RevisionFileError(path=path, reason=f"its `revision` is {found!r}, not a text")
    stem, suffix = os.path.splitext(os.path.basename(path))
    if suffix == ".py" and stem and set(stem) <= set("0123456789abcdef"):
        return stem
    raise errors.RevisionFileError(
        path=path, reason="it does not set `revision`; every file in this directory is taken for a revision"
    )


def _checked(name: str, value: Any, path: str) -> str | tuple[str, ...] | None:
    """None, a text, or several, as `down_revision` and the like must be (FILE-1)."""
    if value is None or isinstance(value, str):
        return value
    try:
        several = tuple(value)
    except TypeError:
        several = (value,)
    if not all(isinstance(each, str) for each in several):
        raise errors.RevisionFileError(
            path=path, reason=f"its `{name}` is {value!r}; it must be None, a text, or several texts"
        )
    return several
