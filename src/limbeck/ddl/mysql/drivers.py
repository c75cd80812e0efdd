"""The drivers of MySQL and MariaDB."""

from limbeck.ddl.drivers import Driver

ALIASES = ()

DRIVERS = (
    Driver("pymysql", "pymysql", '"limbeck[mysql]"'),
    Driver("mysqldb", "MySQLdb", "mysqlclient"),
    Driver("mysqlconnector", "mysql.connector", "mysql-connector-python"),
    Driver("mariadbconnector", "mariadb", "mariadb"),
    Driver("asyncmy", "asyncmy", '"limbeck[async]" asyncmy'),
    Driver("aiomysql", "aiomysql", '"limbeck[async]" aiomysql'),
)
