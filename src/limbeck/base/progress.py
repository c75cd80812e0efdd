"""Long work can be watched: whoever looks at it registers, and whoever does it says so now and then."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
from typing import Any, NamedTuple, Protocol

from limbeck.base.current import Current


class Watcher(Protocol):
    """Shows that work goes on."""

    def begin(self, doing: str) -> None:
        """Something begins that may take long."""

    def rename(self, doing: str) -> None:
        """It is known better now what is done; the clock goes on."""

    def tick(self) -> None:
        """It goes on."""

    def end(self) -> None:
        """It has ended, well or not."""


watcher: Current[Watcher] = Current("watcher")
"""Who watches what this thread or task does."""


class StepWatcher(Protocol):
    """Hears when the steps of a run begin and end; `number` counts from 1 to `count`."""

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """A step begins, perhaps once more."""

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        """It has ended well; its function has executed so many statements."""


step_watcher: Current[StepWatcher] = Current("step_watcher")
"""Who hears of the steps that this thread or task runs."""


class Blocker(NamedTuple):
    """A session that another one waits for, as far as the server tells.

    >>> str(Blocker("pid 812", "idle in transaction", 242.0, "app", "psql"))
    'pid 812 (idle in transaction for 4 m 02 s, user app, psql)'
    """

    session: str
    state: str | None = None
    seconds: float | None = None
    """For how long it has been in that state."""
    user: str | None = None
    application: str | None = None
    is_certain: bool = True
    """Whether the server has said so; else it is only the one that it must be, or may be."""

    def __str__(self) -> str:
        age = "" if self.seconds is None else f" for {render_age(self.seconds)}"
        parts = [
            f"{self.state or 'busy'}{age}" if self.state or age else "",
            f"user {self.user}" if self.user else "",
            self.application or "",
        ]
        facts = ", ".join(part for part in parts if part)
        return f"{'' if self.is_certain else 'perhaps '}{self.session}{f' ({facts})' if facts else ''}"


class Activity(NamedTuple):
    """What a statement is doing, as the server tells another session.

    >>> str(Activity("building index", 0.634))
    'building index 63 %'
    """

    phase: str | None = None
    share: float | None = None
    """How much of the phase is done, from 0 to 1."""
    blockers: tuple[Blocker, ...] = ()

    def __str__(self) -> str:
        if self.blockers:
            return f"waiting for {' and '.join(map(str, self.blockers[:MOST_BLOCKERS]))}{self._others}"
        percent = "" if self.share is None else f"{int(min(max(self.share, 0), 1) * 100)} %"
        return " ".join(part for part in (self.phase, percent) if part)

    @property
    def _others(self) -> str:
        others = len(self.blockers) - MOST_BLOCKERS
        return f" and {others} more" if others > 0 else ""


MOST_BLOCKERS = 2
"""How many sessions are named in one line."""


class RunWatcher(Protocol):
    """Hears what happens in a run while it happens; not always from the thread that does it, but from one at a time."""

    @property
    def follows(self) -> bool:
        """Whether it wants to hear how a statement goes on; without that there is no clock and no second session."""
        ...

    def lock_waiting(self, holder: Any) -> None:
        """Another run is waited for; the holder of the lock is None if nobody knows who that is."""

    def run_started(self, steps: Any) -> None:
        """The steps are known, and the first is about to begin."""

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """A step begins, perhaps once more."""

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        """It has ended well; its function has executed so many statements."""

    def statement_begins(self, number: int | None, sql: str) -> None:
        """A statement begins; it is the `number`-th of the step, or one of limbeck's own if that is None."""

    def statement_goes_on(self, seconds: float, activity: Activity | None) -> None:
        """It has taken so long so far, and does what the server tells, if it tells anything."""

    def statement_ended(self, seconds: float, *, has_failed: bool) -> None:
        """It has ended."""


run_watcher: Current[RunWatcher] = Current("run_watcher")
"""Who hears of the runs of this thread or task."""


def render_age(seconds: float) -> str:
    """`3 s`, `2 m 05 s`, `3 h 07 m`."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s" if minutes else f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} m"
