"""The only package that touches private or version-dependent names of SQLAlchemy.

Each function says what it knows of SQLAlchemy's inside, so that a new version has one place to look at. The modules
are imported when a name of theirs is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import Identity
from sqlalchemy.sql.base import DialectKWArgs

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.sqla.connections import SameConnection as SameConnection
    from limbeck.sqla.connections import connect_in_autocommit as connect_in_autocommit
    from limbeck.sqla.connections import engine_apart as engine_apart
    from limbeck.sqla.connections import fetch_one_or_none as fetch_one_or_none
    from limbeck.sqla.connections import in_greenlet as in_greenlet
    from limbeck.sqla.connections import is_autocommit as is_autocommit
    from limbeck.sqla.connections import run_async as run_async
    from limbeck.sqla.connections import wait_in_loop as wait_in_loop
    from limbeck.sqla.copies import clone_column as clone_column
    from limbeck.sqla.copies import columns_in as columns_in
    from limbeck.sqla.copies import copy_column as copy_column
    from limbeck.sqla.copies import copy_column_alone as copy_column_alone
    from limbeck.sqla.copies import copy_constraint as copy_constraint
    from limbeck.sqla.copies import copy_index as copy_index
    from limbeck.sqla.copies import replace_columns as replace_columns
    from limbeck.sqla.copies import set_nullable as set_nullable
    from limbeck.sqla.copies import set_server_default as set_server_default
    from limbeck.sqla.reading import TableFacts as TableFacts
    from limbeck.sqla.reading import corrects_foreign_keys as corrects_foreign_keys
    from limbeck.sqla.reading import fill_table as fill_table
    from limbeck.sqla.results import forget_given as forget_given
    from limbeck.sqla.results import give_generated_key as give_generated_key
    from limbeck.sqla.results import give_row_count as give_row_count
    from limbeck.sqla.results import give_rows as give_rows
    from limbeck.sqla.tables import column_keys as column_keys
    from limbeck.sqla.tables import exclude_elements as exclude_elements
    from limbeck.sqla.tables import final_name as final_name
    from limbeck.sqla.tables import given_name as given_name
    from limbeck.sqla.tables import has_written_target as has_written_target
    from limbeck.sqla.tables import in_creation_order as in_creation_order
    from limbeck.sqla.tables import index_on as index_on
    from limbeck.sqla.tables import indexes_in_order as indexes_in_order
    from limbeck.sqla.tables import is_created as is_created
    from limbeck.sqla.tables import is_default_option as is_default_option
    from limbeck.sqla.tables import is_type_bound as is_type_bound
    from limbeck.sqla.tables import referred_name as referred_name
    from limbeck.sqla.tables import statement_about as statement_about
    from limbeck.sqla.tables import table_of as table_of
    from limbeck.sqla.tables import table_of_items as table_of_items
    from limbeck.sqla.tables import table_prefixes as table_prefixes
    from limbeck.sqla.tables import written_target as written_target
    from limbeck.sqla.text import InlineLiteral as InlineLiteral
    from limbeck.sqla.text import WriteLiteral as WriteLiteral
    from limbeck.sqla.text import assume_standard_strings as assume_standard_strings
    from limbeck.sqla.text import filled_in as filled_in
    from limbeck.sqla.text import given_values as given_values
    from limbeck.sqla.text import literal_text as literal_text
    from limbeck.sqla.text import printing_dialect as printing_dialect
    from limbeck.sqla.types import creation_event as creation_event
    from limbeck.sqla.types import drop_event as drop_event
    from limbeck.sqla.types import forget_named_type as forget_named_type
    from limbeck.sqla.types import is_datetime as is_datetime
    from limbeck.sqla.types import is_same_kind_of_type as is_same_kind_of_type
    from limbeck.sqla.types import name_of_type as name_of_type
    from limbeck.sqla.types import note_named_type as note_named_type
    from limbeck.sqla.types import variants as variants

VERSION = tuple(int(part) for part in re.findall(r"\d+", sqlalchemy.__version__)[:3])
IS_2_1 = VERSION >= (2, 1)
IDENTITY_HAS_OPTIONS = issubclass(Identity, DialectKWArgs)
"""Whether an Identity takes options of a dialect: since 2.1."""

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "SameConnection": "limbeck.sqla.connections:SameConnection",
        "connect_in_autocommit": "limbeck.sqla.connections:connect_in_autocommit",
        "engine_apart": "limbeck.sqla.connections:engine_apart",
        "fetch_one_or_none": "limbeck.sqla.connections:fetch_one_or_none",
        "in_greenlet": "limbeck.sqla.connections:in_greenlet",
        "is_autocommit": "limbeck.sqla.connections:is_autocommit",
        "run_async": "limbeck.sqla.connections:run_async",
        "wait_in_loop": "limbeck.sqla.connections:wait_in_loop",
        "clone_column": "limbeck.sqla.copies:clone_column",
        "columns_in": "limbeck.sqla.copies:columns_in",
        "copy_column": "limbeck.sqla.copies:copy_column",
        "copy_column_alone": "limbeck.sqla.copies:copy_column_alone",
        "copy_constraint": "limbeck.sqla.copies:copy_constraint",
        "copy_index": "limbeck.sqla.copies:copy_index",
        "replace_columns": "limbeck.sqla.copies:replace_columns",
        "set_nullable": "limbeck.sqla.copies:set_nullable",
        "set_server_default": "limbeck.sqla.copies:set_server_default",
        "TableFacts": "limbeck.sqla.reading:TableFacts",
        "corrects_foreign_keys": "limbeck.sqla.reading:corrects_foreign_keys",
        "fill_table": "limbeck.sqla.reading:fill_table",
        "forget_given": "limbeck.sqla.results:forget_given",
        "give_generated_key": "limbeck.sqla.results:give_generated_key",
        "give_row_count": "limbeck.sqla.results:give_row_count",
        "give_rows": "limbeck.sqla.results:give_rows",
        "column_keys": "limbeck.sqla.tables:column_keys",
        "exclude_elements": "limbeck.sqla.tables:exclude_elements",
        "final_name": "limbeck.sqla.tables:final_name",
        "given_name": "limbeck.sqla.tables:given_name",
        "has_written_target": "limbeck.sqla.tables:has_written_target",
        "in_creation_order": "limbeck.sqla.tables:in_creation_order",
        "index_on": "limbeck.sqla.tables:index_on",
        "indexes_in_order": "limbeck.sqla.tables:indexes_in_order",
        "is_created": "limbeck.sqla.tables:is_created",
        "is_default_option": "limbeck.sqla.tables:is_default_option",
        "is_type_bound": "limbeck.sqla.tables:is_type_bound",
        "referred_name": "limbeck.sqla.tables:referred_name",
        "statement_about": "limbeck.sqla.tables:statement_about",
        "table_of": "limbeck.sqla.tables:table_of",
        "table_of_items": "limbeck.sqla.tables:table_of_items",
        "table_prefixes": "limbeck.sqla.tables:table_prefixes",
        "written_target": "limbeck.sqla.tables:written_target",
        "InlineLiteral": "limbeck.sqla.text:InlineLiteral",
        "WriteLiteral": "limbeck.sqla.text:WriteLiteral",
        "assume_standard_strings": "limbeck.sqla.text:assume_standard_strings",
        "filled_in": "limbeck.sqla.text:filled_in",
        "given_values": "limbeck.sqla.text:given_values",
        "literal_text": "limbeck.sqla.text:literal_text",
        "printing_dialect": "limbeck.sqla.text:printing_dialect",
        "creation_event": "limbeck.sqla.types:creation_event",
        "drop_event": "limbeck.sqla.types:drop_event",
        "forget_named_type": "limbeck.sqla.types:forget_named_type",
        "is_datetime": "limbeck.sqla.types:is_datetime",
        "is_same_kind_of_type": "limbeck.sqla.types:is_same_kind_of_type",
        "name_of_type": "limbeck.sqla.types:name_of_type",
        "note_named_type": "limbeck.sqla.types:note_named_type",
        "variants": "limbeck.sqla.types:variants",
    },
)
