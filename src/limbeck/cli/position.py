"""How far a migration has come: which of the operations in its function a line belongs to."""

from __future__ import annotations

import ast

_COMPOUND = (ast.With, ast.For, ast.If, ast.Try, ast.While)


def find_position(source: str, function: str, line: int) -> tuple[int, int] | None:
    """The number of the operation that a line belongs to, counted from 1, and how many the function has.

    An operation is a statement of the function that calls something; a block or a loop counts as one, and an
    assignment as none. None if the line is in no operation, or if the source cannot be read.

    >>> find_position("def upgrade():\\n    op.a()\\n    op.b()", "upgrade", 3)
    (2, 2)
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    for definition in tree.body:
        if isinstance(definition, ast.FunctionDef) and definition.name == function:
            operations = [statement for statement in definition.body if _is_operation(statement)]
            for number, statement in enumerate(operations, 1):
                if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
                    return number, len(operations)
    return None


def _is_operation(statement: ast.stmt) -> bool:
    is_candidate = isinstance(statement, (ast.Expr, *_COMPOUND))
    return is_candidate and any(isinstance(node, ast.Call) for node in ast.walk(statement))
