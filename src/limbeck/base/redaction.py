"""Keeps secrets out of everything that is shown: passwords in URLs, and whatever is known to be secret.

There is this one place so that a new kind of secret is taught once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "***"

# Patterns as text, which Python compiles when they are first needed: that is seldom.
_URL = r"(?P<scheme>[A-Za-z][\w+.-]*://)(?P<rest>[^\s\"'<>`]+)"
_SECRET_NAMES = (
    *("password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "accesskey"),
    *("access_key", "privatekey", "private_key"),
)
_SECRET_KEY = rf"(?:\w*(?:{'|'.join(_SECRET_NAMES)}))"
_KEY_VALUE = (
    rf"(?i)(?P<key>\b{_SECRET_KEY}(?:\s*=\s*|['\"]\s*[:=]\s*))"
    r"(?P<value>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s&;,)}\]'\"]+)"
)
_SQL_PASSWORD = (
    r"(?i)(?P<key>\b(?:PASSWORD|(?<!revision )IDENTIFIED\s+BY)\s+)(?P<value>'(?:[^']|'')*'|\"[^\"]*\")"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with every password in it replaced by `***` (UX-3).

    Found without being told: the password of a URL, also one with characters that should have been
    encoded; values named like a secret (`password=…`, `"token": …`); and passwords in SQL. `secrets` are
    masked wherever they stand as a word, as they are and in their encoded forms.

    >>> redact("cannot open postgresql://app:s3cret@db/shop")
    'cannot open postgresql://app:***@db/shop'
    """
    for form in _forms(frozenset(secrets)):
        if form in text:
            # As a word of its own: a password like "post" must not make "postgresql" unreadable.
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", MASK, text)
    if "://" in text:
        text = re.sub(_URL, lambda found: found["scheme"] + _redacted_rest(found["rest"]), text)
    # Most texts have none of these words, and looking for a word costs a fiftieth of looking for a pattern.
    folded = text.casefold()
    if any(map(folded.__contains__, _SECRET_NAMES)):
        text = re.sub(_KEY_VALUE, lambda found: found["key"] + MASK, text)
    if "password" in folded or "identified" in folded:
        text = re.sub(_SQL_PASSWORD, lambda found: found["key"] + MASK, text)
    return text


def find_passwords(url: str) -> frozenset[str]:
    """Every text that may be the password of `url`, or a piece of it, if the URL was not written well.

    A password with a bare `@`, `:` or `/` is cut differently by different readers, so all cuts are given.
    """
    _, separator, rest = url.partition("://")
    if not separator:
        return frozenset()
    return _in_credentials(rest) | _in_query(rest)


def _in_query(rest: str) -> frozenset[str]:
    """The values of query keys that are named like a secret, as they stand and decoded."""
    found: set[str] = set()
    for pair in rest.partition("?")[2].split("&"):
        key, _, value = pair.partition("=")
        if value and re.fullmatch(_SECRET_KEY, key, re.IGNORECASE):
            found |= {value, unquote_plus(value)}
    return frozenset(found)


def _in_credentials(rest: str) -> frozenset[str]:
    if "@" not in rest:
        return frozenset()
    credentials = rest.rpartition("@")[0]
    _, colon, password = credentials.partition(":")
    if not colon or not password:
        return frozenset()
    pieces = {password, *re.split(r"[@:/?#]", password)}
    return frozenset(piece for piece in pieces if len(piece) >= 3 or piece == password)


def is_well_formed(url: str) -> bool:
    """Whether user and password of `url` are encoded such that every reader cuts them alike."""
    _, separator, rest = url.partition("://")
    credentials, at, _ = rest.rpartition("@")
    if not separator or not at:
        return True
    password = credentials.partition(":")[2]
    return not re.search(r"[@:/?#\[\]\s]", password)


def _redacted_rest(rest: str) -> str:
    """The part of a URL behind `://`, without its password."""
    credentials, at, place = rest.rpartition("@")
    if not at:
        return rest
    user, colon, _ = credentials.partition(":")
    return f"{user}:{MASK}@{place}" if colon else rest


@lru_cache(maxsize=8)
def _forms(secrets: frozenset[str]) -> list[str]:
    """The secrets as they are and in their encoded forms, the longest first."""
    forms: set[str] = set()
    for secret in secrets:
        forms |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
        forms.add(quote(secret, safe=" +"))  # as SQLAlchemy writes a URL
        forms |= {unquote(secret), unquote_plus(secret), secret.replace("%", "%%"), repr(secret)[1:-1]}
    return sorted((form for form in forms if len(form) >= 3), key=len, reverse=True)
