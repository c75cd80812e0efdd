"""Which of the two servers it is."""

from sqlalchemy.engine import Dialect


def is_mariadb(dialect: Dialect) -> bool:
    """Whether the server is MariaDB, whatever the URL calls it."""
    return bool(getattr(dialect, "is_mariadb", False))
