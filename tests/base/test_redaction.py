"""Passwords do not get into messages."""

from __future__ import annotations

import pytest

from limbeck.base.redaction import find_passwords, is_well_formed, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cannot open postgresql://app:s3cret@db/shop.", "cannot open postgresql://app:***@db/shop."),
        ("mysql+pymysql://u:p@ss/w:rd@h:5/db, then", "mysql+pymysql://u:***@h:5/db, then"),
        ("'db://u:p%40ss@h/db'", "'db://u:***@h/db'"),
        (
            "db://u@h/db sqlite:///file.db https://x.org/a@b",
            "db://u@h/db sqlite:///file.db https://x.org/a@b",
        ),
        ("db://h/d?user=u&password=a%20b&x=1", "db://h/d?user=u&password=***&x=1"),
        ("db://h/d?sslpassword=abc", "db://h/d?sslpassword=***"),
        ("connect(host='h', password='it is', port=1)", "connect(host='h', password=***, port=1)"),
        ("{'user': 'u', 'password': 'abc'}", "{'user': 'u', 'password': ***}"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": ***, "n": 1}'),
        ("CREATE ROLE app PASSWORD 'it''s' LOGIN", "CREATE ROLE app PASSWORD *** LOGIN"),
        ("create user app identified by 'abc';", "create user app identified by ***;"),
        ("access_token=abc other=1", "access_token=*** other=1"),
        ("Access denied for user 'u'@'h' (using password: YES)",) * 2,
        ('sa.Column("password", sa.String(50))',) * 2,
        ("password authentication failed for user u",) * 2,
    ],
)
def test_passwords_are_masked(text: str, expected: str) -> None:
    """UX-3."""
    assert redact(text) == expected


@pytest.mark.parametrize(
    "form",
    [
        "p@ss:w/1% +",
        "p%40ss%3Aw%2F1%25%20%2B",
        "p%40ss%3Aw/1%25%20%2B",
        "p@ss:w/1%% +",
        "p%40ss%3Aw%2F1%25 +",
    ],
)
def test_a_known_secret_is_masked_in_all_its_forms(form: str) -> None:
    """UX-3."""
    assert redact(f"could not use {form!r} there", {"p@ss:w/1% +"}) == "could not use '***' there"


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWD", "db_passphrase", "pwd", "Secret", "TOKEN", "apikey", "API_KEY", "accesskey"),
        *("access_key", "privatekey", "aws_PRIVATE_key", "pa\u017f\u017fword", "to\u212aen"),
    ],
)
def test_a_value_is_masked_if_its_name_says_that_it_is_a_secret(name: str) -> None:
    """Also in letters that are others only for a computer."""
    assert redact(f"{name}=c4nary") == f"{name}=***"
    assert redact(f'{{"{name}": "c4nary"}}') == f'{{"{name}": ***}}'


@pytest.mark.parametrize(
    "words", ["PASSWORD", "password", "IDENTIFIED BY", "identified  by", "pa\u017fsword"]
)
def test_a_password_in_sql_is_masked(words: str) -> None:
    assert redact(f"ALTER USER app {words} 'c4nary'") == f"ALTER USER app {words} ***"


def test_a_secret_is_masked_as_a_word_only() -> None:
    """A password like "post" must not make "postgresql" unreadable."""
    assert redact("post postgresql 'post'", {"post"}) == "*** postgresql '***'"


def test_every_cut_of_a_badly_written_password_is_found() -> None:
    """UX-3: readers cut `p@ss/word` in different places, and complain about the piece."""
    url = "db://user:one@two/three:four#x@host:5432/name"
    assert find_passwords(url) == {"one@two/three:four#x", "one", "two", "three", "four"}
    assert find_passwords("db://user:secret@host/name") == {"secret"}
    assert find_passwords("db://user@host/name") == set()
    assert find_passwords("sqlite:///file.db") == set()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("db://user:secret@host:1/name", True),
        ("db://user:se%40cret@host/name", True),
        ("db://user@host/name", True),
        ("sqlite:///file.db", True),
        ("db://user:se@cret@host/name", False),
        ("db://user:se/cret@host/name", False),
        ("db://user:se:cret@host/name", False),
        ("db://user:se#cret@host/name", False),
    ],
)
def test_a_url_is_well_formed_if_every_reader_cuts_it_alike(url: str, expected: bool) -> None:
    assert is_well_formed(url) is expected
