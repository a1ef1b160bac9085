"""Steps: what the agent did, drawn the same way while it happens and when it is over."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.ui import arguments, artifacts
from orchat.ui.wording import plain

RESULT_SHOWN = 4_000
REASON_SHOWN = 90
OUTCOMES = {"error": "failed", "denied": "denied", "timeout": "took too long", "stopped": "stopped"}


class ToolLine:
    """One call: a line that unfolds to its arguments and result, and below it what it made."""

    def __init__(self, details: Mapping[str, Any]) -> None:
        """Draw a call that has begun; `details` as they stand in its message."""
        self._title = plain(str(details.get("title") or "Tool"))
        self._icon = str(details.get("icon") or ":material/extension:")
        self._status = st.status(f"{self._icon} {self._title} …", type="compact", expanded=False)
        self._inside = self._status.container()
        self._below = st.container()
        with self._inside:
            arguments.draw(details.get("arguments") or {})
            self._progress: DeltaGenerator = st.empty()

    def progress(self, text: str, fraction: float | None) -> None:
        """Say what the tool is doing."""
        share = f" ({fraction:.0%})" if fraction is not None else ""
        self._status.update(label=f"{self._icon} {self._title}: {plain(text)}{share}")
        self._progress.caption(plain(text) + share)

    def end(self, details: Mapping[str, Any], content: str, duration_ms: int | None, key: str) -> None:
        """Draw how it ended."""
        outcome = OUTCOMES.get(str(details.get("status") or "ok"))
        said = f"{outcome}: {_reason(content)}" if outcome == "failed" and content else outcome
        lasted = [] if outcome == "denied" else took(duration_ms)
        parts = [f"{self._icon} {self._title}", *([said] if said else []), *lasted]
        self._progress.empty()
        with self._inside:
            if content:
                st.code(content[:RESULT_SHOWN], language=None, wrap_lines=True)
            if len(content) > RESULT_SHOWN:
                st.caption(f"The first {RESULT_SHOWN:,} of {len(content):,} characters.")
            if full := details.get("full"):
                artifacts.draw(full, key=f"full-{key}")
        self._status.update(label=" · ".join(parts), state="error" if outcome else "complete")
        with self._below:
            for number, reference in enumerate(details.get("artifacts") or ()):
                artifacts.draw(reference, key=f"{key}-{number}")


def _reason(content: str) -> str:
    line = content.strip().partition("\n")[0]
    return plain(line if len(line) <= REASON_SHOWN else f"{line[:REASON_SHOWN]}…")


def took(duration_ms: int | None) -> list[str]:
    """Return a duration as a part of a line, or no part."""
    if duration_ms is None:
        return []
    return [f"{duration_ms} ms" if duration_ms < 1000 else f"{duration_ms / 1000:.1f} s"]
