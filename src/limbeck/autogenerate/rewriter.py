"""Change what autogenerate found before it is written: one function for each class of operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any, TypeVar

from sqlalchemy import Column

from limbeck import sqla
from limbeck.base.dispatch import Dispatcher
from limbeck.operations import ops

ProcessRevisionDirectiveFn = Callable[[Any, Any, list[ops.MigrationScript]], None]
"""A `process_revision_directives` hook: `(context, revision, directives)`, changing the list in place (AUT-100)."""

Handler = TypeVar("Handler", bound=Callable[..., Any])
Group = TypeVar("Group", bound=ops.OpContainer)


class Rewriter:
    """A `process_revision_directives` hook made of one function for each class of operation (AUT-101).

        writer = Rewriter()

        @writer.rewrites(ops.AddColumnOp)
        def nullable_first(context, revision, op):
            if op.column.nullable:
                return op
            op.column.nullable = True
            return [op, ops.AlterColumnOp(op.table_name, op.column.name, modify_nullable=False)]

        context.configure(..., process_revision_directives=writer)

    The columns that a handler gets are copies, so changing them leaves the models as they are.
    """

    _traverse = Dispatcher()
    """Class of operation → function that rewrites what is inside of it."""

    def __init__(self) -> None:
        self.dispatch = Dispatcher()
        self._chained: tuple[Rewriter | ProcessRevisionDirectiveFn, ...] = ()

    def chain(self, other: Rewriter | ProcessRevisionDirectiveFn) -> Rewriter:
        """A rewriter that does what this one does, and then what `other` does: any hook, also a plain function."""
        both = copy(self)
        both._chained = (*self._chained, other)
        return both

    def rewrites(
        self, operator: type[ops.MigrateOperation] | Iterable[type[ops.MigrateOperation]]
    ) -> Callable[[Handler], Handler]:
        """Register the decorated function for a class of operation and its subclasses.

        It gets `(context, revision, op)` and returns what takes the place of `op`: an operation, several in a
        list, or an empty list for none. What it returns is not given to this rewriter again.
        """
        classes = [operator] if isinstance(operator, type) else list(operator)

        def register(function: Handler) -> Handler:
            for operation_class in classes:
                self.dispatch.dispatch_for(operation_class, replace=True)(function)
            return function

        return register

    def __call__(self, context: Any, revision: Any, directives: list[ops.MigrationScript]) -> None:
        self.process_revision_directives(context, revision, directives)

    def process_revision_directives(
        self, context: Any, revision: Any, directives: list[ops.MigrationScript]
    ) -> None:
        """Rewrite all scripts in place, then let the chained hooks do the same."""
        for script in directives:
            for group in (*script.upgrade_ops_list, *script.downgrade_ops_list):
                hand_out_copies(group)
        directives[:] = [one for script in directives for one in self._rewritten(context, revision, script)]  # type: ignore[misc]  # a script becomes scripts
        for hook in self._chained:
            hook(context, revision, directives)

    def _rewritten(
        self, context: Any, revision: Any, operation: ops.MigrateOperation
    ) -> list[ops.MigrateOperation]:
        """What takes the place of an operation, rewritten inside as well."""
        found = list(self._handled(context, revision, operation))
        for one in found:
            self._traverse.dispatch(one)(self, context, revision, one)
        return found

    def _handled(
        self, context: Any, revision: Any, operation: ops.MigrateOperation
    ) -> Iterator[ops.MigrateOperation]:
        if self in _rewritten_by(operation):
            yield operation
            return
        try:
            handler = self.dispatch.dispatch(operation)
        except ValueError:
            yield operation
            return
        given = handler(context, revision, operation)
        for one in (given or ()) if isinstance(given, Iterable | None) else [given]:
            one._mutations = _rewritten_by(one) | {self}
            yield one

    def _only(self, context: Any, revision: Any, group: Group) -> Group:
        """What takes the place of a group, which has to be one group of the same kind."""
        found = self._rewritten(context, revision, group)
        if len(found) != 1 or not isinstance(found[0], type(group)):
            raise ValueError(
                f"a handler for {type(group).__name__} has to return one of these, got {found!r}"
            )
        return found[0]


@Rewriter._traverse.dispatch_for(ops.MigrateOperation)
def _leave(rewriter: Rewriter, context: Any, revision: Any, operation: ops.MigrateOperation) -> None:
    """Most operations have nothing inside."""


@Rewriter._traverse.dispatch_for(ops.MigrationScript)
def _rewrite_script(rewriter: Rewriter, context: Any, revision: Any, script: ops.MigrationScript) -> None:
    script.upgrade_ops = [rewriter._only(context, revision, group) for group in script.upgrade_ops_list]
    script.downgrade_ops = [rewriter._only(context, revision, group) for group in script.downgrade_ops_list]


@Rewriter._traverse.dispatch_for(ops.OpContainer)
def _rewrite_group(rewriter: Rewriter, context: Any, revision: Any, group: ops.OpContainer) -> None:
    group.ops[:] = [one for each in group.ops for one in rewriter._rewritten(context, revision, each)]


def hand_out_copies(group: ops.OpContainer) -> None:
    """Give the operations of a group columns of their own; each stays a column of its table (AUT-101)."""
    for operation in group.ops:
        if isinstance(operation, ops.OpContainer):
            hand_out_copies(operation)
        elif isinstance(operation, ops.AddColumnOp):
            operation.column = sqla.clone_column(operation.column)
        elif isinstance(operation, ops.CreateTableOp):
            operation.columns = [
                sqla.clone_column(item) if isinstance(item, Column) else item for item in operation.columns
            ]


def _rewritten_by(operation: ops.MigrateOperation) -> frozenset[object]:
    """The rewriters that have seen an operation; those of extensions need not derive from ours."""
    found: frozenset[object] = getattr(operation, "_mutations", frozenset())
    return found
