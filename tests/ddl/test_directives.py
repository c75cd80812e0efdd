"""What each directive says on each of the six databases: one claim for each rule, whole statements.

The letters are the databases: S SQLite, P PostgreSQL, M MySQL, A MariaDB, Q SQL Server, R Oracle.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import CompileError, IdentifierError, SADeprecationWarning

from limbeck.errors import (
    ConstraintNotAlterable,
    ConstraintTypeRequired,
    ExistingTypeRequired,
    UsingWithoutType,
)
from tests.ddl.recorded import IS_2_0, folded, run

DATABASES = {
    "S": "sqlite", "P": "postgresql", "M": "mysql", "A": "mariadb", "Q": "mssql", "R": "oracle",
}  # fmt: skip
CONVENTION = {
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}


def says(call: str, wanted: dict[str, list[Any]], **options: Any) -> None:
    """Run a call on the databases named by the letters: statements, then what was raised, then warnings."""
    expected = {letter: answer for letters, answer in wanted.items() for letter in letters}
    heard: dict[str, list[Any]] = {}
    for letter in expected:
        outcome = run(call, DATABASES[letter], **options)
        heard[letter] = [folded(sql) for sql in outcome.sql]
        if outcome.error is not None:
            kinds = [kind for kind in expected[letter] if isinstance(kind, type)]
            heard[letter] += [next((k for k in kinds if isinstance(outcome.error, k)), outcome.error)]
        heard[letter] += outcome.warnings
    assert heard == expected


def test_names_of_constraints_follow_the_convention() -> None:
    """OPS-4: None asks for a name, a string may become part of one, `op.f()` is final; so also when dropping."""
    convention: dict[str, Any] = {"naming_convention": CONVENTION}
    says(
        "op.create_unique_constraint(None, 't', ['a'])",
        {"P": ["ALTER TABLE t ADD CONSTRAINT uq_t_a UNIQUE (a)"]},
        **convention,
    )
    says("op.create_unique_constraint(None, 't', ['a'])", {"P": ["ALTER TABLE t ADD UNIQUE (a)"]})
    says("op.create_index(None, 't', ['a'])", {"P": ["CREATE INDEX ix_t_a ON t (a)"]})
    says(
        "op.create_unique_constraint('mine', 't', ['a'])",
        {"P": ["ALTER TABLE t ADD CONSTRAINT mine UNIQUE (a)"]},
        **convention,
    )
    says(
        "op.create_check_constraint('mine', 't', 'a > 0'); op.drop_constraint('mine', 't', type_='check')",
        {
            "P": [
                "ALTER TABLE t ADD CONSTRAINT ck_t_mine CHECK (a > 0)",
                "ALTER TABLE t DROP CONSTRAINT ck_t_mine",
            ]
        },
        **convention,
    )
    says(
        "op.drop_constraint(op.f('mine'), 't', type_='check'); op.drop_constraint('mine', 't')",
        {"P": ["ALTER TABLE t DROP CONSTRAINT mine", "ALTER TABLE t DROP CONSTRAINT mine"]},
        **convention,
    )


def test_long_names_are_cut_if_they_were_made_and_refused_if_they_were_given() -> None:
    """OPS-5"""
    assert isinstance(
        run("name = op.f('a'); assert name == 'a' and isinstance(name, str)", "sqlite").error, type(None)
    )
    says("op.create_index('x' * 64, 't', ['a'])", {"P": [IdentifierError]})
    says(
        "op.create_index(op.f('x' * 64), 't', ['a'])",
        {"P": [f"CREATE INDEX {'x' * 55}_2456 ON t (a)"]},
    )
    says(
        "op.create_unique_constraint(None, 't', ['a' * 60])",
        {"P": [f"ALTER TABLE t ADD CONSTRAINT uq_t_{'a' * 50}_dae4 UNIQUE ({'a' * 60})"]},
        naming_convention=CONVENTION,
    )


def test_names_are_quoted_where_they_must_be_and_where_they_insist() -> None:
    """OPS-6: upper case, reserved words and odd characters, in the quotes of each database."""
    says(
        "op.drop_column('Mixed', 'select')",
        {
            "SPR": ['ALTER TABLE "Mixed" DROP COLUMN "select"'],
            "MA": ["ALTER TABLE `Mixed` DROP COLUMN `select`"],
            "Q": ["ALTER TABLE [Mixed] DROP COLUMN [select]"],
        },
    )
    says(
        "op.drop_column(sa.sql.quoted_name('t', True), 'a b')",
        {
            "SPR": ['ALTER TABLE "t" DROP COLUMN "a b"'],
            "MA": ["ALTER TABLE `t` DROP COLUMN `a b`"],
            "Q": ["ALTER TABLE [t] DROP COLUMN [a b]"],
        },
    )


def test_a_schema_stands_before_the_table_or_before_the_index() -> None:
    """OPS-7"""
    says(
        "op.drop_column('t', 'c', schema='s1')",
        {"SPMAQR": ["ALTER TABLE s1.t DROP COLUMN c"]},
    )
    says(
        "op.create_foreign_key('fk', 't', 'u', ['a'], ['id'], source_schema='s1', referent_schema='s2')",
        {"PMAQR": ["ALTER TABLE s1.t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES s2.u (id)"]},
    )
    says(
        "op.create_index('ix', 't', ['a'], schema='s1')",
        {
            "S": ["CREATE INDEX s1.ix ON t (a)"],
            "PMAQ": ["CREATE INDEX ix ON s1.t (a)"],
            "R": ["CREATE INDEX s1.ix ON s1.t (a)"],
        },
    )
    says(
        "op.drop_index('ix', 't', schema='s1')",
        {"SPR": ["DROP INDEX s1.ix"], "MAQ": ["DROP INDEX ix ON s1.t"]},
    )


@pytest.mark.parametrize(
    "call",
    [
        "op.add_column('t', sa.Column('c', sa.Integer), 's1')",
        "op.create_index('ix', 't', ['a'], 's1')",
        "op.create_foreign_key('fk', 't', 'u', ['a'], ['b'], 'CASCADE')",
        "op.drop_index('ix', 't', 's1')",
        "op.drop_constraint('c', 't', 'check', 's1')",
        "op.execute('SELECT 1', {})",
    ],
)
def test_what_may_be_left_out_is_given_by_name(call: str) -> None:
    """OPS-8: but for the table of an index to drop, and the table and kind of a constraint."""
    says(call, {"P": [TypeError]})
    says("op.drop_index('ix', 't')", {"P": ["DROP INDEX ix"]})
    says("op.drop_constraint('c', 't', 'check')", {"P": ["ALTER TABLE t DROP CONSTRAINT c"]})


def test_a_new_column_is_written_in_the_order_of_each_database() -> None:
    """OPS-21"""
    says(
        "op.add_column('t', sa.Column('c', sa.Integer, server_default='5', nullable=False))",
        {
            "SP": ["ALTER TABLE t ADD COLUMN c INTEGER DEFAULT '5' NOT NULL"],
            "MA": ["ALTER TABLE t ADD COLUMN c INTEGER NOT NULL DEFAULT '5'"],
            "Q": ["ALTER TABLE t ADD c INTEGER NOT NULL DEFAULT '5'"],
            "R": ["ALTER TABLE t ADD c INTEGER DEFAULT '5' NOT NULL"],
        },
    )
    says(
        "op.add_column('t', sa.Column('c', sa.Integer))",
        {
            "SPMA": ["ALTER TABLE t ADD COLUMN c INTEGER"],
            "Q": ["ALTER TABLE t ADD c INTEGER NULL"],
            "R": ["ALTER TABLE t ADD c INTEGER"],
        },
    )


def test_the_comment_of_a_new_column_is_inside_it_or_a_statement_or_nothing() -> None:
    """OPS-22"""
    says(
        "op.add_column('t', sa.Column('c', sa.Integer, comment='it is'), schema='s1')",
        {
            "S": ["ALTER TABLE s1.t ADD COLUMN c INTEGER"],
            "P": ["ALTER TABLE s1.t ADD COLUMN c INTEGER", "COMMENT ON COLUMN s1.t.c IS 'it is'"],
            "MA": ["ALTER TABLE s1.t ADD COLUMN c INTEGER COMMENT 'it is'"],
            "Q": [
                "ALTER TABLE s1.t ADD c INTEGER NULL",
                "execute sp_addextendedproperty 'MS_Description', N'it is', 'schema', s1, 'table', t, 'column', c",
            ],
            "R": ["ALTER TABLE s1.t ADD c INTEGER", "COMMENT ON COLUMN s1.t.c IS 'it is'"],
        },
    )


def test_a_primary_key_makes_a_new_column_count_and_is_written_if_asked_for() -> None:
    """OPS-24"""
    column = "sa.Column('c', sa.Integer, primary_key=True)"
    plain = {
        "S": ["ALTER TABLE t ADD COLUMN c INTEGER NOT NULL"],
        "P": ["ALTER TABLE t ADD COLUMN c SERIAL NOT NULL"],
        "MA": ["ALTER TABLE t ADD COLUMN c INTEGER NOT NULL AUTO_INCREMENT"],
        "Q": ["ALTER TABLE t ADD c INTEGER NOT NULL IDENTITY"],
        "R": ["ALTER TABLE t ADD c INTEGER NOT NULL"],
    }
    says(f"op.add_column('t', {column})", plain)
    says(
        f"op.add_column('t', {column}, inline_primary_key=True)",
        {
            letters: [f"{sql} PRIMARY KEY" if letters in ("S", "P", "MA") else sql]
            for letters, (sql,) in plain.items()
        },
    )


def test_if_not_exists_of_a_column_is_said_where_it_can_be() -> None:
    """OPS-25"""
    says(
        "op.add_column('t', sa.Column('c', sa.Integer), if_not_exists=True)",
        {
            "SPMA": ["ALTER TABLE t ADD COLUMN IF NOT EXISTS c INTEGER"],
            "Q": ["ALTER TABLE t ADD c INTEGER NULL"],
            "R": ["ALTER TABLE t ADD c INTEGER"],
        },
    )


def test_a_new_column_may_be_an_identity_or_computed() -> None:
    """OPS-30"""
    generated = "c INTEGER GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 2 START WITH 3)"
    says(
        "op.add_column('t', sa.Column('c', sa.Integer, sa.Identity(start=3, increment=2)))",
        {
            "SMA": ["ALTER TABLE t ADD COLUMN c INTEGER NOT NULL"],
            "P": [f"ALTER TABLE t ADD COLUMN {generated}"],
            "Q": ["ALTER TABLE t ADD c INTEGER NOT NULL IDENTITY(3,2)"],
            "R": [f"ALTER TABLE t ADD {generated}"],
        },
    )
    says(
        "op.add_column('t', sa.Column('c', sa.Integer, sa.Computed('x + 1', persisted=True)))",
        {
            "SPMA": ["ALTER TABLE t ADD COLUMN c INTEGER GENERATED ALWAYS AS (x + 1) STORED"],
            "Q": ["ALTER TABLE t ADD c AS (x + 1) PERSISTED"],
            "R": [CompileError],
        },
    )
    says(
        "op.add_column('t', sa.Column('c', sa.Integer, sa.Computed('x + 1', persisted=False)))",
        {
            "SMA": ["ALTER TABLE t ADD COLUMN c INTEGER GENERATED ALWAYS AS (x + 1) VIRTUAL"],
            "P": [CompileError]  # PostgreSQL has them since 18, SQLAlchemy since 2.1
            if IS_2_0
            else ["ALTER TABLE t ADD COLUMN c INTEGER GENERATED ALWAYS AS (x + 1) VIRTUAL"],
            "Q": ["ALTER TABLE t ADD c AS (x + 1)"],
            "R": ["ALTER TABLE t ADD c INTEGER GENERATED ALWAYS AS (x + 1) VIRTUAL"],
        },
    )


def test_nothing_to_modify_is_no_statement() -> None:
    """OPS-40: what exists is no change."""
    says("op.alter_column('t', 'c')", {"SPMAQR": []})
    says(
        "op.alter_column('t', 'c', existing_type=sa.Integer(), existing_nullable=False, existing_comment='x',"
        " existing_server_default='5')",
        {"SPMAQR": []},
    )


def test_changes_of_a_column_come_in_the_order_of_each_database() -> None:
    """OPS-42, OPS-43, OPS-44, OPS-45, OPS-46, OPS-51"""
    dropped = (
        "declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints "
        "where parent_object_id = object_id('t') and col_name(parent_object_id, parent_column_id) = 'c' "
        "exec('alter table t drop constraint ' + @const_name)"
    )
    says(
        "op.alter_column('t', 'c', server_default='1', existing_server_default='2', nullable=False,"
        " type_=sa.BigInteger(), existing_type=sa.Integer(), comment='x', new_column_name='d')",
        {
            "S": [
                "ALTER TABLE t ALTER COLUMN c SET NOT NULL",
                "ALTER TABLE t ALTER COLUMN c SET DEFAULT '1'",
                "ALTER TABLE t ALTER COLUMN c TYPE BIGINT",
                "ALTER TABLE t RENAME COLUMN c TO d",
            ],
            "P": [
                "ALTER TABLE t ALTER COLUMN c TYPE BIGINT",
                "ALTER TABLE t ALTER COLUMN c SET NOT NULL",
                "ALTER TABLE t ALTER COLUMN c SET DEFAULT '1'",
                "COMMENT ON COLUMN t.c IS 'x'",
                "ALTER TABLE t RENAME c TO d",
            ],
            "MA": ["ALTER TABLE t CHANGE c d BIGINT NOT NULL DEFAULT '1' COMMENT 'x'"],
            "Q": [
                dropped,
                "ALTER TABLE t ALTER COLUMN c BIGINT NOT NULL",
                "exec sp_addextendedproperty 'MS_Description', N'x', 'schema', dbo, 'table', t, 'column', c",
                "ALTER TABLE t ADD DEFAULT '1' FOR c",
                "EXEC sp_rename 't.c', d, 'COLUMN'",
            ],
            "R": [
                "ALTER TABLE t MODIFY c NOT NULL",
                "ALTER TABLE t MODIFY c DEFAULT '1'",
                "ALTER TABLE t MODIFY c NUMBER(19)",
                "COMMENT ON COLUMN t.c IS 'x'",
                "ALTER TABLE t RENAME COLUMN c TO d",
            ],
        },
    )
    # An old default that is not known is not dropped, unless the column is to have none.
    says("op.alter_column('t', 'c', server_default='1')", {"Q": ["ALTER TABLE t ADD DEFAULT '1' FOR c"]})
    says("op.alter_column('t', 'c', server_default=None)", {"Q": [dropped]})
    says("op.alter_column('t', 'c', nullable=False)", {"MAQ": [ExistingTypeRequired]})
    says(
        "op.alter_column('t', 'c', type_=sa.Integer(), existing_nullable=False)",
        {"Q": ["ALTER TABLE t ALTER COLUMN c INTEGER NOT NULL"]},
    )


def test_values_are_converted_to_a_type_that_is_given() -> None:
    """OPS-43: to say how without saying to what is refused before anything is written."""
    says(
        "op.alter_column('t', 'c', type_=sa.Integer(), postgresql_using='c::integer')",
        {"P": ["ALTER TABLE t ALTER COLUMN c TYPE INTEGER USING c::integer"]},
    )
    says(
        "op.alter_column('t', 'c', nullable=True, existing_type=sa.Integer(), postgresql_using='c::integer')",
        {"P": [UsingWithoutType], "R": ["ALTER TABLE t MODIFY c NULL"]},
    )


def test_sql_server_warns_if_a_type_is_altered_without_saying_what_may_be_null() -> None:
    """OPS-52"""
    says(
        "op.alter_column('t', 'c', type_=sa.Integer())",
        {"Q": ["ALTER TABLE t ALTER COLUMN c INTEGER", "UserWarning"]},
    )
    says(
        "op.alter_column('t', 'c', type_=sa.Integer(), nullable=True)",
        {"Q": ["ALTER TABLE t ALTER COLUMN c INTEGER NULL"]},
    )


def test_sql_server_keeps_the_comment_of_a_column_as_a_property() -> None:
    """OPS-54: added, updated or dropped, in the schema that is given, else the server's, else `dbo`."""
    where = "'table', t, 'column', c"
    says(
        "op.alter_column('t', 'c', comment='x', existing_type=sa.Integer())",
        {"Q": [f"exec sp_addextendedproperty 'MS_Description', N'x', 'schema', dbo, {where}"]},
    )
    says(
        "op.alter_column('t', 'c', comment='x', existing_comment='y', existing_type=sa.Integer())",
        {"Q": [f"exec sp_updateextendedproperty 'MS_Description', N'x', 'schema', own, {where}"]},
        default_schema_name="own",
    )
    says(
        "op.alter_column('t', 'c', comment=None, existing_comment='y', existing_type=sa.Integer(), schema='s1')",
        {"Q": [f"exec sp_dropextendedproperty 'MS_Description', 'schema', s1, {where}"]},
    )


def test_counting_up_is_changed_on_mysql_and_warned_of_elsewhere() -> None:
    """OPS-49"""
    says(
        "op.alter_column('t', 'c', autoincrement=True, existing_type=sa.Integer(), existing_nullable=False)",
        {"SPQR": ["UserWarning"], "MA": ["ALTER TABLE t MODIFY c INTEGER NOT NULL AUTO_INCREMENT"]},
    )
    says(
        "op.alter_column('t', 'c', nullable=False, existing_autoincrement=True, existing_type=sa.Integer())",
        {
            "SP": ["ALTER TABLE t ALTER COLUMN c SET NOT NULL", "UserWarning"],
            "MA": ["ALTER TABLE t MODIFY c INTEGER NOT NULL AUTO_INCREMENT"],
            "Q": ["ALTER TABLE t ALTER COLUMN c INTEGER NOT NULL", "UserWarning"],
            "R": ["ALTER TABLE t MODIFY c NOT NULL", "UserWarning"],
        },
    )


def test_mysql_sets_a_default_alone_without_the_rest_of_the_column() -> None:
    """OPS-48: also one that is an expression."""
    says(
        "op.alter_column('t', 'c', server_default=sa.text('(uuid())'), existing_type=sa.String(36),"
        " existing_nullable=False)",
        {"MA": ["ALTER TABLE t ALTER COLUMN c SET DEFAULT (uuid())"]},
    )
    says(
        "op.alter_column('t', 'c', server_default=None)",
        {"MA": ["ALTER TABLE t ALTER COLUMN c DROP DEFAULT"]},
    )


def test_what_generates_a_column_is_not_altered() -> None:
    """OPS-50, OPS-56: on MySQL and MariaDB nothing of such a column is, elsewhere the rest of it."""
    for change in ("server_default=sa.Computed('x + 2')", "server_default=None"):
        says(
            f"op.alter_column('t', 'c', {change}, existing_server_default=sa.Computed('x + 1'),"
            " existing_type=sa.Integer())",
            {"SPMAQR": [CompileError]},
        )
    says(
        "op.alter_column('t', 'c', nullable=False, existing_server_default=sa.Computed('x + 1'),"
        " existing_type=sa.Integer())",
        {
            "SP": ["ALTER TABLE t ALTER COLUMN c SET NOT NULL"],
            "MA": [NotImplementedError],
            "Q": ["ALTER TABLE t ALTER COLUMN c INTEGER NOT NULL"],
            "R": ["ALTER TABLE t MODIFY c NOT NULL"],
        },
    )
    says(
        "op.alter_column('t', 'c', server_default=None, existing_server_default=sa.Identity(),"
        " existing_type=sa.Integer())",
        {"MA": [CompileError]},
    )


def test_an_identity_gives_way_to_a_default() -> None:
    """OPS-55: where the reference fails."""
    says(
        "op.alter_column('t', 'c', server_default='5', existing_server_default=sa.Identity(),"
        " existing_type=sa.Integer())",
        {
            "P": [
                "ALTER TABLE t ALTER COLUMN c DROP IDENTITY",
                "ALTER TABLE t ALTER COLUMN c SET DEFAULT '5'",
            ],
            "R": ["ALTER TABLE t MODIFY c DROP IDENTITY", "ALTER TABLE t MODIFY c DEFAULT '5'"],
            "SMAQ": [CompileError],
        },
    )


def test_defaults_are_literals_or_expressions_in_the_words_of_each_database() -> None:
    """OPS-57"""
    for default, wanted in (
        ("'5'", {"SPMA": "'5'"}),
        ("sa.text('5')", {"SPMA": "5"}),
        ("sa.true()", {"S": "1", "PMA": "true"}),
        ("sa.null()", {"SPMA": "NULL"}),
        ("sa.func.now()", {"S": "CURRENT_TIMESTAMP", "PMA": "now()"}),
        ("sa.DefaultClause('5')", {"SPMA": "'5'"}),
    ):
        says(
            f"op.alter_column('t', 'c', server_default={default})",
            {letters: [f"ALTER TABLE t ALTER COLUMN c SET DEFAULT {sql}"] for letters, sql in wanted.items()},
        )


def test_the_constraints_of_a_new_table_keep_their_order() -> None:
    """OPS-61: the primary key first; on SQLite a key to another schema cannot be."""
    columns = (
        "sa.Column('a', sa.Integer), sa.CheckConstraint('a > 0', name='ck'), sa.UniqueConstraint('a', name='uq'), "
        "sa.ForeignKeyConstraint(['a'], ['s2.u.id'], name='fk'), sa.PrimaryKeyConstraint('a', name='pk')"
    )
    before = (
        "CREATE TABLE s1.t ( a INTEGER NOT NULL, CONSTRAINT pk PRIMARY KEY (a), CONSTRAINT ck CHECK (a > 0), "
    )
    says(
        f"op.create_table('t', {columns}, schema='s1')",
        {
            "S": [f"{before}CONSTRAINT uq UNIQUE (a) )"],
            "R": [f"{before}CONSTRAINT uq UNIQUE (a), CONSTRAINT fk FOREIGN KEY(a) REFERENCES s2.u (id) )"],
        },
    )


def test_a_single_integer_key_counts_unless_it_is_said_otherwise() -> None:
    """OPS-62"""
    key = "PRIMARY KEY (id) )"
    counting = {
        "S": [f"CREATE TABLE t ( id INTEGER NOT NULL, {key}"],
        "P": [f"CREATE TABLE t ( id SERIAL NOT NULL, {key}"],
        "MA": [f"CREATE TABLE t ( id INTEGER NOT NULL AUTO_INCREMENT, {key}"],
        "Q": [f"CREATE TABLE t ( id INTEGER NOT NULL IDENTITY, {key}"],
        "R": [f"CREATE TABLE t ( id INTEGER NOT NULL, {key}"],
    }
    says("op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))", counting)
    says("op.create_table('t', sa.Column('id', sa.Integer), sa.PrimaryKeyConstraint('id'))", counting)
    says(
        "op.create_table('t', sa.Column('id', sa.BigInteger, primary_key=True))",
        {"P": [f"CREATE TABLE t ( id BIGSERIAL NOT NULL, {key}"]},
    )
    says(
        "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True, autoincrement=False))",
        {"SPMAQR": [f"CREATE TABLE t ( id INTEGER NOT NULL, {key}"]},
    )
    says(
        "op.create_table('t', sa.Column('id', sa.Integer, sa.Sequence('s'), primary_key=True))",
        {"SPQR": [f"CREATE TABLE t ( id INTEGER NOT NULL, {key}"], "A": counting["MA"]},
    )
    says(
        "op.create_table('t', sa.Column('id', sa.Integer, sa.ForeignKey('u.id'), primary_key=True))",
        {
            "SPMAQR": [
                f"CREATE TABLE t ( id INTEGER NOT NULL, {key[:-2]}, FOREIGN KEY(id) REFERENCES u (id) )"
            ]
        },
    )


def test_whether_a_table_exists_is_asked_on_every_database() -> None:
    """OPS-63"""
    says("op.drop_table('t', if_exists=True)", {"SPMAQR": ["DROP TABLE IF EXISTS t"]})
    says(
        "op.create_table('t', sa.Column('a', sa.String(5), nullable=False), if_not_exists=True)",
        {
            "SPMAQ": ["CREATE TABLE IF NOT EXISTS t ( a VARCHAR(5) NOT NULL )"],
            "R": ["CREATE TABLE IF NOT EXISTS t ( a VARCHAR2(5 CHAR) NOT NULL )"],
        },
    )


def test_options_for_other_databases_make_no_difference() -> None:
    """OPS-64: MySQL and MariaDB are two."""
    says(
        "op.create_table('t', sa.Column('id', sa.Integer, nullable=False), mysql_engine='InnoDB',"
        " postgresql_tablespace='ts', oracle_compress=True, sqlite_strict=True)",
        {
            "S": ["CREATE TABLE t ( id INTEGER NOT NULL ) STRICT"],
            "P": ["CREATE TABLE t ( id INTEGER NOT NULL ) TABLESPACE ts"],
            "M": ["CREATE TABLE t ( id INTEGER NOT NULL )ENGINE=InnoDB"],
            "AQ": ["CREATE TABLE t ( id INTEGER NOT NULL )"],
            "R": ["CREATE TABLE t ( id INTEGER NOT NULL ) COMPRESS"],
        },
    )
    says(
        "op.create_table('t', sa.Column('id', sa.Integer), mariadb_engine='Aria')",
        {"M": ["CREATE TABLE t ( id INTEGER )"], "A": ["CREATE TABLE t ( id INTEGER )ENGINE=Aria"]},
    )


def test_an_index_is_of_names_and_expressions() -> None:
    """OPS-70, OPS-71: a string is always a name; MySQL wants more parentheses around functions."""
    says(
        "op.create_index('ix', 't', [sa.func.lower(sa.column('a')), sa.text('b + 1'), 'c'])",
        {
            "SPQR": ["CREATE INDEX ix ON t (lower(a), b + 1, c)"],
            "MA": ["CREATE INDEX ix ON t ((lower(a)), b + 1, c)"],
        },
    )
    says("op.create_index('ix', 't', 'a')", {"P": ["CREATE INDEX ix ON t (a)"]})
    says("op.create_index('ix', 't', ['lower(a)'])", {"P": ['CREATE INDEX ix ON t ("lower(a)")']})
    says("op.create_index('ix', 't', [])", {"P": ["CREATE INDEX ix ON t ()"]})
    says("op.create_index('ix', 't', [5])", {"P": [ValueError]})


def test_whether_an_index_exists_is_asked_where_it_can_be() -> None:
    """OPS-72"""
    says(
        "op.create_index('ix', 't', ['a'], if_not_exists=True)",
        {"SPMA": ["CREATE INDEX IF NOT EXISTS ix ON t (a)"], "QR": ["CREATE INDEX ix ON t (a)"]},
    )
    says(
        "op.drop_index('ix', 't', if_exists=True)",
        {"SPR": ["DROP INDEX IF EXISTS ix"], "MAQ": ["DROP INDEX IF EXISTS ix ON t"]},
    )


def test_an_index_on_postgresql_has_many_options() -> None:
    """OPS-74: in this order."""
    says(
        "op.create_index('ix', 't', ['a', 'b'], unique=True, if_not_exists=True, postgresql_concurrently=True,"
        " postgresql_using='btree', postgresql_ops={'a': 'text_pattern_ops'}, postgresql_include=['c'],"
        " postgresql_nulls_not_distinct=True, postgresql_with={'fillfactor': 50}, postgresql_tablespace='ts',"
        " postgresql_where=sa.text('a > 0'))",
        {
            "P": [
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON t USING btree (a text_pattern_ops, b) "
                "INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor = 50) TABLESPACE ts WHERE a > 0"
            ],
            "MA": ["CREATE UNIQUE INDEX IF NOT EXISTS ix ON t (a, b)"],
        },
    )
    says(
        "op.drop_index('ix', 't', postgresql_concurrently=True)",
        {"P": ["DROP INDEX CONCURRENTLY ix"], "S": ["DROP INDEX ix"]},
    )


def test_an_index_takes_the_options_of_its_database() -> None:
    """OPS-75"""
    parsed = "CREATE INDEX ix ON t (a, b) WITH PARSER ngram USING btree"
    says(
        "op.create_index('ix', 't', ['a', 'b'], mysql_length={'a': 5}, mysql_prefix='FULLTEXT',"
        " mysql_using='btree', mysql_with_parser='ngram')",
        {
            "SPQR": ["CREATE INDEX ix ON t (a, b)"],
            "M": ["CREATE FULLTEXT INDEX ix ON t (a(5), b) WITH PARSER ngram USING btree"],
        }
        | ({} if IS_2_0 else {"A": [parsed, *[SADeprecationWarning.__name__] * 2]}),
    )
    if not IS_2_0:
        says(
            "op.create_index('ix', 't', ['a', 'b'], mariadb_length=5, mariadb_prefix='FULLTEXT')",
            {"M": ["CREATE INDEX ix ON t (a, b)"], "A": ["CREATE FULLTEXT INDEX ix ON t (a(5), b(5))"]},
        )
    says(
        "op.create_index('ix', 't', ['a'], mssql_include=['b'], mssql_clustered=True, mssql_where=sa.text('a > 1'),"
        " oracle_bitmap=True, oracle_compress=1, sqlite_where=sa.text('a > 2'))",
        {
            "S": ["CREATE INDEX ix ON t (a) WHERE a > 2"],
            "PMA": ["CREATE INDEX ix ON t (a)"],
            "Q": ["CREATE CLUSTERED INDEX ix ON t (a) INCLUDE (b) WHERE a > 1"],
            "R": ["CREATE BITMAP INDEX ix ON t (a) COMPRESS 1"],
        },
    )


def test_constraints_are_added_everywhere_but_on_sqlite() -> None:
    """OPS-80, OPS-81: the options of a foreign key come in this order."""
    for call, wanted in (
        ("op.create_primary_key('pk', 't', ['a', 'b'])", "CONSTRAINT pk PRIMARY KEY (a, b)"),
        ("op.create_unique_constraint('uq', 't', ['a'])", "CONSTRAINT uq UNIQUE (a)"),
        ("op.create_unique_constraint(None, 't', ['a'])", "UNIQUE (a)"),
        ("op.create_check_constraint('ck', 't', sa.text('a > 0'))", "CONSTRAINT ck CHECK (a > 0)"),
        (
            "op.create_foreign_key('fk', 't', 't', ['a'], ['b'])",
            "CONSTRAINT fk FOREIGN KEY(a) REFERENCES t (b)",
        ),
        (
            "op.create_foreign_key('fk', 't', 't', ['a', 'b'], ['b', 'c'])",
            "CONSTRAINT fk FOREIGN KEY(a, b) REFERENCES t (b, c)",
        ),
    ):
        says(call, {"S": [ConstraintNotAlterable], "PMAQR": [f"ALTER TABLE t ADD {wanted}"]})
    says(
        "op.create_check_constraint('never', 't', False)",
        {
            "PMA": ["ALTER TABLE t ADD CONSTRAINT never CHECK (false)"],
            "QR": ["ALTER TABLE t ADD CONSTRAINT never CHECK (0)"],
        },
    )
    options = "ondelete='CASCADE', onupdate='SET NULL', deferrable=False, initially='IMMEDIATE'"
    key = "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES u (id)"
    says(
        f"op.create_foreign_key('fk', 't', 'u', ['a'], ['id'], {options})",
        {
            "PMAQ": [f"{key} ON DELETE CASCADE ON UPDATE SET NULL NOT DEFERRABLE INITIALLY IMMEDIATE"],
            "R": [f"{key} ON DELETE CASCADE NOT DEFERRABLE INITIALLY IMMEDIATE", "SAWarning"],
        },
    )
    says(
        "op.create_foreign_key('fk', 't', 'u', ['a'], ['id'], match='FULL', postgresql_not_valid=True)",
        {"P": [f"{key} MATCH FULL NOT VALID"], "MA": [CompileError], "Q": [f"{key} MATCH FULL"]},
    )


def test_a_constraint_is_dropped_by_its_name_and_on_mysql_by_its_kind() -> None:
    """OPS-83, OPS-84: MariaDB can be asked whether it exists, as PostgreSQL, SQL Server and Oracle."""
    named = ["ALTER TABLE t DROP CONSTRAINT n"]
    says(
        "op.drop_constraint('n', 't')",
        {"PQR": named, "MA": [ConstraintTypeRequired], "S": [NotImplementedError]},
    )
    for kind, mysql in (
        ("foreignkey", ["ALTER TABLE t DROP FOREIGN KEY n"]),
        ("unique", ["ALTER TABLE t DROP INDEX n"]),
        ("primary", ["ALTER TABLE t DROP PRIMARY KEY"]),
    ):
        says(f"op.drop_constraint('n', 't', '{kind}')", {"PQR": named, "MA": mysql})
    says(
        "op.drop_constraint('n', 't', 'check')",
        {"PQR": named, "M": ["ALTER TABLE t DROP CHECK n"], "A": named},
    )
    says("op.drop_constraint('n', 't', 'index')", {"SPMAQR": [TypeError]})
    says(
        "op.drop_constraint('n', 't', 'check', if_exists=True)",
        {
            "PAQR": ["ALTER TABLE t DROP CONSTRAINT IF EXISTS n"],
            "M": ["ALTER TABLE t DROP CHECK n"],
        },
    )
    says("op.drop_constraint(None, 't', 'unique')", {"PMAQR": [CompileError]})


def test_an_exclude_constraint_is_for_postgresql() -> None:
    """OPS-85"""
    says(
        "op.create_exclude_constraint('ex', 't', ('a', '='), (sa.text('b + 1'), '&&'), where=sa.text('a > 0'))",
        {
            "P": [
                "ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (a WITH =, b + 1 WITH &&) WHERE (a > 0)"
            ],
            "MAQR": [CompileError],
        },
    )
    says(
        "op.create_exclude_constraint('ex', 't', ('a', '='), using='spgist', deferrable=True, initially='DEFERRED',"
        " schema='s1')",
        {
            "P": [
                "ALTER TABLE s1.t ADD CONSTRAINT ex EXCLUDE USING spgist (a WITH =) DEFERRABLE INITIALLY DEFERRED"
            ]
        },
    )
