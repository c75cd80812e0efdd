"""MySQL and MariaDB: documented names."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.ddl.mysql.elements import MySQLAlterDefault as MySQLAlterDefault
    from limbeck.ddl.mysql.elements import MySQLChangeColumn as MySQLChangeColumn
    from limbeck.ddl.mysql.elements import MySQLModifyColumn as MySQLModifyColumn
    from limbeck.ddl.mysql.impl import MariaDBImpl as MariaDBImpl
    from limbeck.ddl.mysql.impl import MySQLImpl as MySQLImpl

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "MariaDBImpl": "limbeck.ddl.mysql.impl:MariaDBImpl",
        "MySQLAlterDefault": "limbeck.ddl.mysql.elements:MySQLAlterDefault",
        "MySQLChangeColumn": "limbeck.ddl.mysql.elements:MySQLChangeColumn",
        "MySQLImpl": "limbeck.ddl.mysql.impl:MySQLImpl",
        "MySQLModifyColumn": "limbeck.ddl.mysql.elements:MySQLModifyColumn",
    },
)
