"""What a run would do, as values and as data: the answer of `plan`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from limbeck.ddl.facts import Cost, Effect, Lock
from limbeck.ddl.rehearsing import TableKey
from limbeck.operations.summary import summarize
from limbeck.runtime.planning.outlook import Outlook, Part, WayBack
from limbeck.runtime.planning.recorder import Sent
from limbeck.runtime.planning.rehearsal import Rehearsal

BLOCKED = {
    Lock.NONE: "nobody",
    Lock.SCHEMA: "schema changes",
    Lock.WRITES: "writes",
    Lock.EVERYTHING: "everything",
}
WORK = {Cost.METADATA: "none", Cost.SCAN: "reads each row", Cost.REWRITE: "writes each row"}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would do with one database, or one version table of it."""

    database: str
    server: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    direction: str
    target: str
    rehearsal: Rehearsal
    outlooks: tuple[Outlook, ...]
    rows: Mapping[TableKey, int]
    undoes_ddl: bool

    @property
    def transactions(self) -> str:
        """How the run is divided into transactions, in words."""
        if self.rehearsal.is_external:
            return "that of whoever made the connection"
        how = "one for each revision" if self.rehearsal.is_per_step else "one around all revisions"
        if any(sent.stands_alone for one in self.outlooks for sent in one.rehearsed.sent):
            how += ", interrupted for what must stand outside"
        return how if self.undoes_ddl else f"{how}, but each change of the schema is permanent at once"

    @property
    def is_complete(self) -> bool:
        """Whether everything that would be sent is known."""
        return all(one.rehearsed.stop is None and one.rehearsed.was_tried for one in self.outlooks)

    @property
    def is_certain(self) -> bool:
        """Whether no revision decides by what it reads in a state of the database that is not there yet."""
        return all(read.is_certain for one in self.outlooks for read in one.rehearsed.reads)

    @property
    def fingerprint(self) -> str:
        """The same for the same revisions, rows of the version table, and statements with their values."""
        digest = hashlib.sha256()
        sent = [one for look in self.outlooks for one in look.rehearsed.sent]
        for part in (
            self.direction,
            *sorted(self.before),
            *(look.rehearsed.step.short_log for look in self.outlooks),
            *(f"{one.sql}\0{one.sets!r}" for one in sent),
        ):
            digest.update(part.encode(errors="surrogatepass") + b"\0\0")
        return digest.hexdigest()

    def data(self, *, with_values: bool = False) -> dict[str, Any]:
        """The forecast as plain values; what goes with a statement as parameters only `with_values`."""
        return {
            "database": self.database,
            "server": self.server,
            "before": list(self.before),
            "after": list(self.after),
            "direction": self.direction,
            "transactions": self.transactions,
            "exact": self.rehearsal.is_exact,
            "complete": self.is_complete,
            "fingerprint": self.fingerprint,
            "preparation": [_statement(one, with_values=with_values) for one in self.rehearsal.preparation],
            "revisions": [self._revision(one, with_values=with_values) for one in self.outlooks],
        }

    def _revision(self, one: Outlook, *, with_values: bool) -> dict[str, Any]:
        step, stop = one.rehearsed.step, one.rehearsed.stop
        own: Any = getattr(step, "revision", None)
        return {
            "revision": own.revision if own is not None else None,
            "message": step.doc or "",
            "path": own.path if own is not None else None,
            "tried": one.rehearsed.was_tried,
            "operations": [self._operation(part, with_values=with_values) for part in one.parts],
            "bookkeeping": [
                _statement(sent, with_values=with_values)
                for sent in one.rehearsed.sent
                if sent.is_bookkeeping
            ],
            "reads": [
                {"sql": read.sql, "line": read.line, "certain": read.is_certain}
                for read in one.rehearsed.reads
            ],
            "stopped": None
            if stop is None
            else {"reason": stop.reason, "line": stop.line, "certain": stop.is_certain},
            "downgrade": None if one.way_back is None else one.way_back.name.lower(),
            "reversible": one.way_back is WayBack.THERE,
            "loses_rows": any(part.loses_rows for part in one.parts),
        }

    def _operation(self, part: Part, *, with_values: bool) -> dict[str, Any]:
        return {
            "summary": summarize(part.operation),
            "operation": None if part.operation is None else type(part.operation).__name__,
            "tables": [
                {"schema": schema, "name": name, "rows": self.rows.get((schema, name))}
                for schema, name in part.tables
            ],
            "new": part.is_new,
            "effect": _effect(part.effect),
            "reversible": part.is_reversible,
            "loses_rows": part.loses_rows,
            "statements": [_statement(sent, with_values=with_values) for sent in part.sent],
        }


def _effect(effect: Effect | None) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {
        "blocks": BLOCKED[effect.lock],
        "work": WORK[effect.cost],
        "why": effect.why,
        "transactional": effect.transactional,
    }


def _statement(sent: Sent, *, with_values: bool) -> dict[str, Any]:
    return {
        "sql": sent.sql,
        "sets": len(sent.sets),
        "parameters": [json.loads(json.dumps(one, default=str)) for one in sent.sets]
        if with_values
        else None,
        "line": sent.line,
        "transaction": None if sent.stands_alone else sent.place,
    }
