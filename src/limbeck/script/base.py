"""The directory of a migration environment, its revision files, and the plans made of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from limbeck import errors
from limbeck.base.lazy import lazy_exports
from limbeck.config import Config, MessagingOptions, PostWriteHookConfig
from limbeck.graph.plan import Plan, Stamp, plan_downgrade, plan_stamp, plan_upgrade
from limbeck.graph.revision import as_tuple
from limbeck.graph.walk import find_ancestors, find_overlapped, find_tips
from limbeck.script import revision as revisions
from limbeck.script.edge import clean_errors
from limbeck.script.files import find_project_above, resolve_location
from limbeck.script.load import ScriptMap, Shelf, load_scripts
from limbeck.script.module import run_file
from limbeck.script.revision_file import Script as Script
from limbeck.script.steps import RevisionStep, StampStep

if TYPE_CHECKING:
    import datetime

    from limbeck.script.generation import RenderedFile

Chosen = str | Collection[str] | None
DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
DEFAULT_SLUG_LENGTH = 40
REVISION_TEMPLATE = "script.py.mako"


class ScriptDirectory:
    """A migration environment: env.py, the template for revisions, and the revisions themselves (API-20).

    >>> script = ScriptDirectory.from_config(Config("alembic.ini"))
    >>> script.get_heads()
    ['ae1027a6acf']

    Files are read when a revision is first asked for. Methods raise CommandError; what the graph had to say
    is its cause (API-21).
    """

    revision_index: bool = True
    """Whether to remember what revision files say, beside their byte code."""
    own_template: str | None = None
    """The template for revisions where the directory has none of its own."""

    def __init__(
        self,
        dir: str | os.PathLike[str],
        file_template: str = DEFAULT_FILE_TEMPLATE,
        truncate_slug_length: int | None = DEFAULT_SLUG_LENGTH,
        version_locations: Sequence[str | os.PathLike[str]] | None = None,
        sourceless: bool = False,
        output_encoding: str = "utf-8",
        timezone: str | None = None,
        hooks: Sequence[PostWriteHookConfig] = (),
        recursive_version_locations: bool = False,
        messaging_opts: Mapping[str, Any] | MessagingOptions = MappingProxyType({}),
    ) -> None:
        self.dir = os.fspath(dir)
        self.file_template = file_template
        self.truncate_slug_length = truncate_slug_length or DEFAULT_SLUG_LENGTH
        self.version_locations = [os.fspath(location) for location in version_locations or ()]
        self.sourceless = sourceless
        self.output_encoding = output_encoding
        self.timezone = timezone or None
        self.hooks = list(hooks)
        self.recursive_version_locations = recursive_version_locations
        self.messaging_opts = messaging_opts
        self.revision_map = ScriptMap(self._load_revisions)
        if not os.path.isdir(self.dir):
            raise errors.NoScriptDirectory(path=self.dir)

    @classmethod
    def from_config(cls, config: Config) -> ScriptDirectory:
        """The environment that a configuration names with `script_location` (CFG-30 to CFG-39).

        Puts `prepend_sys_path` in front of `sys.path`. Raises NoScriptLocation, InvalidSetting.
        """
        location = config.get_alembic_option("script_location")
        if not location:
            file, section = config.config_file_name, config.config_ini_section
            raise errors.NoScriptLocation(
                looked_in=[name for name in (file, config.toml_file_name) if name],
                missing_file=file if file and not os.path.exists(file) else None,
                missing_section=None if config.file_config.has_section(section) else section,
                above=find_project_above(os.getcwd()),
            )
        prepended = config.get_prepend_sys_paths_list()
        if prepended:
            # Each once, however many runs a process sees: behind its first place an entry means nothing.
            sys.path[:] = [*dict.fromkeys(prepended), *(path for path in sys.path if path not in prepended)]
        locations = config.get_version_locations_list()
        script = cls(
            resolve_location(location),
            file_template=config.get_alembic_option("file_template", DEFAULT_FILE_TEMPLATE),
            truncate_slug_length=_read_length(config.get_alembic_option("truncate_slug_length")),
            version_locations=[resolve_location(each) for each in locations or ()],
            sourceless=config.get_alembic_boolean_option("sourceless"),
            output_encoding=config.get_alembic_option("output_encoding", "utf-8"),
            timezone=config.get_alembic_option("timezone"),
            hooks=config.get_hooks_list(),
            recursive_version_locations=config.get_alembic_boolean_option("recursive_version_locations"),
            messaging_opts=config.messaging_opts,
        )
        script.revision_index = config.get_alembic_boolean_option("revision_index", default=True)
        if config.is_own_project:
            script.own_template = os.path.join(config.get_template_directory(), "generic", REVISION_TEMPLATE)
        return script

    # --- places --------------------------------------------------------------------------------------------

    @property
    def _version_locations(self) -> list[str]:
        """The directories of revision files, as absolute paths (FILE-9)."""
        locations = self.version_locations or [os.path.join(self.dir, "versions")]
        return [os.path.abspath(location) for location in locations]

    @property
    def versions(self) -> str:
        """The only directory of revision files. Raises CommandError if there are several."""
        locations = self._version_locations
        if len(locations) > 1:
            raise errors.CommandError(
                "Multiple version_locations present",
                hint=f"they are {', '.join(locations)}: use `version_locations`",
            )
        return locations[0]

    @property
    def env_py_location(self) -> str:
        """Where env.py is."""
        return os.path.join(self.dir, "env.py")

    def run_env(self) -> None:
        """Run env.py. Raises EnvironmentFileError if it is missing or is not Python (CLI-11)."""
        path = os.path.abspath(self.env_py_location)
        if not os.path.isfile(path):
            raise errors.EnvironmentFileError(path=path, reason="there is no such file")
        run_file(path, "env_py", is_environment=True)

    def _load_revisions(self, shelf: Shelf) -> None:
        load_scripts(
            shelf,
            self,
            self._version_locations,
            recursive=self.recursive_version_locations,
            sourceless=self.sourceless,
            indexed=self.revision_index,
        )

    def _paths(self) -> dict[str, str]:
        return self.revision_map._paths()

    def _clean(self, **sentences: str) -> AbstractContextManager[None]:
        return clean_errors(self._paths, **sentences)

    # --- revisions -----------------------------------------------------------------------------------------

    def get_revision(self, id_: str | None) -> Script | None:
        """The revision with that id, beginning of an id, label or symbol; None for base.

        Raises UnknownRevision if there is none, SeveralHeads if there are several.
        """
        with self._clean():
            found: Script | None = self.revision_map.get_revision(id_)
        return found

    def get_revisions(self, id_: revisions._GetRevArg) -> tuple[Script, ...]:
        """All revisions that a text, or several, mean; none for base. Raises UnknownRevision."""
        with self._clean():
            return self.revision_map.get_revisions(id_)

    def get_all_current(self, id_: Chosen) -> set[Script]:
        """The newest revision of each branch that is applied if `id_` are the rows of the table (GRA-42)."""
        with self._clean():
            graph = self.revision_map.graph
            applied = find_ancestors(graph, self._rows(id_))
            return set(self.revision_map.get_revisions(find_tips(graph, applied)))

    def get_heads(self, consider_depends_on: bool = False) -> list[str]:
        """The ids of all heads; with `consider_depends_on`, without those that another depends on (GRA-2)."""
        with self._clean():
            graph = self.revision_map.graph
            return list(graph.real_heads if consider_depends_on else graph.heads)

    def get_current_head(self) -> str | None:
        """The id of the only head, or None if there is no revision. Raises SeveralHeads."""
        with self._clean(
            several_heads="The script directory has multiple heads (due to branching). "
            "Please use get_heads(), or merge the branches using `limbeck merge`."
        ):
            return self.revision_map.get_current_head()

    def are_heads(self, rows: Collection[str]) -> bool:
        """Whether all revisions are applied if the table has these rows (CLI-57).

        A head that others depend on is never a row, so it is not asked for; a row that others imply does not matter.
        """
        with self._clean():
            graph = self.revision_map.graph
            if not all(row in graph for row in rows):
                return False
            return set(rows) - set(find_overlapped(graph, rows)) == set(graph.real_heads)

    def get_longest_id(self, *, applied: Chosen = "heads") -> str:
        """The longest identifier of what is applied if the table has these rows, by default of all (VER-1).

        "" if there is none.
        """
        with self._clean():
            return max(find_ancestors(self.revision_map.graph, self._rows(applied)), key=len, default="")

    def get_bases(self) -> list[str]:
        """The ids of all revisions without parents."""
        with self._clean():
            return list(self.revision_map.bases)

    def get_base(self) -> str | None:
        """The id of the only revision without parents, or None. Raises CommandError if there are several."""
        bases = self.get_bases()
        if len(bases) > 1:
            raise errors.CommandError(
                "The script directory has multiple bases. Please use get_bases().",
                hint=f"the bases are {', '.join(bases)}",
            )
        return bases[0] if bases else None

    def as_revision_number(self, id_: str | Sequence[str] | None) -> str | tuple[str, ...] | None:
        """What a symbol means: an id, for `heads` a tuple, for base None; else `id_` as it is (ENV-2)."""
        try:
            found = tuple(script.revision for script in self.get_revisions(id_))
        except errors.UnknownRevision:
            return tuple(id_) if id_ is not None and not isinstance(id_, str) else id_
        if not found:
            return None
        first, *others = found
        return found if id_ == "heads" or others else first

    def walk_revisions(self, base: Chosen = "base", head: Chosen = "heads") -> Iterator[Script]:
        """The revisions from `head` down to `base`, both included, newest first (HIST-1).

        Raises UnreachableRevision if `base` does not come before `head`.
        """
        ids = self._walk(base, head)
        return (self.revision_map._revisions[id] for id in ids)

    def _walk(self, base: Chosen, head: Chosen) -> list[str]:
        """The ids of the same."""
        sentence = (
            f"Requested range {_said(base)}:{_said(head)} does not refer to ancestor/descendant revisions "
            "along the same branch"
        )
        with self._clean(not_ancestor=sentence):
            return self.revision_map._range(head, base, inclusive=True, stop_at_base=True)

    def iterate_revisions(self, upper: Chosen, lower: Chosen, **kw: Any) -> Iterator[Script]:
        """The revisions from `upper` down to `lower`, newest first; see `RevisionMap.iterate_revisions`."""
        with self._clean():
            return self.revision_map.iterate_revisions(upper, lower, **kw)

    # --- plans ---------------------------------------------------------------------------------------------

    def _upgrade_revs(self, destination: Chosen, current_rev: Chosen) -> list[RevisionStep]:
        """The steps from the rows `current_rev` up to `destination` (PLAN-1)."""
        with self._clean():
            graph = self.revision_map.graph
            wanted = destination if isinstance(destination, str) else as_tuple(destination)
            return self._steps(plan_upgrade(graph, self._rows(current_rev), wanted), is_upgrade=True)

    def _downgrade_revs(self, destination: str | None, current_rev: Chosen) -> list[RevisionStep]:
        """The steps from the rows `current_rev` down to `destination` (PLAN-10)."""
        with self._clean():
            graph = self.revision_map.graph
            return self._steps(plan_downgrade(graph, self._rows(current_rev), destination), is_upgrade=False)

    def _stamp_revs(self, revision: Chosen, heads: Chosen) -> list[StampStep]:
        """The steps that record `revision` as applied, from the rows `heads` (STAMP-1)."""
        with self._clean():
            wanted = revision if isinstance(revision, str) else as_tuple(revision)
            plan = plan_stamp(self.revision_map.graph, self._rows(heads), wanted)
        return [
            StampStep(
                step.replaced,
                step.new,
                is_upgrade=step.is_upgrade,
                branch_move=not (step.replaced and step.new),
                revision_map=self.revision_map,
            )
            for step in plan
            if isinstance(step, Stamp)
        ]

    def _steps(self, plan: Plan, *, is_upgrade: bool) -> list[RevisionStep]:
        known = self.revision_map._revisions
        return [RevisionStep(self.revision_map, known[id], is_upgrade) for id in plan.revisions]

    def _rows(self, given: Chosen) -> list[str]:
        """Rows of the table as whole ids, in their order; a script's start may be shortened (OFF-3)."""
        graph = self.revision_map.graph
        texts = as_tuple(given)
        if all(text in graph for text in texts):
            return list(texts)
        return list(dict.fromkeys(script.revision for script in self.revision_map.get_revisions(texts)))

    # --- new revisions -------------------------------------------------------------------------------------

    def generate_revision(
        self,
        revid: str,
        message: str | None,
        head: Chosen = None,
        splice: bool = False,
        branch_labels: str | Iterable[str] | None = None,
        version_path: str | os.PathLike[str] | None = None,
        file_template: str | None = None,
        depends_on: str | Iterable[str] | None = None,
        **kw: Any,
    ) -> Script | None:
        """Write the file of a new revision, run the post-write hooks, and add it to the map (GEN-1 to GEN-16).

        `kw` are variables for the template; `create_date` among them is the time to write, else it is now.
        Raises SeveralHeads, UnknownRevision, or another CommandError; nothing is written then.
        """
        from limbeck.script import generation

        new = generation.plan_file(
            self, revid, message, head, splice, branch_labels, version_path, file_template, depends_on, **kw
        )
        quiet = bool(self.messaging_opts.get("quiet", False))
        script = generation.generate_file(new, hooks=self.hooks, quiet=quiet)
        with self._clean():
            self.revision_map.add_revision(script)
        return script

    def render_revision(self, revid: str, message: str | None, **kw: Any) -> RenderedFile:
        """What `generate_revision` would write, before the hooks; it takes the same, and raises the same."""
        from limbeck.script import generation

        return generation.render_file(generation.plan_file(self, revid, message, **kw))

    def _find_template(self) -> str:
        path = os.path.join(self.dir, REVISION_TEMPLATE)
        return self.own_template if self.own_template and not os.path.exists(path) else path

    def _parent_paths(self, parents: Sequence[str]) -> list[str]:
        return [script.path for script in self.get_revisions(parents)]

    def _now(self) -> datetime.datetime:
        """The time that a new revision is created at, in the configured time zone (CFG-38)."""
        clock = sys.modules[__name__].datetime
        now: datetime.datetime = clock.datetime.now()
        if self.timezone is not None:
            now = clock.datetime.now(clock.timezone.utc).astimezone(_find_zone(self.timezone))
        return now


def _said(end: Chosen) -> str:
    """One end of a range as it was asked for."""
    return ", ".join(as_tuple(end)) or "base"


def _read_length(value: object) -> int:
    """How long a slug may be; 0 is taken as unset (CFG-39)."""
    if value is None:
        return DEFAULT_SLUG_LENGTH
    try:
        return int(str(value)) or DEFAULT_SLUG_LENGTH
    except ValueError:
        raise errors.InvalidSetting(name="truncate_slug_length", value=value, expected="a number") from None


def _find_zone(name: str) -> datetime.tzinfo:
    """The time zone of that name, also if it is written in the wrong case (CFG-38)."""
    zone = sys.modules[__name__].ZoneInfo
    for spelling in (name, name.upper()):
        try:
            found: datetime.tzinfo = zone(spelling)
            return found
        except (ValueError, OSError, KeyError):  # unknown; KeyError is what ZoneInfoNotFoundError is
            continue
    raise errors.InvalidSetting(
        name="timezone", value=name, expected="a time zone such as UTC or Europe/Vienna"
    )


# Both take a while to import, and programs replace them here (ECO-4).
__getattr__, __dir__, _ = lazy_exports(__name__, {"datetime": "datetime", "ZoneInfo": "zoneinfo:ZoneInfo"})
