"""Views, a trigger that writes rows, and a table for this session only."""

import sqlalchemy as sa

from limbeck import op

revision = "a_views"
down_revision = "start"

TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER noted AFTER UPDATE ON stock BEGIN INSERT INTO log VALUES ('changed ' || new.name); END"
    ],
    "mysql": [
        "CREATE TRIGGER noted AFTER UPDATE ON stock FOR EACH ROW INSERT INTO log VALUES (CONCAT('changed ', new.name))"
    ],
    "postgresql": [
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO log VALUES ('changed ' || new.name); RETURN new; END $$",
        "CREATE TRIGGER noted AFTER UPDATE ON stock FOR EACH ROW EXECUTE FUNCTION note()",
    ],
}


def upgrade():
    dialect = op.get_context().impl.__dialect__
    op.execute("CREATE VIEW plenty AS SELECT id, name FROM stock WHERE amount > 2")
    for statement in TRIGGER[dialect]:
        op.execute(statement)
    op.execute("UPDATE stock SET amount = amount + 1")
    op.execute("CREATE TEMPORARY TABLE aside (id INTEGER, amount INTEGER)")
    op.execute("INSERT INTO aside SELECT id, amount FROM stock WHERE id < 4")
    op.execute("UPDATE aside SET amount = amount * 2")
    op.create_table("kept", sa.Column("id", sa.Integer), sa.Column("amount", sa.Integer))
    op.execute("INSERT INTO kept SELECT id, amount FROM aside")
    op.execute("DROP TABLE aside" if dialect != "mysql" else "DROP TEMPORARY TABLE aside")
    op.execute("DROP VIEW plenty")
    op.execute("CREATE VIEW plenty AS SELECT id, name, amount FROM stock WHERE amount > 3")
    op.execute("CREATE VIEW more AS SELECT name FROM plenty")


def downgrade():
    op.execute("DROP VIEW more")
    op.execute("DROP VIEW plenty")
    op.drop_table("kept")
    if op.get_context().impl.__dialect__ == "postgresql":
        op.execute("DROP TRIGGER noted ON stock")
        op.execute("DROP FUNCTION note()")
    else:
        op.execute("DROP TRIGGER noted")
    op.execute("UPDATE stock SET amount = amount - 1")
    op.execute("DELETE FROM log")
