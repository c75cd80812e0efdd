"""The draft of a table whose own text is known: what a block does not name keeps that text.

Columns, constraints and indexes remember how they are written in `sqlite_schema`. A change to a column changes the
clause that it is about, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, Index, MetaData, Table, Text
from sqlalchemy.types import NullType

from limbeck import errors, sqla
from limbeck.ddl.batch import references
from limbeck.ddl.batch.draft import TableDraft
from limbeck.ddl.batch.parts import Convention, Kept, Slot
from limbeck.ddl.sqlite.definition import Clause, ColumnText, TableText, with_autoincrement
from limbeck.ddl.sqlite.parser import parse
from limbeck.ddl.sqlite.schema import WrittenIndex
from limbeck.ddl.sqlite.tokens import columns_in, mentions, same_name, tokens
from limbeck.operations import ops

_CONSTRAINTS = frozenset({"PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "FOREIGN"})


@dataclass(slots=True)
class WrittenSlot(Slot):
    """A column of the table, and how it is written."""

    text: ColumnText = field(default_factory=lambda: ColumnText("", ""))

    @property
    def is_generated(self) -> bool:
        """Whether its values are computed."""
        return self.text.is_generated


@dataclass(slots=True)
class Written(Kept):
    """A constraint of the table, how it is written, and the column that it is written at."""

    clause: Clause = field(default_factory=lambda: Clause("", ""))
    within: WrittenSlot | None = None

    @property
    def is_written(self) -> bool:
        """Whether it keeps its text."""
        return True


class WrittenDraft(TableDraft):
    """A draft that begins with the text of a table, of its indexes, and with what reflection makes of it.

    `renamed` maps the names that columns had before the block to those that the database has given them by now.
    `said` is the table before the block, as `reflect_args` and `reflect_kwargs` have it.
    """

    def __init__(
        self,
        impl: Any,
        table: Table,
        table_args: Sequence[Any],
        table_kwargs: Mapping[str, Any],
        *,
        written: TableText,
        indexes: Sequence[WrittenIndex],
        renamed: Mapping[str, str],
        said: Table | None = None,
        **options: Any,
    ) -> None:
        self.written = written
        self.written_indexes = list(indexes)
        self.renamed = renamed
        self.said = said
        self.lost_indexes: list[WrittenIndex] = []
        super().__init__(impl, table, table_args, table_kwargs, **options)

    def _take_over(self, convention: Convention | None) -> None:
        """Begin with what is written."""
        before = {new: old for old, new in self.renamed.items()}
        for text in self.written.columns:
            column = self.table.c[text.name]
            old_name = before.get(text.name, text.name)
            slot = WrittenSlot(references.detached_column(column), old_name, {"expr": column}, text)
            self.slots.append(slot)
            for clause in text.clauses:
                if clause.kind in _CONSTRAINTS:
                    self._take(clause, slot, convention)
        for clause in self.written.constraints:
            self._take(clause, None, convention)
        if self.said is not None:
            self._take_what_is_said(self.said)

    def _take(self, clause: Clause, slot: WrittenSlot | None, convention: Convention | None) -> None:
        operation = self._operation_of(clause, slot)
        if clause.name is None and convention is not None and operation is not None:
            name = sqla.given_name(operation.to_constraint(convention))
            if name is not None:
                operation.constraint_name = name
                clause = clause.named(str(name), self._quote)
        kept = Written(operation, None, clause, slot)
        if clause.kind == "PRIMARY":
            self.primary_key = kept
        elif operation is not None:
            self.constraints.append(kept)

    def _take_what_is_said(self, said: Table) -> None:
        """Write columns as the user says that they are, where the database says something else (BAT-40)."""
        for slot in self.slots:
            column, reflected = said.c[str(slot.old_name)], self.table.c[slot.column.name]
            assert isinstance(slot, WrittenSlot)
            slot.column.type = column.type
            if not isinstance(column.type, NullType) and self._type(column) != self._type(reflected):
                slot.text = self._altered(slot, None, False, column.type)
            if column.nullable != reflected.nullable and not column.primary_key:
                slot.text = self._altered(slot, column.nullable, False, None)
        for constraint in sqla.in_creation_order(said.constraints):
            if sqla.is_type_bound(constraint) and sqla.is_created(constraint, self.impl):
                operation = self._operation(constraint)
                for old, new in self.renamed.items():
                    references.rename(operation, self.table, old, new, self._quote)
                names = [self.renamed.get(column.name, column.name) for column in constraint.columns]  # type: ignore[attr-defined]  # a CHECK knows its columns
                self._put(operation, next(slot for slot in self.slots if slot.column.name in names))

    def _operation_of(self, clause: Clause, slot: WrittenSlot | None) -> Any:
        """What would create a constraint, for everything that asks for its name and its columns."""
        name: str = self.table.name
        columns = list(clause.columns) if slot is None else [slot.column.name]
        match clause.kind:
            case "PRIMARY":
                return ops.CreatePrimaryKeyOp(clause.name, name, columns)
            case "UNIQUE":
                return ops.CreateUniqueConstraintOp(clause.name, name, columns)
            case "CHECK":
                return ops.CreateCheckConstraintOp(clause.name, name, sqla.literal_text(clause.expression))
            case "REFERENCES" | "FOREIGN":
                remote = list(clause.target_columns) or self._reflected_target(columns)
                return ops.CreateForeignKeyOp(clause.name, name, str(clause.target), columns, remote)
        return None

    def _reflected_target(self, columns: Sequence[str]) -> list[str]:
        """What a foreign key refers to if it is not written: the primary key of the other table."""
        for constraint in self.table.foreign_key_constraints:
            names = [element.target_fullname.rpartition(".")[2] for element in constraint.elements]
            if list(constraint.column_keys) == list(columns) and len(names) == len(columns):
                return names
        return list(columns)

    @property
    def _quote(self) -> Any:
        return self.impl.dialect.identifier_preparer.quote

    # --- columns ------------------------------------------------------------------------------------------

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        server_default: Any = False,
        type_: Any = None,
        **kw: Any,
    ) -> None:
        """Change a column, and of its text the clause that the change is about."""
        slot = self._slot(column_name)
        super().alter_column(
            table_name, column_name, nullable=nullable, server_default=server_default, type_=type_, **kw
        )
        if isinstance(slot, WrittenSlot):
            slot.text = self._altered(slot, nullable, server_default, type_)

    def _rename(self, slot: Slot, new: str) -> None:
        """Rename a column that SQLite could not rename, or a new one, in what is written (BAT-56)."""
        old, table = slot.column.name, self.table.name
        super()._rename(slot, new)
        for other in self.slots:
            if isinstance(other, WrittenSlot):
                other.text = other.text.renamed(table, old, new, self._quote)
        for kept in self._written():
            kept.clause = kept.clause.renamed(table, old, new, self._quote)
        self.written_indexes = [index.renamed(old, new, self._quote) for index in self.written_indexes]

    def _altered(
        self, slot: WrittenSlot, nullable: bool | None, server_default: Any, type_: Any
    ) -> ColumnText:
        text = slot.text
        wanted = self._compiled(slot, server_default, type_)
        if type_ is not None:
            collation = wanted.find("COLLATE")
            if collation is not None:
                text = text.without("COLLATE")
                text = text.changed(clauses=[*text.clauses, collation])
            text = text.changed(type_=wanted.type)
        if nullable is not None:
            text = text.without("NOT NULL" if nullable else "NULL")
            if not nullable and text.find("NOT NULL") is None:
                text = text.changed(clauses=[*text.clauses, Clause("NOT NULL", "NOT NULL")])
        if server_default is not False:
            text = text.without("DEFAULT").without("GENERATED")
            default = wanted.find("DEFAULT") or wanted.find("GENERATED")
            if default is not None:
                text = text.changed(clauses=[default, *text.clauses])
        return text

    def _type(self, column: Column[Any]) -> str:
        return "" if isinstance(column.type, NullType) else column.type.compile(self.impl.dialect)

    def _compiled(self, slot: Slot, server_default: Any, type_: Any) -> ColumnText:
        """How SQLAlchemy writes a column of that type and default."""
        column: Column[Any] = Column(slot.column.name, slot.column.type if type_ is not None else Text())
        if server_default is not False:
            sqla.set_server_default(column, server_default)
        return self._specification(column, Table(self.table.name, MetaData(), column))

    def _specification(self, column: Column[Any], table: Table) -> ColumnText:
        compiler: Any = self.impl.dialect.ddl_compiler(self.impl.dialect, None)
        specification = compiler.get_column_specification(column)
        return parse(f"CREATE TABLE t ({specification})").columns[0]

    def drop_column(self, table_name: str, column: Column[Any], **kw: Any) -> None:
        """Drop a column with what is written at it, the keys it is part of, and its indexes (BAT-53)."""
        before = list(self.slots)
        super().drop_column(table_name, column, **kw)
        gone = [slot for slot in before if slot not in self.slots]
        for slot in gone:
            self.constraints = [
                kept for kept in self.constraints if not (isinstance(kept, Written) and kept.within is slot)
            ]
            lost = [index for index in self.written_indexes if index.mentions(slot.column.name)]
            self.lost_indexes += lost
            self.written_indexes = [index for index in self.written_indexes if index not in lost]

    def _speaks_of(self, operation: Any, column: str) -> bool:
        """A foreign key goes with the column where it begins; where it ends, that is for the user to say."""
        if isinstance(operation, ops.CreateForeignKeyOp):
            return any(same_name(name, column) for name in operation.local_cols)
        return super()._speaks_of(operation, column)

    def _leave_out_checks(self, column: str, *, is_dropped: bool) -> None:
        """Leave out a CHECK without a name if it is about this column alone, and seems to come from its type."""
        for kept in [kept for kept in self.constraints if self._is_about_alone(kept, column)]:
            if (is_dropped and not _is_at(kept, column)) or _comes_from_type(str(kept.unnamed_text)):
                self._leave_out(kept, column)

    def _drop_check_of_type(self, column: str) -> None:
        """Drop the CHECK without a name that a type has asked for (BAT-54)."""
        self.constraints = [
            kept
            for kept in self.constraints
            if not (self._is_about_alone(kept, column) and _comes_from_type(str(kept.unnamed_text)))
        ]

    def _is_about_alone(self, kept: Kept, column: str) -> bool:
        """Whether it is a CHECK without a name that speaks of this column and of no other one."""
        text = kept.unnamed_text
        if text is None or not isinstance(kept, Written) or not mentions(text, column):
            return False
        names = [slot.name for slot in self.table.c]
        return not any(name != column and mentions(text, name) for name in names)

    # --- constraints and indexes --------------------------------------------------------------------------

    def drop_index(self, idx: Index, *, if_exists: bool | None = None, **kw: Any) -> None:
        """Do not create an index again (BAT-80)."""
        remaining = [index for index in self.written_indexes if not same_name(index.name, str(idx.name))]
        if len(remaining) < len(self.written_indexes):
            self.written_indexes = remaining
            return
        try:
            super().drop_index(idx, if_exists=if_exists, **kw)
        except errors.NoSuchIndex as error:
            known = [*(index.name for index in self.written_indexes), *error.known]
            raise errors.NoSuchIndex(
                table=self.table.name, index=idx.name, known=known, reflected=True
            ) from None

    def require_no_user_of_what_is_gone(self) -> None:
        """Raise ColumnInUse if something that stays in the table speaks of a column that does not."""
        present = [slot.column.name for slot in self.slots]
        for name in [text.name for text in self.written.columns]:
            if any(same_name(name, other) for other in present):
                continue
            users = [*self._checks_with(name), *self._keys_to(name), *self._generated_from(name)]
            if users:
                raise errors.ColumnInUse(table=self.table.name, column=name, users=users)

    def _checks_with(self, column: str) -> list[str]:
        return [
            f"CHECK constraint {kept.clause.name!r}" if kept.clause.name else kept.clause.text
            for kept in self.constraints
            if isinstance(kept, Written) and mentions(kept.clause.expression, column)
        ]

    def _keys_to(self, column: str) -> list[str]:
        return [
            f"foreign key {kept.clause.name!r}" if kept.clause.name else kept.clause.text
            for kept in self.constraints
            if isinstance(kept, Written)
            and kept.clause.target is not None
            and same_name(kept.clause.target, self.table.name)
            and any(same_name(name, column) for name in kept.clause.target_columns)
        ]

    def _generated_from(self, column: str) -> list[str]:
        return [
            f"generated column {slot.column.name!r}"
            for slot in self.slots
            if isinstance(slot, WrittenSlot)
            and (clause := slot.text.find("GENERATED")) is not None
            and mentions(clause.expression, column)
        ]

    # --- the new text -------------------------------------------------------------------------------------

    def definition(self, new: Table) -> TableText:
        """The table as it is to be; `new` has what is written by SQLAlchemy: new columns and new constraints."""
        by_name = {slot.column.name: slot for slot in self.slots}
        columns = [self._column_text(by_name[name], new) for name in self.columns]
        constraints = [kept.clause for kept in self._written() if kept.within is None]
        compiler: Any = self.impl.dialect.ddl_compiler(self.impl.dialect, None)
        for constraint in sqla.in_creation_order(new.constraints):
            sql = compiler.process(constraint)
            if sql:
                constraints.append(Clause("", sql))
        return self._with_options(TableText(tuple(columns), tuple(constraints), self.written.options))

    def _written(self) -> list[Written]:
        """The constraints that keep their text."""
        return [item for item in [*self._keys(), *self.constraints] if isinstance(item, Written)]

    def _column_text(self, slot: Slot, new: Table) -> ColumnText:
        if not isinstance(slot, WrittenSlot):
            return self._specification(new.c[slot.column.name], new)
        kept = [item.clause for item in self._written() if item.within is slot]
        said = [clause for clause in slot.text.clauses if clause.kind in _CONSTRAINTS]
        if kept == said:
            return slot.text
        others = [clause for clause in slot.text.clauses if clause.kind not in _CONSTRAINTS]
        return slot.text.changed(clauses=[*others, *kept])

    def _with_options(self, table: TableText) -> TableText:
        """What `table_kwargs` say of SQLite's own options (BAT-42)."""
        wanted = {
            word: self.table_kwargs[option] is is_wanted
            for option, word, is_wanted in (
                ("sqlite_with_rowid", "WITHOUT ROWID", False),
                ("sqlite_strict", "STRICT", True),
            )
            if option in self.table_kwargs
        }
        if wanted:
            has = {word: table.has_option(*word.split()) for word in ("WITHOUT ROWID", "STRICT")}
            options = ", ".join(word for word, is_there in {**has, **wanted}.items() if is_there)
            table = replace(table, options=options)
        if "sqlite_autoincrement" in self.table_kwargs:
            return with_autoincrement(table, bool(self.table_kwargs["sqlite_autoincrement"]))
        return table


def _is_at(kept: Kept, column: str) -> bool:
    """Whether a constraint is written at a column, and so goes with it."""
    return isinstance(kept, Written) and kept.within is not None and kept.within.column.name == column


def _comes_from_type(check: str) -> bool:
    """Whether a CHECK looks like that of a Boolean or an Enum: a column, IN, and a list."""
    pieces = tokens(check)
    return (
        len(pieces) > 3
        and pieces[0].is_name
        and pieces[1].keyword == "IN"
        and len(set(columns_in(check))) == 1
    )
