"""How an answer is to look: for a person on a terminal, in colour or not, or for whatever reads a pipe."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
from collections.abc import Iterator
from typing import NamedTuple

from limbeck.base.current import Current

PLAIN_WIDTH = 100
"""Lines of text that nobody has to parse are filled up to this width where there is no terminal."""


class Look(NamedTuple):
    """What the stream of an answer can show.

    `width` is that of the terminal, or None where there is none. `is_styled` says that a person looks at it.
    `is_wide` says that it can show more signs than ASCII. `has_shades` says that it has 256 colours: these do not
    depend on what somebody has chosen for "green", and are as readable on white as on black.
    """

    width: int | None = None
    is_styled: bool = False
    has_color: bool = False
    is_wide: bool = False
    has_shades: bool = False

    def bold(self, text: str) -> str:
        """Text that stands out."""
        return self._in(text, "1")

    def dim(self, text: str) -> str:
        """Text that stays behind."""
        return self._in(text, "2")

    def good(self, text: str) -> str:
        """Text about what is as it should be."""
        return self._in(text, "38;5;28" if self.has_shades else "32")

    def careful(self, text: str) -> str:
        """Text about what needs care."""
        return self._in(text, "38;5;130" if self.has_shades else "33")

    def bad(self, text: str) -> str:
        """Text about what is wrong."""
        return self._in(text, "38;5;196" if self.has_shades else "31")

    def sign(self, wide: str, ascii: str) -> str:
        """A sign, or what stands for it in ASCII."""
        return wide if self.is_wide else ascii

    def filled(self, text: str, *, indent: int, hang: int = 0) -> Iterator[str]:
        """The lines of a text; words are never taken apart, for a path must stay whole."""
        import textwrap

        first, others = " " * indent, " " * (indent + hang)
        width = max(self.width or PLAIN_WIDTH, 40)
        for line in text.splitlines() or [""]:
            yield from textwrap.wrap(
                line,
                width,
                initial_indent=first,
                subsequent_indent=others,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [first.rstrip()]

    def wrapped(self, line: str, *, hang: int) -> list[str]:
        """A line in as many as the terminal needs for it; the others begin in column `hang`.

        Words stay whole, for a path with a line must: one that does not fit there begins further left.
        """
        if self.width is None or len(line) <= self.width:
            return [line]
        import textwrap

        width = max(self.width, hang + 20)
        first, *others = textwrap.wrap(
            line, width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
        )
        return [first, *(other if len(other) <= width else other.strip().rjust(width) for other in others)]

    def shortened(self, text: str, room: int) -> str:
        """Text that has no more than `room` columns, if there is a terminal, but some of it in any case."""
        room = max(room, 20)
        return text if self.width is None or len(text) <= room else f"{text[: room - 3].rstrip()}..."

    def _in(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_color and text else text


look: Current[Look] = Current("look")
"""How the answers of this thread or task are to look."""


def find_look() -> Look:
    """How the answer is to look; plain, if nobody has said anything else."""
    return look.find() or Look()


def render_duration(seconds: float) -> str:
    """`12 ms`, `3.4 s`, `2 m 05 s`."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} m {rest:02} s"


def render_count(number: int, noun: str = "statement") -> str:
    """`1 statement`, `1,204 statements`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
