"""Limits: how often a person may ask, how much they may keep, and when what nobody touches is deleted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from pathlib import Path

from orchat.errors import AskedTooOftenError, QuotaExceededError
from orchat.library import Library
from orchat.settings import Settings
from orchat.store import DividedStore
from orchat.store.limits import Outdated
from orchat.store.retention import Hold

log = logging.getLogger(__name__)
MINUTE = timedelta(minutes=1)
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person keeps, in bytes; what is in deleted chats does not count."""

    files: int
    """Brought to chats and made by tools."""
    documents: int
    """On their own shelf and on those of their chats, with the index over them."""
    workspaces: int
    """What code has written into its folders."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.files + self.documents + self.workspaces


class Limits:
    """The limits that an operator has set. Those that are shared by all replicas are counted in the database."""

    def __init__(self, settings: Callable[[], Settings], store: DividedStore, library: Callable[[], Library]) -> None:
        self._settings = settings
        self._store = store
        self._library = library
        self._workspaces: Path = settings().workspaces

    @property
    def quota(self) -> int | None:
        """How many bytes one person may keep; None if there is no limit."""
        return self._settings().quota * MB or None

    @property
    def retention(self) -> timedelta | None:
        """How long after its last message a chat is deleted; None if never."""
        days = self._settings().retention_days
        return timedelta(days=days) if days else None

    def check_rate(self, owner: str) -> None:
        """Count that a person asks, or lets code run or documents be read.

        Raises:
            AskedTooOftenError: they have asked as often as they may within a minute; says when they may again.
        """
        most = self._settings().asks_per_minute
        wait = self._store.take_turn(owner, most, MINUTE) if most else None
        if wait is not None:
            times = "once" if most == 1 else f"{most} times"
            seconds = ceil(wait.total_seconds())
            raise AskedTooOftenError(
                f"You have asked {times} within a minute, and that is as often as this orchat allows.",
                advice=f"Try again in {seconds} second{'s' if seconds > 1 else ''}.",
            )

    def check_quota(self, owner: str, more: int) -> None:
        """Look whether a person may keep so many bytes more.

        Raises:
            QuotaExceededError: they may not; says how much there is and how much there may be.
        """
        if self.quota is None or more == 0:
            return
        kept = self.kept(owner).total
        if kept + more > self.quota:
            raise QuotaExceededError(
                f"This would take {_mb(more)}, and you have {_mb(max(0, self.quota - kept))} left of {_mb(self.quota)}."
            )

    def check_memory(self, more: int) -> None:
        """Look whether the temporary chats may take so many bytes more.

        Raises:
            QuotaExceededError: they may not, all of them together.
        """
        most = self._settings().temporary_memory * MB
        if most and self._store.temporary_bytes() + more > most:
            raise QuotaExceededError(
                f"All temporary chats here together may take {_mb(most)} of memory, and this would take more.",
                advice="Keep this chat, or wait until others have ended. Your message is back in the box.",
            )

    def kept(self, owner: str) -> Kept:
        """Measure what a person keeps."""
        return Kept(self._store.kept_bytes(owner), self._library().kept_bytes(owner), self._workspace_bytes(owner))

    def _workspace_bytes(self, owner: str) -> int:
        if not self._workspaces.is_dir():
            return 0
        from orchat.sandbox.folders import entries

        theirs = set(self._store.conversation_ids(owner))
        folders = [folder for folder in self._workspaces.iterdir() if folder.name in theirs]
        return sum(entry.status.st_blocks * 512 for folder in folders for entry in entries(folder))

    def outdated(self) -> list[Outdated]:
        """What `delete_outdated` would delete now, by owner."""
        return self._store.outdated(self.retention) if self.retention else []

    @property
    def hold(self) -> Hold | None:
        """Until when what is outdated is kept all the same, so that it can be looked at; None: it is not."""
        return self._store.retention_hold(self._settings().retention_days)

    def delete_in_time(self) -> list[tuple[str, str]]:
        """Delete as `delete_outdated` does, but where that waits; where it begins to, say so in the log."""
        hold = self._store.look_at_retention(self._settings().retention_days)
        if hold is None:
            return self.delete_outdated()
        if hold.begins and (due := sum(one.chats for one in self.outdated())):
            log.warning(
                "%s%d chats have had no message for ORCHAT_RETENTION_DAYS=%d days. They are deleted for good from "
                "%s UTC on; until then see Administration, Storage, or `python -m orchat retention`.",
                f"The clock is {hold.ahead.days} days ahead of when orchat last ran. " if hold.ahead else "",
                due,
                self._settings().retention_days,
                f"{hold.until:%Y-%m-%d %H:%M}",
            )
        return []

    def delete_outdated(self) -> list[tuple[str, str]]:
        """Delete the chats for good that nobody has written in for too long; returns owner and id of each."""
        gone = self._store.purge_outdated(self.retention) if self.retention else []
        if gone:
            self._store.note("orchat", "deleted chats by age", details={"chats": len(gone)})
        return gone


def _mb(count: int) -> str:
    return f"{count / MB:,.1f} MB"
