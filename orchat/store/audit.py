"""The audit log: who did what to whom. It is only ever added to, but for how often somebody was not let in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from orchat.store.database import Database
from orchat.store.records import AuditEntry
from orchat.store.tables import audit

_COLUMNS = [audit.c[name] for name in ("number", "at", "actor", "action", "subject", "details")]

REFUSED = "was not let in"
OTHERS = "others"
COUNTED_TOGETHER = timedelta(hours=1)
MOST_REFUSED = 100
"""Entries of people who were not let in, for each hour: whoever makes up names must not fill the disk."""
LONGEST_WHO, LONGEST_CALLED = 200, 100


class AuditStore(Database):
    """The part of the store that knows the audit log."""

    def note(self, owner: str, action: str, subject: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Add that `owner` has done something, to `subject` if to anybody. Never a secret, never a message."""
        row = {"at": self._now(), "actor": owner, "action": action, "subject": subject, "details": dict(details or {})}
        with self._writing() as connection:
            connection.execute(insert(audit), row)

    def note_refused(self, owner: str, why: str, called: str = "") -> None:
        """Add that `owner` was not let in, and why.

        Who comes again within the hour, for the same reason, is counted in the entry that is there; so are, as
        `OTHERS`, all who come when there are `MOST_REFUSED` of them. `called` is the name that they gave.
        """
        owner, now = owner[:LONGEST_WHO], self._now()
        recent = select(audit.c.number, audit.c.actor, audit.c.details).where(
            audit.c.action == REFUSED, audit.c.at > now - COUNTED_TOGETHER
        )
        with self._writing() as connection:
            found = {(actor, kept["why"]): number for number, actor, kept in connection.execute(recent)}
            if (owner, why) not in found and len(found) >= MOST_REFUSED:
                owner, called = OTHERS, ""
            if (owner, why) in found:
                same = audit.c.number == found[owner, why]
                # Locked, where several write at once: what others have counted meanwhile is read.
                kept = connection.execute(select(audit.c.details).where(same).with_for_update()).scalar_one()
                connection.execute(update(audit).where(same).values(details={**kept, "times": kept["times"] + 1}))
            else:
                said = {"called": called[:LONGEST_CALLED]} if called else {}
                details = {"why": why, **said, "times": 1}
                row = {"at": now, "actor": owner, "action": REFUSED, "subject": "", "details": details}
                connection.execute(insert(audit), row)

    def audited(self, *, limit: int = 1000, before: int | None = None) -> list[AuditEntry]:
        """The entries, newest first; `before` is the number of the last one of the page that came before."""
        query = select(*_COLUMNS).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.number < before)
        with self._reading() as connection:
            return [AuditEntry(*row) for row in connection.execute(query).all()]
