"""Running a command's work on the database that was found, with the models that were found."""

from __future__ import annotations

import logging
import os
from typing import Any

from limbeck import errors
from limbeck.base.voice import note, show_log
from limbeck.command.connecting import Job, connects_itself, run_job
from limbeck.command.discovery.models import load_models
from limbeck.command.discovery.reading import read_url
from limbeck.command.discovery.urls import URL_OPTION, find_url, get_url, has_placeholder
from limbeck.config import Config
from limbeck.runtime.beginning import Work
from limbeck.runtime.given import GivenDatabase, run_given
from limbeck.script.base import ScriptDirectory

log = logging.getLogger("alembic.runtime.environment")


def run_discovered(
    config: Config, script: ScriptDirectory, work: Work, *, compares: bool = False, **options: Any
) -> None:
    """Do `work` on the database that `find_url` finds: through env.py if there is one, else without.

    `compares` says that models are needed. Raises NoDatabaseURL, UnreadableURL and their relatives, and
    NoModelsNamed, ModelsNotFound, ModelsUnusable.
    """
    show_log()
    env_py = script.env_py_location
    if compares and not config.models and not os.path.isfile(env_py):
        raise errors.NoModelsNamed()
    found = get_url(config, os.environ)
    log.debug("the database URL is from %s", found.origin)
    url, notes = read_url(found, needs_driver=not options.get("as_sql"))
    for text in notes:
        note(text)
    options = with_models(config, options)

    def do(given: GivenDatabase) -> None:
        run_given(given, config, script, work, **options)

    if options.get("as_sql"):
        do(GivenDatabase(url))
        return
    writes = not options.get("dont_mutate")
    job = Job(do, writes=writes, connects_itself=connects_itself(env_py), env_py=env_py)
    try:
        run_job(url, job)
    except Exception as error:
        error.limbeck_origin = found.origin  # type: ignore[attr-defined]  # for the report of the command line
        raise


def with_models(config: Config, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a run, with the models that the configuration names, if anything is to be changed or compared.

    An env.py that passes models of its own is not overruled (ENV-11).
    """
    if not config.models or options.get("dont_mutate") or "target_metadata" in options:
        return options
    models = load_models(config.models, origin=origin_of_models(config))
    return {**options, "target_metadata": models.target, "models": ", ".join(config.models)}


def origin_of_models(config: Config) -> str:
    """Where the name of the models was set."""
    return "--models" if "models" in config.given else f"[tool.limbeck] models in {config.toml_file_name}"


def fill_placeholder(config: Config) -> Config:
    """The configuration for env.py, with a URL in the place of the one that a fresh ini file has.

    Everything else that env.py finds in the ini file stays as it is.
    """
    found = find_url(config, os.environ) if has_placeholder(config) else None
    if found is None:
        return config
    url, notes = read_url(found)
    for text in (*notes, f"the ini file has no URL yet: the one of {found.origin} is used"):
        note(text)
    filled = config.copy(attributes=config.attributes)
    filled.set_main_option(URL_OPTION, url.render_as_string(hide_password=False).replace("%", "%%"))
    return filled
