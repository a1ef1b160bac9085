"""The audit log: who did what to whom. It is only ever added to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select

from orchat.store.database import Database
from orchat.store.records import AuditEntry
from orchat.store.tables import audit

_COLUMNS = [audit.c[name] for name in ("number", "at", "actor", "action", "subject", "details")]


class AuditStore(Database):
    """The part of the store that knows the audit log."""

    def note(self, owner: str, action: str, subject: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Add that `owner` has done something, to `subject` if to anybody. Never a secret, never a message."""
        row = {"at": self._now(), "actor": owner, "action": action, "subject": subject, "details": dict(details or {})}
        with self._writing() as connection:
            connection.execute(insert(audit), row)

    def audited(self, *, limit: int = 1000, before: int | None = None) -> list[AuditEntry]:
        """The entries, newest first; `before` is the number of the last one of the page that came before."""
        query = select(*_COLUMNS).order_by(audit.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.number < before)
        with self._reading() as connection:
            return [AuditEntry(*row) for row in connection.execute(query).all()]
