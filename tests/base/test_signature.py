"""Signatures of functions that others wrote."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from limbeck.base.signature import read_signature


def made(source: str) -> Any:
    """The function `f` of a file that does not say `from __future__ import annotations`."""
    space: dict[str, Any] = {}
    exec(compile(source, "file", "exec", dont_inherit=True), space)
    return space["f"]


def test_parameters_and_defaults_are_read() -> None:
    parameters = read_signature(made("def f(a: int, b: 'Missing' = 2): ...")).parameters
    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "a": parameters["a"].empty,
        "b": 2,
    }
    assert (parameters["a"].annotation, parameters["b"].annotation) == (int, "Missing")


@pytest.mark.skipif(sys.version_info < (3, 14), reason="before Python 3.14 such a function cannot be defined")
def test_an_annotation_that_names_nothing_does_no_harm() -> None:
    parameters = read_signature(made("def f(a: Missing, b: int = 2): ...")).parameters
    assert list(parameters) == ["a", "b"]
    assert parameters["b"].annotation is int
