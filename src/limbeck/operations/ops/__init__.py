"""The operations: one class for each kind of change."""

from limbeck.operations.ops.base import AlterTableOp, MigrateOperation
from limbeck.operations.ops.column import AddColumnOp, AlterColumnOp, DropColumnOp
from limbeck.operations.ops.comment import CreateTableCommentOp, DropTableCommentOp
from limbeck.operations.ops.constraint import (
    AddConstraintOp,
    CreateCheckConstraintOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
)
from limbeck.operations.ops.data import BulkInsertOp, ExecuteSQLOp
from limbeck.operations.ops.foreign_key import CreateForeignKeyOp
from limbeck.operations.ops.index import CreateIndexOp, DropIndexOp
from limbeck.operations.ops.script import (
    DowngradeOps,
    MigrationScript,
    ModifyTableOps,
    OpContainer,
    UpgradeOps,
)
from limbeck.operations.ops.table import CreateTableOp, DropTableOp, RenameTableOp

__all__ = [
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "AlterTableOp",
    "BulkInsertOp",
    "CreateCheckConstraintOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropIndexOp",
    "DropTableCommentOp",
    "DropTableOp",
    "ExecuteSQLOp",
    "MigrateOperation",
    "MigrationScript",
    "ModifyTableOps",
    "OpContainer",
    "RenameTableOp",
    "UpgradeOps",
]
