"""Procedures, functions, and sequences, where there are such things; calls of them, and rights."""

import sqlalchemy as sa

from limbeck import op

revision = "b_procedures"
down_revision = "a_views"

MAKE = {
    "sqlite": ["CREATE INDEX ix_stock_half ON stock (amount / 2)"],
    "mysql": [
        "CREATE PROCEDURE grow(IN by_how_much INT) BEGIN UPDATE stock SET amount = amount + by_how_much; END",
        "CREATE FUNCTION half(number INT) RETURNS INT DETERMINISTIC RETURN number DIV 2",
        "CREATE OR REPLACE FUNCTION half(number INT) RETURNS INT DETERMINISTIC RETURN FLOOR(number / 2)",
        "CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 5",
        "ALTER SEQUENCE numbers INCREMENT BY 10",
        "CREATE OR REPLACE VIEW more AS SELECT name, half(amount) AS half FROM plenty",
        "CREATE TABLE copied LIKE stock",
        "INSERT INTO copied SELECT * FROM stock",
        "CREATE TABLE selected AS SELECT id FROM stock WHERE id > 2",
        "RENAME TABLE copied TO copied_once, selected TO selected_once",
        "TRUNCATE TABLE log",
        "ALTER TABLE copied_once ADD COLUMN a INT, ADD COLUMN b INT DEFAULT 3, ADD INDEX ix_b (b)",
        "ALTER TABLE copied_once ENGINE=InnoDB, COMMENT='again'",
        "ALTER TABLE copied_once RENAME INDEX ix_b TO ix_bb",
        "ALTER TABLE copied_once RENAME COLUMN a TO aa",
        "ALTER TABLE copied_once DROP COLUMN aa, RENAME TO copied_twice",
        "DROP TABLE selected_once, copied_twice",
    ],
    "postgresql": [
        "CREATE PROCEDURE grow(by_how_much int) LANGUAGE sql AS $$ UPDATE stock SET amount = amount + by_how_much $$",
        "CREATE FUNCTION half(number int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT number / 2 $$",
        "CREATE OR REPLACE FUNCTION half(number int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT number / 2 + 0 $$",
        "CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 5",
        "ALTER SEQUENCE numbers INCREMENT BY 10",
        "CREATE OR REPLACE VIEW more AS SELECT name, half(5) AS half FROM plenty",
        "CREATE MATERIALIZED VIEW kept_view AS SELECT id, half(amount) AS half FROM stock",
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        "ALTER TABLE stock ADD COLUMN size positive DEFAULT 1",
        "CREATE TABLE copied (LIKE stock INCLUDING ALL)",
        "WITH moved AS (DELETE FROM stock WHERE id = 5 RETURNING *) INSERT INTO copied SELECT * FROM moved",
        "INSERT INTO stock SELECT * FROM copied",
        "TRUNCATE TABLE log",
        "DROP TABLE copied",
        "REFRESH MATERIALIZED VIEW kept_view",
        "COMMENT ON FUNCTION half(int) IS 'rounds down'",
        "GRANT SELECT ON stock TO PUBLIC",
    ],
}
CALL = {"mysql": "CALL grow(3)", "postgresql": "CALL grow(3)"}
UNDO = {
    "sqlite": ["DROP INDEX ix_stock_half"],
    "mysql": [
        "CREATE OR REPLACE VIEW more AS SELECT name FROM plenty",
        "DROP SEQUENCE numbers",
        "DROP FUNCTION half",
        "DROP PROCEDURE IF EXISTS grow",
    ],
    "postgresql": [
        "REVOKE SELECT ON stock FROM PUBLIC",
        "DROP MATERIALIZED VIEW kept_view",
        "ALTER TABLE stock DROP COLUMN size",
        "DROP DOMAIN positive",
        "DROP VIEW more",
        "CREATE VIEW more AS SELECT name FROM plenty",
        "DROP SEQUENCE numbers",
        "DROP FUNCTION half(int)",
        "DROP PROCEDURE grow(int)",
    ],
}


def upgrade():
    dialect = op.get_context().impl.__dialect__
    for statement in MAKE[dialect]:
        op.execute(sa.text(statement.replace(":", "\\:")))
    if dialect in CALL:
        op.execute(CALL[dialect])
    op.execute(sa.text("UPDATE stock SET name = :name WHERE id = 1").bindparams(name="100% : it's"))


def downgrade():
    op.execute("UPDATE stock SET name = 's1' WHERE id = 1")
    if op.get_context().impl.__dialect__ in CALL:
        op.execute("CALL grow(-3)")
    for statement in UNDO[op.get_context().impl.__dialect__]:
        op.execute(statement)
    op.execute("INSERT INTO log VALUES ('undone')")
