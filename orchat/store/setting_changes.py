"""What operators have set on a page: every change is kept, and the last one of a name holds."""

from typing import Any

from sqlalchemy import func, insert, select

from orchat.errors import NotFoundError
from orchat.store.database import Database
from orchat.store.records import SettingChange
from orchat.store.tables import setting_changes as table

_COLUMNS = [table.c[name] for name in ("number", "at", "actor", "name", "old", "new")]


class SettingChangeStore(Database):
    """The part of the store that knows what operators have set; for them only."""

    def settings_set(self) -> dict[str, dict[str, Any]]:
        """What holds now, by the name of the setting; what the environment says is left out."""
        last = select(func.max(table.c.number)).group_by(table.c.name)
        query = select(table.c.name, table.c.new).where(table.c.number.in_(last))
        with self._reading() as connection:
            return {name: new for name, new in connection.execute(query).all() if new is not None}

    def set_setting(self, owner: str, name: str, new: dict[str, Any] | None) -> SettingChange:
        """Set it from now on; None goes back to the environment's."""
        with self._writing() as connection:
            before = select(table.c.new).where(table.c.name == name).order_by(table.c.number.desc()).limit(1)
            old = connection.execute(before).scalar_one_or_none()
            row = {"at": self._now(), "actor": owner, "name": name, "old": old, "new": new}
            connection.execute(insert(table), row)
            latest = select(*_COLUMNS).where(table.c.name == name).order_by(table.c.number.desc()).limit(1)
            return SettingChange(*connection.execute(latest).one())

    def settings_changed(self, *, limit: int = 200) -> list[SettingChange]:
        """The changes, newest first."""
        query = select(*_COLUMNS).order_by(table.c.number.desc()).limit(limit)
        with self._reading() as connection:
            return [SettingChange(*row) for row in connection.execute(query).all()]

    def setting_change(self, number: int) -> SettingChange:
        """One of them. Raises NotFoundError."""
        with self._reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(table.c.number == number)).one_or_none()
        if row is None:
            raise NotFoundError("There is no such change.")
        return SettingChange(*row)
