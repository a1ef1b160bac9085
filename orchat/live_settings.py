"""Live settings: those of the environment, and over them what operators have set while orchat runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchat.errors import OrchatError, SettingsError
from orchat.openrouter.rules import Rules
from orchat.settings import Settings, changed
from orchat.settings.changing import checked

if TYPE_CHECKING:
    from orchat.store import SettingChange, Store

log = logging.getLogger(__name__)
READ_EVERY = 2.0
"""Seconds after which every process has what was set in another one."""


class LiveSettings:
    """The settings of this moment.

    Asking for them never waits: they are read in the background, and kept as they were if that fails.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self.environment = settings
        self._store = store
        self._set: Mapping[str, dict[str, Any]] = {}
        self._hold(settings)
        self.refresh()

    @property
    def current(self) -> Settings:
        """The settings that hold now."""
        return self._current

    def rules(self) -> Rules:
        """Return what is forbidden now."""
        return self._rules

    @property
    def set_on_the_page(self) -> frozenset[str]:
        """The names of those that operators have set."""
        return frozenset(self._set)

    def refresh(self) -> None:
        """Read what operators have set; raises StoreError."""
        found = self._store.settings_set()
        if found == self._set:
            return
        current = self.environment
        for name, kept in found.items():
            try:
                current = changed(current, {name: kept.get("value")})
            except SettingsError as error:
                # Set by another version of orchat: what the environment says is better than no page at all.
                log.warning("What was set on the page is left out: %s", error.message)
        self._set = found
        self._hold(current)

    def _hold(self, settings: Settings) -> None:
        """Let settings hold from now on; the budgets are the store's to keep to."""
        self._current, self._rules, self._store.standing = settings, rules_of(settings), settings.budgets

    async def keep_fresh(self) -> None:
        """Read them again and again, until cancelled."""
        while True:
            await asyncio.sleep(READ_EVERY)
            try:
                await asyncio.to_thread(self.refresh)
            except OrchatError as error:
                log.info("The settings could not be read again: %s", error.message)

    def change(self, actor: str, name: str, value: Any) -> None:
        """Set a setting from now on, here at once and in other processes within seconds.

        Raises:
            SettingsError: it may not be changed, or not to that.
        """
        if name == "require_zdr" and self.environment.require_zdr and not value:
            raise SettingsError(
                "Zero data retention is required where orchat is started (ORCHAT_REQUIRE_ZDR).",
                advice="It can be switched off there only.",
            )
        self._keep(actor, name, {"value": checked(name, value)})

    def give_back(self, actor: str, name: str) -> None:
        """Let the environment's hold again."""
        checked(name, None)
        self._keep(actor, name, None)

    def revert(self, actor: str, number: int) -> None:
        """Set a setting to what it was before a change.

        Raises:
            NotFoundError: there is no such change.
            SettingsError: what it was is not valid any more.
        """
        change = self._store.setting_change(number)
        if change.old is None:
            self.give_back(actor, change.name)
        else:
            self.change(actor, change.name, change.old.get("value"))

    def history(self) -> list[SettingChange]:
        """Return the changes, newest first."""
        return self._store.settings_changed()

    def _keep(self, actor: str, name: str, new: dict[str, Any] | None) -> None:
        if self._store.settings_set().get(name) == new:
            return
        change = self._store.set_setting(actor, name, new)
        details = {side: None if kept is None else kept.get("value") for side, kept in _sides(change)}
        self._store.note(actor, "changed a setting", name, details)
        self.refresh()


def _sides(change: SettingChange) -> tuple[tuple[str, dict[str, Any] | None], ...]:
    return ("from", change.old), ("to", change.new)


def rules_of(settings: Settings) -> Rules:
    """Return the rules that settings mean."""
    return Rules(
        allowed_models=settings.allowed_models,
        forbidden_models=settings.forbidden_models,
        allowed_providers=settings.allowed_providers,
        forbidden_providers=settings.forbidden_providers,
        forbidden_features=settings.forbidden_features,
        forbidden_tools=settings.forbidden_tools,
        zdr=settings.require_zdr,
    )
