"""Starting a project: `init`, in either way."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from limbeck.base.report import Fact, labelled
from limbeck.command import project
from limbeck.command.discovery.urls import COMMON_VARIABLE, FoundURL, find_url
from limbeck.command.pyproject import write_table
from limbeck.config import LOCATION, TOML_NAME, Config
from limbeck.errors import CommandError

DEFAULT_DIRECTORY = "migrations"


def start(
    config: Config,
    directory: str | None = None,
    from_template: str | None = None,
    package: bool = False,
    with_env: bool = False,
    save_url: bool = False,
) -> None:
    """Start a new project in `directory`, by default `migrations` (CLI-20).

    With a directory alone, a template, or `with_env`: with the files of a template. Otherwise with a table
    `[tool.limbeck]` in pyproject.toml and without files to edit; what the table does not say is found when it is
    needed. `save_url` writes the URL into it, which is only for a local file.
    """
    is_asked = "models" in config.given or "url" in config.given or save_url
    if from_template is not None or with_env or (directory is not None and not is_asked):
        if is_asked:
            raise CommandError(
                "--models, --url and --save-url are for projects without env.py",
                hint="leave them out, and say in env.py what the models are; or leave --template and --with-env out",
            )
        project.init(config, directory or DEFAULT_DIRECTORY, from_template or "generic", package)
        return
    _start_without_files(config, directory or DEFAULT_DIRECTORY, package=package, save_url=save_url)


def _start_without_files(config: Config, directory: str, *, package: bool, save_url: bool) -> None:
    from limbeck.command.discovery.reading import ReadURL, read_url

    project.require_empty(directory)
    _require_no_project(config)
    target = Path(config.toml_file_name or TOML_NAME).absolute()
    told = [_describe_models(config, target.parent)]
    found = find_url(config, os.environ)
    read: ReadURL | None = read_url(found) if found is not None else None
    if save_url:
        _require_local_file(read)
    settings: dict[str, str | list[str]] = {LOCATION: _location_from(target.parent, directory)}
    if config.models:
        settings["models"] = config.models[0] if len(config.models) == 1 else list(config.models)
    if save_url and found is not None:
        settings["url"] = found.text
    write_table(target, settings)
    versions = Path(directory, "versions")
    versions.mkdir(parents=True, exist_ok=True)
    if package:
        for path in (Path(directory, "__init__.py"), versions / "__init__.py"):
            path.touch()
    told.append(Fact("wrote", f"{TOML_NAME}  [tool.limbeck]  {', '.join(settings)}"))
    told.append(Fact("made", f"{versions}{os.sep}"))
    told += [Fact("note", text) for text in (read.notes if read is not None else ())]
    told += _describe_url(found, is_saved=save_url)
    told.append(Fact("next", 'limbeck revision --autogenerate -m "first" && limbeck upgrade head'))
    for fact in told:
        config.print_stdout("\n".join(labelled(fact)))


def _require_no_project(config: Config) -> None:
    """Raise CommandError if the configuration leads to migrations already; `--dir` is no part of it."""
    given = config.given.pop(LOCATION, None)
    location = config.get_alembic_option(LOCATION)
    if given is not None:
        config.given[LOCATION] = given
    if location:
        raise CommandError(
            f"There is a project here already: its migrations are in {location}",
            hint="write a revision for it with `limbeck revision`, or start the new project in another directory",
        )


def _require_local_file(read: object) -> None:
    """Raise CommandError if a URL is not one that may stand in a file that others see."""
    from limbeck.command.discovery.reading import ReadURL
    from limbeck.ddl.impl import DefaultImpl

    if not isinstance(read, ReadURL):
        raise CommandError("There is no URL that could be saved", hint="give it with --url")
    dialect = read.url.get_dialect()()
    if not DefaultImpl.get_by_dialect(dialect).is_local_file(read.url):
        raise CommandError(
            "Only the URL of a local file is saved, not that of a server: pyproject.toml is for everyone to read",
            hint=f"leave --save-url out, and put the URL into the environment variable {COMMON_VARIABLE}",
        )


def _describe_models(config: Config, here: Path) -> Fact:
    """Import the models, to find out now whether that works."""
    if not config.models:
        return Fact("note", "no models were named: give --models, or set `models` in [tool.limbeck] later")
    from limbeck.command.discovery.models import load_models

    config.given.setdefault(
        LOCATION, DEFAULT_DIRECTORY
    )  # for the moment, so that the paths are those of later
    for path in reversed(config.get_prepend_sys_paths_list() or [str(here)]):
        if path not in sys.path:
            sys.path.insert(0, path)
    models = load_models(config.models, origin="--models")
    tables = f"{models.table_count} tables" if models.table_count != 1 else "1 table"
    where = ", ".join(config.models)
    imported = f"\nimported {', '.join(models.modules)}" if len(models.modules) > 1 else ""
    return Fact("found", f"{tables} in {where}{imported}")


def _describe_url(found: FoundURL | None, *, is_saved: bool) -> list[Fact]:
    if found is None:
        return [Fact("note", f"no URL was given: put it in {COMMON_VARIABLE}, or give --url to each command")]
    if is_saved:
        return []
    if found.origin == "--url":
        text = f"the URL was not saved: put it in {COMMON_VARIABLE} (or pass --save-url for a local file database)"
        return [Fact("note", text)]
    return [Fact("found", f"a database URL in {found.origin}")]


def _location_from(here: Path, directory: str) -> str:
    path = Path(directory)
    return path.as_posix() if path.is_absolute() else Path(os.path.relpath(path.absolute(), here)).as_posix()
