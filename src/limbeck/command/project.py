"""Starting a project: init, list_templates."""

from __future__ import annotations

import os
from pathlib import Path

from limbeck.base.answer import give
from limbeck.base.console import status, write_message
from limbeck.config import INI_NAME, TOML_NAME, TOML_TABLE, Config
from limbeck.errors import CommandError
from limbeck.script.writer import template_to_file

REVISION_TEMPLATE = "script.py.mako"


def list_templates(config: Config) -> None:
    """List what `init` can start from (CLI-25)."""
    give({"templates": find_templates(config)})
    config.print_stdout("Available templates:\n")
    for name in find_templates(config):
        readme = Path(config.get_template_directory(), name, "README")
        summary = readme.read_text("utf-8").splitlines()[:1] if readme.exists() else []
        config.print_stdout(f"{name} - {''.join(summary)}")
    config.print_stdout("\nTemplates are used via the 'init' command, e.g.:")
    config.print_stdout("\n  limbeck init --template generic ./migrations")


def find_templates(config: Config) -> list[str]:
    """The names of the templates there are, sorted."""
    directory = Path(config.get_template_directory())
    return sorted(path.name for path in directory.iterdir() if Path(path, "env.py").exists())


def init(config: Config, directory: str, template: str = "generic", package: bool = False) -> None:
    """Start a new project in `directory` (CLI-20).

    With `package`, the directories become Python packages. A configuration file that exists is kept.
    """
    require_empty(directory)
    project = Path(directory)
    source = Path(config.get_template_directory(), template)
    if not source.is_dir():
        raise CommandError(
            f"No such template {str(source)!r}", hint=f"there are {', '.join(find_templates(config))}"
        )
    quiet = config.messaging_opts["quiet"]
    versions = project / "versions"
    for path in (project, versions):
        if not path.exists():
            with status(f"Creating directory {path.absolute()}", quiet=quiet):
                path.mkdir(parents=True)
    edited = [
        written
        for path in _in_order(source)
        if (written := _write_part(config, path, project, quiet=quiet)) is not None
    ]
    if package:
        for path in (project / "__init__.py", versions / "__init__.py"):
            with status(f"Adding {path.absolute()}", quiet=quiet):
                path.touch()
    files = " and ".join(str(path) for path in edited) or "the configuration"
    write_message(f"Please set the database URL, and whatever else is to be set, in {files}", quiet=quiet)


def require_empty(directory: str) -> None:
    """Raise CommandError if something is in a directory already."""
    path = Path(directory)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise CommandError(
            f"Directory {directory} already exists and is not empty",
            hint="name a directory that does not exist yet, or an empty one",
        )


def _in_order(source: Path) -> list[Path]:
    """The files of a template: those of the environment first, then the configuration (CLI-21)."""
    files = [path for path in sorted(source.iterdir()) if path.is_file()]
    return sorted(files, key=_is_configuration)


def _is_configuration(path: Path) -> bool:
    return path.name in (f"{INI_NAME}.mako", f"{TOML_NAME}.mako")


def _write_part(config: Config, source: Path, project: Path, *, quiet: bool) -> Path | None:
    """Write one file of a template; return it if it is for the user to edit (TPL-2)."""
    if source.name == f"{INI_NAME}.mako":
        target = Path(config.config_file_name or INI_NAME).absolute()
        _write_ini(source, target, project, quiet=quiet)
        return target
    if source.name == f"{TOML_NAME}.mako":
        target = Path(config.toml_file_name or TOML_NAME).absolute()
        _write_toml(config, source, target, project, quiet=quiet)
        return target
    if source.suffix == ".mako" and source.name != REVISION_TEMPLATE:
        configuration = Path(config.config_file_name or INI_NAME).absolute()
        _render(source, (project / source.stem).absolute(), project, here=configuration.parent, quiet=quiet)
    else:
        target = (project / source.name).absolute()
        with status(f"Generating {target}", quiet=quiet):
            target.write_bytes(source.read_bytes())
    return None


def _write_ini(source: Path, target: Path, project: Path, *, quiet: bool) -> None:
    if target.exists():
        write_message(f"File {target} already exists, skipping", quiet=quiet)
    else:
        _render(source, target, project, here=target.parent, quiet=quiet)


def _write_toml(config: Config, source: Path, target: Path, project: Path, *, quiet: bool) -> None:
    """Write pyproject.toml, or add our table to the one there is (CLI-22)."""
    table = ".".join(TOML_TABLE)
    if not target.exists():
        _render(source, target, project, here=target.parent, quiet=quiet)
    elif config.toml_alembic_config or f"[{table}]" in target.read_text("utf-8"):
        write_message(
            f"File {target} already exists and already has a [{table}] section, skipping", quiet=quiet
        )
    else:
        with status(f"Appending to existing {target}", quiet=quiet):
            location = location_from(target.parent, project)
            template_to_file(source, target, "utf-8", append_with_newlines=True, script_location=location)


def _render(source: Path, target: Path, project: Path, *, here: Path, quiet: bool) -> None:
    with status(f"Generating {target}", quiet=quiet):
        template_to_file(source, target, "utf-8", script_location=location_from(here, project))


def location_from(here: Path, project: Path) -> str:
    """How a configuration file in the directory `here` names the project's directory (TPL-2).

    An absolute path stays as it is; any other is written from `%(here)s`, so that it holds wherever
    commands are started.
    """
    if project.is_absolute():
        return project.as_posix().replace("%", "%%")
    relative = Path(os.path.relpath(project.absolute(), here)).as_posix()
    return f"%(here)s/{relative.replace('%', '%%')}"
