"""Law 4: every name that other people's code reaches for is there, and takes the calls written for it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.house.contract import CONTRACT, breaches, find, read_call, signature_breaches


@pytest.mark.parametrize("module", CONTRACT, ids=lambda module: module or "limbeck")
def test_a_module_keeps_its_contract(module: str) -> None:
    found = find(module)
    assert found.__name__ == f"limbeck.{module}".rstrip(".")
    assert [breach for name in CONTRACT[module] for breach in breaches(module, name)] == []


def test_the_other_name_leads_to_the_same_modules() -> None:
    code = (
        "import importlib, json, sys; import limbeck.as_alembic\n"
        "for path in json.load(sys.stdin):\n"
        "    one, other = (importlib.import_module(f'{top}.{path}'.rstrip('.')) for top in ('alembic', 'limbeck'))\n"
        "    assert one is other, path\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([*CONTRACT]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("want", "have", "told"),
    [
        ("(a, b=None)", "(a, b=None, *, c=1)", []),
        ("(a, *, b=...)", "(a, b=2)", []),
        ("(a, b)", "(b, a)", ["a is not the positional argument 1", "b is not the positional argument 2"]),
        ("(a=1)", "(a=2)", ["a has the default 2, not 1"]),
        ("(a)", "(a, b)", ["needs the additional parameter b"]),
        ("(a, **kw)", "(a)", ["takes no **kw"]),
        (
            "(a)",
            "(*, a)",
            ["a is not the positional argument 1", "a is keyword-only, not positional or keyword"],
        ),
        ("(a)", "(*args)", ["has no parameter a"]),
    ],
)
def test_a_call_that_would_fail_is_a_breach(want: str, have: str, told: list[str]) -> None:
    assert list(signature_breaches(read_call(want), read_call(have))) == told
