"""Do two constraints mean the same, and what is one called that nobody has named? (AUT-40, AUT-50)"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Constraint, ForeignKeyConstraint, UniqueConstraint

from limbeck.ddl.compare.indexes import unique_signature
from limbeck.ddl.compare.result import ComparisonResult
from limbeck.ddl.contracts import Comparing


def compare_unique_constraint(
    impl: Comparing, metadata_constraint: UniqueConstraint, reflected_constraint: UniqueConstraint
) -> ComparisonResult:
    """Compare the columns, whatever their order (AUT-41)."""
    wanted, found = unique_signature(metadata_constraint), unique_signature(reflected_constraint)
    if wanted == found:
        return ComparisonResult.Equal()
    return ComparisonResult.Different(f"columns {sorted(found)} to {sorted(wanted)}")


def compare_check_constraint(
    impl: Comparing, metadata_constraint: CheckConstraint, reflected_constraint: CheckConstraint
) -> ComparisonResult:
    """Checks of one name are equal: databases rewrite conditions beyond recognition (AUT-53)."""
    return ComparisonResult.Equal()


def correct_for_autogen_foreignkeys(
    impl: Comparing, conn_fks: set[ForeignKeyConstraint], metadata_fks: set[ForeignKeyConstraint]
) -> None:
    """Leave both sets as they are: `foreign_key_options` evens out what means the same."""


class KeyOptions(NamedTuple):
    """What a database says about a foreign key beside its columns, under the names a constraint has for it."""

    onupdate: str | None
    ondelete: str | None
    deferrable: bool | None
    initially: str | None


def foreign_key_options(constraint: ForeignKeyConstraint | KeyOptions) -> tuple[str | None, ...]:
    """What makes two foreign keys between the same columns different: their actions (AUT-50).

    NO ACTION is what happens anyway.
    """
    return action(constraint.onupdate), action(constraint.ondelete)


def action(written: str | None, nothing: Collection[str] = ("no action",)) -> str | None:
    """A referential action in one spelling; None for what happens anyway."""
    said = (written or "").lower()
    return None if said in nothing else said or None


def name_for(constraint: Constraint, *, longest: int, taken: Collection[str] = ()) -> str:
    """A name for a constraint that has none, so that a migration can drop it again.

    It is the one that the naming convention recommended in SQLAlchemy's manual would give:
    `uq_account_name`, `fk_address_account_id_account`.
    """
    table: Any = constraint.table
    columns = [column.name for column in getattr(constraint, "columns", ())]
    kind = {"unique_constraint": "uq", "foreign_key_constraint": "fk", "primary_key_constraint": "pk"}
    parts = [kind.get(constraint.__visit_name__, "ck"), table.name, *columns]
    if isinstance(constraint, ForeignKeyConstraint):
        parts.append(referred_table_name(constraint))
    return free_name(shortened("_".join(parts), longest), taken, longest)


def referred_table_name(constraint: ForeignKeyConstraint) -> str:
    """The name of the table a foreign key points to, without its schema."""
    path = constraint.elements[0].target_fullname.split(".")
    return path[-2] if len(path) > 1 else path[-1]


def shortened(name: str, longest: int) -> str:
    """A name that fits; what is cut off lives on in four letters, so that two long names stay different."""
    if len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:4]
    return f"{name[: longest - 5]}_{digest}"


def free_name(name: str, taken: Collection[str], longest: int) -> str:
    """The name itself, or with the first number that makes it free."""
    number, candidate = 0, name
    while candidate in taken:
        number += 1
        candidate = f"{name[: longest - len(str(number))]}{number}"
    return candidate
