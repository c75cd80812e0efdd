"""What PostgreSQL reports and what was meant."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Constraint,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
    text,
)  # fmt: skip
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Enum, String, TypeEngine

from limbeck.ddl.compare import constraints, defaults, types
from limbeck.ddl.compare.constraints import free_name
from limbeck.ddl.compare.indexes import element_texts, unique_difference
from limbeck.ddl.compare.result import ComparisonResult
from limbeck.ddl.compare.types import Params
from limbeck.ddl.contracts import Comparing
from limbeck.operations.ops import AlterColumnOp, DropConstraintOp, DropIndexOp, MigrateOperation

log = logging.getLogger("alembic.ddl.postgresql")

LONGEST = 63

# --- types --------------------------------------------------------------------------------------------------

SINGLE_UP_TO = 24
"""FLOAT with so many bits is a REAL."""


def compare_type(impl: Comparing, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
    """Whether the types differ; a named enumeration is compared by name (AUT-22 to AUT-24)."""
    found, wanted = inspector_column.type, metadata_column.type.dialect_impl(impl.dialect)
    if isinstance(found, Enum) and isinstance(wanted, Enum) and wanted.native_enum:
        default = impl.dialect.default_schema_name
        names = [(item.name, None if item.schema == default else item.schema) for item in (found, wanted)]
        return names[0] != names[1]
    return types.compare_type(impl, inspector_column, metadata_column, _stored)


def _stored(params: Params) -> Params:
    """FLOAT is a way to write REAL or DOUBLE PRECISION (AUT-24)."""
    if params.tokens != ["FLOAT"]:
        return params
    if params.args and int(params.args[0]) <= SINGLE_UP_TO:
        return Params("REAL", ["REAL"], [], params.kwargs)
    return Params("DOUBLE", ["DOUBLE", "PRECISION"], [], params.kwargs)


CASTS = text(
    """
    WITH named AS (
        SELECT pg_catalog.to_regtype(:source) AS source, pg_catalog.to_regtype(:target) AS target
    ), plain AS (
        -- an array is cast as its elements are
        SELECT
            source.typcategory = 'A' AS from_array,
            CASE source.typcategory WHEN 'A' THEN source.typelem ELSE source.oid END AS source,
            target.typcategory = 'A' AS to_array,
            CASE target.typcategory WHEN 'A' THEN target.typelem ELSE target.oid END AS target,
            target.typcategory = 'S' AS to_string,
            source.typcategory = 'S' AS from_string
        FROM named
        JOIN pg_catalog.pg_type AS source ON source.oid = named.source
        JOIN pg_catalog.pg_type AS target ON target.oid = named.target
    )
    SELECT
        to_string OR from_array = to_array AND (source = target OR EXISTS (
            SELECT 1 FROM pg_catalog.pg_cast
            WHERE castsource = source AND casttarget = target AND castcontext IN ('a', 'i')
        )) AS by_itself,
        from_string OR from_array = to_array AND EXISTS (
            SELECT 1 FROM pg_catalog.pg_cast WHERE castsource = source AND casttarget = target
        ) AS if_asked
    FROM plain
    """
)


def prepare_alteration(impl: Comparing, operation: AlterColumnOp) -> None:
    """Say how to convert the values, where PostgreSQL asks for it ("cannot be cast automatically").

    Types between which there is no cast at all are converted by what their values look like.
    """
    found, wanted = operation.existing_type, operation.modify_type
    operation.kw.pop("postgresql_using", None)
    if impl.connection is None or not isinstance(found, TypeEngine) or not isinstance(wanted, TypeEngine):
        return
    source, target = (impl.dialect.type_compiler_instance.process(type_) for type_ in (found, wanted))
    casts = impl.connection.execute(CASTS, {"source": source, "target": target}).one_or_none()
    if casts is None or not casts.by_itself:
        column = impl.dialect.identifier_preparer.quote(operation.column_name)
        through = "" if _is_castable(found, casts) else "::text"
        operation.kw["postgresql_using"] = f"{column}{through}::{target}"


def _is_castable(found: TypeEngine[Any], casts: Any) -> bool:
    """Whether there is a cast; of a type that is not there at the moment only strings are sure to have one."""
    if casts is None:
        return isinstance(found, String) and not isinstance(found, Enum)
    return bool(casts.if_asked)


# --- defaults -----------------------------------------------------------------------------------------------

NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'(?:::regclass)?\)", re.IGNORECASE)
CAST = re.compile(r"::[\w. ]+(?:\(\s*[\d, ]+\))?(?:\[\])*|::\"[^\"]+\"")

OWNED_SEQUENCES = text(
    """
    SELECT table_schema.nspname, used_by.relname, attribute.attname
    FROM pg_catalog.pg_depend AS dependency
    JOIN pg_catalog.pg_class AS sequence ON sequence.oid = dependency.objid AND sequence.relkind = 'S'
    JOIN pg_catalog.pg_class AS used_by ON used_by.oid = dependency.refobjid
    JOIN pg_catalog.pg_namespace AS table_schema ON table_schema.oid = used_by.relnamespace
    JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.attrelid = dependency.refobjid AND attribute.attnum = dependency.refobjsubid
    WHERE dependency.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND dependency.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
      AND dependency.deptype = 'a'
    """
)


def autogen_column_reflect(inspector: Inspector, table: Table, column_info: Any) -> None:
    """A SERIAL column has no default of its own: its sequence belongs to it (AUT-31)."""
    if not NEXTVAL.match(column_info.get("default") or ""):
        return
    schema = table.schema or inspector.default_schema_name
    if (schema, table.name, column_info["name"]) in _owned_sequences(inspector):
        column_info["default"] = None


def _owned_sequences(inspector: Inspector) -> set[tuple[Any, ...]]:
    cache: dict[Any, Any] = inspector.info_cache
    if "limbeck owned sequences" not in cache:
        connection = inspector.bind
        assert isinstance(connection, Connection)
        cache["limbeck owned sequences"] = {tuple(row) for row in connection.execute(OWNED_SEQUENCES)}
    owned: set[tuple[Any, ...]] = cache["limbeck owned sequences"]
    return owned


def compare_server_default(
    impl: Comparing,
    inspector_column: Column[Any],
    metadata_column: Column[Any],
    rendered_metadata_default: str | None,
    rendered_inspector_default: str | None,
) -> bool:
    """Whether the defaults differ: by their text, else by what the database makes of them (AUT-31).

    Sequences are compared by text only: asking them for a value would use it up.
    """
    found = rendered_inspector_default
    wanted = defaults.metadata_default(metadata_column, rendered_metadata_default)
    if _is_serial(inspector_column, found, wanted):
        return False
    values = defaults.read_value(found, _without_casts), defaults.read_value(wanted, _without_casts)
    if defaults.is_same_value(*values):
        return False
    if found is None or wanted is None or "null" in (values[0].kind, values[1].kind):
        return True
    if NEXTVAL.search(found) or NEXTVAL.search(wanted) or impl.connection is None:
        return True
    if compare_type(impl, inspector_column, metadata_column):
        # What meant the same for the old type need not be one for the new type, as 0 is no boolean.
        return True
    type_ = impl.dialect.type_compiler_instance.process(metadata_column.type)
    return not _evaluates_same(impl.connection, found, wanted, type_)


def _is_serial(column: Column[Any], found: str | None, wanted: str | None) -> bool:
    """Whether the models spell out the default that a SERIAL column has anyway."""
    return found is None and wanted is not None and NEXTVAL.match(wanted) is not None and not column.nullable


def _without_casts(sql: str) -> str:
    pieces = re.split(r"('(?:[^']|'')*')", sql)
    return "".join(piece if piece.startswith("'") else CAST.sub("", piece) for piece in pieces)


def _evaluates_same(connection: Connection, found: str, wanted: str, type_: str) -> bool:
    """Let the database compare; what it cannot compare is different."""
    question = f"SELECT CAST({found} AS {type_}) IS NOT DISTINCT FROM CAST({wanted} AS {type_})"
    savepoint = connection.begin_nested()
    try:
        same = connection.exec_driver_sql(_for_driver(connection, question)).scalar()
        savepoint.commit()
    except DBAPIError as error:
        savepoint.rollback()
        log.debug("cannot compare defaults %s and %s: %s", found, wanted, error.orig)
        return False
    return bool(same)


def _for_driver(connection: Connection, sql: str) -> str:
    """SQL as the driver wants it: one that has `%` placeholders takes two for one."""
    return sql.replace("%", "%%") if connection.dialect.paramstyle in ("format", "pyformat") else sql


# --- indexes and constraints --------------------------------------------------------------------------------

OPERATOR_CLASS = re.compile(r"\s\w+_ops\b")


def compare_indexes(impl: Comparing, metadata_index: Index, reflected_index: Index) -> ComparisonResult:
    """Compare uniqueness, NULLS NOT DISTINCT, and columns or expressions in order (AUT-41, AUT-42)."""
    reasons = unique_difference(metadata_index, reflected_index)
    reasons += _nulls_difference(metadata_index, reflected_index)
    table = "" if metadata_index.table is None else metadata_index.table.name
    wanted = [_bare(element, table) for element in element_texts(impl, metadata_index)]
    found = [_bare(element, table) for element in element_texts(impl, reflected_index)]
    if len(wanted) != len(found):
        reasons.append(f"expressions {found} to {wanted}")
    elif wanted != found:
        if any(OPERATOR_CLASS.search(element) for element in (*wanted, *found)) and not reasons:
            return ComparisonResult.Skip("an expression names an operator class")
        reasons.append(f"expressions {found} to {wanted}")
    return ComparisonResult.of(reasons)


def _bare(element: str, table: str) -> str:
    """An index element without what PostgreSQL adds, and what has no meaning (AUT-42)."""
    sql = _without_default_order(_without_casts(element))
    if table:
        sql = re.sub(rf'(?<![\w"])(?:"{re.escape(table)}"|{re.escape(table.lower())})\.', "", sql)
    return re.sub(r"[\s()\"]", "", sql) if not OPERATOR_CLASS.search(sql) else sql


def _without_default_order(sql: str) -> str:
    """Without what a direction means anyway: ASC is NULLS LAST, and DESC is NULLS FIRST."""
    sql = re.sub(r"\bdesc\s+nulls\s+first\b", "desc", sql)
    sql = re.sub(r"\s+asc\b", "", sql)
    return sql if re.search(r"\bdesc\b", sql) else re.sub(r"\s+nulls\s+last\b", "", sql)


def compare_unique_constraint(
    impl: Comparing, metadata_constraint: UniqueConstraint, reflected_constraint: UniqueConstraint
) -> ComparisonResult:
    """Compare the columns, and NULLS NOT DISTINCT (AUT-41)."""
    result = constraints.compare_unique_constraint(impl, metadata_constraint, reflected_constraint)
    reasons = [result.message] if result.is_different else []
    return ComparisonResult.of(reasons + _nulls_difference(metadata_constraint, reflected_constraint))


def _nulls_difference(metadata_item: Any, reflected_item: Any) -> list[str]:
    wanted, found = (
        bool(item.dialect_options["postgresql"].get("nulls_not_distinct"))
        for item in (metadata_item, reflected_item)
    )
    return [] if wanted == found else [f"nulls_not_distinct={found} to nulls_not_distinct={wanted}"]


def foreign_key_options(constraint: ForeignKeyConstraint | constraints.KeyOptions) -> tuple[Any, ...]:
    """The actions, and when the key is checked (AUT-50)."""
    is_deferred = (constraint.initially or "").upper() == "DEFERRED"
    return (
        *constraints.foreign_key_options(constraint),
        bool(constraint.deferrable) or is_deferred,
        is_deferred,
    )


def adjust_reflected_dialect_options(reflected_object: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The options of a reflected index or constraint, without those that say nothing (AUT-80)."""
    options = dict(reflected_object.get("dialect_options", {}))
    for name, nothing in (("postgresql_include", []), ("postgresql_nulls_not_distinct", False)):
        if options.get(name) == nothing:
            del options[name]
    return options


def settle_table_changes(operations: list[MigrateOperation]) -> list[MigrateOperation]:
    """Let go of what depends on the type of a column before the type changes.

    PostgreSQL checks conditions, foreign keys and indexed expressions again with the new type.
    """
    place = next(
        (
            number
            for number, item in enumerate(operations)
            if isinstance(item, AlterColumnOp) and item.modify_type is not None
        ),
        None,
    )
    if place is None:
        return operations
    early = [item for item in operations[place:] if _depends_on_types(item)]
    rest = [item for item in operations[place:] if item not in early]
    return [*operations[:place], *early, *rest]


def _depends_on_types(operation: MigrateOperation) -> bool:
    match operation:
        case DropConstraintOp():
            return operation.constraint_type in ("check", "foreignkey")
        case DropIndexOp() if operation._reverse is not None:
            index = operation._reverse
            return "postgresql_where" in index.kw or not all(
                isinstance(part, (str, Column)) for part in index.columns
            )
    return False


# --- names --------------------------------------------------------------------------------------------------


def name_constraint(constraint: Constraint, taken: Collection[str]) -> str:
    """The name that PostgreSQL itself would give: `account_name_key`, `address_account_id_fkey`."""
    suffix = {"unique_constraint": "key", "foreign_key_constraint": "fkey", "primary_key_constraint": "pkey"}
    label = suffix.get(constraint.__visit_name__, "check")
    columns = "_".join(column.name for column in getattr(constraint, "columns", ()))
    table: Any = constraint.table
    return free_name(_object_name(table.name, columns, label), taken, LONGEST)


def _object_name(table: str, columns: str, label: str) -> str:
    """Table, columns and label joined; the longer of the first two gives way (makeObjectName in indexcmds.c)."""
    room = LONGEST - len(label) - 2
    while _length(table) + _length(columns) > room:
        if _length(table) > _length(columns):
            table = table[:-1]
        else:
            columns = columns[:-1]
    return f"{table}_{columns}_{label}"


def _length(name: str) -> int:
    return len(name.encode())


# --- partitions ---------------------------------------------------------------------------------------------

PARTITIONS = text(
    """
    SELECT partition.relname
    FROM pg_catalog.pg_class AS partition
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = partition.relnamespace
    WHERE partition.relispartition AND namespace.nspname = :schema
    """
)


def hidden_tables(inspector: Inspector, schema: str | None) -> Collection[str]:
    """Partitions: they come and go with the data, and belong to the table that is partitioned (AUT-8)."""
    connection = inspector.bind
    assert isinstance(connection, Connection)
    version = connection.dialect.server_version_info
    if version is not None and version < (10,):
        return ()
    name = schema or inspector.default_schema_name
    return set(connection.execute(PARTITIONS, {"schema": name}).scalars())
