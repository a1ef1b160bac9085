"""People: who has been here, whether they may come again, and what they keep encrypted."""

from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orchat.errors import NotFoundError
from orchat.store.database import Database
from orchat.store.records import Known
from orchat.store.tables import people, preferences, sealed_texts

_COLUMNS = [people.c[name] for name in ("owner", "name", "email", "role", "first_seen", "last_seen", "blocked")]


class PeopleStore(Database):
    """The part of the store that knows people."""

    def meet(self, owner: str, *, name: str, email: str, role: str) -> Known:
        """Note that somebody is here, and what their login says of them now."""
        now = self._now()
        said = {"name": name, "email": email, "role": role, "last_seen": now}
        with self._writing() as connection:
            if connection.execute(update(people).where(people.c.owner == owner).values(**said)).rowcount == 0:
                connection.execute(insert(people), {"owner": owner, "first_seen": now, "blocked": False, **said})
            return Known(*connection.execute(select(*_COLUMNS).where(people.c.owner == owner)).one())

    def everybody(self) -> list[Known]:
        """All who have been here, the latest first; for the operator."""
        with self._reading() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(people.c.last_seen.desc(), people.c.owner)).all()
        return [Known(*row) for row in rows]

    def block(self, owner: str, *, blocked: bool) -> None:
        """Keep somebody out, or let them in again; for the operator. Raises NotFoundError."""
        with self._writing() as connection:
            changed = update(people).where(people.c.owner == owner).values(blocked=blocked)
            if connection.execute(changed).rowcount == 0:
                raise NotFoundError("There is nobody of that name.")

    def is_blocked(self, owner: str) -> bool:
        """Whether somebody is kept out; nobody is who has not been here."""
        with self._reading() as connection:
            return bool(connection.execute(select(people.c.blocked).where(people.c.owner == owner)).scalar())

    def sealed(self, owner: str, name: str) -> bytes | None:
        """What is kept encrypted under a name, None when nothing is."""
        c = sealed_texts.c
        with self._reading() as connection:
            data = connection.execute(select(c.data).where(c.owner == owner, c.name == name)).scalar_one_or_none()
        return None if data is None else bytes(data)

    def save_sealed(self, owner: str, name: str, data: bytes | None) -> None:
        """Keep what somebody has encrypted; None removes it."""
        c = sealed_texts.c
        with self._writing() as connection:
            connection.execute(delete(sealed_texts).where(c.owner == owner, c.name == name))
            if data is not None:
                row = {"owner": owner, "name": name, "data": data, "saved_at": self._now()}
                connection.execute(insert(sealed_texts), row)

    def seal_first(self, owner: str, name: str, data: bytes, *, beside: str, value: Any) -> bool:
        """Keep what somebody has encrypted and a preference `beside` it, unless that is set already; say whether."""
        c, row = sealed_texts.c, {"owner": owner, "name": name, "data": data, "saved_at": self._now()}
        new = postgresql.insert(preferences) if self.shared else sqlite.insert(preferences)
        with self._writing() as connection:
            said = new.values(owner=owner, name=beside, value=value).on_conflict_do_nothing()
            if connection.execute(said.returning(preferences.c.name)).first() is None:
                return False
            connection.execute(delete(sealed_texts).where(c.owner == owner, c.name == name))
            connection.execute(insert(sealed_texts), row)
        return True
