"""Steps: what the agent did, drawn the same way while it happens and when it is over."""

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.terminal import readable
from orchat.ui import arguments, artifacts
from orchat.ui.wording import money, plain

RESULT_SHOWN = 4_000
REASON_SHOWN = 90
OUTPUT_KEPT, OUTPUT_LINES, OUTPUT_EVERY = 4_000, 16, 0.25
"""Of what a tool writes while it works: characters and lines at the end of it that are shown, and how often (s)."""
UNFOLDING = 1.0
"""Seconds within which a browser has drawn a line for the first time."""
State = Literal["running", "complete", "error"]
OUTCOMES = {"error": "failed", "denied": "denied", "timeout": "took too long", "stopped": "stopped"}


class ToolLine:
    """One call: a line that unfolds to its arguments and result, and below it what it made."""

    def __init__(
        self, details: Mapping[str, Any], *, began: float | None = None, label: str = "", state: State = "running"
    ) -> None:
        """Draw a call; `details` as they stand in its message. One that works now `began` then (s since the epoch).

        One that is over has its `label` and `state` from the beginning: a browser folds what gets another label.
        """
        self._began = began
        self._title, self._icon = _named(details)
        self._doing = ""
        self._label = label
        self._written, self._drawn_at, self._undrawn = "", 0.0, False
        given = details.get("arguments") or {}
        # Code is worth watching while it runs; when it is over, what it made is.
        unfolded = began is not None and arguments.code_in(given) is not None
        self._unfold_until = time.monotonic() + UNFOLDING if unfolded else 0.0
        begun = label or f"{self._icon} {self._title} …"
        self._status = st.status(begun, state=state, type="compact", expanded=unfolded)
        self.inside = self._status.container()
        self._below = st.container()
        with self.inside:
            arguments.draw(given)
            self._progress: DeltaGenerator = st.empty()
            self._output: DeltaGenerator = st.empty()

    def progress(self, text: str, fraction: float | None) -> None:
        """Say what the tool is doing."""
        self._doing = plain(text) + (f" ({fraction:.0%})" if fraction is not None else "")
        self._progress.caption(self._doing)
        self.tick()

    def write(self, text: str) -> None:
        """Show more of what the tool writes."""
        self._written = (self._written + text)[-2 * OUTPUT_KEPT :]
        self._undrawn = True
        self.tick()

    def tick(self) -> None:
        """Draw what has changed with time: the clock, and output that was not drawn at once."""
        seconds = int(time.time() - self._began) if self._began else 0
        said = f"{self._title}: {self._doing}" if self._doing else f"{self._title} …"
        label = f"{self._icon} {said}" + (f" · {seconds} s" if seconds > 0 else "")
        if label != self._label:
            self._label = label
            # An update that comes before the first drawing would fold it; later it is the reader's to fold.
            unfold = True if time.monotonic() < self._unfold_until else None
            self._status.update(label=label, expanded=unfold)
        if self._undrawn and time.monotonic() - self._drawn_at >= OUTPUT_EVERY:
            self._undrawn, self._drawn_at = False, time.monotonic()
            lines = readable(self._written)[-OUTPUT_KEPT:].rstrip("\n").split("\n")
            self._output.code("\n".join(lines[-OUTPUT_LINES:]), language=None, wrap_lines=True)

    def end(self, details: Mapping[str, Any], content: str, duration_ms: int | None, key: str) -> None:
        """Draw how it ended."""
        label, state = _ending((self._title, self._icon), details, content, duration_ms)
        self._progress.empty()
        if content:
            self._output.code(readable(content[:RESULT_SHOWN]), language=None, wrap_lines=True)
        else:
            self._output.empty()
        with self.inside:
            if len(content) > RESULT_SHOWN:
                st.caption(f"The first {RESULT_SHOWN:,} of {len(content):,} characters.")
            if full := details.get("full"):
                artifacts.draw(full, key=f"full-{key}")
        # Only what unfolded by itself folds by itself.
        fold = False if self._unfold_until else None
        if label != self._label:
            self._status.update(label=label, state=state, expanded=fold)
        with self._below:
            for number, reference in enumerate(details.get("artifacts") or ()):
                artifacts.draw(reference, key=f"{key}-{number}")


def draw_ended(details: Mapping[str, Any], content: str, duration_ms: int | None, key: str) -> ToolLine:
    """Draw a call that is over."""
    label, state = _ending(_named(details), details, content, duration_ms)
    line = ToolLine(details, label=label, state=state)
    line.end(details, content, duration_ms, key)
    return line


def _named(details: Mapping[str, Any]) -> tuple[str, str]:
    return plain(str(details.get("title") or "Tool")), str(details.get("icon") or ":material/extension:")


def _ending(
    named: tuple[str, str], details: Mapping[str, Any], content: str, duration_ms: int | None
) -> tuple[str, State]:
    title, icon = named
    outcome = OUTCOMES.get(str(details.get("status") or "ok"))
    why = str(details.get("reason") or content)
    said = f"{outcome}: {_reason(why)}" if outcome == "failed" and why else outcome
    lasted = [] if outcome == "denied" else [*took(duration_ms), *_cost(details.get("cost"))]
    return " · ".join([f"{icon} {title}", *([said] if said else []), *lasted]), "error" if outcome else "complete"


def _reason(content: str) -> str:
    line = content.strip().partition("\n")[0]
    return plain(line if len(line) <= REASON_SHOWN else f"{line[:REASON_SHOWN]}…")


def _cost(kept: Any) -> list[str]:
    """Return what a tool's own models cost as a part of a line, or no part."""
    try:
        return [] if kept is None else [plain(money(Decimal(str(kept))))]
    except ArithmeticError:
        return []


def took(duration_ms: int | None) -> list[str]:
    """Return a duration as a part of a line, or no part."""
    if duration_ms is None:
        return []
    return [f"{duration_ms} ms" if duration_ms < 1000 else f"{duration_ms / 1000:.1f} s"]
