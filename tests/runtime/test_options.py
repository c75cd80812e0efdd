"""Each option of configure(), once (runtime.md §2.1)."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from limbeck.runtime.environment import EnvironmentContext
from limbeck.runtime.options import OPTIONS, PLUGINS, chosen, defaults

SIGNATURE = inspect.signature(EnvironmentContext.configure)


def test_configure_names_the_options_that_are_its_parameters() -> None:
    named = {name for name, one in SIGNATURE.parameters.items() if one.kind is one.POSITIONAL_OR_KEYWORD}
    assert named - {"self"} == {option.name for option in OPTIONS if option.is_parameter}


def test_configure_and_the_table_agree_on_defaults() -> None:
    for option in OPTIONS:
        if option.is_parameter and option.name != "autogenerate_plugins":  # None there means the default list
            assert SIGNATURE.parameters[option.name].default == option.default, option.name


def test_an_option_has_one_row_and_one_sentence() -> None:
    names = [option.name for option in OPTIONS]
    assert len(names) == len(set(names))
    assert [option.name for option in OPTIONS if not option.purpose.endswith(".")] == []


def test_a_context_starts_from_the_documented_defaults() -> None:
    assert defaults() == {
        "transaction_per_migration": False,
        "version_table": "alembic_version",
        "version_table_schema": None,
        "version_table_pk": True,
        "on_version_apply": None,
        "literal_binds": False,
        "target_metadata": None,
        "include_name": None,
        "include_object": None,
        "include_schemas": False,
        "compare_type": True,
        "compare_server_default": False,
        "autogenerate_plugins": ("alembic.autogenerate.*",),
        "process_revision_directives": None,
        "render_item": None,
        "render_as_batch": False,
        "upgrade_token": "upgrades",
        "downgrade_token": "downgrades",
        "alembic_module_prefix": "op.",
        "sqlalchemy_module_prefix": "sa.",
        "user_module_prefix": None,
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"compare_type": True, "literal_binds": False, "tag": None}, {}),
        ({"compare_type": False, "literal_binds": True, "tag": "t"}, None),
        ({"autogenerate_plugins": None}, {}),
        ({"autogenerate_plugins": []}, None),
        ({"target_metadata": ()}, None),
        ({"something_else": 5}, None),
    ],
)
def test_what_is_left_at_its_default_is_not_chosen(
    given: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    """ENV-11; None stands for everything that was given."""
    assert dict(chosen(given)) == (given if expected is None else expected)


def test_the_default_plugins_are_those_the_specification_names() -> None:
    assert PLUGINS == ("alembic.autogenerate.*",)
