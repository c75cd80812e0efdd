"""Draw what commands show on a terminal, as the SVG pictures of the documentation: `make screens`.

A small shop is made in a temporary directory, the commands run there on a pseudo terminal of 80 columns, and what they
write becomes text in a picture, which follows the reader's choice of light or dark.
"""

from __future__ import annotations

import os
import pty
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SOURCE = Path(__file__).parents[1] / "src"
COLUMNS = 80
SIZE, ADVANCE, LINE, MARGIN = 14, 8.43, 19, 16
"""Of the font, of a letter in it, of a line, and around all; in pixels."""
STYLE = """
rect { fill: #f6f8fa } text { fill: #24292f }
.bold { font-weight: bold } .dim { fill: #6e7781 } .good { fill: #116329 }
.careful { fill: #8a5a00 } .bad { fill: #cf222e } .prompt { fill: #0969da }
@media (prefers-color-scheme: dark) {
rect { fill: #0d1117 } text { fill: #e6edf3 } .dim { fill: #8b949e } .good { fill: #3fb950 }
.careful { fill: #d29922 } .bad { fill: #ff7b72 } .prompt { fill: #58a6ff }
}
"""
FONTS = "ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace"
PROMPT = "34"
CLASSES = {
    PROMPT: "prompt",
    "1": "bold",
    "2": "dim",
    "38;5;28": "good",
    "38;5;130": "careful",
    "38;5;196": "bad",
}
"""What the sequences mean that `base.look` writes."""
DURATIONS = ("21 ms", "6 ms", "5 ms", "4 ms", "36 ms")
VERSION = "sqlite 3.50.4"
"""What stands in the pictures in the place of what is another on each machine, and in each run."""

REVISION = '''"""{message}"""

import sqlalchemy as sa
from limbeck import op

revision = "{revision}"
down_revision = {parent}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''
CUSTOMER = (
    'op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True), '
    'sa.Column("mail", sa.String(200)))\n'
    '    customer = sa.table("customer", sa.column("mail"))\n'
    '    op.bulk_insert(customer, [{"mail": f"{number % 1200}@example.org"} for number in range(1204)])'
)
ORDERS = 'op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))'
INVOICES = 'op.create_table("invoice", sa.Column("id", sa.Integer, primary_key=True))'
HISTORY = (
    ("2f6b1c40a9d1", (), "add customers", CUSTOMER, 'op.drop_table("customer")'),
    ("9d01aa77be02", ("2f6b1c40a9d1",), "add orders", ORDERS, 'op.drop_table("orders")'),
    ("d01f33e5512c", ("2f6b1c40a9d1",), "billing tables", INVOICES, 'op.drop_table("invoice")'),
    ("e1aa07c3d9ff", ("9d01aa77be02", "d01f33e5512c"), "join orders and billing", "pass", "pass"),
    (
        "c77e42b80f13",
        ("e1aa07c3d9ff",),
        "find customers by their mail address",
        'op.create_index("ux_customer_mail", "customer", ["mail"], unique=True)',
        'op.drop_index("ux_customer_mail", "customer")',
    ),
)


@dataclass(frozen=True)
class Screen:
    """A picture: its name, and the command that it shows."""

    name: str
    command: str


SCREENS = (
    Screen("upgrade", "upgrade e1aa07c3d9ff"),
    Screen("status", "status"),
    Screen("history", "history --current"),
    Screen("failure", "upgrade head"),
)
"""In the order in which they are run; each begins where the one before has ended."""


def main() -> int:
    """Draw all pictures."""
    PICTURES.mkdir(exist_ok=True)
    for name, picture in draw_all():
        (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")
    return 0


def draw_all() -> Iterator[tuple[str, str]]:
    """Each picture with its name."""
    with tempfile.TemporaryDirectory() as directory:
        make_shop(Path(directory))
        for screen in SCREENS:
            written = run(screen.command, Path(directory))
            durations = iter(DURATIONS)
            written = re.sub(r"\d+ ms\b", lambda _: next(durations, DURATIONS[-1]), written)  # noqa: B023  # at once
            written = re.sub(r"sqlite \d+\.\d+\.\d+", VERSION, written)
            yield screen.name, draw(screen.command, written)


def make_shop(directory: Path) -> None:
    """A project with a history, and no database yet."""
    (directory / "migrations" / "versions").mkdir(parents=True)
    (directory / "pyproject.toml").write_text(
        '[tool.limbeck]\nscript_location = "migrations"\nurl = "sqlite:///shop.db"\n', encoding="utf-8"
    )
    for revision, parents, message, up, down in HISTORY:
        parent = repr(parents[0] if len(parents) == 1 else parents or None)
        name = f"{revision}_{message.replace(' ', '_')}.py"
        text = REVISION.format(revision=revision, parent=parent, message=message, up=up, down=down)
        (directory / "migrations" / "versions" / name).write_text(text, encoding="utf-8")


def run(command: str, directory: Path) -> str:
    """What a command writes on a terminal."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("CI", "NO_COLOR", "FORCE_COLOR", "DATABASE_URL", "LIMBECK_URL")
    }
    environ = {
        **kept,
        "PYTHONPATH": str(SOURCE),
        "PYTHONUTF8": "1",
        "TERM": "xterm-256color",
        "COLUMNS": str(COLUMNS),
    }
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(directory)
        os.execve(sys.executable, [sys.executable, "-m", "limbeck", *command.split()], environ)
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:  # the end of a terminal
        pass
    os.close(terminal)
    os.waitpid(process, 0)
    return written.decode().replace("\r\n", "\n").rstrip("\n")


def draw(command: str, written: str) -> str:
    """The picture of a command and its answer."""
    lines = [_spans(f"\x1b[{PROMPT}m$\x1b[0m limbeck {command}"), *map(_spans, written.split("\n"))]
    width, height = round(COLUMNS * ADVANCE) + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    rows = "\n".join(
        f'<text y="{MARGIN + SIZE + number * LINE}">{line}</text>'
        for number, line in enumerate(lines)
        if line
    )
    size = f'width="{width}" height="{height}"'
    font = f'font-family="{FONTS}" font-size="{SIZE}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size} {font} role="img">\n'
        f"<title>What limbeck {escape(command)} shows on a terminal</title>\n<style>{STYLE}</style>\n"
        f'<rect {size} rx="6"/>\n{rows}\n</svg>\n'
    )


def _spans(line: str) -> str:
    """A line with its colours as classes; what stands behind several spaces has its place, whatever the font."""
    spans: list[str] = []
    active: list[str] = []
    column = 0
    for piece in re.split(r"(\x1b\[[\d;]*m)", line):
        sequence = re.fullmatch(r"\x1b\[([\d;]*)m", piece)
        if sequence is None:
            names = f' class="{" ".join(active)}"' if active else ""
            for found in re.finditer(r"\S+(?: \S+)*", piece):
                x, length = MARGIN + (column + found.start()) * ADVANCE, len(found[0]) * ADVANCE
                spans.append(
                    f'<tspan x="{x:.1f}" textLength="{length:.1f}"{names}>{escape(found[0], quote=False)}</tspan>'
                )
            column += len(piece)
        elif sequence[1] == "0":
            active = []
        else:
            active.append(CLASSES[sequence[1]])
    return " ".join(spans)


if __name__ == "__main__":
    sys.exit(main())
