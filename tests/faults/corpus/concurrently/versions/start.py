"""A table with rows, and an enum."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    big = op.create_table(
        "big",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(50)),
        sa.Column("n", sa.Integer),
    )
    op.bulk_insert(big, [{"id": n, "text": f"t{n}", "n": n} for n in range(1, 300)])
    op.execute("CREATE TYPE mood AS ENUM ('sad', 'glad')")
    op.create_index("ix_big_old", "big", ["n"])


def downgrade():
    op.drop_table("big")
    op.execute("DROP TYPE mood")
