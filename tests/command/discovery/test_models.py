"""Models are found by the name of a module, a package or an object, whatever kind of object it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from limbeck.command.discovery.models import Models, load_models
from limbeck.errors import ModelsNotFound, ModelsUnusable

DECLARATIVE = """
from sqlalchemy import MetaData, Table, Column, Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

class Base(DeclarativeBase):
    pass

class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)

plain = MetaData()
Table("plain", plain, Column("id", Integer))
reg = registry(metadata=plain)
several = [Base, plain]
nothing = 7

class Broken:
    @property
    def metadata(self):
        raise AssertionError("asked")

broken = Broken()
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory to import from; what is imported there is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def tables(models: Models) -> list[list[str]]:
    return [sorted(metadata.tables) for metadata in models.metadata]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("kinds", [["account"], ["plain"]]),
        ("kinds:Base", [["account"]]),
        ("kinds:Account", [["account"]]),
        ("kinds:Base.metadata", [["account"]]),
        ("kinds:plain", [["plain"]]),
        ("kinds:reg", [["plain"]]),
        ("kinds:several", [["account"], ["plain"]]),
    ],
)
def test_every_kind_of_object(here: Path, name: str, found: list[list[str]]) -> None:
    write(here, {"kinds.py": DECLARATIVE})
    models = load_models([name])
    assert tables(models) == found
    assert models.table_count == len(found)
    assert isinstance(models.target, MetaData if len(found) == 1 else list)


def test_the_modules_of_a_package_are_imported(here: Path) -> None:
    table = (
        "from {} import Base\nfrom sqlalchemy.orm import Mapped, mapped_column\n\n"
        "class {}(Base):\n    __tablename__ = '{}'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    )
    write(
        here,
        {
            "store/__init__.py": "",
            "store/base.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): ...\n",
            "store/people.py": table.format("store.base", "Person", "person"),
            "store/deep/__init__.py": "",
            "store/deep/orders.py": table.format("store.base", "Order", "order_"),
            "store/__main__.py": "raise AssertionError('run')\n",
            "store/tests/__init__.py": "raise AssertionError('imported')\n",
        },
    )
    models = load_models(["store"])
    assert tables(models) == [["order_", "person"]]
    assert models.modules == ("store", "store.base", "store.deep", "store.deep.orders", "store.people")


def test_several_names_are_taken_together_and_each_metadata_once(here: Path) -> None:
    write(here, {"kinds.py": DECLARATIVE})
    assert tables(load_models(["kinds:Base", "kinds:plain", "kinds:reg"])) == [["account"], ["plain"]]


def test_models_without_a_table_are_models(here: Path) -> None:
    write(here, {"empty.py": "from sqlalchemy import MetaData\nmetadata = MetaData()\n"})
    assert tables(load_models(["empty"])) == [[]]


def test_what_has_the_shape_of_sqlmodel(here: Path) -> None:
    """SQLModel is a class whose metadata is not that of a declarative Base."""
    text = (
        "from sqlalchemy import Column, Integer, MetaData, Table\n\n"
        "class SQLModel:\n    metadata = MetaData()\n\nTable('hero', SQLModel.metadata, Column('id', Integer))\n"
    )
    write(here, {"sqlmodel.py": text, "heroes.py": "from sqlmodel import SQLModel\n"})
    assert tables(load_models(["heroes"])) == [["hero"]]


def test_what_has_the_shape_of_flask_sqlalchemy(here: Path) -> None:
    """The metadata of `db` is a property of an object."""
    text = (
        "from sqlalchemy import Column, Integer, MetaData, Table\n\n"
        "class SQLAlchemy:\n"
        "    def __init__(self):\n        self.metadatas = {None: MetaData()}\n\n"
        "    @property\n    def metadata(self):\n        return self.metadatas[None]\n"
    )
    app = (
        "from flask_sqlalchemy import SQLAlchemy\nfrom sqlalchemy import Column, Integer, Table\n"
        "db = SQLAlchemy()\nTable('user_', db.metadata, Column('id', Integer))\n"
    )
    write(here, {"flask_sqlalchemy.py": text, "app.py": app})
    assert tables(load_models(["app"])) == [["user_"]]
    assert tables(load_models(["app:db"])) == [["user_"]]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("store.model", ("store.models",)),
        ("stor.models", ("store.models",)),
        ("stor", ("store",)),
        ("store.models:Bas", ("store.models:Base",)),
        ("nothing_like_it.at_all", ()),
    ],
)
def test_what_is_not_there_may_be_a_slip(here: Path, name: str, near: tuple[str, ...]) -> None:
    write(here, {"store/__init__.py": "", "store/models.py": DECLARATIVE})
    with pytest.raises(ModelsNotFound) as caught:
        load_models([name], origin="--models")
    assert str(caught.value).startswith(f"Cannot import {name} (from --models)")
    assert caught.value.near == near
    assert (str(here) in (caught.value.hint or "")) == (":" not in name)


@pytest.mark.parametrize("name", ["store/models.py", "", "a..b", ".models", "store.models."])
def test_what_is_no_name_of_a_module(here: Path, name: str) -> None:
    with pytest.raises(ModelsNotFound):
        load_models([name])


@pytest.mark.parametrize("name", ["kinds:nothing", "kinds:broken", "json"])
def test_what_has_no_models(here: Path, name: str) -> None:
    write(here, {"kinds.py": DECLARATIVE})
    with pytest.raises(ModelsUnusable):
        load_models([name])


def test_what_models_fail_with_comes_through(here: Path) -> None:
    """The module exists; what it imports does not, or it raises."""
    write(here, {"first.py": "import no_such_library\n", "second.py": "raise KeyError('mine')\n"})
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        load_models(["first"])
    with pytest.raises(KeyError, match="mine"):
        load_models(["second"])
