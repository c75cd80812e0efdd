"""The doors `limbeck.op` and `limbeck.context` reach the object that is active now (RUN-2, RUN-4, RUN-5)."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

from limbeck import context, op
from limbeck.base import current
from limbeck.operations import MigrateOperation
from limbeck.operations.base import BatchOperations, Operations


class Recorder:
    """Stands in for `Operations` or an environment: notes each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kw: self.calls.append((name, args, kw))


def test_a_directive_outside_a_migration_is_a_name_error_that_says_where_it_belongs() -> None:
    """RUN-4"""
    with pytest.raises(NameError, match=r"`op.add_column\(\)` can be called only while a migration runs"):
        op.add_column("t", None)


def test_a_directive_can_be_imported_before_and_called_while_a_migration_runs() -> None:
    """RUN-4: at import time of a version file `op` may be imported but not called"""
    from limbeck.op import drop_table

    recorder = Recorder()
    with current.operations.active(recorder):
        drop_table("t", schema="s")
    assert recorder.calls == [("drop_table", ("t",), {"schema": "s"})]


def test_the_innermost_operations_are_reached_and_the_outer_ones_afterwards() -> None:
    outer, inner = Recorder(), Recorder()
    with current.operations.active(outer):
        with current.operations.active(inner):
            op.execute("inner")
        op.execute("outer")
    assert (inner.calls, outer.calls) == ([("execute", ("inner",), {})], [("execute", ("outer",), {})])


def test_an_unknown_directive_is_an_attribute_error() -> None:
    """RUN-4"""
    with pytest.raises(AttributeError, match="module 'limbeck.op' has no attribute 'create_nothing'"):
        _ = op.create_nothing


def test_a_custom_operation_is_a_function_of_the_door_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """RUN-5, OPS-100"""
    assert not hasattr(op, "celebrate")

    @Operations.register_operation("celebrate")
    class CelebrateOp(MigrateOperation):
        def __init__(self, how: str) -> None:
            self.how = how

        @classmethod
        def celebrate(cls, operations: Any, how: str) -> Any:
            return operations.invoke(cls(how))

    try:

        @Operations.implementation_for(CelebrateOp)
        def apply(operations: Any, operation: CelebrateOp) -> str:
            return f"with {operation.how}"

        context = SimpleNamespace(impl=SimpleNamespace(), opts={})
        with Operations.context(context):
            assert op.celebrate("cake") == "with cake"
        assert "celebrate" in dir(op)
        assert not hasattr(BatchOperations, "celebrate")
    finally:
        del Operations.celebrate  # type: ignore[attr-defined]
        del Operations._to_impl._registry[CelebrateOp, "default"]


def test_class_methods_need_no_migration() -> None:
    assert op.implementation_for == Operations.implementation_for
    assert op.register_operation == Operations.register_operation


def test_tests_of_extensions_may_set_the_current_object_themselves() -> None:
    """ECO-2"""
    recorder = Recorder()
    op._proxy = recorder  # type: ignore[attr-defined]
    try:
        op.execute("x")
        assert op._proxy is recorder  # type: ignore[attr-defined]
    finally:
        del op._proxy  # type: ignore[attr-defined]
    assert recorder.calls == [("execute", ("x",), {})]
    with pytest.raises(NameError):
        op.execute("x")


def test_the_environment_is_reached_only_while_env_py_runs() -> None:
    """RUN-2"""
    with pytest.raises(NameError, match=r"`context.configure\(\)` can be called only while env.py runs"):
        context.configure()
    recorder = Recorder()
    with current.environment.active(recorder):
        context.configure(url="sqlite://")
        context.run_migrations(engine_name="one")
    assert recorder.calls == [
        ("configure", (), {"url": "sqlite://"}),
        ("run_migrations", (), {"engine_name": "one"}),
    ]


def test_config_and_script_exist_only_while_env_py_runs() -> None:
    """RUN-2"""
    for name in ("config", "script"):
        with pytest.raises(AttributeError, match=f"`context.{name}` exists only while env.py runs"):
            getattr(context, name)
    with current.environment.active(SimpleNamespace(config="the config", script="the script")):
        assert (context.config, context.script) == ("the config", "the script")


def test_every_public_method_of_the_environment_is_a_function_of_the_door() -> None:
    """RUN-2"""
    from limbeck.runtime.environment import EnvironmentContext

    methods = {
        name
        for name, member in inspect.getmembers(EnvironmentContext, inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods == set(context.FUNCTIONS)
