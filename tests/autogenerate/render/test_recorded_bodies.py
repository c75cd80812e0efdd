"""Recorded cases in which all tables are new: what is written, and that it does what the operations say."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from limbeck.autogenerate import render
from limbeck.operations import ops
from tests.autogenerate.render.rendering import (
    Context,
    creating,
    rendering,
    sql_of_operations,
    sql_of_source,
)

IS_2_0 = sa.__version__.startswith("2.0")
CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "data/autogen-cases.json").read_text(encoding="utf-8")
    )
    if not case["setup_sql"] and case.get("expected_upgrade_body") is not None
}
BETTER = {
    # AUT-80: the driver's placeholders have no business in a migration.
    "A220": ("a LIKE 'x%%'", "a LIKE 'x%'"),
}
"""Where limbeck writes something else than was recorded: the recorded text and ours."""
BETTER_ON_2_0 = {
    # AUT-73: SQLAlchemy 2.0 forgets in the repr that the type is not to be created.
    "A098": ("name='en1')", "name='en1', create_type=False)"),
}


def made(case: dict[str, Any]) -> tuple[Context, ops.UpgradeOps, ops.DowngradeOps]:
    """The context of a case and the operations of both directions, after the hook of the case if it has one."""
    space: dict[str, Any] = {"sa": sa, "pg": postgresql, "my": mysql}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(case["model_source"], space)
    except sa.exc.ArgumentError as error:
        if IS_2_0 and "error" in case.get("sqlalchemy_2_0", {}):
            pytest.skip(f"SQLAlchemy 2.0: {error}")
        raise
    options = eval(case["configure"], space) if case.get("configure") else {}
    metadata = space["metadata"]
    metadatas = metadata if isinstance(metadata, (list, tuple)) else [metadata]
    context = rendering(case["dialect"], target_metadata=metadatas[0], **options)
    upgrade = creating(*metadatas)
    script = ops.MigrationScript(None, upgrade, upgrade.reverse())
    hook = options.get("process_revision_directives")
    if hook:
        hook(SimpleNamespace(), (), [script])
    return context, script.upgrade_ops_list[0], script.downgrade_ops_list[0]


def folded(body: str) -> str:
    """Code without white space, without comments and without the stray commas of the recorded system (AUT-79)."""
    code = re.sub(r"^\s*#.*$", "", body, flags=re.M)
    return re.sub(r"\s+", "", code).replace(",)", ")")


def expected(case: dict[str, Any], key: str) -> str:
    body: str = case.get("sqlalchemy_2_0", {}).get(key, case[key]) if IS_2_0 else case[key]
    for better in (BETTER, BETTER_ON_2_0) if IS_2_0 else (BETTER,):
        body = body.replace(*better.get(case["id"], ("", "")))
    return body


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: f"{case['id']}-{case['name']}")
def test_a_recorded_body_is_written_as_recorded(case: dict[str, Any]) -> None:
    context, upgrade, downgrade = made(case)
    written = [render.render_cmd_body(group, context) for group in (upgrade, downgrade)]
    recorded = [expected(case, key) for key in ("expected_upgrade_body", "expected_downgrade_body")]
    assert [folded(body) for body in written] == [folded(body) for body in recorded]
    assert sorted(context.imports) == (case.get("expected_imports") or [])


NOT_THE_SAME = {
    "A016": "a function gets parentheses as a default of SQLite, also one that would need none",
    "A030": "options of another database's tables",
    "A031": "a name that is quoted without need is written plainly",
    "A032": "options of another database's tables",
    "A097": "leaves out columns on purpose",
    "A221": "a batch block reads the table",
}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES.values() if case["id"] not in NOT_THE_SAME],
    ids=lambda case: f"{case['id']}-{case['name']}",
)
def test_what_is_written_does_the_same_as_the_operations(case: dict[str, Any]) -> None:
    context, upgrade, downgrade = made(case)
    for group in (upgrade, downgrade):
        body = render.render_cmd_body(group, context)
        assert statements(sql_of_source(body, context)) == statements(sql_of_operations(group, context))


def statements(script: str) -> list[list[str]]:
    """The statements of a script, each with its lines in order: a rendered table lists its constraints by text."""
    return [
        sorted(line.strip().rstrip(",") for line in statement.splitlines())
        for statement in script.split("\n\n")
    ]
