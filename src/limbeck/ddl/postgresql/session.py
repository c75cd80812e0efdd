"""What the driver of PostgreSQL knows of its session, without asking the server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection


def is_idle(connection: Connection) -> bool:
    """Whether no transaction has begun on the server, as far as the driver tells; SQLAlchemy begins one early."""
    driver: Any = connection.connection.driver_connection
    status = getattr(getattr(driver, "info", None), "transaction_status", None)
    if status is not None:
        return bool(status == 0)
    is_in_transaction = getattr(driver, "is_in_transaction", None)
    return is_in_transaction is not None and not is_in_transaction()


def find_told_process(connection: Connection) -> int | None:
    """The server process the client was told of when it logged in; None if the driver does not say."""
    driver: Any = connection.connection.driver_connection
    info = getattr(driver, "info", None)
    pid = getattr(info, "backend_pid", None)
    if pid is None and hasattr(driver, "get_server_pid"):
        pid = driver.get_server_pid()
    if pid is None and isinstance(key := getattr(driver, "_backend_key_data", None), bytes):
        pid = int.from_bytes(key[:4], "big", signed=True)
    return pid
