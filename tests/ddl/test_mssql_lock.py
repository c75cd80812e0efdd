"""What SQL Server is asked for the run lock: one application lock of the session, never waited for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy.dialects import mssql

from limbeck.ddl.locking import Claim, Holder
from limbeck.ddl.mssql.lock import MSSQLLock

CLAIM = Claim(
    "alembic_version",
    None,
    "web-3",
    812,
    "9d01aa",
    lambda: datetime.now(UTC),
    "journal",
    "dbo",
)


class Server:
    """Writes down what it is asked, and gives the answers it was told."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def execute(self, statement: Any, parameters: dict[str, str]) -> Server:
        compiled = statement.compile(dialect=mssql.dialect(paramstyle="named"))  # type: ignore[no-untyped-call]
        self.asked.append(str(compiled).replace(":name", "'NAME'"))
        assert set(parameters) == {"name"}
        assert parameters["name"].startswith("limbeck:")
        assert len(parameters["name"]) <= 255
        return self

    def scalar(self) -> Any:
        return self.answers.pop(0)


def ask(method: str, *answers: Any) -> tuple[Any, list[str]]:
    server = Server(*answers)
    return getattr(MSSQLLock(CLAIM), method)(cast("Any", server)), server.asked


@pytest.mark.parametrize(
    ("answer", "is_taken"), [(0, True), (1, True), (-1, False), (-3, False), (None, False)]
)
def test_it_is_taken_without_waiting(answer: int | None, is_taken: bool) -> None:
    assert ask("try_to_take", answer) == (
        is_taken,
        [
            "SET NOCOUNT ON; DECLARE @result int; EXEC @result = sp_getapplock @Resource = 'NAME', "
            "@LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0; SELECT @result"
        ],
    )


@pytest.mark.parametrize(("answer", "is_kept"), [("Exclusive", True), ("NoLock", False)])
def test_it_is_seen_whether_this_session_has_it(answer: str, is_kept: bool) -> None:
    assert ask("keep", answer) == (is_kept, ["SELECT APPLOCK_MODE('public', 'NAME', 'Session')"])


def test_it_is_released() -> None:
    assert ask("release") == (None, ["EXEC sp_releaseapplock @Resource = 'NAME', @LockOwner = 'Session'"])


@pytest.mark.parametrize(("answer", "holder"), [(1, None), (0, Holder())])
def test_that_somebody_has_it_is_found_out(answer: int, holder: Holder | None) -> None:
    question = "SELECT APPLOCK_TEST('public', 'NAME', 'Exclusive', 'Session')"
    assert ask("find_holder", answer) == (holder, [question])
