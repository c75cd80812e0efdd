"""Files that are not what they should be, made at random but the same for the same number."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = b'''"""first"""
revision = "r1"
down_revision = None


def upgrade():
    pass


def downgrade():
    pass
'''
REVISION = b'''"""second

Revision ID: r2
"""
from typing import Sequence

from limbeck import op

# revision identifiers
revision: str = "r2"
down_revision: str | None = "r1"
branch_labels: str | Sequence[str] | None = ("shop",)
depends_on = None


def upgrade() -> None:
    op.execute("SELECT 'upgrade'")


def downgrade() -> None:
    op.execute("SELECT 'downgrade'")
'''
INI = b"""# settings
[alembic]
script_location = %(here)s/migrations
path_separator = os
sqlalchemy.url = sqlite:///app.db
"""
TOML = b"""[project]
name = "shop"

[tool.alembic]
script_location = "%(here)s/migrations"
"""
ENVIRONMENT = b"""from limbeck import context

config = context.config
url = config.get_section(config.config_ini_section, {}).get("sqlalchemy.url", "sqlite://")
context.configure(url=url, literal_binds=True)
with context.begin_transaction():
    context.run_migrations()
"""
TEMPLATE = b'''"""${message}"""
<%doc>the usual header</%doc>
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
% if branch_labels:
branch_labels = ${repr(branch_labels)}
% endif
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''
GARBAGE = (
    b"def (:", b"revision = = 1", b"  \t  x", b"'''", b'"', b"(", b")", b"class", b"\\", b"\xff\xfe", b"\xe9",
    b"\0", b"# -*- coding: nonsense -*-", b"# coding: utf-16", b"# coding: rot13", b"%", b"%(", b"${", b"<%",
    b"</%def>", b"% endif", b"% if x:", b"[", b"]", b"[[", b"=", b"a = 1", b"\x0c", b"\r", b"\r\n", b"\x1a",
    b"raise ValueError('no')", b"1 / 0", b"import nowhere_to_be_found", b"from . import x", b"$", b"\xef\xbb\xbf",
    "\u2028".encode(), "\U0001f431 = 1".encode(), b"match x:", b"lambda", b"await x", b"return 1", b"f'{'",
)  # fmt: skip
VALUES = (
    "None", "''", "1", "True", "[]", "{}", "{'a': 1}", "['a', 1]", "[[]]", "b'r1'", "'r2'", "('r2',)", "'zz'",
    "('r1', 'zz')", "'r1', 'r1'", "'head'", "'base'", "'a@b'", "'a:b'", "'-1'", "'x' * 200", "'\\n'", "'\\0'",
    "'\\ud800'", "object()", "undefined", "1 / 0", "str", "...", "{'r1'}", "range(3)", "iter(['r1'])",
    "[str(n) for n in range(1000)]", "'%s' % 1", "'%(here)s'", "'r' + '1'", "f'{1}'", "lambda: 'r1'", "'\\x1b[31m'",
)  # fmt: skip
SETTINGS = (
    "script_location", "file_template", "truncate_slug_length", "timezone", "prepend_sys_path", "version_locations",
    "path_separator", "version_path_separator", "recursive_version_locations", "sourceless", "output_encoding",
    "revision_environment", "hooks", "post_write_hooks", "here", "sqlalchemy.url", "unknown",
)  # fmt: skip
WORDS = (
    "", " ", "0", "1", "-1", "x", "true", "FALSE", "os", "space", ";", "%", "%%", "%(", "%(here)s",
    "%(here)s/migrations",
    "%(here)s/versions", "%(nowhere)s", "%(rev)s", "%%(rev)s", "%%(rev)s_%%(nope)s", "%%(rev)d", "%(script_location)s",
    "nowhere:x", "limbeck:nowhere", ":", "migrations:x", "nowhere", "a, b", "UTC", "utc", "Nowhere/Land",
    "../x", "utf-8",
    "latin-1", "utf-16", "rot13", "hex", "nonsense", "\x00", "\x1b[31m", "é", "9" * 5000, "x" * 300, "sqlite://",
    "driver://u:secret@h/d", "[x]", "a = b", '"', "'", "true\n  false",
)  # fmt: skip
TOML_VALUES = (
    "1", "1.5", "true", "inf", "1979-05-27", "[]", "[1]", "['']", "[['x']]", "{}", "{a = 1}", "[{}]", "[{name = 1}]",
    "[{name = 'x', type = 'nowhere'}]", "[{name = 'x', options = ['y']}]", "'%(here)s'", "['%(nowhere)s']", "'%'", "''",
)  # fmt: skip


class Malformed(NamedTuple):
    """A project with one file that is not what it should be."""

    kind: str
    name: str
    """The file, below the directory of the project."""
    data: bytes


def make_malformed(number: int) -> Malformed:
    """The malformed file of that number; of all kinds in turn."""
    kind, name, make = KINDS[number % len(KINDS)]
    return Malformed(kind, name, make(random.Random(number)))


def write_project(directory: Path, malformed: Malformed) -> None:
    """A project in which everything is right except for one file."""
    versions = directory / "migrations" / "versions"
    versions.mkdir(parents=True)
    files = {
        **({} if malformed.kind == "toml" else {"alembic.ini": INI}),
        "migrations/env.py": ENVIRONMENT,
        "migrations/script.py.mako": TEMPLATE,
        "migrations/versions/r1.py": ROOT,
        "migrations/versions/r2_second.py": REVISION,
        malformed.name: malformed.data,
    }
    for name, data in files.items():
        (directory / name).write_bytes(data)


# --- anything --------------------------------------------------------------------------------------------------


def _bytes(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 7, 100, 5000)))


def _text(chance: random.Random) -> bytes:
    letters = "abr2=\"'()[]{}#:,.\\\n\t @%$<>é\u2028\U0001f431"
    return "".join(chance.choices(letters, k=chance.randrange(400))).encode()


def _of(data: bytes) -> tuple[Callable[[random.Random], bytes], ...]:
    """Ways to spoil a file that is right."""

    def truncated(chance: random.Random) -> bytes:
        return data[: chance.randrange(len(data))]

    def flipped(chance: random.Random) -> bytes:
        spoilt = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 9))):
            spoilt[chance.randrange(len(spoilt))] = chance.choice(
                (chance.randrange(256), chance.randrange(32, 127))
            )
        return bytes(spoilt)

    def inserted(chance: random.Random) -> bytes:
        position = chance.randrange(len(data) + 1)
        return data[:position] + chance.choice(GARBAGE) + data[position:]

    def garbled(chance: random.Random) -> bytes:
        lines = data.splitlines()
        lines[chance.randrange(len(lines))] = chance.choice(GARBAGE)
        return b"\n".join(lines)

    def shuffled(chance: random.Random) -> bytes:
        lines = data.splitlines(keepends=True)
        chance.shuffle(lines)
        return b"".join(lines)

    def encoded(chance: random.Random) -> bytes:
        text = data.decode() + "# é\n"
        return text.encode(
            chance.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp500", "utf-7"))
        )

    return truncated, flipped, inserted, garbled, shuffled, encoded, _bytes, _text


# --- revision files --------------------------------------------------------------------------------------------


def _header(chance: random.Random) -> bytes:
    names = ("revision", "down_revision", "branch_labels", "depends_on")
    lines = [f"{name} = {value!r}" for name, value in zip(names, ("r2", "r1", None, None), strict=True)]
    for position in chance.sample(range(4), k=chance.choice((1, 1, 2))):
        lines[position] = chance.choice((f"{names[position]} = {chance.choice(VALUES)}", ""))
    return "\n".join([*lines, "def upgrade(): pass", "def downgrade(): pass", ""]).encode()


def _labels(chance: random.Random) -> bytes:
    names = [f"label{number}" for number in range(1000)]
    names[chance.randrange(1000)] = chance.choice(("", "r1", "r2", "label7", "a@b", "head", "é", "x" * 500))
    attribute = chance.choice(("branch_labels", "depends_on", "down_revision"))
    return REVISION + f"\n{attribute} = {names!r}\n".encode()


def _large(chance: random.Random) -> bytes:
    size = 10_000_000
    return chance.choice(
        (
            lambda: b'"""' + b"x" * size + b'"""\n' + REVISION,
            lambda: REVISION + b"#" * size,
            lambda: REVISION + b"# revision\n" * (size // 11),
            lambda: b"\n" * size + REVISION,
            lambda: REVISION + b"'" * size,
            lambda: REVISION + b"TEXT = '''\n" + b"it is down_revision's turn\n" * (size // 27) + b"'''\n",
            lambda: b"x" * size,
            lambda: chance.randbytes(size),
        )
    )()


def _deep(chance: random.Random) -> bytes:
    depth = chance.choice((90, 500, 3000, 50_000))
    opened, closed = chance.choice(
        ((b"(", b")"), (b"[", b"]"), (b"-", b""), (b"not ", b""), (b"{1:", b"}"), (b"a.", b"a"))
    )
    nested = opened * depth + b"1" * (opened != b"a.") + closed * (depth if opened != b"a." else 1)
    return REVISION + chance.choice((b"depends_on = ", b"x = ", b"", b"revision = ")) + nested + b"\n"


# --- settings --------------------------------------------------------------------------------------------------


def _ini(chance: random.Random) -> bytes:
    lines = [chance.choice(("[alembic]", "[alembic]", "[DEFAULT]", "[other]", ""))]
    if chance.random() < 0.8:
        lines.append("script_location = migrations")
    for _ in range(chance.randrange(6)):
        if chance.random() < 0.1:
            lines.append(
                chance.choice(("[alembic]", "[post_write_hooks]", "[x", "]", "  indented", "= x", "no value"))
            )
        lines.append(
            f"{chance.choice(SETTINGS)}{chance.choice((' = ', '=', ': ', ' '))}{chance.choice(WORDS)}"
        )
    if chance.random() < 0.2:
        lines += [
            "[post_write_hooks]",
            "hooks = a",
            f"a.{chance.choice(('type', 'x'))} = {chance.choice(WORDS)}",
        ]
    return "\n".join(lines).encode(chance.choice(("utf-8", "utf-8", "utf-16", "latin-1")), "replace")


def _toml(chance: random.Random) -> bytes:
    lines = [
        chance.choice(("[tool.alembic]", "[tool.alembic]", "[tool]", "[[tool.alembic]]", "tool = 1", ""))
    ]
    if chance.random() < 0.8:
        lines.append('script_location = "migrations"')
    for _ in range(chance.randrange(4)):
        name = chance.choice(SETTINGS)
        word = chance.choice(WORDS).replace("\n", "")
        lines.append(f"{name} = {chance.choice((chance.choice(TOML_VALUES), repr(word), repr([word])))}")
    return "\n".join(lines).encode()


FILE = "migrations/versions/r2_second.py"
KINDS: tuple[tuple[str, str, Callable[[random.Random], bytes]], ...] = (
    *(("revision", FILE, make) for make in (*_of(REVISION), _header, _header, _header, _labels, _deep)),
    *(("ini", "alembic.ini", make) for make in (*_of(INI), _ini, _ini, _ini, _ini)),
    *(("toml", "pyproject.toml", make) for make in (*_of(TOML), _toml, _toml, _toml, _toml)),
    *(("template", "migrations/script.py.mako", make) for make in _of(TEMPLATE)),
    *(("environment", "migrations/env.py", make) for make in (*_of(ENVIRONMENT), _deep)),
    ("large", FILE, _large),
)
