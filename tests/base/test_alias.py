"""`import alembic...` gives limbeck's own modules, in a process that has no other such package."""

import subprocess
import sys
import textwrap
from pathlib import Path


def run(code: str, *, cwd: Path | None = None) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, cwd=cwd
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_both_names_give_the_same_modules_whichever_comes_first() -> None:
    assert (
        run("""
            from limbeck.base import alias
            alias.install()
            import alembic, alembic.util.exc
            import limbeck, limbeck.util.exc
            from alembic.base import dispatch
            import limbeck.base.dispatch
            print(alembic is limbeck, alembic.util.exc is limbeck.util.exc,
                  dispatch is limbeck.base.dispatch, alias.is_installed())
            """)
        == "True True True True"
    )


def test_a_module_keeps_its_own_name_and_spec() -> None:
    assert (
        run("""
            from limbeck.base import alias
            alias.install()
            import alembic.util.exc
            module = alembic.util.exc
            print(module.__name__, module.__spec__.name, module.__package__)
            """)
        == "limbeck.util.exc limbeck.util.exc limbeck.util"
    )


def test_installing_twice_changes_nothing() -> None:
    assert (
        run("""
            import sys
            from limbeck.base import alias
            alias.install(); alias.install()
            print(sum(type(finder).__name__ == "_AliasFinder" for finder in sys.meta_path))
            """)
        == "1"
    )


def test_an_unknown_submodule_is_not_found_under_the_name_that_was_asked_for() -> None:
    assert (
        run("""
            from limbeck.base import alias
            alias.install()
            try:
                import alembic.nothing
            except ModuleNotFoundError as error:
                print(error)
            """)
        == "No module named 'alembic.nothing'"
    )


def test_another_package_imported_earlier_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "__init__.py").write_text("")
    out = run(
        """
        import sys; sys.path.insert(0, ".")
        import alembic
        from limbeck.base import alias
        from limbeck.errors import CommandError
        try:
            alias.install()
        except CommandError as error:
            print(error); print(error.hint)
        """,
        cwd=tmp_path,
    )
    message, hint = out.splitlines()
    assert "'alembic' is already imported from" in message
    assert str(Path("alembic", "__init__.py")) in message
    assert "import limbeck.as_alembic" in hint


def test_a_test_kit_of_the_other_package_is_left_to_it_module_by_module(tmp_path: Path) -> None:
    kit = tmp_path / "alembic" / "testing"
    kit.mkdir(parents=True)
    (tmp_path / "alembic" / "__init__.py").write_text("")
    (kit / "__init__.py").write_text("")
    (kit / "suite.py").write_text("whose = 'theirs'\n")
    assert (
        run(
            """
            import sys; sys.path.insert(0, ".")
            import limbeck.as_alembic
            import alembic.testing.suite, alembic.util, limbeck.util
            print(alembic.testing.suite.whose, alembic.util is limbeck.util)
            """,
            cwd=tmp_path,
        )
        == "theirs True"
    )


def test_without_such_a_kit_its_modules_are_limbecks_own_once() -> None:
    assert (
        run("""
            import limbeck.as_alembic
            import alembic.testing.assertions, limbeck.testing.assertions
            print(alembic.testing.assertions is limbeck.testing.assertions)
            """)
        == "True"
    )


def test_the_other_name_can_be_run_as_a_program() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "limbeck.as_alembic", "-m", "alembic", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.stdout.split()[:1], finished.stderr, finished.returncode) == (["limbeck"], "", 0)
