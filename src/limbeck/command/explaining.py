"""Saying more about a failure: explain."""

from __future__ import annotations

from limbeck.base.look import find_look
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.errors.codes import CODES, Code

PREFIX = "LBK-"
WIDTH = 96


def explain(config: Config, code: str | None = None) -> None:
    """Say what a failure means and what helps, by its code word; without one, list them all.

    Raises CommandError if there is no such word.
    """
    if code is None:
        width = max(map(len, CODES))
        for each in CODES.values():
            config.print_stdout(f"{each.word:<{width}}  {each.title}")
        return
    found = find_code(code)
    paragraphs = (f"{found.word}: {found.title}", found.meaning, found.remedy)
    look = find_look()
    narrow = look._replace(width=min(look.width or WIDTH, WIDTH))
    config.print_stdout("\n\n".join("\n".join(narrow.filled(text, indent=0)) for text in paragraphs))


def find_code(text: str) -> Code:
    """The code that is meant, in upper or lower case, with its prefix or without. Raises CommandError."""
    word = text.strip().strip("[]").upper()
    found = CODES.get(word) or CODES.get(f"{PREFIX}{word}")
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(f"{PREFIX}{word.removeprefix(PREFIX)}", CODES, n=2)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise CommandError(f"No failure is called {text!r}", hint=f"{meant}`limbeck explain` lists them all")
    return found
