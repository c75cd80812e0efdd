"""Files made from templates: the name, the text, and putting it in place whole or not at all."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from limbeck import errors
from limbeck.base import console
from limbeck.graph.revision import as_scalar
from limbeck.script.draft import Draft

NO_MESSAGE = "empty message"


# --- names ------------------------------------------------------------------------------------------------------


def render_file_name(
    template: str, id: str, message: str | None, created: datetime.datetime, *, slug_length: int
) -> str:
    """The name of a new file, which may lead through subdirectories (GEN-4, GEN-5).

    Raises InvalidSetting if `template` uses a word that stands for nothing.
    """
    words = {
        "rev": id,
        "slug": make_slug(message, slug_length),
        "epoch": int(created.timestamp()),
        **{part: getattr(created, part) for part in ("year", "month", "day", "hour", "minute", "second")},
    }
    try:
        return f"{template % words}.py"
    except (KeyError, ValueError, TypeError) as error:
        known = ", ".join(f"%({word})s" for word in words)
        raise errors.InvalidSetting(
            name="file_template", value=template, expected=f"a pattern that uses only {known}"
        ) from error


def make_slug(message: str | None, length: int) -> str:
    """The words of a message as a part of a file name, not much longer than `length` (GEN-3).

    >>> make_slug("Hello World again", 10)
    'hello_'
    """
    slug = "_".join(re.findall(r"\w+", message or "")).lower()
    if len(slug) <= length:
        return slug
    kept, _, _ = slug[:length].rpartition("_")
    return f"{kept or slug[:length]}_"


def create_directories(path: str, *, quiet: bool = False) -> None:
    """Create a directory and those above it, saying so (GEN-5, GEN-7)."""
    if not os.path.isdir(path):
        with console.status(f"Creating directory {path}", quiet=quiet):
            os.makedirs(path, exist_ok=True)


# --- text -------------------------------------------------------------------------------------------------------


def revision_variables(draft: Draft, message: str | None, created: datetime.datetime) -> dict[str, Any]:
    """What script.py.mako is told about the revision (TPL-7, GEN-9 to GEN-11)."""
    return {
        "up_revision": draft.id,
        "down_revision": as_scalar(draft.parents),
        "branch_labels": draft.labels or None,
        "depends_on": draft.depends_on[0] if len(draft.depends_on) == 1 else list(draft.depends_on) or None,
        "create_date": created,
        "message": NO_MESSAGE if message is None else escape_docstring(message),
        "comma": join_with_comma,
    }


def join_with_comma(value: str | Iterable[str] | None) -> str:
    """The template filter `comma`: several ids in one line, None as nothing (TPL-7)."""
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


def escape_docstring(text: str) -> str:
    """`text` such that it stands for itself between triple quotes (TPL-8).

    >>> print(escape_docstring('drop C:\\\\temp'))
    drop C:\\\\temp
    """
    escaped = text.replace("\\", "\\\\")
    return re.sub(r'"{3,}|"+\Z', lambda quotes: '\\"' * len(quotes[0]), escaped)


def template_to_file(
    template_file: str | os.PathLike[str],
    dest: str | os.PathLike[str],
    output_encoding: str,
    *,
    append_with_newlines: bool = False,
    **variables: Any,
) -> None:
    """Render a template into a new file, or append it to one that exists.

    The file appears whole or not at all, and one that exists is never overwritten. Raises TemplateError,
    FileInTheWay.
    """
    path = os.fspath(dest)
    data = render_template(os.fspath(template_file), variables, output_encoding)
    if append_with_newlines:
        with open(path, "rb") as file:
            before = file.read()
        replace_file(path, before + "\n\n".encode(output_encoding) + data)
    else:
        create_file(path, data)


def render_template(path: str, variables: dict[str, Any], encoding: str) -> bytes:
    """The bytes that a Mako template gives. Raises TemplateError, naming the line that fails (GEN-14).

    Raises InvalidSetting if there is no such encoding (GEN-13).
    """
    from mako.exceptions import (  # type: ignore[import-untyped]  # Mako has no types
        MakoException,
        RichTraceback,
    )
    from mako.template import Template  # type: ignore[import-untyped]  # Mako has no types

    if not os.path.isfile(path):
        raise errors.TemplateError(path=path, reason="there is no such file")
    try:
        "".encode(encoding)
    except (LookupError, ValueError, TypeError) as error:
        raise errors.InvalidSetting(
            name="output_encoding", value=encoding, expected="a text encoding such as utf-8"
        ) from error
    try:
        rendered: Any = Template(filename=path, output_encoding=encoding).render(**variables)
    except MakoException as error:
        line = getattr(error, "lineno", None)
        raise errors.TemplateError(path=path, line=line, reason=str(error)) from error
    except Exception as error:
        line, source = _find_template_line(RichTraceback(error), path)
        reason = f"{type(error).__name__}: {error}"
        raise errors.TemplateError(path=path, line=line, source=source, reason=reason) from error
    data: bytes = rendered
    return data


def _find_template_line(trace: Any, path: str) -> tuple[int | None, str | None]:
    """The innermost line of the template that was being rendered."""
    for record in trace.reverse_records:
        template, line, source = record[4], record[5], record[6]
        if template == path and line is not None:
            return line, source
    return None, None


# --- files ------------------------------------------------------------------------------------------------------


def create_file(path: str, data: bytes) -> None:
    """Write a file that must not exist yet. Raises FileInTheWay."""
    with _written_beside(path, data) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise errors.FileInTheWay(path=path) from None
        except OSError:  # a file system without hard links
            _create_directly(path, data)


def replace_file(path: str, data: bytes) -> None:
    """Write a file in the place of the one that is there, with the same permissions."""
    with _written_beside(path, data) as temporary:
        with contextlib.suppress(OSError):
            os.chmod(temporary, os.stat(path).st_mode & 0o7777)
        os.replace(temporary, path)


def _create_directly(path: str, data: bytes) -> None:
    created = False
    try:
        with open(path, "xb") as file:
            created = True
            file.write(data)
    except FileExistsError:
        raise errors.FileInTheWay(path=path) from None
    except BaseException:
        if created:
            os.unlink(path)
        raise


@contextlib.contextmanager
def _written_beside(path: str, data: bytes) -> Iterator[str]:
    """A complete temporary file in the same directory, gone when the block is left."""
    temporary = os.path.join(os.path.dirname(path) or ".", f".#{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
