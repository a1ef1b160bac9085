"""Presets: named choices, of one's own and shared by operators."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select, update

from orchat.errors import NotFoundError
from orchat.store.database import Database
from orchat.store.records import Preset
from orchat.store.tables import presets

_COLUMNS = [presets.c[field.name] for field in fields(Preset)]
_VISIBLE = or_(presets.c.owner == bindparam("owner"), presets.c.shared)
_ALL = select(*_COLUMNS).where(_VISIBLE, presets.c.deleted_at.is_(None))


class PresetStore(Database):
    """The part of the store that knows presets.

    Every method names the owner. A shared preset is there for everybody, and changed by its owner, or by whoever comes
    with `operator`. NotFoundError is the one answer to an unknown id and to one that this person may not have.
    """

    def presets(self, owner: str) -> list[Preset]:
        """Those of this owner and the shared ones, by name; deleted ones are left out."""
        with self._reading() as connection:
            found = [Preset(*row) for row in connection.execute(_ALL, {"owner": owner})]
        return sorted(found, key=lambda preset: (preset.name.casefold(), preset.id))

    def preset(self, owner: str, preset_id: str) -> Preset:
        """One preset, deleted or not."""
        with self._reading() as connection:
            return _read(connection, and_(presets.c.id == preset_id, or_(presets.c.owner == owner, presets.c.shared)))

    def create_preset(
        self, owner: str, name: str, content: Mapping[str, Any], *, icon: str = "", shared: bool = False
    ) -> Preset:
        """Keep choices under a name; names need not be different."""
        now = self._now()
        preset = Preset(uuid4().hex, owner, name, icon, shared, dict(content), now, now)
        with self._writing() as connection:
            connection.execute(insert(presets), {column.name: getattr(preset, column.name) for column in _COLUMNS})
        return preset

    def change_preset(
        self,
        owner: str,
        preset_id: str,
        *,
        name: str | None = None,
        icon: str | None = None,
        shared: bool | None = None,
        content: Mapping[str, Any] | None = None,
        operator: bool = False,
    ) -> Preset:
        """Change what is given of it."""
        given = {"name": name, "icon": icon, "shared": shared, "content": content and dict(content)}
        values = {key: value for key, value in given.items() if value is not None}
        return self._change(owner, preset_id, operator=operator, **values, updated_at=self._now())

    def delete_preset(self, owner: str, preset_id: str, *, operator: bool = False) -> Preset:
        """Take it out of the list; `restore_preset` undoes it."""
        return self._change(owner, preset_id, operator=operator, deleted_at=self._now())

    def restore_preset(self, owner: str, preset_id: str, *, operator: bool = False) -> Preset:
        """Undo `delete_preset`."""
        return self._change(owner, preset_id, operator=operator, deleted_at=None)

    def _change(self, owner: str, preset_id: str, *, operator: bool, **values: Any) -> Preset:
        mine = presets.c.owner == owner
        this = and_(presets.c.id == preset_id, or_(mine, presets.c.shared) if operator else mine)
        with self._writing() as connection:
            _read(connection, this)
            connection.execute(update(presets).where(this).values(**values))
            return _read(connection, presets.c.id == preset_id)


def _read(connection: Connection, condition: ColumnElement[bool]) -> Preset:
    row = connection.execute(select(*_COLUMNS).where(condition)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such preset.", advice="It may have been deleted. Choose another one.")
    return Preset(*row)
