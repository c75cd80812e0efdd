"""Where a script is written to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, TextIO, cast


def find_output(options: Mapping[str, Any], config: Any) -> TextIO:
    """The stream of a script: the option, else that of the Config, else stdout (OFF-18)."""
    output: Any = options.get("output_buffer")
    if output is None:
        output = getattr(config, "output_buffer", None)
    if output is None:
        output = sys.stdout
    encoding: str | None = options.get("output_encoding")
    return cast(TextIO, _EncodedOutput(output, encoding)) if encoding else output


class _EncodedOutput:
    """Writes text as bytes to a binary stream (OFF-18)."""

    def __init__(self, stream: Any, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding

    def write(self, text: str) -> None:
        self._stream.write(text.encode(self._encoding))

    def flush(self) -> None:
        self._stream.flush()
