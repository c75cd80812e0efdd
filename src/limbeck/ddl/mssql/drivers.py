"""The drivers of SQL Server."""

from limbeck.ddl.drivers import Driver

ALIASES = ("sqlserver",)

DRIVERS = (
    Driver("pyodbc", "pyodbc", "pyodbc"),
    Driver("pymssql", "pymssql", "pymssql"),
    Driver("aioodbc", "aioodbc", '"limbeck[async]" aioodbc'),
)
