"""What tests need of a database; a dialect's own class says which of these it lacks."""

from __future__ import annotations

from typing import Any

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import Requirements


class SuiteRequirements(Requirements):
    """Everything is there, unless a subclass says otherwise.

    >>> class OurRequirements(SuiteRequirements):
    ...     @property
    ...     def computed_columns(self):
    ...         return exclusions.closed()
    """

    @property
    def autoincrement_on_composite_pk(self) -> Any:
        """A primary key of several columns, one of which counts by itself."""
        return _present()

    @property
    def check_constraint_reflection(self) -> Any:
        """CHECK constraints can be read from the database."""
        return _present()

    @property
    def computed_columns(self) -> Any:
        """Generated columns."""
        return _present()

    @property
    def fk_ondelete_noaction(self) -> Any:
        """ON DELETE NO ACTION."""
        return _present()

    @property
    def fk_ondelete_restrict(self) -> Any:
        """ON DELETE RESTRICT."""
        return _present()

    @property
    def fk_onupdate(self) -> Any:
        """ON UPDATE with an action."""
        return _present()

    @property
    def fk_onupdate_restrict(self) -> Any:
        """ON UPDATE RESTRICT."""
        return _present()

    @property
    def foreign_key_constraint_reflection(self) -> Any:
        """Foreign keys can be read from the database."""
        return _present()

    @property
    def reflects_pk_names(self) -> Any:
        """The names of primary keys can be read from the database."""
        return _present()

    @property
    def schemas(self) -> Any:
        """Several schemas in one database."""
        return _present()

    @property
    def unique_constraint_reflection(self) -> Any:
        """Unique constraints can be read from the database."""
        return _present()


def _present() -> Any:
    return exclusions.open()  # type: ignore[no-untyped-call]  # SQLAlchemy's test kit has no types
