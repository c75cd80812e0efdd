"""Steps of a plan bound to their revision files: what runs, and what it is called in logs and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from types import ModuleType
from typing import Any, Protocol

from limbeck import errors
from limbeck.graph.plan import Downgrade, Stamp, Step, Upgrade
from limbeck.graph.revision import as_tuple
from limbeck.graph.walk import normalized_lower
from limbeck.script.revision import RevisionMap

Ids = tuple[str, ...]
MigrationFunction = Callable[..., Any]


class RevisionFile(Protocol):
    """What a step needs of a `Script`."""

    @property
    def revision(self) -> str: ...
    @property
    def down_revision(self) -> str | Ids | None: ...
    @property
    def doc(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def module(self) -> ModuleType: ...
    def let_module_go(self) -> None: ...


class MigrationStep:
    """One step of a run: a function, and what is applied before and after it (STEP-1)."""

    revision_map: RevisionMap
    is_upgrade: bool

    @property
    def name(self) -> str:
        """`upgrade`, `downgrade` or `stamp_revision`."""
        raise NotImplementedError

    @property
    def doc(self) -> str | None:
        """The message of the revision, if there is one."""
        raise NotImplementedError

    @property
    def migration_fn(self) -> MigrationFunction:
        """The function to call; asking for it loads the revision's file."""
        raise NotImplementedError

    @property
    def move(self) -> Step:
        """The step as the graph sees it; the rows of the version table follow from it."""
        raise NotImplementedError

    @property
    def from_revisions(self) -> Ids:
        """What the step starts from, with dependencies that this revision is the first to need (GRA-9)."""
        raise NotImplementedError

    @property
    def to_revisions(self) -> Ids:
        """Where the step leads to, counted as in `from_revisions`."""
        raise NotImplementedError

    @property
    def from_revisions_no_deps(self) -> Ids:
        """What the step starts from, without dependencies."""
        raise NotImplementedError

    @property
    def to_revisions_no_deps(self) -> Ids:
        """Where the step leads to, without dependencies."""
        raise NotImplementedError

    @property
    def info(self) -> MigrationInfo:
        """What `on_version_apply` callbacks are told about the step (CB-1)."""
        raise NotImplementedError

    @property
    def is_downgrade(self) -> bool:
        return not self.is_upgrade

    def let_go(self) -> None:
        """Called when the step is done."""

    @property
    def short_log(self) -> str:
        """The step in one line, without the message (OFF-4)."""
        before, after = ", ".join(self.from_revisions_no_deps), ", ".join(self.to_revisions_no_deps)
        return f"{self.name} {before} -> {after}"

    def __str__(self) -> str:
        return f"{self.short_log}, {self.doc}" if self.doc else self.short_log

    @classmethod
    def upgrade_from_script(cls, revision_map: RevisionMap, script: RevisionFile) -> RevisionStep:
        """The step that applies a revision."""
        return RevisionStep(revision_map, script, True)

    @classmethod
    def downgrade_from_script(cls, revision_map: RevisionMap, script: RevisionFile) -> RevisionStep:
        """The step that undoes a revision."""
        return RevisionStep(revision_map, script, False)


class RevisionStep(MigrationStep):
    """Apply or undo one revision."""

    def __init__(self, revision_map: RevisionMap, revision: RevisionFile, is_upgrade: bool) -> None:
        self.revision_map = revision_map
        self.revision = revision
        self.is_upgrade = is_upgrade

    def __repr__(self) -> str:
        return f"RevisionStep({self.revision.revision!r}, is_upgrade={self.is_upgrade!r})"

    @property
    def name(self) -> str:
        return "upgrade" if self.is_upgrade else "downgrade"

    @property
    def doc(self) -> str:
        return self.revision.doc

    @property
    def migration_fn(self) -> MigrationFunction:
        """The file's `upgrade` or `downgrade`. Raises RevisionFileError if it has none."""
        function = getattr(self.revision.module, self.name, None)
        if not callable(function):
            raise errors.RevisionFileError(
                path=self.revision.path, reason=f"it has no function `{self.name}()`"
            )
        found: MigrationFunction = function
        return found

    def let_go(self) -> None:
        self.revision.let_module_go()

    @property
    def move(self) -> Step:
        id = self.revision.revision
        return Upgrade(id) if self.is_upgrade else Downgrade(id)

    @property
    def _lower(self) -> Ids:
        return normalized_lower(self.revision_map.graph, self.revision.revision)

    @property
    def from_revisions(self) -> Ids:
        return self._lower if self.is_upgrade else (self.revision.revision,)

    @property
    def to_revisions(self) -> Ids:
        return (self.revision.revision,) if self.is_upgrade else self._lower

    @property
    def from_revisions_no_deps(self) -> Ids:
        return as_tuple(self.revision.down_revision) if self.is_upgrade else (self.revision.revision,)

    @property
    def to_revisions_no_deps(self) -> Ids:
        return (self.revision.revision,) if self.is_upgrade else as_tuple(self.revision.down_revision)

    @property
    def info(self) -> MigrationInfo:
        return MigrationInfo(
            revision_map=self.revision_map,
            is_upgrade=self.is_upgrade,
            is_stamp=False,
            up_revisions=self.revision.revision,
            down_revisions=self._lower,
        )


class StampStep(MigrationStep):
    """Put `to_` into the place of the rows `from_` without running anything.

    `branch_move` says that a row is added or removed, not replaced.
    """

    def __init__(
        self,
        from_: str | Collection[str] | None,
        to_: str | Collection[str] | None,
        is_upgrade: bool,
        branch_move: bool,
        revision_map: RevisionMap | None = None,
    ) -> None:
        self.from_: Ids = as_tuple(from_)
        self.to_: Ids = as_tuple(to_)
        self.is_upgrade = is_upgrade
        self.branch_move = branch_move
        if revision_map is not None:
            self.revision_map = revision_map

    def __repr__(self) -> str:
        return f"StampStep({self.from_!r}, {self.to_!r}, is_upgrade={self.is_upgrade!r})"

    def stamp_revision(self, **kw: Any) -> None:
        """Do nothing: only the rows change."""

    @property
    def name(self) -> str:
        return "stamp_revision"

    @property
    def doc(self) -> None:
        return None

    @property
    def migration_fn(self) -> MigrationFunction:
        return self.stamp_revision

    @property
    def move(self) -> Step:
        return Stamp(self.from_, self.to_, self.is_upgrade)

    @property
    def from_revisions(self) -> Ids:
        return self.from_

    @property
    def to_revisions(self) -> Ids:
        return self.to_

    @property
    def from_revisions_no_deps(self) -> Ids:
        return self.from_

    @property
    def to_revisions_no_deps(self) -> Ids:
        return self.to_

    @property
    def info(self) -> MigrationInfo:
        lower, upper = (self.from_, self.to_) if self.is_upgrade else (self.to_, self.from_)
        return MigrationInfo(
            revision_map=self.revision_map,
            is_upgrade=self.is_upgrade,
            is_stamp=True,
            up_revisions=upper,
            down_revisions=lower,
        )


class MigrationInfo:
    """What a callback is told about a step that was taken (CB-4).

    Ids that belong together are tuples; `up_revision_id` is the first of several, or None.
    """

    def __init__(
        self,
        revision_map: RevisionMap,
        is_upgrade: bool,
        is_stamp: bool,
        up_revisions: str | Iterable[str] | None,
        down_revisions: str | Iterable[str] | None,
    ) -> None:
        self.revision_map = revision_map
        self.is_upgrade = is_upgrade
        self.is_stamp = is_stamp
        self.up_revision_ids: Ids = as_tuple(up_revisions)
        self.down_revision_ids: Ids = as_tuple(down_revisions)
        self.up_revision_id: str | None = self.up_revision_ids[0] if self.up_revision_ids else None

    @property
    def is_migration(self) -> bool:
        """Whether a migration ran, as opposed to a stamp."""
        return not self.is_stamp

    @property
    def source_revision_ids(self) -> Ids:
        """What was applied before."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> Ids:
        """What is applied now."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Any:
        """The upper revision, the first of several."""
        return self.revision_map.get_revision(self.up_revision_id)

    @property
    def up_revisions(self) -> tuple[Any, ...]:
        return self.revision_map.get_revisions(self.up_revision_ids)

    @property
    def down_revisions(self) -> tuple[Any, ...]:
        return self.revision_map.get_revisions(self.down_revision_ids)

    @property
    def source_revisions(self) -> tuple[Any, ...]:
        return self.revision_map.get_revisions(self.source_revision_ids)

    @property
    def destination_revisions(self) -> tuple[Any, ...]:
        return self.revision_map.get_revisions(self.destination_revision_ids)
