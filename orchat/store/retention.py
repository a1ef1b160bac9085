"""Retention: since when chats may be only so old; what is due is kept for a day before any of it is deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orchat.store.preferences import PreferenceStore

HELD_FOR = timedelta(days=1)
"""For how long what is due is kept and shown, before the first is deleted."""
FAR = timedelta(days=7)
"""How long after the last look a clock is not believed at once: orchat looks every ten minutes while it runs."""
_NOBODY, _NAME = "@orchat", "retention"


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is deleted by its age, but for somebody who does it by hand."""

    until: datetime
    begins: bool
    """Whether it was not there at the last look."""
    ahead: timedelta
    """How far the clock is ahead of the last look; zero where that is no reason."""


class RetentionStore(PreferenceStore):
    """The part of the store that knows since when chats may be how old; for upkeep and operators only."""

    def look_at_retention(self, days: int) -> Hold | None:
        """Note that chats may be so old from now on (0: any age); return whether deleting has to wait.

        It waits for a day where that is new or less than before, or where the clock is far ahead of the last look.
        """
        last, now = self._last_look(), self._now()
        if not days:
            if last is not None:
                self.save_preference(_NOBODY, _NAME, None)
            return None
        hold, until = _hold(last, days, now)
        look = {"days": days, "at": now.isoformat(), "until": until.isoformat()}
        self.save_preference(_NOBODY, _NAME, look)
        return hold

    def retention_hold(self, days: int) -> Hold | None:
        """Return what the next look would, and change nothing."""
        return _hold(self._last_look(), days, self._now())[0] if days else None

    def _last_look(self) -> dict[str, Any] | None:
        return self.preference(_NOBODY, _NAME)


def _hold(last: dict[str, Any] | None, days: int, now: datetime) -> tuple[Hold | None, datetime]:
    """The hold at a moment, if there is one, and until when there is or was one."""
    ahead = now - datetime.fromisoformat(last["at"]) if last else timedelta(0)
    if last is None or days < last["days"] or ahead > FAR:
        until = now + HELD_FOR
        return Hold(until, begins=True, ahead=ahead if ahead > FAR else timedelta(0)), until
    # What a clock that was ahead has left.
    until = min(datetime.fromisoformat(last["until"]), now + HELD_FOR)
    return (Hold(until, begins=False, ahead=timedelta(0)) if now < until else None), until
