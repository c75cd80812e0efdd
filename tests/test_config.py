"""Config reads an ini file and pyproject.toml."""

from __future__ import annotations

import configparser
import io
import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limbeck.config import Config
from limbeck.errors import (
    CommandError,
    ConfigurationError,
    InvalidSetting,
    NoConfigSection,
    UnknownVariable,
    UnreadableSettings,
)

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


# --- construction -------------------------------------------------------------------------------------------


def test_a_config_without_files_has_an_empty_main_section() -> None:
    """CFG-1, CFG-3."""
    config = Config()
    assert config.get_main_option("script_location") is None
    assert config.get_main_option("script_location", "here") == "here"
    config.set_main_option("script_location", "migrations")
    assert config.get_main_option("script_location") == "migrations"
    assert config.get_section("alembic") == {"script_location": "migrations", "here": "."}
    assert config.config_args == {"here": "."}
    assert config.toml_args == {}


def test_an_absent_file_has_no_main_section_until_something_is_set(tmp_path: Path) -> None:
    """CFG-1, CFG-4."""
    config = Config(tmp_path / "absent.ini")
    with pytest.raises(NoConfigSection) as raised:
        config.get_main_option("script_location", "a default does not help")
    assert (raised.value.file, raised.value.section) == (str(tmp_path / "absent.ini"), "alembic")
    assert config.get_section("alembic") is None
    assert config.get_section("alembic", {"a": "b"}) == {"a": "b"}
    assert config.get_alembic_option("script_location", "default") == "default"
    config.set_main_option("script_location", "migrations")
    assert config.get_main_option("script_location") == "migrations"


def test_a_file_without_the_main_section_is_told_by_its_name(write: Write) -> None:
    """CFG-1."""
    path = write("a.ini", "[other]\nx = 1\n")
    config = Config(path, ini_section="shop")
    with pytest.raises(NoConfigSection) as raised:
        config.get_main_option("x", "a default does not help")
    assert (raised.value.file, raised.value.section) == (str(path), "shop")
    with pytest.raises(configparser.NoSectionError):
        config.remove_main_option("x")
    config.set_main_option("x", "2")
    assert (config.get_main_option("x"), config.get_section_option("other", "x")) == ("2", "1")


def test_files_can_be_paths_and_are_shown_as_text(write: Write) -> None:
    """CFG-2."""
    ini, toml = write("a.ini", "[main]\nx = 1\n"), write("pyproject.toml", "")
    config = Config(ini, toml, ini_section="main")
    assert (config.config_file_name, config.toml_file_name, config.config_ini_section) == (
        str(ini),
        str(toml),
        "main",
    )
    assert config.get_main_option("x") == "1"
    assert (Config().config_file_name, Config().toml_file_name) == (None, None)


def test_here_is_the_directory_of_each_file_and_appears_when_the_file_is_read(
    tmp_path: Path, write: Write
) -> None:
    """CFG-3, CFG-4."""
    write("a.ini", "[alembic]\nlocation = %(here)s/a\n")
    (tmp_path / "sub").mkdir()
    toml = write("sub/pyproject.toml", '[tool.alembic]\nother = "%(here)s/b"\n')
    given = {"name": "value"}
    config = Config(tmp_path / "a.ini", toml, config_args=given)
    assert (config.config_args, config.toml_args) == (given, given)
    assert config.get_alembic_option("location") == f"{tmp_path.as_posix()}/a"
    assert config.get_alembic_option("other") == f"{tmp_path.as_posix()}/sub/b"
    assert config.config_args == {"name": "value", "here": tmp_path.as_posix()}
    assert config.toml_args == {"name": "value", "here": f"{tmp_path.as_posix()}/sub"}
    assert given == {"name": "value"}


def test_a_directory_may_have_a_percent_sign_in_its_name(tmp_path: Path) -> None:
    directory = tmp_path / "100%(sure)s"
    directory.mkdir()
    (directory / "a.ini").write_text("[alembic]\nlocation = %(here)s/a\n")
    config = Config(directory / "a.ini")
    assert config.get_main_option("location") == f"{directory.as_posix()}/a"
    assert config.get_main_option("here") == directory.as_posix()


def test_a_file_is_read_once(write: Write) -> None:
    """CFG-4."""
    path = write("a.ini", "[alembic]\nx = 1\n")
    config = Config(path)
    parser = config.file_config
    write("a.ini", "[alembic]\nx = 2\n")
    assert config.get_main_option("x") == "1"
    assert config.file_config is parser


def test_pyproject_is_read_once(write: Write) -> None:
    """CFG-4."""
    path = write("pyproject.toml", "[tool.alembic]\nx = 1\n")
    config = Config(toml_file=path)
    assert config.get_alembic_option("x") == 1
    write("pyproject.toml", "[tool.alembic]\nx = 2\n")
    assert config.get_alembic_option("x") == 1


def test_attributes_are_a_dict_to_share_objects() -> None:
    """CFG-5."""
    shared = {"connection": object()}
    assert Config(attributes=shared).attributes is shared
    config = Config()
    config.attributes["a"] = 1
    assert config.attributes == {"a": 1}


def test_messaging_options_say_whether_to_be_quiet_and_cannot_be_changed() -> None:
    """CFG-6."""
    assert Config().messaging_opts == Config(cmd_opts=Namespace()).messaging_opts == {"quiet": False}
    config = Config(cmd_opts=Namespace(quiet=True))
    assert config.messaging_opts == {"quiet": True}
    with pytest.raises(TypeError):
        config.messaging_opts["quiet"] = False


# --- printing -----------------------------------------------------------------------------------------------


def test_results_go_to_the_stream_that_was_given() -> None:
    """CFG-7."""
    out = io.StringIO()
    config = Config(stdout=out)
    config.print_stdout("100% of %s")
    config.print_stdout("%s of %d", "two", 3)
    assert out.getvalue() == "100% of %s\ntwo of 3\n"


def test_results_are_not_printed_when_quiet() -> None:
    """CFG-7, CLI-5."""
    out = io.StringIO()
    Config(stdout=out, cmd_opts=Namespace(quiet=True)).print_stdout("text")
    assert out.getvalue() == ""


def test_characters_that_the_stream_cannot_encode_are_replaced() -> None:
    """CFG-7."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    Config(stdout=out).print_stdout("größer")
    out.flush()
    assert raw.getvalue() == b"gr??er\n"


def test_a_broken_pipe_is_ignored() -> None:
    """CFG-7."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Config(stdout=Gone()).print_stdout("text")


def test_the_templates_lie_in_the_template_directory() -> None:
    """CFG-9."""
    assert isinstance(Config().get_template_directory(), str)
    assert {"generic", "async", "multidb", "pyproject", "pyproject_async"} <= set(
        os.listdir(Config().get_template_directory())
    )


# --- ini ----------------------------------------------------------------------------------------------------


def test_values_of_any_section_can_be_read_and_set(write: Write) -> None:
    config = Config(write("a.ini", "[DEFAULT]\nd = 0\n[alembic]\nx = 1\n[other]\ny = %(d)s%(arg)s\n"))
    config.config_args["arg"] = "!"
    assert config.get_section_option("other", "y") == "0!"
    assert config.get_section_option("other", "z") is None
    assert config.get_section_option("other", "z", "default") == "default"
    with pytest.raises(NoConfigSection) as raised:
        config.get_section_option("absent", "y", "default")
    assert "absent" in str(raised.value)
    config.set_section_option("new", "k", "v")
    assert config.get_section_option("new", "k") == "v"


def test_a_section_contains_defaults_and_arguments(tmp_path: Path, write: Write) -> None:
    """CFG-12, CFG-13."""
    config = Config(write("a.ini", "[DEFAULT]\nd = 0\n[alembic]\nX = 1\n"), config_args={"foo": "F"})
    assert config.get_section("alembic") == {"d": "0", "x": "1", "foo": "F", "here": tmp_path.as_posix()}
    assert config.get_main_option("here") == tmp_path.as_posix()
    assert config.get_main_option("X") == config.get_main_option("x") == "1"


def test_removing_a_value_that_is_not_there_does_nothing(write: Write) -> None:
    config = Config(write("a.ini", "[alembic]\nx = 1\n"))
    config.remove_main_option("x")
    config.remove_main_option("x")
    assert config.get_main_option("x") is None


def test_percent_signs_are_doubled_when_set(write: Write) -> None:
    """CFG-11."""
    config = Config(write("a.ini", "[alembic]\nx = 5%%\n"))
    assert config.get_main_option("x") == "5%"
    with pytest.raises(ValueError, match="5%"):
        config.set_main_option("y", "5%")
    config.set_main_option("y", "5%%")
    assert config.get_main_option("y") == "5%"


def test_an_encoded_character_in_a_url_needs_no_doubling(write: Write) -> None:
    text = "[alembic]\nurl = db://u:p%40%%41%2F@h/d\nsame = %(url)s?x\n"
    config = Config(write("a.ini", text))
    assert config.get_main_option("url") == "db://u:p%40%41%2F@h/d"
    assert config.get_main_option("same") == "db://u:p%40%41%2F@h/d?x"


def test_an_unknown_variable_is_an_error_when_its_value_is_read(write: Write) -> None:
    """CFG-11."""
    config = Config(write("a.ini", "[alembic]\nx = %(nothing)s\ny = 1\n"))
    assert config.get_main_option("y") == "1"
    with pytest.raises(configparser.InterpolationMissingOptionError):
        config.get_main_option("x")
    with pytest.raises(configparser.InterpolationMissingOptionError):
        config.get_section("alembic")


def test_the_main_section_alone_is_not_looked_up_in_pyproject(write: Write) -> None:
    """CFG-15, CFG-21."""
    toml = write("pyproject.toml", '[tool.alembic]\nx = "toml"\ny = "toml"\n')
    config = Config(write("a.ini", "[alembic]\nx = ini\n"), toml)
    assert (config.get_main_option("x"), config.get_main_option("y")) == ("ini", None)
    assert (config.get_alembic_option("x"), config.get_alembic_option("y")) == ("ini", "toml")
    assert config.get_alembic_option("z", "default") == "default"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_ini_files_are_utf_8(tmp_path: Path, encoding: str) -> None:
    """CFG-14."""
    path = tmp_path / "a.ini"
    path.write_text("[alembic]\n# größer\nname = Zürich\n", encoding=encoding)
    assert Config(path).get_main_option("name") == "Zürich"


def test_ini_files_are_utf_8_in_a_c_locale_too(write: Write) -> None:
    """CFG-14."""
    path = write("a.ini", "[alembic]\n# größer\nname = Zürich\n")
    code = f"from limbeck.config import Config; print(ascii(Config({str(path)!r}).get_main_option('name')))"
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code],
        env={**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "'Z\\xfcrich'\n"


def test_a_comment_in_another_encoding_does_no_harm(tmp_path: Path) -> None:
    """CFG-14."""
    (tmp_path / "a.ini").write_bytes(b"[alembic]\n# gr\xf6\xdfer\nname = value\n")
    assert Config(tmp_path / "a.ini").get_main_option("name") == "value"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x = 1\n", 1, "there are settings before the first [section]"),
        ("[alembic]\nx = 1\nnonsense\n", 3, "this line is neither a [section], a setting, nor a comment"),
        ("[alembic]\nx = 1\nx = 2\n", 3, "`x` stands in section [alembic] twice"),
        ("[alembic]\n[alembic]\n", 2, "section [alembic] stands there twice"),
    ],
)
def test_a_broken_ini_file_is_named_with_its_line(write: Write, text: str, line: int, reason: str) -> None:
    """CFG-10."""
    path = write("a.ini", text)
    with pytest.raises(UnreadableSettings) as raised:
        Config(path).get_main_option("x")
    assert str(raised.value) == f"Cannot read {path}:{line}: {reason}"
    assert (raised.value.path, raised.value.line) == (str(path), line)


# --- pyproject.toml -----------------------------------------------------------------------------------------


def test_only_our_table_of_pyproject_is_read(write: Write) -> None:
    """CFG-20."""
    toml = write("pyproject.toml", '[tool.other]\nx = 1\n[tool.alembic]\ny = "100%%"\n')
    assert Config(toml_file=toml).toml_alembic_config == {"y": "100%%"}
    assert Config(toml_file=write("b.toml", "[tool.other]\nx = 1\n")).toml_alembic_config == {}
    assert Config(toml_file=toml.with_name("absent.toml")).toml_alembic_config == {}
    assert Config().toml_alembic_config == {}


def test_texts_lists_and_tables_are_filled_in_and_other_values_stay(tmp_path: Path, write: Write) -> None:
    """CFG-22."""
    toml = write(
        "pyproject.toml",
        '[tool.alembic]\ntext = "%(here)s/%(a)s 5%%"\nnumber = 3\nflag = true\n'
        'list = ["%(a)s", "b"]\ntables = [{x = "%(a)s", y = "z"}]\n',
    )
    config = Config(toml_file=toml, config_args={"a": "A"})
    assert {name: config.get_alembic_option(name) for name in config.toml_alembic_config} == {
        "text": f"{tmp_path.as_posix()}/A 5%",
        "number": 3,
        "flag": True,
        "list": ["A", "b"],
        "tables": [{"x": "A", "y": "z"}],
    }


@pytest.mark.parametrize(
    "value", ["1.5", "2031-02-03", "{a = 1}", "[1]", "[{a = 1}]", '["a", 2]', '"100%"', '"%z"']
)
def test_values_that_cannot_be_meant_are_refused(write: Write, value: str) -> None:
    """CFG-22."""
    config = Config(toml_file=write("pyproject.toml", f"[tool.alembic]\nx = {value}\n"))
    with pytest.raises(CommandError) as raised:
        config.get_alembic_option("x")
    assert isinstance(raised.value, InvalidSetting)
    assert raised.value.name.partition(".")[0] == "x"


def test_an_unknown_variable_in_pyproject_is_a_key_error(write: Write) -> None:
    """CFG-22."""
    config = Config(toml_file=write("pyproject.toml", '[tool.alembic]\nx = "%(nothing)s"\n'))
    with pytest.raises(KeyError) as raised:
        config.get_alembic_option("x")
    assert isinstance(raised.value, UnknownVariable)
    assert str(raised.value) == "x uses %(nothing)s, which is not defined"
    assert (raised.value.setting, raised.value.variable, raised.value.known) == ("x", "nothing", ("here",))


def test_broken_toml_is_named_with_its_line(write: Write) -> None:
    """CFG-10."""
    path = write("pyproject.toml", "[tool.alembic]\nx = \n")
    with pytest.raises(UnreadableSettings) as raised:
        Config(toml_file=path).get_alembic_option("x")
    assert (raised.value.path, raised.value.line) == (str(path), 2)


def test_a_broken_pyproject_has_no_effect_on_a_value_of_the_ini_file(write: Write) -> None:
    config = Config(write("a.ini", "[alembic]\nx = 1\n"), write("pyproject.toml", "x = "))
    assert config.get_alembic_option("x") == "1"


# --- booleans -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ini", "toml", "expected"),
    [
        ("true", None, True),
        ("True", None, False),
        ("yes", None, False),
        ("", None, False),
        (None, "true", True),
        (None, "false", False),
        (None, None, False),
        ("false", "true", False),
    ],
)
def test_a_boolean_is_true_in_the_ini_file_or_a_boolean_in_toml(
    write: Write, ini: str | None, toml: str | None, expected: bool
) -> None:
    """CFG-24."""
    config = Config(
        write("a.ini", "[alembic]\n" + (f"flag = {ini}\n" if ini is not None else "")),
        write("pyproject.toml", "[tool.alembic]\n" + (f"flag = {toml}\n" if toml else "")),
    )
    assert config.get_alembic_boolean_option("flag") is expected


def test_a_boolean_in_toml_must_be_one(write: Write) -> None:
    """CFG-24."""
    config = Config(toml_file=write("pyproject.toml", '[tool.alembic]\nflag = "true"\n'))
    with pytest.raises(CommandError, match="flag; expected a boolean"):
        config.get_alembic_boolean_option("flag")


# --- lists --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("separator", "text", "expected"),
    [
        ("os", f"a b{os.pathsep} c,d {os.pathsep}", ["a b", "c,d"]),
        (":", "a b: c", ["a b", "c"]),
        (";", "a:b;c", ["a:b", "c"]),
        ("space", "a  b,c", ["a", "b,c"]),
        ("newline", "\n  a b\n  c:d", ["a b", "c:d"]),
    ],
)
def test_lists_are_split_at_the_path_separator(
    write: Write, separator: str, text: str, expected: list[str]
) -> None:
    """CFG-34."""
    ini = f"[alembic]\npath_separator = {separator}\nversion_locations = {text}\nprepend_sys_path = {text}\n"
    config = Config(write("a.ini", ini + "version_path_separator = newline\n"))
    assert config.get_version_locations_list() == expected
    assert config.get_prepend_sys_paths_list() == expected


def test_without_separator_lists_are_split_as_in_former_times_with_a_warning(write: Write) -> None:
    """CFG-34, CFG-35."""
    config = Config(write("a.ini", "[alembic]\nversion_locations = a, b:c  d\nprepend_sys_path = a b:c, d\n"))
    with pytest.warns(DeprecationWarning, match="version_locations"):
        assert config.get_version_locations_list() == ["a", "b:c", "d"]
    with pytest.warns(DeprecationWarning, match="prepend_sys_path"):
        assert config.get_prepend_sys_paths_list() == ["a", "b", "c", "d"]


def test_the_former_separator_setting_works_with_a_warning(write: Write) -> None:
    """CFG-34."""
    config = Config(
        write(
            "a.ini",
            "[alembic]\nversion_path_separator = ;\nversion_locations = a b;c\nprepend_sys_path = a b",
        )
    )
    with pytest.warns(DeprecationWarning, match="version_path_separator is deprecated"):
        assert config.get_version_locations_list() == ["a b", "c"]
    with pytest.warns(DeprecationWarning, match="No path_separator"):
        assert config.get_prepend_sys_paths_list() == ["a", "b"]


def test_there_is_no_warning_and_no_list_where_nothing_is_set(write: Write) -> None:
    """CFG-35, CFG-37."""
    config = Config(write("a.ini", "[alembic]\nversion_path_separator = os\n"))
    assert config.get_version_locations_list() is None
    assert config.get_prepend_sys_paths_list() is None
    assert config.get_hooks_list() == []


def test_an_unknown_separator_is_a_value_error_that_lists_the_known_ones(write: Write) -> None:
    """CFG-34."""
    paths = "version_locations = a\nprepend_sys_path = a\n"
    config = Config(write("a.ini", f"[alembic]\npath_separator = comma\n{paths}"))
    former = Config(write("b.ini", f"[alembic]\nversion_path_separator = comma\n{paths}"))
    for name, ask in (
        ("path_separator", config.get_version_locations_list),
        ("path_separator", config.get_prepend_sys_paths_list),
        ("version_path_separator", former.get_version_locations_list),
    ):
        with pytest.raises(ValueError) as raised:
            ask()
        assert str(raised.value) == (
            f"'comma' is not a valid value for {name}; expected one of 'space', 'newline', 'os', ':', ';'"
        )
        assert isinstance(raised.value, ConfigurationError)


def test_lists_of_pyproject_are_taken_as_they_are(tmp_path: Path, write: Write) -> None:
    """CFG-36."""
    text = '[tool.alembic]\nversion_locations = ["%(here)s/a b", "c:d"]\nprepend_sys_path = ["."]\n'
    config = Config(toml_file=write("pyproject.toml", text))
    assert config.get_version_locations_list() == [f"{tmp_path.as_posix()}/a b", "c:d"]
    assert config.get_prepend_sys_paths_list() == ["."]


def test_a_text_where_a_list_belongs_is_refused(write: Write) -> None:
    config = Config(toml_file=write("pyproject.toml", '[tool.alembic]\nversion_locations = "a"\n'))
    with pytest.raises(InvalidSetting, match="expected a list of texts"):
        config.get_version_locations_list()


# --- hooks --------------------------------------------------------------------------------------------------


def test_hooks_of_the_ini_file_come_with_their_options(write: Write) -> None:
    """HOOK-1, HOOK-4."""
    config = Config(
        write(
            "a.ini",
            "[post_write_hooks]\nhooks = One, two  three\nOne.type = exec\nOne.executable = ruff\n"
            "two.type = module\ntwo.module = black\nthree.type = x\nones.type = y\n",
        )
    )
    assert config.get_hooks_list() == [
        {"_hook_name": "One", "type": "exec", "executable": "ruff"},
        {"_hook_name": "two", "type": "module", "module": "black"},
        {"_hook_name": "three", "type": "x"},
    ]


HOOK_TOML = """
[[tool.alembic.post_write_hooks]]
name = "ruff"
type = "exec"
executable = "%(here)s/ruff"
"""


@pytest.mark.parametrize("ini", ["", "[post_write_hooks]\n", "[post_write_hooks]\nhooks =\n"])
def test_hooks_of_pyproject_are_used_where_the_ini_file_has_none(
    tmp_path: Path, write: Write, ini: str
) -> None:
    """HOOK-1."""
    config = Config(write("a.ini", ini), write("pyproject.toml", HOOK_TOML))
    assert config.get_hooks_list() == [
        {"_hook_name": "ruff", "type": "exec", "executable": f"{tmp_path.as_posix()}/ruff"}
    ]


def test_a_hook_needs_a_name(write: Write) -> None:
    config = Config(toml_file=write("pyproject.toml", '[[tool.alembic.post_write_hooks]]\ntype = "exec"\n'))
    with pytest.raises(InvalidSetting, match="each with a `name`"):
        config.get_hooks_list()


# --- the module ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("CommandLine", "limbeck.cli.commandline"),
        ("main", "limbeck.cli.main"),
        ("ArgumentParser", "limbeck.cli.parser"),
    ],
)
def test_documented_names_are_here(name: str, home: str) -> None:
    import limbeck.config

    value: Any = getattr(limbeck.config, name)
    assert value.__module__ == home
    assert name in dir(limbeck.config)


def test_a_copy_is_changed_by_itself(write: Callable[..., str]) -> None:
    """CFG-5: it has the same settings, and other objects for env.py."""
    config = Config(write("a.ini", "[alembic]\nname = kept\n"), attributes={"a": 1})
    copied = config.copy(attributes={"b": 2})
    copied.set_main_option("name", "changed")
    copied.set_section_option("other", "x", "y")
    assert (config.get_main_option("name"), copied.get_main_option("name")) == ("kept", "changed")
    assert config.get_section("other") is None
    assert (config.attributes, copied.attributes) == ({"a": 1}, {"b": 2})
    assert copied.config_file_name == config.config_file_name
