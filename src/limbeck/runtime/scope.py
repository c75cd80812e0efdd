"""Transactions of others: what is open is left open, what is begun here is ended here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def ensured_transaction(connection: Connection | None) -> Iterator[None]:
    """A transaction for the block: the one that is open, or one that ends with the block."""
    if connection is None or connection.in_transaction():
        yield
        return
    with connection.begin():
        yield


def commit_if_open(connection: Connection) -> None:
    """Commit the transaction of a connection, if there is one."""
    if connection.in_transaction():
        connection.commit()


def rollback_if_open(connection: Connection) -> None:
    """Roll back the transaction of a connection, if there is one."""
    if connection.in_transaction():
        connection.rollback()
