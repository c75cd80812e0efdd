"""After the merge."""

from limbeck import op

revision = "last"
down_revision = "merge"


def upgrade():
    op.execute("INSERT INTO merged (id) VALUES (1)")
    op.execute("INSERT INTO merged (id) VALUES (2)")


def downgrade():
    op.execute("DELETE FROM merged WHERE id = 1")
    op.execute("DELETE FROM merged WHERE id = 2")
