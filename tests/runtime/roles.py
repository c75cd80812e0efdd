"""Roles of a PostgreSQL server that may do little."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from tests.backends.engines import opened


@contextmanager
def acting_as_guest(url: str, *rights: str) -> Iterator[Connection]:
    """A connection that acts as a new role; `rights` complete `GRANT … TO` it. The role is dropped afterwards."""
    role = f"limbeck_{secrets.token_hex(4)}"
    with opened(url) as engine:
        with engine.begin() as owner:
            for statement in (f"CREATE ROLE {role}", *(f"GRANT {right} TO {role}" for right in rights)):
                owner.execute(text(statement))
        try:
            with engine.connect() as connection:
                connection.execute(text(f"SET ROLE {role}"))
                connection.commit()
                yield connection
                connection.rollback()
                connection.execute(text("RESET ROLE"))
                connection.commit()
        finally:
            with engine.begin() as owner:
                owner.execute(text(f"DROP OWNED BY {role}"))
                owner.execute(text(f"DROP ROLE {role}"))
