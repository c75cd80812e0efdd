"""Laws 7, 8 and 9: what may be said only in one place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.source import Module, imported_names, modules, strings

DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle")
TABLE_OF_DIALECTS = "limbeck/ddl/impl.py"
MAY_NAME_A_DIALECT = {
    TABLE_OF_DIALECTS: "maps a dialect's name to its folder",
    "limbeck/base/postponed.py": "names modules of SQLAlchemy before anything of ours about databases is imported",
    "limbeck/cli/database_failure.py": "says which extra brings the driver of a URL",
    "limbeck/command/demonstration/shop.py": "has a database in a file of its own",
}
MAY_USE_THE_SURROUNDINGS = {
    ("limbeck/base/console.py", "sys.stdout"): "writes where it is told, by default to standard output",
    ("limbeck/config.py", "sys.stdout"): "the documented default of Config(stdout=...)",
    ("limbeck/runtime/output.py", "sys.stdout"): "the documented default of `output_buffer`",
    ("limbeck/runtime/run_lock.py", "datetime.now"): "since when the run lock is held, for others to read",
    (
        "limbeck/script/base.py",
        "datetime.datetime.now",
    ): "the date in a new revision, where no argument exists",
    ("limbeck/script/write_hooks.py", "sys.stdout"): "flushed before a tool writes to the same place",
}


def test_no_dialect_is_named_outside_its_folder() -> None:
    word = re.compile(rf"\b({'|'.join(DIALECTS)})\b", re.IGNORECASE)
    named = [
        f"{module.place}:{line} {text!r}"
        for module in modules().values()
        if not is_in_a_dialect(module) and module.place not in MAY_NAME_A_DIALECT and not module.is_facade
        for text, line in strings(module)
        if word.search(text) and not re.fullmatch(r"limbeck\.ddl\.\w+(:\w+)?", text)
    ]
    assert named == []


def test_a_dialect_is_imported_by_nobody_but_itself() -> None:
    imported = [
        f"{module.place}:{line} imports {target}"
        for module in modules().values()
        if not is_in_a_dialect(module) and not module.is_facade
        for target, line in imported_names(module)
        if re.match(rf"limbeck\.ddl\.({'|'.join(DIALECTS)})\b", target)
    ]
    assert imported == []


def test_private_names_of_sqlalchemy_stay_in_one_package() -> None:
    used = [
        f"{module.place}:{node.lineno} {private}"
        for module in modules().values()
        if not module.place.startswith("limbeck/sqla/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy"
        for private in private_parts(node)
    ]
    assert used == []


def test_nothing_is_printed_and_no_clock_or_environment_is_read_below_the_commands() -> None:
    """They come in as arguments."""
    found = [
        f"{module.place}:{node.lineno} {name}"
        for module in modules().values()
        if module.floor < 7
        for node in ast.walk(module.tree)
        if (name := surroundings(node)) and (module.place, name) not in MAY_USE_THE_SURROUNDINGS
    ]
    assert found == []


def test_no_module_hides_the_function_that_it_is_named_like() -> None:
    """Importing `limbeck.command.status` would put the module in the place of `command.status`."""
    import limbeck.command

    modules = {path.stem for path in Path(limbeck.command.__file__).parent.iterdir()}
    assert sorted(modules & set(limbeck.command.__all__)) == []


def test_every_ignored_type_error_names_its_code_and_its_reason() -> None:
    bare = [
        f"{module.place}:{number} {line.strip()}"
        for module in modules().values()
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), 1)
        if "# type: ignore" in line and not re.search(r"# type: ignore\[[\w, -]+\]\s+# \S", line)
    ]
    assert bare == []


def is_in_a_dialect(module: Module) -> bool:
    parts = module.name.split(".")
    return len(parts) > 2 and parts[1] == "ddl" and parts[2] in DIALECTS


def private_parts(node: ast.ImportFrom) -> list[str]:
    parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
    return [part for part in parts if part.startswith("_")]


def surroundings(node: ast.AST) -> str | None:
    """What this piece of code takes from outside, if it does."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
        return "print"
    if isinstance(node, ast.Attribute):
        name = ast.unparse(node)
        if name in ("datetime.now", "datetime.datetime.now", "datetime.utcnow", "date.today", "time.time"):
            return name
        if name in ("os.environ", "os.getenv", "sys.argv", "sys.stdout", "sys.stderr"):
            return name
    return None
