"""The drivers of Oracle."""

from limbeck.ddl.drivers import Driver

ALIASES = ()

DRIVERS = (
    Driver("oracledb", "oracledb", "oracledb"),
    Driver("cx_oracle", "cx_Oracle", "cx_Oracle"),
)
