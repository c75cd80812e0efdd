"""Plugins: modules that teach limbeck operations and comparisons, found by entry point or added by hand.

A plugin is a module with a function `setup(plugin)`. A package announces it as an entry point:

    [project.entry-points."alembic.plugins"]
    "mycompany.views" = "mycompany.limbeck_views"
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable, Collection, Iterable
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

from limbeck import errors
from limbeck.base.announced import may_be_announced
from limbeck.base.dispatch import DispatchPriority, PriorityDispatcher, PriorityDispatchResult

log = logging.getLogger("alembic.runtime.plugins")

GROUP = "alembic.plugins"
BUILT_IN = {
    "alembic.autogenerate.schemas": "limbeck.autogenerate.compare.schemas",
    "alembic.autogenerate.tables": "limbeck.autogenerate.compare.tables",
    "alembic.autogenerate.types": "limbeck.autogenerate.compare.types",
    "alembic.autogenerate.constraints": "limbeck.autogenerate.compare.constraints",
    "alembic.autogenerate.defaults": "limbeck.autogenerate.compare.defaults",
    "alembic.autogenerate.comments": "limbeck.autogenerate.compare.comments",
    "alembic.ext.checkconstraint_byname": "limbeck.autogenerate.compare.checks",
}
"""The plugins limbeck brings along, by the names existing projects use (PLG-9); a module is imported at need."""
FORMER_NAMES = {"alembic.autogenerate.checkconstraint_byname": "alembic.ext.checkconstraint_byname"}
"""Plugins that had another name once; patterns may still use it (PLG-8)."""

Comparator = Callable[..., PriorityDispatchResult]

_all_plugins: dict[str, Plugin] = {}


class Plugin:
    """One plugin, known by its name from the moment it is made (PLG-1).

    Raises DuplicatePlugin, which is a ValueError, if there is one of that name.
    """

    def __init__(self, name: str) -> None:
        if name in _all_plugins:
            raise errors.DuplicatePlugin(name=name)
        self.name = name
        self.autogenerate_comparators = PriorityDispatcher()
        _all_plugins[name] = self
        # limbeck's own are always there: saying so at each comparison would only be noise.
        log.log(logging.DEBUG if name in BUILT_IN else logging.INFO, "setup plugin %s", name)

    def remove(self) -> None:
        """Take the plugin out of the registry; what its setup registered elsewhere stays (PLG-1, PLG-11)."""
        del _all_plugins[self.name]

    @classmethod
    def setup_plugin_from_module(cls, module: ModuleType, name: str) -> None:
        """Make a plugin of that name, and let the module's `setup(plugin)` fill it (PLG-2)."""
        plugin = cls(name)
        module.setup(plugin)

    def add_autogenerate_comparator(
        self,
        fn: Comparator,
        compare_target: str,
        compare_element: str | None = None,
        *,
        qualifier: str = "default",
        priority: DispatchPriority = DispatchPriority.MEDIUM,
    ) -> None:
        """Let `fn` take part in autogenerate (PLG-4, PLG-5).

            def compare_views(autogen_context, upgrade_ops, schemas):
                upgrade_ops.ops.append(...)
                return PriorityDispatchResult.CONTINUE

            plugin.add_autogenerate_comparator(compare_views, "schema", "views")

        `compare_target` is `autogenerate`, `schema`, `table`, `column` or `type`, and decides which arguments
        `fn` gets. Functions of one `compare_element` form a chain, which ends when one of them returns STOP.
        `qualifier` is the name of a dialect, if `fn` is for that one only.
        """
        self.autogenerate_comparators.dispatch_for(
            compare_target, priority=priority, qualifier=qualifier, subgroup=compare_element
        )(fn)

    @classmethod
    def populate_autogenerate_priority_dispatch(
        cls, comparators: PriorityDispatcher, include_plugins: Iterable[str]
    ) -> None:
        """Add to `comparators` what the plugins chosen by the patterns compare (PLG-6, PLG-10).

        Raises InvalidPluginPattern, which is a ValueError, or UnknownPlugins.
        """
        load_plugins()
        _set_up_built_in()
        for name in choose_plugins(include_plugins, tuple(_all_plugins)):
            log.info("setting up autogenerate plugin %s", name)
            comparators.populate_with(_all_plugins[name].autogenerate_comparators)


# --- choosing ---------------------------------------------------------------------------------------------


def choose_plugins(patterns: Iterable[str], names: Collection[str]) -> list[str]:
    """Those of `names` that the patterns enable, in the order of `names` (PLG-6, PLG-7, PLG-8).

    >>> choose_plugins(["a.*", "~a.y"], ["a.x", "a.y", "b"])
    ['a.x']
    """
    wanted: dict[str, re.Pattern[str]] = {}
    unwanted: list[re.Pattern[str]] = []
    for pattern in patterns:
        if pattern.startswith("~"):
            unwanted.append(_make_re(_translate_legacy_name(pattern[1:])))
        else:
            wanted[pattern] = _make_re(_translate_legacy_name(pattern))
    allowed = [name for name in names if not any(excluded.match(name) for excluded in unwanted)]
    idle = [pattern for pattern, found in wanted.items() if not any(map(found.match, allowed))]
    if idle:
        raise errors.UnknownPlugins(patterns=idle, known=sorted(names))
    return [name for name in allowed if any(found.match(name) for found in wanted.values())]


def _make_re(pattern: str) -> re.Pattern[str]:
    """The regular expression for a pattern: `*` stands for one or more whole words between dots."""
    words = pattern.split(".")
    if not all(word == "*" or re.fullmatch(r"[^\s*~]+", word) for word in words):
        raise errors.InvalidPluginPattern(pattern=pattern)
    return re.compile("^" + r"\.".join(".+" if word == "*" else re.escape(word) for word in words) + "$")


def _translate_legacy_name(name: str) -> str:
    """The present name of a plugin that may have had another one."""
    return FORMER_NAMES.get(name, name)


# --- finding ----------------------------------------------------------------------------------------------

_loading = threading.RLock()
_loaded: set[str] = set()


def load_plugins() -> None:
    """Set up the plugins that installed packages announce, each of them once per process (PLG-3).

    It is called when the first migration context is made, not when limbeck is imported, so that commands
    which need no database need not look through every installed package.
    """
    if GROUP in _loaded:
        return
    with _loading:
        announced = metadata.entry_points(group=GROUP) if may_be_announced(GROUP) else ()
        for entry_point in announced:
            if entry_point.name not in _loaded:
                _loaded.add(entry_point.name)  # now, for a setup may make a migration context itself
                _set_up(entry_point)
        _loaded.add(GROUP)


def _set_up_built_in() -> None:
    with _loading:
        for name, module in BUILT_IN.items():
            if name not in _all_plugins:
                Plugin.setup_plugin_from_module(import_module(module), name)


def _set_up(entry_point: Any) -> None:
    name = entry_point.name
    plugin = None
    try:
        modules = _modules(entry_point)
        plugin = Plugin(name)
        for module in modules:
            module.setup(plugin)
    except BaseException as error:
        error.add_note(f"while setting up the plugin {name} ({entry_point.value})")
        _loaded.discard(name)  # the next attempt shall fail in the same way, not find half a plugin
        if plugin is not None:
            _all_plugins.pop(name, None)
        raise


def _modules(entry_point: Any) -> tuple[Any, ...]:
    value = entry_point.load()
    if not isinstance(value, Collection):
        return (value,)
    warnings.warn(
        f"the entry point {entry_point.name} of {GROUP} gives a collection; let it name one module with a "
        "function `setup`",
        DeprecationWarning,
        stacklevel=2,
    )
    return tuple(value)
