"""Text of an ini or TOML file becomes settings. What Config makes of it is tested in test_config.py."""

from __future__ import annotations

import re

import pytest

from limbeck.base.settings import find_separator, read_boolean, split_list
from limbeck.errors import InvalidSetting


@pytest.mark.parametrize("value", [True, "true", "Yes", " ON ", "y", "t", "1"])
def test_words_for_yes(value: object) -> None:
    """CFG-25."""
    assert read_boolean("x", value) is True


@pytest.mark.parametrize("value", [None, False, "false", "No", " OFF ", "n", "f", "0"])
def test_words_for_no_and_absent_values(value: object) -> None:
    """CFG-25."""
    assert read_boolean("x", value) is False


@pytest.mark.parametrize("value", ["", "maybe", "2"])
def test_other_words_are_neither(value: str) -> None:
    """CFG-25."""
    with pytest.raises(InvalidSetting) as raised:
        read_boolean("revision_environment", value)
    assert (raised.value.name, raised.value.value) == ("revision_environment", value)
    assert isinstance(raised.value, ValueError)


def test_a_separator_that_is_not_set_is_none() -> None:
    assert find_separator("path_separator", None) is None
    assert find_separator("path_separator", "newline") == "\n"


def test_items_are_stripped_and_empty_ones_dropped() -> None:
    """CFG-34."""
    assert split_list(" a ;; b;", ";") == ["a", "b"]
    assert split_list(" a,, b ", re.compile("[ ,]+")) == ["a", "b"]
