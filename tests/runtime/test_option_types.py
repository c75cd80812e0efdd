"""What programs may give as keywords are options of configure(), with the types it has."""

from __future__ import annotations

import inspect
from typing import get_type_hints

from limbeck.runtime import option_types
from limbeck.runtime.environment import EnvironmentContext
from limbeck.runtime.option_types import ConfigureOptions
from limbeck.runtime.options import OPTIONS, Subject


def test_each_is_an_option_of_configure_with_its_type() -> None:
    parameters = inspect.signature(EnvironmentContext.configure).parameters
    stated = ConfigureOptions.__annotations__
    assert set(stated) <= {option.name for option in OPTIONS}
    assert {
        name: (stated[name].__forward_arg__, parameters[name].annotation)
        for name in set(stated) & set(parameters)
        if stated[name].__forward_arg__ != parameters[name].annotation
    } == {}
    assert set(get_type_hints(ConfigureOptions, vars(option_types))) == set(stated)


def test_those_that_are_missing_are_for_scripts_and_new_revisions_or_follow_from_the_database() -> None:
    missing = {option.name for option in OPTIONS} - set(ConfigureOptions.__annotations__)
    hooks = {"process_revision_directives"}
    assert (
        missing
        == {
            option.name
            for option in OPTIONS
            if option.subject in (Subject.DATABASE, Subject.SCRIPT, Subject.RENDERING)
        }
        - hooks
    )
