"""Plugins: registering, choosing by pattern, finding by entry point (PLG-*)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib import metadata
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from limbeck.base import plugins
from limbeck.base.dispatch import DispatchPriority, PriorityDispatcher, PriorityDispatchResult
from limbeck.base.plugins import Plugin, choose_plugins, load_plugins
from limbeck.errors import CommandError, DuplicatePlugin, InvalidPluginPattern, UnknownPlugins

NAMES = ("a", "a.x", "a.b", "a.b.c", "a.x.c", "a.x.y.c", "ab.c", "z")

MODULES = dict(plugins.BUILT_IN)
BUILT_IN = (
    "alembic.autogenerate.schemas",
    "alembic.autogenerate.tables",
    "alembic.autogenerate.types",
    "alembic.autogenerate.constraints",
    "alembic.autogenerate.defaults",
    "alembic.autogenerate.comments",
    "alembic.ext.checkconstraint_byname",
)


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Plugin]]:
    """An empty registry that nothing fills by itself, and what was there before put back afterwards."""
    monkeypatch.setattr(plugins, "BUILT_IN", {})
    before, loaded = dict(plugins._all_plugins), set(plugins._loaded)
    plugins._all_plugins.clear()
    plugins._loaded.clear()
    yield plugins._all_plugins
    plugins._all_plugins.clear()
    plugins._all_plugins.update(before)
    plugins._loaded.clear()
    plugins._loaded.update(loaded)


def announced(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    """Let these entry points be installed; the value is what loading one gives."""
    points = [
        SimpleNamespace(name=name, value=f"{name}_module", load=lambda value=value: value)
        for name, value in values.items()
    ]
    monkeypatch.setattr(plugins, "may_be_announced", lambda group: True)
    monkeypatch.setattr(metadata, "entry_points", lambda *, group: points if group == plugins.GROUP else [])


def module(setup: Any) -> ModuleType:
    made = ModuleType("made")
    made.setup = setup  # type: ignore[attr-defined]  # what makes it a plugin
    return made


# --- registering (PLG-1, PLG-2) ---------------------------------------------------------------------------


def test_a_plugin_is_registered_and_logged_when_it_is_made(
    registry: dict[str, Plugin], caplog: pytest.LogCaptureFixture
) -> None:
    """PLG-1, PLG-2"""
    caplog.set_level(logging.INFO, "alembic.runtime.plugins")
    plugin = Plugin("my.plugin")
    assert registry == {"my.plugin": plugin}
    assert caplog.record_tuples == [("alembic.runtime.plugins", logging.INFO, "setup plugin my.plugin")]


def test_a_second_plugin_of_the_same_name_is_a_value_error() -> None:
    """PLG-1"""
    Plugin("my.plugin")
    with pytest.raises(ValueError, match="A plugin named my.plugin is already registered") as caught:
        Plugin("my.plugin")
    assert isinstance(caught.value, DuplicatePlugin)


def test_a_plugin_can_be_removed_once() -> None:
    """PLG-1"""
    plugin = Plugin("my.plugin")
    plugin.remove()
    with pytest.raises(KeyError):
        plugin.remove()
    Plugin("my.plugin")


def test_a_module_sets_its_plugin_up(registry: dict[str, Plugin]) -> None:
    """PLG-2"""
    seen: list[Plugin] = []
    Plugin.setup_plugin_from_module(module(seen.append), "my.plugin")
    assert seen == [registry["my.plugin"]]


def test_a_module_without_setup_is_an_attribute_error_and_its_name_stays(
    registry: dict[str, Plugin],
) -> None:
    """PLG-2"""
    with pytest.raises(AttributeError, match="setup"):
        Plugin.setup_plugin_from_module(ModuleType("empty"), "my.plugin")
    assert list(registry) == ["my.plugin"]


# --- choosing (PLG-6, PLG-7, PLG-8) -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["a.b.c"], ["a.b.c"]),
        (["a.*"], ["a.x", "a.b", "a.b.c", "a.x.c", "a.x.y.c"]),
        (["a.*.c"], ["a.b.c", "a.x.c", "a.x.y.c"]),
        (["*.c"], ["a.b.c", "a.x.c", "a.x.y.c", "ab.c"]),
        (["*"], list(NAMES)),
        (["a.*", "~a.x.*"], ["a.x", "a.b", "a.b.c"]),
        (["~a.x", "a.x", "a.b"], None),
        (["~a.x.*", "a.*"], ["a.x", "a.b", "a.b.c"]),
        (["z", "a.b"], ["a.b", "z"]),
        (["a.b", "a.b", "a.*"], ["a.x", "a.b", "a.b.c", "a.x.c", "a.x.y.c"]),
        (["~nothing", "z"], ["z"]),
        (["~z"], []),
        ([], []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_patterns_choose_plugins(patterns: list[str], chosen: list[str] | None) -> None:
    """The table of PLG-6; None where an including pattern enables nothing (PLG-7)."""
    if chosen is None:
        with pytest.raises(UnknownPlugins):
            choose_plugins(patterns, NAMES)
    else:
        assert choose_plugins(patterns, NAMES) == chosen


@pytest.mark.parametrize("pattern", ["a.b*", "~a.b*", "*a", "a..b", "", "~~a", "a.**"])
def test_a_wildcard_stands_for_whole_words_only(pattern: str) -> None:
    """PLG-7"""
    with pytest.raises(ValueError, match="Invalid plugin expression") as caught:
        choose_plugins([pattern], NAMES)
    assert isinstance(caught.value, InvalidPluginPattern)


def test_including_patterns_that_enable_nothing_are_named() -> None:
    """PLG-7"""
    with pytest.raises(CommandError) as caught:
        choose_plugins(["z", "none.*", "a.b", "~a.b"], NAMES)
    assert isinstance(caught.value, UnknownPlugins)
    assert str(caught.value) == "Did not locate plugins: none.*, a.b"
    assert caught.value.patterns == ("none.*", "a.b")


def test_a_dot_in_a_name_is_a_dot() -> None:
    assert choose_plugins(["~a.b", "*"], ["a.b", "aXb"]) == ["aXb"]


@pytest.mark.parametrize("plugin", ["alembic.autogenerate.checkconstraint_byname", BUILT_IN[-1]])
def test_a_renamed_plugin_answers_to_both_names(plugin: str) -> None:
    """PLG-8"""
    assert choose_plugins([plugin], BUILT_IN) == [BUILT_IN[-1]]
    assert choose_plugins(["alembic.*", f"~{plugin}"], BUILT_IN) == list(BUILT_IN[:-1])


def test_the_default_pattern_means_the_default_set() -> None:
    """PLG-9"""
    assert choose_plugins(["alembic.autogenerate.*"], BUILT_IN) == list(BUILT_IN[:-1])
    assert choose_plugins(["alembic.*"], BUILT_IN) == list(BUILT_IN)


def test_the_built_in_plugins_are_there_for_whoever_asks_first(
    monkeypatch: pytest.MonkeyPatch, registry: dict[str, Plugin], caplog: pytest.LogCaptureFixture
) -> None:
    """PLG-3, PLG-9: extensions choose them without a comparison; setting them up is no news."""
    announced(monkeypatch)
    monkeypatch.setattr(plugins, "BUILT_IN", MODULES)
    caplog.set_level(logging.INFO, "alembic.runtime.plugins")
    Plugin.populate_autogenerate_priority_dispatch(PriorityDispatcher(), ["alembic.autogenerate.*"])
    assert tuple(registry) == BUILT_IN
    assert caplog.messages == [f"setting up autogenerate plugin {name}" for name in BUILT_IN[:-1]]


# --- taking part in autogenerate (PLG-4, PLG-5, PLG-10) ------------------------------------------------------


def test_only_comparators_of_chosen_plugins_run_and_each_plugin_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLG-10"""
    announced(monkeypatch)
    ran: list[str] = []
    for name in ("one", "two", "three"):
        Plugin(name).add_autogenerate_comparator(lambda context, name=name: ran.append(name), "autogenerate")
    comparators = PriorityDispatcher()
    caplog.set_level(logging.INFO, "alembic.runtime.plugins")
    caplog.clear()
    Plugin.populate_autogenerate_priority_dispatch(comparators, ["*", "~two"])
    comparators.dispatch("autogenerate")(None)
    assert ran == ["one", "three"]
    assert caplog.messages == ["setting up autogenerate plugin one", "setting up autogenerate plugin three"]


def test_priority_dialect_and_chains_are_those_the_comparator_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PLG-4, PLG-5: STOP ends the chain of its element only."""
    announced(monkeypatch)
    ran: list[str] = []

    def runs(name: str, result: PriorityDispatchResult = PriorityDispatchResult.CONTINUE) -> Any:
        def compare(context: Any) -> PriorityDispatchResult:
            ran.append(name)
            return result

        return compare

    plugin = Plugin("p")
    plugin.add_autogenerate_comparator(runs("medium"), "table", "indexes")
    plugin.add_autogenerate_comparator(runs("last"), "table", "indexes", priority=DispatchPriority.LAST)
    plugin.add_autogenerate_comparator(
        runs("first", PriorityDispatchResult.STOP), "table", "indexes",
        priority=DispatchPriority.FIRST, qualifier="postgresql",
    )  # fmt: skip
    plugin.add_autogenerate_comparator(runs("other"), "table", "comments")
    plugin.add_autogenerate_comparator(runs("none"), "table")
    comparators = PriorityDispatcher()
    Plugin.populate_autogenerate_priority_dispatch(comparators, ["p"])
    comparators.dispatch("table", qualifier="postgresql")(None)
    assert ran == ["first", "other", "none"]
    ran.clear()
    comparators.dispatch("table", qualifier="sqlite")(None)
    assert ran == ["medium", "other", "none", "last"]


# --- entry points (PLG-3) ---------------------------------------------------------------------------------


def test_installed_plugins_are_set_up_once(
    monkeypatch: pytest.MonkeyPatch, registry: dict[str, Plugin]
) -> None:
    """PLG-3"""
    seen: list[str] = []
    announced(monkeypatch, my_plugin=module(lambda plugin: seen.append(plugin.name)))
    load_plugins()
    load_plugins()
    assert seen == ["my_plugin"]
    assert list(registry) == ["my_plugin"]


def test_installed_plugins_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """PLG-3"""
    ran: list[str] = []
    announced(
        monkeypatch,
        mine=module(lambda plugin: plugin.add_autogenerate_comparator(lambda: ran.append("mine"), "schema")),
    )
    comparators = PriorityDispatcher()
    Plugin.populate_autogenerate_priority_dispatch(comparators, ["mine"])
    comparators.dispatch("schema")()
    assert ran == ["mine"]


def test_a_collection_of_modules_is_one_plugin_and_deprecated(
    monkeypatch: pytest.MonkeyPatch, registry: dict[str, Plugin]
) -> None:
    """PLG-3"""
    seen: list[str] = []
    both = [module(lambda plugin: seen.append("one")), module(lambda plugin: seen.append("two"))]
    announced(monkeypatch, my_plugin=both)
    with pytest.warns(DeprecationWarning, match="my_plugin"):
        load_plugins()
    assert seen == ["one", "two"]
    assert list(registry) == ["my_plugin"]


def test_a_setup_may_itself_load_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def setup(plugin: Plugin) -> None:
        load_plugins()
        seen.append(plugin.name)

    announced(monkeypatch, one=module(setup), two=module(setup))
    load_plugins()
    assert sorted(seen) == ["one", "two"]


def test_a_failing_setup_names_the_plugin_and_fails_again(
    monkeypatch: pytest.MonkeyPatch, registry: dict[str, Plugin]
) -> None:
    def setup(plugin: Plugin) -> None:
        raise OSError("no")

    announced(monkeypatch, broken=module(setup))
    for _ in range(2):
        with pytest.raises(OSError, match="no") as caught:
            load_plugins()
        assert caught.value.__notes__ == ["while setting up the plugin broken (broken_module)"]
        assert list(registry) == []


def test_the_documented_path_gives_the_same_registry() -> None:
    """ECO: tests of extensions save and restore it there."""
    from limbeck.runtime import plugins as documented

    assert documented.Plugin is Plugin
    assert documented._all_plugins is plugins._all_plugins
    assert documented._make_re("a.*").match("a.b.c")
    assert documented._translate_legacy_name("alembic.autogenerate.checkconstraint_byname") == BUILT_IN[-1]
    assert documented.metadata is metadata
    documented._setup()
