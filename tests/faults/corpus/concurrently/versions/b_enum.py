"""A new value of an enum, used afterwards; twice a block; a sequence of rows."""

import sqlalchemy as sa

from limbeck import op

revision = "b_enum"
down_revision = "a_indexes"


def upgrade():
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE mood ADD VALUE 'blue' AFTER 'sad'")
    op.execute("ALTER TABLE big ADD COLUMN mood mood DEFAULT 'blue'")
    connection = op.get_bind()
    for (number,) in connection.execute(
        sa.text("SELECT id FROM big WHERE mood = 'blue' AND id < 4 ORDER BY id")
    ).all():
        connection.execute(
            sa.text("UPDATE big SET mood = 'glad', n = n + 1000 WHERE id = :id"), {"id": number}
        )
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_big_mood ON big (mood)")
        op.execute("REINDEX INDEX CONCURRENTLY ix_big_mood")
        op.execute("VACUUM (ANALYZE) big")


def downgrade():
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_big_mood")
    op.execute("UPDATE big SET n = n - 1000 WHERE n >= 1000")
    op.drop_column("big", "mood")
    # An enum can lose a value only by being made anew.
    op.execute("ALTER TYPE mood RENAME TO mood_before")
    op.execute("CREATE TYPE mood AS ENUM ('sad', 'glad')")
    op.execute("DROP TYPE mood_before")
