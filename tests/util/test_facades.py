"""Documented paths of small tools, whose homes are elsewhere."""

from __future__ import annotations

import py_compile
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck import util
from limbeck.util import langhelpers, messaging, pyfiles, sqla_compat


def test_messages_are_written_and_refusals_exit(capsys: pytest.CaptureFixture[str]) -> None:
    messaging.msg("one", False, True)
    messaging.msg("two", quiet=True)
    with messaging.status("working", False):
        pass
    with pytest.raises(SystemExit) as leaving:
        messaging.err("no such thing")
    assert leaving.value.code == 255
    assert capsys.readouterr().out == "oneworking ...  done\nFAILED: no such thing\n"
    assert util.msg is messaging.msg


def test_a_quiet_refusal_exits_without_a_word_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        util.err("no such thing", quiet=True)
    assert capsys.readouterr().out == ""


def test_a_warning_names_the_line_that_calls() -> None:
    with pytest.warns(UserWarning, match="beware") as caught:
        messaging.warn("beware")
    assert caught[0].filename == __file__


def test_a_python_file_is_run_by_name(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("value = 7\n")
    assert pyfiles.load_python_file(str(tmp_path), "settings.py").value == 7


def test_the_compiled_form_of_a_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text("value = 7\n")
    assert pyfiles.pyc_file_from_path(path) is None
    compiled = py_compile.compile(str(path))
    assert pyfiles.pyc_file_from_path(path) == Path(str(compiled))


def test_small_tools_are_where_they_are_documented() -> None:
    assert langhelpers.not_none(0) == 0
    with pytest.raises(AssertionError):
        langhelpers.not_none(None)
    assert util.asbool("yes") is True
    assert util.to_list("a") == ["a"]
    assert util.immutabledict({"a": 1})["a"] == 1
    assert len(langhelpers.rev_id()) == 12
    assert util.obfuscate_url_pw("postgresql://u:p@h/d") == "postgresql://u:***@h/d"


def test_the_version_of_sqlalchemy_is_told() -> None:
    assert ".".join(map(str, sqla_compat._vers)) in sa.__version__
    assert sqla_compat.sqla_2_1 is util.sqla_2_1 is (sqla_compat._vers >= (2, 1))


def test_a_scope_ends_only_the_transaction_that_it_began() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        with sqla_compat._ensure_scope_for_ddl(connection):
            assert connection.in_transaction()
        assert not connection.in_transaction()
        connection.begin()
        with sqla_compat._ensure_scope_for_ddl(connection):
            pass
        assert connection.in_transaction()
        sqla_compat._safe_rollback_connection_transaction(connection)
        sqla_compat._safe_commit_connection_transaction(connection)
        assert not connection.in_transaction()
        with sqla_compat._ensure_scope_for_ddl(None):
            pass
    engine.dispose()
