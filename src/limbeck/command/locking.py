"""The lock that keeps runs apart, for whoever wants to look at it or to take it away: `lock`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from limbeck import errors
from limbeck.base.answer import give, wants_data
from limbeck.base.voice import agrees
from limbeck.command.environment import Rows, run_environment
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory

if TYPE_CHECKING:
    from limbeck.runtime.lock_status import LockStatus

ACTIONS = ("status", "break")


def lock(config: Config, lock_action: str, yes: bool = False) -> None:
    """Show who holds the migration lock (`status`), or take away a lease that a dead run has left (`break`).

    Taking it away wants a yes on the terminal, or `yes`. Raises RunLockNotBreakable if it is held by a session or a
    process that lives, RunLockBreakUnconfirmed if nobody says yes.
    """
    if lock_action not in ACTIONS:
        raise errors.CommandError(
            f"{lock_action!r} is nothing that can be done with the migration lock",
            hint=f"say {' or '.join(f'`limbeck lock {one}`' for one in ACTIONS)}",
        )
    script = ScriptDirectory.from_config(config)
    lines: list[str] = []
    found: list[dict[str, Any]] = []

    def work(rows: Rows, context: Any) -> Iterable[Any]:
        from limbeck.runtime.lock_status import find_status

        status = find_status(context)
        place = context.impl.describe_database(context.connection.engine.url)
        if lock_action == "break" and status is not None and status.holder is not None:
            lines.append(f"{place}: {break_lock(context, status, yes=yes)}")
        else:
            lines.append(f"{place}: {describe(status)}")
        found.append({"database": place, **data(status)})
        return ()

    run_environment(config, script, work, dont_mutate=True)
    if wants_data():
        give({"locks": found})
    else:
        config.print_stdout("\n".join(lines))


def break_lock(context: Any, status: LockStatus, *, yes: bool) -> str:
    """Take away the lease that was found, and say what came of it. Raises what `lock` raises."""
    from limbeck.runtime.lock_status import break_lease

    holder = str(status.holder) or "by somebody unknown"
    if status.row is None:
        raise errors.RunLockNotBreakable(holder=holder)
    question = (
        f"the migration lock is a lease, held by {holder}\nIf that run is alive, it stops. Take it away?"
    )
    if not yes and not agrees(question):
        raise errors.RunLockBreakUnconfirmed(holder=holder)
    if break_lease(context, status.row):
        return f"taken away the lease that was held by {holder}"
    return "that lease has ended meanwhile; nothing was taken away"


def describe(status: LockStatus | None) -> str:
    """The state of a lock in a few words."""
    if status is None:
        return "there is no migration lock, because no other process can reach this database"
    if status.holder is None:
        return "nobody holds the migration lock"
    return f"{status.kind} held by {str(status.holder) or 'somebody; the database does not tell whom'}"


def data(status: LockStatus | None) -> dict[str, Any]:
    """The same as plain values."""
    holder = None if status is None else status.holder
    return {
        "kind": None if status is None or holder is None else status.kind,
        "is_held": holder is not None,
        "is_breakable": status is not None and status.row is not None,
        "host": None if holder is None else holder.host,
        "process": None if holder is None else holder.process,
        "since": None if holder is None or holder.since is None else holder.since.isoformat(),
        "revision": None if holder is None else holder.revision,
    }
