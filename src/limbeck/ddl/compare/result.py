"""What comes out of comparing two indexes or constraints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """Equal, different (and why), or not to be compared (and why).

    >>> ComparisonResult.Different("unique=False to unique=True").is_different
    True
    """

    status: Literal["equal", "different", "skip"]
    message: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether both mean the same."""
        return self.status == "equal"

    @property
    def is_different(self) -> bool:
        """Whether one has to be replaced by the other."""
        return self.status == "different"

    @property
    def is_skip(self) -> bool:
        """Whether they cannot be compared."""
        return self.status == "skip"

    @classmethod
    def Equal(cls) -> ComparisonResult:  # a documented name
        """Both mean the same."""
        return cls("equal")

    @classmethod
    def Different(cls, reason: str | Sequence[str]) -> ComparisonResult:  # a documented name
        """They differ, for this reason or these."""
        return cls("different", reason if isinstance(reason, str) else ", ".join(reason))

    @classmethod
    def Skip(cls, reason: str | Sequence[str]) -> ComparisonResult:  # a documented name
        """They cannot be compared, for this reason or these."""
        return cls("skip", reason if isinstance(reason, str) else ", ".join(reason))

    @classmethod
    def of(cls, reasons: Sequence[str]) -> ComparisonResult:
        """Different for these reasons; equal if there are none."""
        return cls.Different(reasons) if reasons else cls.Equal()
