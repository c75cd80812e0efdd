"""What tests of extensions and dialects use: recorded SQL, assertions, a staged environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from limbeck import op
from limbeck.base import current
from limbeck.testing import assert_raises_message, combinations, eq_, expect_raises_message
from limbeck.testing.assertions import _dialect_mods, get_dialect
from limbeck.testing.env import clear_staging_env, staging_env
from limbeck.testing.fixtures import op_fixture
from limbeck.testing.requirements import SuiteRequirements


@pytest.fixture(autouse=True)
def nothing_stays_active() -> Iterator[None]:
    yield
    current.operations.replace(None)
    clear_staging_env()


@pytest.mark.parametrize("dialect", ["default", "sqlite", "postgresql", "mysql", "mssql", "oracle"])
def test_directives_are_recorded_as_sql(dialect: str) -> None:
    context = op_fixture(dialect)
    op.drop_table("a")
    op.execute("SELECT   1")
    context.assert_("DROP TABLE a", "SELECT 1")
    context.assert_contains("TABLE a")
    context.clear_assertions()
    context.assert_()


def test_other_sql_than_expected_fails() -> None:
    context = op_fixture()
    op.drop_table("a")
    with pytest.raises(AssertionError, match="DROP TABLE a"):
        context.assert_("DROP TABLE b")
    with pytest.raises(AssertionError, match="DROP TABLE a"):
        context.assert_contains("b")


def test_values_are_placeholders_unless_they_are_asked_for() -> None:
    statement = sa.update(sa.table("t", sa.column("c", sa.Integer))).values(c=5)
    context = op_fixture()
    op.execute(statement)
    context.assert_("UPDATE t SET c=:c")
    for options in ({"literal_binds": True}, {"as_sql": True}):
        context = op_fixture(**options)
        op.execute(statement)
        context.assert_("UPDATE t SET c=5")


def test_a_naming_convention_and_a_dialects_switch_are_heeded() -> None:
    context = op_fixture(naming_convention={"uq": "uq_%(table_name)s"}, native_boolean=False)
    op.create_unique_constraint(None, "t", ["c"])
    context.assert_("ALTER TABLE t ADD CONSTRAINT uq_t UNIQUE (c)")
    assert context.dialect.supports_native_boolean is False


def test_a_dialect_that_is_not_registered_is_found_among_the_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(DefaultDialect):
        name = "own"

    module = type(pytest)("own")
    module.dialect = Own  # type: ignore[attr-defined]  # what such a module has
    monkeypatch.setitem(_dialect_mods, "own", module)
    assert isinstance(get_dialect("own"), Own)


def test_a_raised_exception_is_given_back() -> None:
    def fail(text: str) -> None:
        raise ValueError(text)

    assert str(assert_raises_message(ValueError, "b+", fail, "abbc")) == "abbc"
    with pytest.raises(AssertionError, match="ValueError was not raised"):
        assert_raises_message(ValueError, "x", lambda: None)
    with pytest.raises(AssertionError, match="abbc"):
        assert_raises_message(ValueError, "x", fail, "abbc")
    with expect_raises_message(ValueError, "a.c", text_exact=True) as raised:
        fail("a.c")
    assert [str(error) for error in raised] == ["a.c"]


def test_an_exception_raised_while_another_is_handled_needs_a_cause() -> None:
    def fail(cause: bool) -> None:
        try:
            raise KeyError
        except KeyError as error:
            if cause:
                raise ValueError("x") from error
            raise ValueError("x")  # noqa: B904  # this is what is to be noticed

    with expect_raises_message(ValueError, "x"):
        fail(cause=True)
    with pytest.raises(AssertionError, match="without `from`"), expect_raises_message(ValueError, "x"):
        fail(cause=False)
    with expect_raises_message(ValueError, "x", check_context=False):
        fail(cause=False)


def test_an_environment_is_staged_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    script = staging_env(sourceless=True)
    assert (Path(script.dir) / "env.py").exists()
    assert script.sourceless
    assert staging_env(create=False).dir == script.dir
    clear_staging_env()
    assert not Path(script.dir).exists()
    assert capsys.readouterr() == ("", "")


def test_everything_is_required_to_be_there_unless_a_dialect_says_otherwise() -> None:
    assert SuiteRequirements().computed_columns.enabled


def test_sqlalchemys_own_tools_are_at_hand() -> None:
    eq_(1, 1)
    assert callable(combinations)
