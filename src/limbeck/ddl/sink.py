"""Where statements end: in the database, in a script, or in a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, Insert, TextClause, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import ClauseElement

from limbeck import errors, sqla
from limbeck.ddl.literals import Literals
from limbeck.ddl.statement import Parameters, PlainText, Result, Statement
from limbeck.operations.registry import Operation
from limbeck.sqla import shortcuts
from limbeck.sqla.driver import execute_text

_INDENTATION = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`)|^\t+""", re.MULTILINE)
"""Tabs at the beginning of a line, unless that is inside a literal or a name."""


INDENT = "    "


PREPARED = "limbeck_prepared"
"""The execution option of a statement that comes again and again, each time with other values."""


class ExecuteSink:
    """Executes each statement on a connection."""

    def __init__(self, connection: Connection | None) -> None:
        self.connection = connection
        self._prepared = shortcuts.PreparedStatements()

    def emit(self, statement: Statement) -> Result | None:
        """Execute the statement and return its result.

        Raises NotConnected if there is no connection to execute it on.
        """
        connection, construct = self.connection, statement.construct
        if connection is None:
            raise errors.NotConnected()
        if isinstance(construct, PlainText):
            return execute_text(connection, construct.sql)
        values, options = statement.parameters, statement.execution_options
        if isinstance(values, Mapping) and construct.get_execution_options().get(PREPARED):
            return self._prepared.execute(connection, construct, values, options)
        return connection.execute(construct, values, execution_options=options)


class PrintSink:
    """Writes each statement as SQL text (OPS-9, OPS-11, OFF-5, OFF-10).

    `write` gets one piece of the script at a time: a statement with its `terminator`, or the
    `batch_separator` that some databases want on a line of its own. Without `literal_binds`, values inside
    a statement stay placeholders; values that come beside a statement are always written into it.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        dialect: Dialect,
        *,
        terminator: str = ";",
        batch_separator: str = "",
        literal_binds: bool = False,
        literals: Literals | None = None,
    ) -> None:
        self.write = write
        self.terminator = terminator
        self.batch_separator = batch_separator
        self.literal_binds = literal_binds
        self.texts = StatementTexts(dialect, literals or Literals())

    def emit(self, statement: Statement) -> None:
        """Write the statement, once for each set of values that comes with it."""
        self.emit_texts(self.texts.of(statement, literal_binds=self.literal_binds))

    def emit_texts(self, texts: Iterable[str]) -> None:
        """Write statements that are text already."""
        for sql in texts:
            self.write(terminated(sql, self.terminator))
            if self.batch_separator:
                self.write(self.batch_separator)


class Recorded(NamedTuple):
    """A statement that would have run: its SQL, and the operation that asked for it."""

    sql: str
    statement: Statement

    @property
    def operation(self) -> Operation | None:
        """The operation that led to this statement, or None for one outside any operation."""
        return self.statement.operation


class RecordSink:
    """Keeps each statement in `recorded`, with its SQL and operation, and does nothing else."""

    def __init__(self, dialect: Dialect, literals: Literals | None = None) -> None:
        self.recorded: list[Recorded] = []
        self._texts = StatementTexts(dialect, literals or Literals())

    def emit(self, statement: Statement) -> None:
        """Keep the statement, once for each set of values that comes with it."""
        for sql in self._texts.of(statement, literal_binds=True):
            self.recorded.append(Recorded(sql, statement))


class StatementTexts:
    """Statements as SQL text for one dialect; `literals` writes the values.

    Percent signs are single, whatever the driver would want (OPS-11).
    """

    def __init__(self, dialect: Dialect, literals: Literals) -> None:
        self._dialect = dialect
        self._literals = literals
        self._made_from: dict[str, Any] = {}
        self._made: Dialect | None = None
        self._prepared: dict[Executable, SQLCompiler] = {}

    def of(self, statement: Statement, *, literal_binds: bool) -> Iterator[str]:
        """The SQL of a statement: one text, or one for each set of values that comes with it."""
        construct = statement.construct
        if isinstance(construct, PlainText):
            yield construct.sql.strip().replace("\t", INDENT)
            return
        printing = self._printing()
        sets = _parameter_sets(statement.parameters)
        if sets is None:
            yield _compiled(construct, printing, literal_binds=literal_binds)
            return
        if construct.get_execution_options().get(PREPARED):
            for values in sets:
                yield self._filled_in(construct, values, printing)
            return
        if isinstance(construct, Insert):
            construct = construct.inline()  # a RETURNING that nobody reads has no place in a script
        for values in sets:
            yield _compiled(_filled(construct, values), printing, literal_binds=True)

    def _printing(self) -> Dialect:
        """The dialect that prints; a script may change the one it is made from."""
        if self._made is None or self._made_from != vars(self._dialect):
            self._made = sqla.printing_dialect(self._dialect, self._literals.write)
            self._made_from = dict(vars(self._dialect))
            self._prepared.clear()
        return self._made

    def _filled_in(self, construct: Executable, values: Mapping[str, Any], printing: Dialect) -> str:
        """The text of a prepared statement: compiled once, and its values written in each time."""
        compiled = self._prepared.get(construct)
        if compiled is None:
            clause: Any = construct
            compiled = self._prepared[construct] = clause.compile(dialect=printing)
        return sqla.filled_in(compiled, values).strip()


def terminated(sql: str, terminator: str) -> str:
    """The statement with its terminator: one, even if the text has it already (OFF-11), and never in a comment."""
    if not terminator or sql.endswith(terminator):
        return sql
    last_line = sql.rpartition("\n")[2]
    return f"{sql}\n{terminator}" if "--" in last_line else f"{sql}{terminator}"


def _parameter_sets(parameters: Parameters) -> Sequence[Mapping[str, Any]] | None:
    if parameters is None:
        return None
    return [parameters] if isinstance(parameters, Mapping) else parameters


def _filled(construct: Executable, values: Mapping[str, Any]) -> Executable:
    if isinstance(construct, Insert):
        return construct.values(values) if values else construct
    if isinstance(construct, TextClause):
        # A value's own type tells how to write it; text says nothing about types.
        return construct.bindparams(**values)
    if isinstance(construct, ClauseElement) and values:
        return construct.params(**values)
    return construct


def _compiled(construct: Executable, dialect: Dialect, *, literal_binds: bool) -> str:
    if isinstance(construct, ExecutableDDLElement):
        return _indented(str(construct.compile(dialect=dialect)))
    if isinstance(construct, (Insert, Update)):
        construct = _with_python_defaults(construct)
    options = {"literal_binds": True} if literal_binds else {}
    clause: Any = construct  # every Executable is a ClauseElement
    return str(clause.compile(dialect=dialect, compile_kwargs=options)).strip()


def _indented(sql: str) -> str:
    """DDL as it stands in a script: tabs that indent become spaces, never one in a literal."""
    if "\t" not in sql:
        return sql.strip()
    return _INDENTATION.sub(lambda found: found[1] or INDENT * len(found[0]), sql).strip()


def _with_python_defaults(construct: Insert | Update) -> Insert | Update:
    """Put in the values that SQLAlchemy would compute in Python while it executes: a script needs them now.

    Left to the compiler they come out as NULL or as a placeholder (OPS-93).
    """
    name = "default" if isinstance(construct, Insert) else "onupdate"
    defaults = {
        column: default
        for column in construct.table.c
        if (default := getattr(column, name, None)) is not None
    }
    given = sqla.given_values(construct) if defaults else None
    if given is None:
        return construct
    computed: dict[str, Any] = {}
    for column, default in defaults.items():
        if column.key in given or column.name in given:
            continue
        if default.is_scalar:
            computed[column.key] = default.arg
        elif default.is_callable:
            computed[column.key] = default.arg(WritingContext({**given, **computed}))
    return construct.values(computed) if computed else construct


class WritingContext(NamedTuple):
    """What a default that looks at the rest of its row is given while a script is written."""

    current_parameters: Mapping[str, Any]

    def get_current_parameters(self, isolate_multiinsert_groups: bool = True) -> Mapping[str, Any]:
        """The values of this row, by column."""
        return self.current_parameters
