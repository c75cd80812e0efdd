"""Post-write hooks: registered functions, programs, modules, console scripts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from limbeck.errors import CommandError
from limbeck.script import write_hooks
from limbeck.script.write_hooks import _run_hooks, register

SHOW = "import sys; open('seen', 'a').write('|'.join(sys.argv[1:]) + chr(10))"


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_hooks, "_registry", dict(write_hooks._registry))


def run(path: Path, type: str | None = None, name: str = "h", **options: str) -> None:
    hook: dict[str, Any] = {"_hook_name": name, **options}
    if type is not None:
        hook["type"] = type
    _run_hooks(path, [hook])


def test_a_function_gets_the_path_and_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """HOOK-2, HOOK-3, HOOK-4"""
    calls: list[object] = []

    @register("mine")
    def mine(path: str, options: dict[str, str]) -> None:
        calls.append((path, options))

    _run_hooks(tmp_path, [{"_hook_name": name, "type": "mine", "x": name} for name in ("one", "two")])
    assert calls == [
        (str(tmp_path), {"_hook_name": name, "type": "mine", "x": name}) for name in ("one", "two")
    ]
    assert capsys.readouterr().out == (
        "Running post write hook 'one' ...\n  done\nRunning post write hook 'two' ...\n  done\n"
    )


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ("", "{path}"),
        ("-l 79", "{path}|-l|79"),
        ("-a REVISION_SCRIPT_FILENAME -b", "-a|{path}|-b"),
        ("--file=REVISION_SCRIPT_FILENAME 'two words'", "--file={path}|two words"),
    ],
)
def test_a_program_gets_the_path_where_it_is_wanted(tmp_path: Path, options: str, arguments: str) -> None:
    """HOOK-5, HOOK-6, HOOK-7: split first, so that spaces in the path do no harm."""
    tool = tmp_path / "tool"
    tool.write_text(f"#!{sys.executable}\n{SHOW}\n")
    tool.chmod(0o755)
    path = tmp_path / "a file.py"
    run(path, "exec", executable=str(tool), options=options, cwd=str(tmp_path))
    assert (tmp_path / "seen").read_text() == arguments.format(path=path) + "\n"


def test_a_program_is_found_on_the_path_and_starts_where_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOOK-2, HOOK-5"""
    tool = tmp_path / "tool_of_a_test"
    tool.write_text(f"#!{sys.executable}\n{SHOW}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run(tmp_path / "a.py", "exec", executable="tool_of_a_test")
    assert (tmp_path / "here" / "seen").read_text() == f"{tmp_path}/a.py\n"


def test_a_module_is_run_by_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HOOK-5"""
    (tmp_path / "hook_tool_of_a_test.py").write_text(SHOW)
    monkeypatch.syspath_prepend(tmp_path)
    run(tmp_path / "a.py", "module", module="hook_tool_of_a_test", options="-x", cwd=str(tmp_path))
    assert (tmp_path / "seen").read_text() == f"{tmp_path}/a.py|-x\n"


def test_a_console_script_is_called_by_its_entry_point(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """HOOK-5, HOOK-10"""
    options = {"_hook_name": "h", "entrypoint": "pytest", "options": "--version REVISION_SCRIPT_FILENAME"}
    write_hooks.console_scripts(str(tmp_path), options, verify_version=("0", pytest.__version__))
    assert f"pytest {pytest.__version__}" in "".join(capfd.readouterr())
    write_hooks.console_scripts(str(tmp_path), options, ignore_output=True)
    assert "pytest" not in "".join(capfd.readouterr())
    with pytest.raises(CommandError, match=f"pytest has version {pytest.__version__}, not 0"):
        write_hooks.console_scripts(str(tmp_path), options, verify_version="0")


@pytest.mark.parametrize(
    ("type", "options", "message"),
    [
        (None, {}, r"Key 'h.type' \(or 'type' in toml\) is required for post write hook 'h'"),
        ("nothing", {}, "No formatter with name 'nothing' registered"),
        ("exec", {}, "Key h.executable is required for post write hook 'h'"),
        ("module", {}, "Key h.module is required for post write hook 'h'"),
        ("console_scripts", {}, "Key h.entrypoint is required for post write hook 'h'"),
        (
            "console_scripts",
            {"entrypoint": "nope_nope"},
            "Could not find entrypoint console_scripts.nope_nope",
        ),
        ("module", {"module": "nope_nope"}, "Could not find module nope_nope"),
        ("module", {"module": "nope_nope.inner"}, "Could not find module nope_nope.inner"),
        (
            "exec",
            {"executable": "/nope/nope"},
            "Could not run /nope/nope for post write hook 'h': No such file",
        ),
    ],
)
def test_a_hook_that_cannot_run_is_told(
    tmp_path: Path, type: str | None, options: dict[str, str], message: str
) -> None:
    """HOOK-8, HOOK-9"""
    with pytest.raises(CommandError, match=f"^{message}"):
        run(tmp_path / "a.py", type, **options)


def test_a_hook_that_fails_is_warned_of(tmp_path: Path) -> None:
    """HOOK-8"""
    tool = tmp_path / "tool"
    tool.write_text(f"#!{sys.executable}\nraise SystemExit(3)\n")
    tool.chmod(0o755)
    with pytest.warns(UserWarning, match="^post write hook 'h' exited with status 3$"):
        run(tmp_path / "a.py", "exec", executable=str(tool))


def test_a_hook_that_raises_is_said_to_have_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    @register("bad")
    def bad(path: str, options: dict[str, str]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        run(tmp_path, "bad")
    assert capsys.readouterr().out == "Running post write hook 'h' ...\n  FAILED\n"
