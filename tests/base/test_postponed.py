"""Modules that run when somebody looks into them: nobody can tell them from modules that were imported at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from limbeck.base.postponed import POSTPONED
from tests.command.project import Project

BEGINNING = "import sys; from limbeck.base.postponed import StandIn, postpone_modules; postpone_modules()\n"
REAL = """
def is_real(*names):
    return all(not isinstance(sys.modules[name], StandIn) for name in names)
"""

CASES = {
    "nothing is asked": (
        "import asyncio, csv, hashlib, importlib.metadata, json, ssl, logging\nlogging.warning('x')",
        "all(isinstance(sys.modules[name], StandIn) for name in "
        "('asyncio', 'csv', 'hashlib', 'importlib.metadata', 'json', 'ssl'))",
    ),
    "an attribute": (
        "import hashlib",
        "hashlib.sha256(b'').hexdigest()[:4] == 'e3b0' and is_real('hashlib')",
    ),
    "a name": ("from json import dumps", "dumps([1]) == '[1]' and is_real('json')"),
    "all names": ("from asyncio import *", "callable(run) and callable(gather)"),
    "a part": (
        "import asyncio.events, asyncio",
        "is_real('asyncio') and asyncio.events is sys.modules['asyncio.events']"
        " and asyncio.events.AbstractEventLoop is asyncio.AbstractEventLoop",
    ),
    "a part that the package does not import": (
        "import json.tool",
        "is_real('json') and sys.modules['json'].tool is json.tool and callable(json.tool.main)",
    ),
    "a part of a part": (
        "import importlib.metadata._meta, importlib",
        "importlib.metadata is sys.modules['importlib.metadata'] and is_real('importlib.metadata')",
    ),
    "the package by its parent": (
        "import importlib, importlib.metadata\nfrom importlib import metadata",
        "importlib.metadata is metadata and metadata.metadata('sqlalchemy') and importlib.metadata is not metadata",
    ),
    "what SQLAlchemy takes": (
        "from asyncio import CancelledError, iscoroutine\nimport asyncio\nstill = isinstance(asyncio, StandIn)\n"
        "async def give(): return iscoroutine(give())\nimport asyncio.coroutines",
        "still and asyncio.run(give()) and is_real('asyncio') and asyncio.CancelledError is CancelledError"
        " and sys.modules['asyncio'].coroutines.iscoroutine is iscoroutine",
    ),
    "TLS of asyncio": (
        "import asyncio\nasyncio.run(asyncio.sleep(0))\nunused = not is_real('asyncio.sslproto', 'ssl')",
        "unused and asyncio.sslproto.SSLProtocol and is_real('asyncio.sslproto', 'ssl')"
        " and sys.modules['asyncio'].sslproto is sys.modules['asyncio.sslproto']",
    ),
    "the task that runs": (
        "import asyncio\nfrom asyncio import current_task\n"
        "try: current_task()\nexcept RuntimeError as error: told = str(error)\nelse: told = ''\n"
        "async def name(): return current_task().get_name()",
        "told == 'no running event loop' and isinstance(asyncio, StandIn) and asyncio.run(name())",
    ),
    "a part that only its importer knows": (
        "import ctypes.util\nbefore = ctypes\nimport ctypes",
        "before.util.find_library and ctypes.sizeof(ctypes.c_char) == 1 and is_real('ctypes', 'ctypes.util')"
        " and sys.modules['ctypes'].util is sys.modules['ctypes.util']",
    ),
    "a package of a part": (
        "import ctypes, ctypes.util\nctypes.sizeof(ctypes.c_int)\nimport ctypes.util as again",
        "again.find_library is ctypes.util.find_library and is_real('ctypes')",
    ),
    "the version of a package": (
        "import importlib.metadata as metadata\nfrom importlib.metadata import version",
        "version('SQLAlchemy') == metadata.version('sqlalchemy') and isinstance(metadata, StandIn)"
        " and metadata.metadata('sqlalchemy')['version'] == version('sqlalchemy')",
    ),
    "the version of no package": (
        "from importlib import metadata\ntry: metadata.version('nothing-is-called-so')\n"
        "except metadata.PackageNotFoundError as error: told = str(error)",
        "'nothing-is-called-so' in told",
    ),
    "drivers that SQLAlchemy knows": (
        "import sqlalchemy.dialects.postgresql as postgresql, sqlalchemy.dialects.sqlite\n"
        "from sqlalchemy.dialects.postgresql import pg8000, psycopg2\n"
        "from sqlalchemy import create_mock_engine\n"
        "engine = create_mock_engine('postgresql+psycopg2://', print)",
        "isinstance(pg8000, StandIn) and type(engine.dialect) is psycopg2.dialect is postgresql.psycopg2.dialect"
        " and is_real('sqlalchemy.dialects.postgresql.psycopg2')"
        " and not is_real('sqlalchemy.dialects.sqlite.aiosqlite')",
    ),
    "what is changed": (
        "import ssl\nssl._create_default_https_context = ssl._create_unverified_context\n"
        "from http.client import ssl as other\nimport ssl as again",
        "other._create_default_https_context is again._create_unverified_context and is_real('ssl')",
    ),
    "what is taken away": (
        "import csv\nbefore = csv.excel\ndel csv.excel\nimport csv as again",
        "not hasattr(again, 'excel') and not hasattr(csv, 'excel')",
    ),
    "a look at all of it": (
        "import inspect, json",
        "{'dumps', 'loads'} <= set(dir(json)) and dict(inspect.getmembers(json))['dumps'] is json.dumps"
        " and json.__file__.endswith('.py')",
    ),
    "whether it could be imported": (
        "import importlib.util",
        "importlib.util.find_spec('asyncio') and importlib.util.find_spec('asyncio.events')"
        " and importlib.util.find_spec('asyncio.nothing') is None",
    ),
}


def run(program: str) -> str:
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize(("begin", "claim"), CASES.values(), ids=CASES)
def test_it_is_as_if_the_module_had_been_imported(begin: str, claim: str) -> None:
    assert run(f"{BEGINNING}{REAL}{begin}\nprint(bool({claim}))").endswith("True\n")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("import ssl.nothing", "ModuleNotFoundError No module named 'ssl.nothing'"),
        ("import asyncio.nothing", "ModuleNotFoundError No module named 'asyncio.nothing'"),
        ("from json import nothing", "ImportError cannot import name 'nothing' from 'json'"),
        ("import csv; csv.nothing", "AttributeError module 'csv' has no attribute 'nothing'"),
    ],
)
def test_what_is_not_there_is_told_as_usual(statement: str, told: str) -> None:
    attempt = f"try: exec({statement!r})\nexcept Exception as error: print(type(error).__name__, error)"
    assert run(BEGINNING + attempt).startswith(told)


def test_threads_that_look_at_once_find_one_module() -> None:
    program = f"""{BEGINNING}
import asyncio, threading
from asyncio import CancelledError
found, together = [], threading.Barrier(12)
def look():
    together.wait()
    import asyncio as now
    found.append((asyncio.CancelledError, asyncio.events, now.run, sys.modules["asyncio.events"]))
threads = [threading.Thread(target=look) for _ in range(12)]
for one in threads: one.start()
for one in threads: one.join()
print(len(found), len(set(found)), found[0][0] is CancelledError, found[0][1] is found[0][3])
"""
    for _ in range(5):
        assert run(program) == "12 1 True True\n"


def test_what_is_there_already_stays() -> None:
    assert run(
        f"import json\n{BEGINNING}import json as again\nprint(again is json, type(json).__name__)"
    ) == ("True module\n")


@pytest.mark.parametrize("module", ["ssl", "ctypes", "ctypes.util"])
def test_what_python_was_built_without_is_seen_as_such(module: str) -> None:
    hide = (
        "import sys, importlib.machinery as machinery\nsys.modules['_ssl'] = sys.modules['_ctypes'] = None\n"
    )
    blind = "from limbeck.base import postponed; postponed.PathFinder = type('_', (), {'find_spec': lambda n: None})\n"
    attempt = f"try: import {module}\nexcept ImportError: print('it is not there')"
    assert run(f"{hide}{blind}{BEGINNING}{attempt}") == "it is not there\n"


LOGGING = """
import logging
logging.basicConfig(level="INFO")
"""
SHOWING = """
import sys
from limbeck.cli.main import main
sys.argv = ["limbeck", "upgrade", "head"]
main()
from limbeck.base.postponed import StandIn
print(*(name for name, module in sys.modules.items() if isinstance(module, StandIn)))
"""
ASYNC_ENV = """
import asyncio
from limbeck import context
from sqlalchemy.ext.asyncio import create_async_engine

def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def run():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()

asyncio.run(run())
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1")
    return made


def upgrade(project: Project, program: str = SHOWING) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=project.directory, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()[-1]


def test_a_run_with_nothing_to_do_needs_its_driver_alone(project: Project) -> None:
    environment = project.directory / "migrations" / "env.py"
    environment.write_text(LOGGING + environment.read_text())
    upgrade(project)
    taken = {"sqlalchemy.dialects.sqlite.pysqlite"}
    if sqlalchemy.__version__ < "2.1":
        taken.add("asyncio")  # SQLAlchemy 2.0 uses it when it is imported
    assert set(upgrade(project).split()) == set(POSTPONED) - taken


def test_an_asynchronous_env_py_finds_all_of_asyncio(project: Project) -> None:
    (project.directory / "migrations" / "env.py").write_text(ASYNC_ENV)
    assert "asyncio" not in upgrade(project).split()


def test_a_program_of_somebody_else_imports_as_ever(project: Project) -> None:
    program = SHOWING.replace("main()\n", "main(['upgrade', 'head'])\n")
    assert upgrade(project, program) == ""
