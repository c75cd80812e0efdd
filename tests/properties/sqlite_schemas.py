"""Random SQLite databases around a table `t`, with everything that a rebuild could lose.

SQL is kept in templates: `{b}` stands for the column that is called b in the beginning, in whatever way it is quoted
and whatever it is called by now.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

ACTIONS = (
    "ON DELETE CASCADE",
    "ON DELETE SET NULL ON UPDATE CASCADE",
    "ON DELETE RESTRICT",
    "",
    "ON DELETE NO ACTION",
)
TIMINGS = ("", "", "DEFERRABLE INITIALLY DEFERRED", "NOT DEFERRABLE")
RESERVED = {"select", "order", "a b", "Größe", "x-y", 'q"t', "check"}
_HOLE = re.compile(r"\{(\w+)\}")


@dataclass
class Piece:
    """Some SQL; `name` is that of a constraint, index, trigger or view, and `kind` what it is."""

    kind: str
    sql: str
    name: str | None = None

    @property
    def uses(self) -> set[str]:
        return set(_HOLE.findall(self.sql))


@dataclass
class Column:
    """A column of t: its key in the templates, its type, and its clauses."""

    key: str
    type: str
    clauses: list[Piece] = field(default_factory=list)

    @property
    def is_generated(self) -> bool:
        return any(clause.kind == "GENERATED" for clause in self.clauses)


@dataclass
class Schema:
    """The database; `rows` are those of t by key of the column, `child_rows` maps tables to their INSERTs."""

    names: dict[str, str]
    columns: list[Column]
    constraints: list[Piece]
    options: str
    indexes: list[Piece]
    others: list[Piece]
    children: list[Piece]
    rows: list[dict[str, object]]
    child_rows: list[str]
    unique_target: str | None = None

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)

    def fill(self, sql: str, quote: Callable[[str], str]) -> str:
        return _HOLE.sub(lambda hole: quote(self.names[hole[1]]), sql)

    def table_sql(self, quote: Callable[[str], str], blank: Callable[[], str] = lambda: " ") -> str:
        items = [blank().join([_hole(column.key), *self._typed(column)]) for column in self.columns]
        items += [constraint.sql for constraint in self.constraints]
        body = f",{blank()}".join(items)
        return self.fill(f"CREATE TABLE t ({blank()}{body}{blank()}) {self.options}".rstrip(), quote)

    def _typed(self, column: Column) -> list[str]:
        """The type and the clauses; before GENERATED ALWAYS SQLite takes a comment for a part of the type."""
        clauses = [clause.sql for clause in column.clauses]
        if column.is_generated:
            return [f"{column.type} {clauses[0]}", *clauses[1:]]
        return [column.type, *clauses] if column.type else clauses

    def statements(self, quote: Callable[[str], str], blank: Callable[[], str]) -> list[str]:
        return [
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, x)",
            "CREATE TABLE log (x)",
            self.table_sql(quote, blank),
            *(self.fill(piece.sql, quote) for piece in [*self.children, *self.indexes, *self.others]),
        ]

    def inserts(self) -> list[tuple[str, list[object]]]:
        found: list[tuple[str, list[object]]] = [("INSERT INTO parent VALUES (1, 'p'), (2, 'q')", [])]
        for row in self.rows:
            keys = [key for key in row if any(column.key == key for column in self.columns)]
            names = ", ".join(quoted(self.names[key]) for key in keys)
            marks = ", ".join("?" for _ in keys)
            found.append((f"INSERT INTO t ({names}) VALUES ({marks})", [row[key] for key in keys]))
        return [*found, *((sql, []) for sql in self.child_rows)]


def _hole(key: str) -> str:
    return f"{{{key}}}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoting(chance: random.Random) -> Callable[[str], str]:
    """Names in any of the ways that SQLite reads."""

    def quote(name: str) -> str:
        ways = [quoted(name), "`" + name.replace("`", "``") + "`"]
        if "]" not in name:
            ways.append(f"[{name}]")
        if name.isidentifier() and name.lower() not in RESERVED:
            ways += [name, name]
        return chance.choice(ways)

    return quote


def blanks(chance: random.Random) -> Callable[[], str]:
    """Blanks and comments; with signs in them that mean something elsewhere."""
    return lambda: chance.choice([" ", " ", " ", "\n\t", " /* a, ( 'b */ ", " -- it's ) ,\n"])


def make_schema(chance: random.Random) -> Schema:
    """A database with everything that a rebuild could lose."""

    def maybe(likely: float = 0.5) -> bool:
        return chance.random() < likely

    names = {key: key for key in ("id", "a", "b", "u", "p", "s", "g", "n")}
    for key in ("a", "b", "u", "g"):
        if maybe(0.25):
            names[key] = chance.choice(sorted(RESERVED - set(names.values())))
    strict = maybe(0.3)
    without_rowid = maybe(0.25)
    text, number = ("TEXT", "INTEGER") if strict else (chance.choice(["VARCHAR(50)", "TEXT"]), "INTEGER")
    schema = Schema(
        names, [], [], ", ".join(["STRICT"] * strict + ["WITHOUT ROWID"] * without_rowid), [], [], [], [], []
    )
    add = schema.constraints.append

    identifier = Column("id", "INTEGER")
    if maybe(0.6):
        auto = " AUTOINCREMENT" if maybe() and not without_rowid else ""
        name = "CONSTRAINT pk " if maybe(0.3) else ""
        identifier.clauses.append(Piece("PRIMARY", f"{name}PRIMARY KEY{auto}", "pk" if name else None))
    else:
        add(Piece("PRIMARY", "PRIMARY KEY ({id})"))
    if maybe(0.3):
        identifier.clauses.append(Piece("NOT NULL", "NOT NULL"))
    schema.columns.append(identifier)

    a = Column("a", text)
    if maybe():
        a.clauses.append(
            Piece(
                "DEFAULT",
                chance.choice(["DEFAULT 'it''s, (x'", "DEFAULT (lower('X') || ':y')", "DEFAULT NULL"]),
            )
        )
    if maybe(0.4):
        a.clauses.append(Piece("COLLATE", "COLLATE NOCASE"))
    if maybe(0.4):
        a.clauses.append(Piece("NOT NULL", chance.choice(["NOT NULL", "NOT NULL ON CONFLICT ABORT"])))
    schema.columns.append(a)

    b = Column("b", number)
    if maybe(0.4):
        b.clauses.append(Piece("CHECK", "CHECK ({b} > 0)"))
    if maybe(0.3):
        b.clauses.append(Piece("DEFAULT", chance.choice(["DEFAULT 7", "DEFAULT -1", "DEFAULT (1 + 1)"])))
    schema.columns.append(b)

    u = Column("u", number)
    if maybe():
        u.clauses.append(Piece("UNIQUE", chance.choice(["UNIQUE", "UNIQUE ON CONFLICT ABORT"])))
        schema.unique_target = "inline"
    elif maybe():
        add(Piece("UNIQUE", "CONSTRAINT uq_u UNIQUE ({u})", "uq_u"))
        schema.unique_target = "uq_u"
    schema.columns.append(u)

    p = Column("p", number)
    if maybe(0.6):
        action = f"{chance.choice(ACTIONS)} {chance.choice(TIMINGS)}".strip()
        p.clauses.append(
            Piece("REFERENCES", f"REFERENCES parent{chance.choice(['', ' (id)'])} {action}".strip())
        )
    elif maybe():
        add(
            Piece(
                "FOREIGN",
                f"CONSTRAINT fk_p FOREIGN KEY ({{p}}) REFERENCES parent (id) {chance.choice(ACTIONS)}".strip(),
                "fk_p",
            )
        )
    schema.columns.append(p)

    if maybe(0.4):
        s = Column(
            "s",
            number,
            [
                Piece(
                    "REFERENCES",
                    f"REFERENCES t {chance.choice(['({id})', ''])} {chance.choice(ACTIONS)}".strip(),
                )
            ],
        )
        schema.columns.append(s)
    if maybe(0.4):
        how = chance.choice(
            ["GENERATED ALWAYS AS ({b} + 1) STORED", "GENERATED ALWAYS AS ({b} * 2) VIRTUAL", "AS ({b} - 1)"]
        )
        schema.columns.append(Column("g", number, [Piece("GENERATED", how)]))
    if maybe(0.3):
        schema.columns.append(Column("n", "" if not strict else "ANY", []))

    for piece in (
        Piece("CHECK", "CHECK ({b} < 1000)"),
        Piece("CHECK", "CHECK ({b} < 1000 OR {a} <> ')')"),
        Piece("CHECK", "CONSTRAINT ck CHECK (length({a}) < 99)", "ck"),
        Piece("UNIQUE", "UNIQUE ({id}, {a} COLLATE NOCASE) ON CONFLICT ABORT"),
        Piece("UNIQUE", "CONSTRAINT uq UNIQUE ({a}, {id})", "uq"),
    ):
        if maybe(0.3):
            add(piece)

    for piece in (
        Piece("index", "CREATE INDEX ix_a ON t ({a} COLLATE NOCASE DESC)", "ix_a"),
        Piece("index", "CREATE INDEX ix_e ON t (lower({a}), {b} + 1)", "ix_e"),
        Piece("index", "CREATE INDEX ix_p ON t ({b}) WHERE {b} > 5 AND {a} IS NOT NULL", "ix_p"),
        Piece("index", "CREATE UNIQUE INDEX ix_u ON t ({id}, {u})", "ix_u"),
    ):
        if maybe(0.4):
            schema.indexes.append(piece)

    for piece in (
        Piece("view", "CREATE VIEW v AS SELECT {id}, {a} AS x FROM t WHERE {id} > 0", "v"),
        Piece("view", "CREATE VIEW w AS SELECT count(*) AS n FROM t", "w"),
        Piece(
            "trigger",
            "CREATE TRIGGER tr_i AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('i:' || new.{id}); END",
            "tr_i",
        ),
        Piece(
            "trigger",
            "CREATE TRIGGER tr_u AFTER UPDATE OF {b} ON t WHEN new.{b} <> old.{b} "
            "BEGIN INSERT INTO log VALUES ('100%'); END",
            "tr_u",
        ),
        Piece(
            "trigger",
            "CREATE TRIGGER tr_p AFTER INSERT ON parent BEGIN UPDATE t SET {a} = 'z' WHERE {p} = new.id; END",
            "tr_p",
        ),
    ):
        if maybe(0.35):
            schema.others.append(piece)

    def action() -> str:
        return f"{chance.choice(ACTIONS)} {chance.choice(TIMINGS)}".strip()

    schema.children = [
        Piece("child", f"CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t {action()})")
    ]
    if maybe():
        schema.children.append(
            Piece(
                "child",
                "CREATE TABLE other (id INTEGER PRIMARY KEY, t_id INTEGER, "
                f"FOREIGN KEY (t_id) REFERENCES t ({{id}}) {action()})",
            )
        )
    if schema.unique_target and maybe():
        schema.children.append(
            Piece("child", f"CREATE TABLE third (u INTEGER REFERENCES t ({{u}}) {action()})", "third")
        )

    numbers = chance.sample(range(1, 40), chance.randint(0, 5))
    for position, number_ in enumerate(numbers):
        row: dict[str, object] = {
            "id": number_,
            "a": chance.choice(["x", "Y", "it's", "ü", ""]) + str(number_),
            "b": chance.choice([1, 6, 50]),
            "u": 100 + number_,
            "p": chance.choice([None, 1, 2]),
            "s": None if position == 0 else chance.choice([None, numbers[0]]),
            "n": chance.choice([None, "any", 5]),
        }
        if maybe(0.2) and not any(clause.kind == "NOT NULL" for clause in a.clauses):
            row["a"] = None
        schema.rows.append(
            {key: value for key, value in row.items() if any(c.key == key for c in schema.columns)}
        )
    for number_ in numbers:
        schema.child_rows.append(f"INSERT INTO child (t_id) VALUES ({number_})")
        for table, value in (("other (t_id)", number_), ("third (u)", 100 + number_)):
            if any(f"CREATE TABLE {table.split()[0]} " in child.sql for child in schema.children):
                schema.child_rows.append(f"INSERT INTO {table} VALUES ({value})")
    return schema
