"""Random changes to a table, and what each is to leave behind.

The model changes the templates of the schema by the plain words of the documentation, so that it says independently
of limbeck what the database should look like afterwards.
"""

from __future__ import annotations

import copy
import random
import re
from ast import literal_eval
from dataclasses import dataclass

from tests.properties.sqlite_schemas import Column, Piece, Schema


@dataclass
class Change:
    """The lines of a batch block, what it is to leave behind, and whether it is to be refused.

    `renames` is the name of a column that gets another one.
    """

    lines: list[str]
    wanted: Schema
    is_refused: bool = False
    options: str = ""
    renames: str | None = None


def make_change(schema: Schema, chance: random.Random) -> Change:
    """One change of a random kind."""
    wanted = copy.deepcopy(schema)
    kind = chance.choice(KINDS)
    return kind(wanted, chance)


def _name(schema: Schema, key: str) -> str:
    return repr(schema.names[key])


def copy_only(schema: Schema, chance: random.Random) -> Change:
    return Change(["pass"], schema, options=", recreate='always'")


def drop_column(schema: Schema, chance: random.Random) -> Change:
    key = chance.choice([column.key for column in schema.columns if column.key != "id"])
    line = f"b.drop_column({_name(schema, key)})"
    stays = [
        *(
            clause
            for column in schema.columns
            if column.key != key
            for clause in column.clauses
            if clause.kind != "REFERENCES"
        ),
        *(item for item in schema.constraints if item.kind == "CHECK" and (item.name or item.uses != {key})),
        *schema.others,
        *schema.children,
    ]
    if any(key in piece.uses for piece in stays):
        return Change([line], schema, is_refused=True)
    schema.columns = [column for column in schema.columns if column.key != key]
    schema.constraints = [item for item in schema.constraints if key not in item.uses]
    schema.indexes = [item for item in schema.indexes if key not in item.uses]
    return Change([line], schema, options=chance.choice(["", ", recreate='always'"]))


def add_column(schema: Schema, chance: random.Random) -> Change:
    schema.names["new"] = "new"
    type_ = "INTEGER"
    clause, argument = chance.choice(
        [
            ([], ""),
            ([Piece("DEFAULT", "DEFAULT '5'")], ", server_default='5'"),
            ([Piece("DEFAULT", "DEFAULT (1+1)")], ", server_default=sa.text('(1+1)')"),
        ]
    )
    schema.columns.append(Column("new", type_, clause))
    return Change(
        [f"b.add_column(sa.Column('new', sa.Integer(){argument}))"],
        schema,
        options=chance.choice(["", ", recreate='always'"]),
    )


def rename_column(schema: Schema, chance: random.Random) -> Change:
    key = chance.choice([column.key for column in schema.columns])
    new = chance.choice(["renamed", "New Name", "group"])
    old = schema.names[key]
    schema.names[key] = new
    line = f"b.alter_column({old!r}, new_column_name={new!r})"
    return Change([line], schema, options=chance.choice(["", ", recreate='always'"]), renames=old)


def rename_and_constrain(schema: Schema, chance: random.Random) -> Change:
    key = chance.choice(["a", "b", "u"])
    old = _name(schema, key)
    schema.names[key] = "renamed"
    schema.constraints.append(Piece("UNIQUE", f"CONSTRAINT uq_new UNIQUE ({{{key}}}, {{id}})", "uq_new"))
    lines = [
        f"b.alter_column({old}, new_column_name='renamed')",
        f"b.create_unique_constraint('uq_new', ['renamed', {_name(schema, 'id')}])",
    ]
    return Change(lines, schema, renames=literal_eval(old))


def set_nullable(schema: Schema, chance: random.Random) -> Change:
    key = chance.choice(["a", "b", "u", "p"])
    column = schema.column(key)
    nullable = chance.random() < 0.5
    has = any(clause.kind == "NOT NULL" for clause in column.clauses)
    if nullable:
        column.clauses = [clause for clause in column.clauses if clause.kind != "NOT NULL"]
    elif not has:
        column.clauses = [*column.clauses, Piece("NOT NULL", "NOT NULL")]
    is_refused = not nullable and any(row.get(key) is None for row in schema.rows)
    return Change([f"b.alter_column({_name(schema, key)}, nullable={nullable})"], schema, is_refused)


def set_type(schema: Schema, chance: random.Random) -> Change:
    key = chance.choice(["b", "u", "p"])
    type_, sql = ("sa.Integer()", "INTEGER") if "STRICT" in schema.options else ("sa.BigInteger()", "BIGINT")
    schema.column(key).type = sql
    return Change([f"b.alter_column({_name(schema, key)}, type_={type_})"], schema)


def set_default(schema: Schema, chance: random.Random) -> Change:
    column = schema.column(chance.choice(["a", "b", "u"]))
    column.clauses = [clause for clause in column.clauses if clause.kind != "DEFAULT"]
    value = chance.choice([None, "'7'"])
    if value is not None:
        column.clauses.insert(0, Piece("DEFAULT", f"DEFAULT {value}"))
    return Change([f"b.alter_column({_name(schema, column.key)}, server_default={value})"], schema)


def add_check(schema: Schema, chance: random.Random) -> Change:
    schema.constraints.append(Piece("CHECK", "CONSTRAINT ck_new CHECK ({id} <> 30)", "ck_new"))
    is_refused = any(row["id"] == 30 for row in schema.rows)
    return Change([f"b.create_check_constraint('ck_new', '{schema.names['id']} <> 30')"], schema, is_refused)


def add_key(schema: Schema, chance: random.Random) -> Change:
    schema.constraints.append(
        Piece("FOREIGN", "CONSTRAINT fk_new FOREIGN KEY({u}) REFERENCES parent (id)", "fk_new")
    )
    return Change(
        [f"b.create_foreign_key('fk_new', 'parent', [{_name(schema, 'u')}], ['id'])"],
        schema,
        bool(schema.rows),
    )


def drop_constraint(schema: Schema, chance: random.Random) -> Change:
    named = [item for item in schema.constraints if item.name]
    if not named:
        return copy_only(schema, chance)
    gone = chance.choice(named)
    schema.constraints.remove(gone)
    breaks = gone.name == schema.unique_target and any(child.name == "third" for child in schema.children)
    return Change([f"b.drop_constraint({gone.name!r})"], schema, is_refused=breaks)


def change_indexes(schema: Schema, chance: random.Random) -> Change:
    lines = [f"b.create_index('ix_new', [{_name(schema, 'b')}])"]
    if schema.indexes:
        gone = chance.choice(schema.indexes)
        schema.indexes.remove(gone)
        lines.append(f"b.drop_index({gone.name!r})")
    schema.indexes.append(Piece("index", "CREATE INDEX ix_new ON t ({b})", "ix_new"))
    return Change(lines, schema, options=chance.choice(["", ", recreate='always'"]))


def reorder(schema: Schema, chance: random.Random) -> Change:
    moved = schema.columns.pop(1)
    schema.columns.append(moved)
    last = schema.columns[-2].key
    line = f"b.alter_column({_name(schema, moved.key)}, existing_type=sa.Text(), insert_after={_name(schema, last)})"
    return Change([line], schema)


def swap_in(schema: Schema, chance: random.Random) -> Change:
    """A column takes the name of one that goes in the same block."""
    first = drop_column(schema, chance)
    gone = re.findall(r"drop_column\((.*)\)", first.lines[0])[0]
    free = [column.key for column in schema.columns if _name(schema, column.key) != gone]
    key = chance.choice(free)
    line = f"b.alter_column({_name(schema, key)}, new_column_name={gone})"
    old = schema.names[key]
    if not first.is_refused:
        schema.names[key] = literal_eval(gone)
    return Change([*first.lines, line], schema, first.is_refused, renames=old)


KINDS = (
    copy_only, drop_column, drop_column, add_column, rename_column, rename_and_constrain, set_nullable,
    set_type, set_default, add_check, add_key, drop_constraint, change_indexes, reorder, swap_in,
)  # fmt: skip
