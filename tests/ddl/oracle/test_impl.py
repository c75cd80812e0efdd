"""Oracle Database: what the recorded calls leave open."""

from __future__ import annotations

from tests.ddl.recorded import run


def test_a_comment_names_the_schema() -> None:
    """OPS-45"""
    assert run("op.alter_column('t', 'c', comment='x', schema='s')", "oracle").sql == [
        "COMMENT ON COLUMN s.t.c IS 'x'"
    ]


def test_an_identity_gives_way_to_a_default() -> None:
    """OPS-55"""
    call = "op.alter_column('t', 'c', server_default='5', existing_server_default=sa.Identity())"
    assert run(call, "oracle").sql == [
        "ALTER TABLE t MODIFY c DROP IDENTITY",
        "ALTER TABLE t MODIFY c DEFAULT '5'",
    ]
