"""A turn of the agent while it happens, drawn step by step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from orchat.events import (
    ApprovalNeeded,
    Event,
    ModelAsked,
    Queued,
    ReasoningDelta,
    RefusalDelta,
    Routed,
    StepEnded,
    TextDelta,
    ToolCallDelta,
    ToolEnded,
    ToolOutput,
    ToolProgressed,
    ToolStarted,
)
from orchat.openrouter import Catalogue
from orchat.runs import Run
from orchat.store import Message
from orchat.ui import agent_transcript, source_chips
from orchat.ui.code_draft import CodeDraft
from orchat.ui.live import GrowingCode, GrowingText, Live, Thinking
from orchat.ui.source_chips import Known
from orchat.ui.steps import ToolLine
from orchat.ui.wording import plain, queued


class LiveTurn(Live):
    """Draws the events of a turn."""

    def __init__(
        self,
        run: Run,
        before: Sequence[Message],
        catalogue: Catalogue,
        known: Known | None,
        *,
        auto: bool,
        pace: Callable[[], float],
        as_code: bool = False,
    ) -> None:
        """`before` are the steps of the turn before this run: those that led to an approval; `known` may be cited.

        `as_code`: the answer was asked for as JSON.
        """
        super().__init__(run, pace=pace)
        self._catalogue = catalogue
        self._known = known
        self._auto = auto
        self._as_code = as_code
        self._text: GrowingText | GrowingCode | None = None
        self._thinking: Thinking | None = None
        self._lines: dict[str, ToolLine] = {}
        self._at_work: dict[str, str] = {}
        self._drafts: dict[int, CodeDraft] = {}
        self._calls = False
        self._steps, self._line = agent_transcript.places()
        with self._steps:
            agent_transcript.draw_steps(before, known, busy=True)
        self._say("Sending…")

    @property
    def open_length(self) -> int:
        """Characters that the next update sends again."""
        text = self._text.open_length if self._text else 0
        return text + sum(draft.open_length for draft in self._drafts.values())

    def wait(self) -> None:
        """Let the clocks go on."""
        super().wait()
        self._draw_due()

    def _draw_due(self) -> None:
        for draft in self._drafts.values():
            draft.draw()
        for call_id in self._at_work:
            self._lines[call_id].tick()

    def draw(self, batch: list[Event]) -> None:
        """Draw what has happened; text that came in pieces is drawn once."""
        text: list[str] = []
        for event in batch:
            if isinstance(event, TextDelta | RefusalDelta):
                text.append(event.text)
                continue
            self._add_text("".join(text))
            text = []
            with self._steps:
                self._take(event)
                self._take_draft(event)
                self._take_call(event)
        self._add_text("".join(text))
        self._draw_due()

    def _add_text(self, text: str) -> None:
        if not text:
            return
        with self._steps:
            if self._text is None:
                self._text = GrowingCode() if self._as_code else GrowingText(self._known)
                self._end_thinking()
            self._text.add(text)

    def _end_thinking(self) -> None:
        if self._thinking is not None:
            self._thinking.end()
            self._thinking = None

    def _take(self, event: Event) -> None:
        match event:
            case Queued():
                self._say(queued(event))
            case ModelAsked(step):
                self._end_thinking()
                self._text, self._calls = None, False
                self._say("Asking the model…" if step == 1 else f"Asking the model again (step {step})…")
            case ReasoningDelta(text):
                if self._thinking is None:
                    self._thinking = Thinking(st.container())
                self._thinking.add(text)
            case Routed(model=model, provider=provider):
                chooser = "The auto-router chose " if self._auto else ""
                via = f" at {provider}" if provider else ""
                self._say(f"{chooser}{self._catalogue.name_of(model)}{via}…")
            case StepEnded(cost, duration_ms) if self._calls:
                agent_transcript.step_line(cost, duration_ms)

    def _take_draft(self, event: Event) -> None:
        match event:
            case ToolCallDelta(position, _, name, piece):
                if name:
                    self._calls = True
                    self._end_thinking()
                    self._say(f"Preparing a call of {name}…")
                if position not in self._drafts:
                    self._drafts[position] = CodeDraft()
                self._drafts[position].add(piece)
            case StepEnded():
                for draft in self._drafts.values():
                    draft.draw(complete=True)
            case ToolStarted() | ModelAsked():
                for draft in self._drafts.values():
                    draft.remove()
                self._drafts = {}

    def _take_call(self, event: Event) -> None:
        match event:
            case ToolStarted(call_id, _, title, icon, arguments, at):
                self._start(call_id, {"title": title, "icon": icon, "arguments": arguments}, at)
            case ToolOutput(call_id, text) if call_id in self._lines:
                self._lines[call_id].write(text)
            case ToolProgressed(call_id, text, fraction) if call_id in self._lines:
                self._lines[call_id].progress(text, fraction)
            case ToolEnded(call_id, status, content, artifacts, duration, cost, reason) if call_id in self._lines:
                details = {"status": status, "artifacts": artifacts, "cost": cost, "reason": reason}
                self._lines[call_id].end(details, content, duration, f"live-{call_id}")
                if found := source_chips.read(artifacts):
                    self._known = {**(self._known or {}), **found}
                self._at_work.pop(call_id, None)
                self._say_who_works()
            case ApprovalNeeded():
                self._say("Waiting for your approval…")

    def _start(self, call_id: str, details: Mapping[str, Any], at: float) -> None:
        self._end_thinking()
        self._text = None
        self._lines[call_id] = ToolLine(details, began=at)
        self._at_work[call_id] = str(details["title"])
        self._say_who_works()

    def _say_who_works(self) -> None:
        titles = list(self._at_work.values())
        if titles:
            names = " and ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))
            self._say(f"{names} {'is' if len(titles) == 1 else 'are'} at work…")

    def _say(self, text: str) -> None:
        self._line.caption(plain(text))
