"""Preferences: what a person has set, by name, beyond any one conversation."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from orchat.store.database import Database
from orchat.store.tables import preferences

_PREFERENCE = select(preferences.c.value).where(
    preferences.c.owner == bindparam("owner"), preferences.c.name == bindparam("name")
)


class PreferenceStore(Database):
    """The part of the store that knows preferences. They are JSON, and hold no secrets."""

    def preference(self, owner: str, name: str) -> Any | None:
        """What is set, None when nothing is."""
        with self._reading() as connection:
            return connection.execute(_PREFERENCE, {"owner": owner, "name": name}).scalar_one_or_none()

    def save_preference(self, owner: str, name: str, value: Any | None) -> None:
        """Set it; None takes it back."""
        c = preferences.c
        with self._writing() as connection:
            connection.execute(delete(preferences).where(c.owner == owner, c.name == name))
            if value is not None:
                connection.execute(insert(preferences), {"owner": owner, "name": name, "value": value})
