"""Models that cannot be found or used, and changes to them that would lose something."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.errors.base import CommandError

MOST_NAMED = 8


class ModelsError(CommandError):
    """The models of a project without env.py cannot be had."""

    code = "LBK-MODELS-IMPORT"


class NoModelsNamed(ModelsError):
    """Nothing says where the models are, and there is no env.py that would."""

    code = "LBK-MODELS-UNSET"

    def __init__(self) -> None:
        super().__init__(
            "It is not known where the models are, so the database cannot be compared with them",
            hint='set `models = "package.module"` in [tool.limbeck] of pyproject.toml, or give `--models`',
        )


class ModelsNotFound(ModelsError):
    """The module or the object that should have the models does not exist."""

    def __init__(
        self,
        *,
        name: str,
        origin: str,
        reason: str = "",
        near: Sequence[str] = (),
        searched: Sequence[str] = (),
    ) -> None:
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        super().__init__(
            f"Cannot import {name} (from {origin}){f': {reason}' if reason else ''}",
            hint=f"{meant}correct the name, which is `package.module` or `package.module:object`"
            + (f"\nPython looks in {', '.join(searched)}" if searched else ""),
        )
        self.name = name
        self.origin = origin
        self.reason = reason
        self.near = tuple(near)
        self.searched = tuple(searched)


class ModelsUnusable(ModelsError):
    """What should have the models has nothing of the kind."""

    def __init__(self, *, name: str, origin: str, found: str) -> None:
        super().__init__(
            f"There are no models in {name} (from {origin}): {found}",
            hint="name the module that defines your tables, or with `module:object` its Base, MetaData or registry",
        )
        self.name = name
        self.origin = origin
        self.found = found


class DropsRefused(ModelsError):
    """The generated revision would lose data, and nobody has agreed to that."""

    code = "LBK-MODELS-DROP"

    def __init__(self, *, drops: Sequence[str]) -> None:
        named = "".join(f"\n    {drop}" for drop in drops[:MOST_NAMED])
        rest = f"\n    and {len(drops) - MOST_NAMED} more" if len(drops) > MOST_NAMED else ""
        things = "one thing" if len(drops) == 1 else f"{len(drops)} things"
        super().__init__(
            f"The new revision would drop {things} with all data; nothing was written:{named}{rest}",
            hint="if that is what you want, add `--allow-drops`; if you renamed something, write the revision by hand",
        )
        self.drops = tuple(drops)
