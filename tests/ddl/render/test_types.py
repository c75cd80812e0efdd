from __future__ import annotations

import enum

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from limbeck.autogenerate.render import _render_type_w_subtype, _repr_type
from limbeck.ddl.render.types import render_type
from tests.autogenerate.render.rendering import rendering

POSTGRESQL, MYSQL = (f"from sqlalchemy.dialects import {name}" for name in ("postgresql", "mysql"))


class Color(enum.Enum):
    RED = "r"
    BLUE = "b"


class Decorated(TypeDecorator):
    impl = sa.String
    cache_ok = True


class Document(TypeDecorator):
    impl = postgresql.JSONB
    cache_ok = True


class Shapes:
    class Circle(UserDefinedType):
        cache_ok = True


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        (sa.Integer(), "sa.Integer()"),
        (sa.Integer, "sa.Integer()"),
        (sa.String(50), "sa.String(length=50)"),
        (sa.Numeric(10, 2), "sa.Numeric(precision=10, scale=2)"),
        (sa.VARCHAR(5), "sa.VARCHAR(length=5)"),
        (sa.DateTime(timezone=True), "sa.DateTime(timezone=True)"),
        (sa.Enum("a", "it's", name="en"), "sa.Enum('a', \"it's\", name='en')"),
        (sa.Enum("a", name="en", metadata=sa.MetaData()), "sa.Enum('a', name='en')"),
        (sa.Enum(Color), "sa.Enum('RED', 'BLUE', name='color')"),
        (
            sa.Enum("a", name="en", native_enum=False, create_constraint=True),
            "sa.Enum('a', name='en', native_enum=False, create_constraint=True)",
        ),
        (sa.Boolean(create_constraint=True, name="ck"), "sa.Boolean(create_constraint=True, name='ck')"),
        (sa.ARRAY(sa.String(5), dimensions=2), "sa.ARRAY(sa.String(length=5), dimensions=2)"),
        (sa.types.NullType(), "sa.types.NullType()"),
    ],
)
def test_a_generic_type_is_called_as_sqlalchemy_exports_it(
    type_: TypeEngine | type[TypeEngine], written: str
) -> None:
    """AUT-72, AUT-73."""
    context = rendering()
    assert render_type(type_, context) == written
    assert context.imports == set()
    assert render_type(eval(written, {"sa": sa}), context) == written


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        (postgresql.INET(), "postgresql.INET()"),
        (postgresql.TIMESTAMP(precision=3), "postgresql.TIMESTAMP(precision=3)"),
        (mysql.INTEGER(unsigned=True), "mysql.INTEGER(unsigned=True)"),
        (
            mysql.VARCHAR(10, charset="utf8mb4", collation="utf8mb4_bin"),
            "mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=10)",
        ),
        (mysql.ENUM("a", "b"), "mysql.ENUM('a', 'b')"),
        (mysql.SET("a", "b"), "mysql.SET('a', 'b')"),
        (mssql.DATETIMEOFFSET(3), "mssql.DATETIMEOFFSET(precision=3)"),
        (oracle.NUMBER(10, 2, asdecimal=False), "oracle.NUMBER(precision=10, scale=2, asdecimal=False)"),
    ],
)
def test_a_type_of_a_dialect_brings_its_import(type_: TypeEngine, written: str) -> None:
    """AUT-72."""
    context = rendering()
    assert render_type(type_, context) == written
    dialect = written.partition(".")[0]
    assert context.imports == {f"from sqlalchemy.dialects import {dialect}"}
    space: dict[str, object] = {}
    exec(*context.imports, space)
    assert repr(eval(written, space)) == repr(type_)


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        (postgresql.JSONB(), "postgresql.JSONB(astext_type=sa.Text())"),
        (postgresql.HSTORE(), "postgresql.HSTORE(text_type=sa.Text())"),
        (postgresql.ARRAY(postgresql.INET()), "postgresql.ARRAY(postgresql.INET())"),
        (postgresql.ARRAY(sa.Enum("k", name="en")), "postgresql.ARRAY(sa.Enum('k', name='en'))"),
        (
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql").with_variant(mysql.LONGTEXT(), "mysql"),
            "sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')"
            ".with_variant(mysql.LONGTEXT(), 'mysql')",
        ),
    ],
)
@pytest.mark.parametrize("dialect", ["postgresql", "sqlite", "mysql"])
def test_types_inside_a_type_are_written_on_every_database(
    type_: TypeEngine, written: str, dialect: str
) -> None:
    """AUT-73 [PD]: also within the variant for another database."""
    assert render_type(type_, rendering(dialect)) == written


def test_a_type_can_be_written_without_its_variants() -> None:
    type_ = sa.JSON().with_variant(sa.Text(), "sqlite")
    assert _repr_type(type_, rendering(), _skip_variants=True) == "sa.JSON()"
    assert _repr_type(type_, rendering()) == "sa.JSON().with_variant(sa.Text(), 'sqlite')"


def test_a_type_with_another_inside_can_be_asked_for_as_tests_do() -> None:
    context = rendering("postgresql")
    written = _render_type_w_subtype(postgresql.ARRAY(sa.Integer()), context, "item_type", r"(.+?\()")
    assert written == "postgresql.ARRAY(sa.Integer())"


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        (Decorated(30), f"{__name__}.Decorated(length=30)"),
        (Document(), f"{__name__}.Document(astext_type=sa.Text())"),
        (Shapes.Circle(), f"{__name__}.Shapes.Circle()"),
    ],
)
def test_a_type_of_the_project_is_imported_from_its_module(type_: TypeEngine, written: str) -> None:
    """AUT-71, AUT-73: so that the migration runs as it is."""
    context = rendering()
    assert render_type(type_, context) == written
    assert context.imports == {f"import {__name__}"}


@pytest.mark.parametrize("module", ["__main__", "env_py"])
def test_a_file_that_was_run_is_not_imported(module: str) -> None:
    context = rendering()
    made = type("Mine", (UserDefinedType,), {"__module__": module})()
    assert render_type(made, context) == f"{module}.Mine()"
    assert context.imports == set()


def test_a_type_of_the_project_may_have_a_prefix_of_the_projects_own() -> None:
    """AUT-71: importing it is the template's business then."""
    context = rendering(user_module_prefix="types.")
    assert render_type(Decorated(), context) == "types.Decorated()"
    assert context.imports == set()


def test_the_project_writes_types_its_own_way() -> None:
    """AUT-86: also those inside others."""

    def render_item(type_: str, item: object, context: object) -> str | bool:
        return "mine()" if type_ == "type" and isinstance(item, sa.String) else False

    context = rendering(render_item=render_item)
    assert render_type(sa.String(5), context) == "mine()"
    assert render_type(sa.ARRAY(sa.String(5)), context) == "sa.ARRAY(mine())"


def test_an_implementation_writes_types_its_own_way() -> None:
    """`DefaultImpl.render_type()` is what third-party dialects override."""
    context = rendering()
    context.migration_context.impl.render_type = lambda type_, _: (
        "db.BLOB()" if isinstance(type_, sa.LargeBinary) else False
    )
    assert render_type(sa.LargeBinary(), context) == "db.BLOB()"
    assert render_type(sa.Integer(), context) == "sa.Integer()"
