"""What a stream can show: whether there is a terminal, whether it wants colours, and which signs it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from limbeck.base.console import find_width, is_terminal
from limbeck.base.look import Look

CHOICES = ("auto", "always", "never")
SIGNS = "●○─│├╮╯╭╰×→"


def look_at(stream: TextIO, environ: Mapping[str, str], *, color: str | None, plain: bool) -> Look:
    """How to write to a stream.

    Styled is for a person: a terminal that is not dumb, outside of CI, and not `--plain`. For colours `--color` counts
    first, then NO_COLOR, then FORCE_COLOR, then whether it is styled.
    """
    is_person = is_terminal(stream) and environ.get("TERM") != "dumb" and not environ.get("CI")
    is_styled = is_person and not plain
    if color in ("always", "never"):
        has_color = color == "always"
    elif environ.get("NO_COLOR"):
        has_color = False
    elif environ.get("FORCE_COLOR"):
        has_color = environ["FORCE_COLOR"] != "0"
    else:
        has_color = is_styled
    return Look(
        _width(stream, environ), is_styled, has_color and not plain, _has_signs(stream), _has_shades(environ)
    )


def _width(stream: TextIO, environ: Mapping[str, str]) -> int | None:
    """The columns of the terminal; $COLUMNS wins, as everywhere."""
    if is_terminal(stream) and environ.get("COLUMNS", "").isdigit():
        return max(int(environ["COLUMNS"]), 40)
    return find_width(stream)


def _has_shades(environ: Mapping[str, str]) -> bool:
    """Whether the terminal has 256 colours, as its name or $COLORTERM says."""
    return "256" in environ.get("TERM", "") or bool(environ.get("COLORTERM"))


def _has_signs(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        SIGNS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
