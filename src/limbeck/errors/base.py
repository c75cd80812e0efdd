"""What all failures of commands have in common."""

from __future__ import annotations

from typing import ClassVar


class CommandError(Exception):
    """A failure that the user can understand and mend.

    `hint` says what to do next, or is None. `exit_code` is what the command line exits with. `code` is the word
    that `limbeck explain` knows more about.
    """

    exit_code: ClassVar[int] = 255
    code: ClassVar[str] = "LBK-REFUSED"

    def __init__(self, message: str = "", *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class ImplementationConflict(CommandError):
    """Limbeck and another implementation of the same import names met in one process."""

    code = "LBK-TWO-ALEMBICS"

    def __init__(self, *, name: str, other: str | None) -> None:
        super().__init__(
            f"Package {name!r} is already imported from {other or 'elsewhere'}, so limbeck cannot stand in for it",
            hint="let `import limbeck.as_alembic` be the first line of the program, or start it with "
            "`python -m limbeck.as_alembic`, so that nothing imports the other one before",
        )
        self.name = name
        self.other = other


class ProjectBroken(CommandError):
    """`doctor` has found things that are broken; each was told already."""

    code = "LBK-DOCTOR"

    def __init__(self, *, count: int) -> None:
        things = "One thing is" if count == 1 else f"{count} things are"
        super().__init__(
            f"{things} broken in this project", hint="mend what is listed above, the first one first"
        )
        self.count = count
