"""The parameters of a function, whatever its annotations refer to."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

if sys.version_info >= (3, 14):
    from annotationlib import Format

    def read_signature(function: Callable[..., Any]) -> inspect.Signature:
        """The signature of `function`; an annotation that cannot be evaluated stays a forward reference.

        Since Python 3.14 asking for a signature evaluates annotations, and a name may be one that is only
        imported for type checkers.
        """
        return inspect.signature(function, annotation_format=Format.FORWARDREF)

else:
    read_signature = inspect.signature
