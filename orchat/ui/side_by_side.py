"""Side by side: the answers of several models to one question, in columns, while they arrive and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import beside, components, notes, receipt_dialog, resources, session, source_chips, transcript
from orchat.ui.live import LiveAnswer
from orchat.ui.transcript import Slots
from orchat.ui.wording import plain, quiet_line, seconds

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from orchat.connections import Connection
    from orchat.openrouter import Catalogue
    from orchat.run import Run
    from orchat.store import Message


class LiveColumn(LiveAnswer):
    """Draws one of several answers into its column, and how it ended."""

    def __init__(self, answer: Message, run: Run, catalogue: Catalogue, slots: Slots, stop: DeltaGenerator) -> None:
        pace = resources.services().runs.pace
        super().__init__(slots, run, catalogue, None, auto=answer.auto, pace=pace)
        self._answer = answer
        self._stop = stop
        self._offset = 0
        self._over = False

    def news(self) -> Iterator[Callable[[], None]]:
        """Yield what there is to draw since the last time; how it ended comes last."""
        # Asked first: what comes between the two would otherwise never be drawn.
        ended = self._run.finished.is_set()
        batch = self._run.events[self._offset :]
        self._offset += len(batch)
        if batch:
            yield partial(self.draw, batch)
        if ended and not self._over:
            self._over = True
            yield self._end

    @property
    def over(self) -> bool:
        """Whether how it ended is drawn."""
        return self._over

    def rest(self, pause: float) -> None:
        """Wait so long, or until it has ended."""
        self._run.finished.wait(pause)

    def _end(self) -> None:
        self._stop.empty()
        kept = resources.services().store.message(session.current().owner, self._answer.id)
        self._line.caption(line(kept, self._catalogue))


def draw(branch: Sequence[Message], ids: Sequence[str], connection: Connection) -> bool:
    """Draw the answers beside each other, below the messages before them; return whether one is still on its way."""
    current, services = session.current(), resources.services()
    # Before the answers are read: one that ends in between is followed to its end, which is there.
    active = {
        run.turn.message_id: run
        for run in services.runs.together(current.owner, current.conversation_id or "")
        if run.active
    }
    answers, columns = services.chats.answers(current.owner, ids), []
    with st.container(key=f"beside-of-{len(answers)}"):
        for place, answer in zip(st.columns(len(answers), gap="small"), answers, strict=True):
            with place, st.container(border=True, key=f"column-{answer.id}", height="stretch"):
                if answer.id in active:
                    columns.append(_begin(answer, active[answer.id], connection.catalogue.current()))
                else:
                    _settled(answer, branch, connection.catalogue.current(), busy=bool(active))
    if columns:
        st.write_stream(_updates(columns))
    return bool(columns)


def _begin(answer: Message, run: Run, catalogue: Catalogue) -> LiveColumn:
    stop = _head(answer, catalogue)
    stop.button("Stop", icon=":material/stop_circle:", key=f"stop-{answer.id}", type="tertiary", on_click=run.stop)
    return LiveColumn(answer, run, catalogue, Slots(st.container(), st.container(), st.container(), st.empty()), stop)


def _updates(columns: Sequence[LiveColumn]) -> Iterator[Callable[[], None]]:
    while not all(column.over for column in columns):
        said = False
        for column in columns:
            for news in column.news():
                said = True
                yield news
        if not said:
            yield session.let_clicks_through
        if going := [column for column in columns if not column.over]:
            going[0].rest(max(column.pace() for column in going))


def _head(answer: Message, catalogue: Catalogue) -> DeltaGenerator:
    with st.container(horizontal=True, vertical_alignment="center", key=f"head-of-{answer.id}", gap="small"):
        asked = "Auto-router" if answer.auto else catalogue.name_of(answer.model_asked or "")
        st.markdown(f"**{plain(asked)}**", width="stretch")
        return st.empty()


def _settled(answer: Message, branch: Sequence[Message], catalogue: Catalogue, *, busy: bool) -> None:
    _head(answer, catalogue)
    known = source_chips.of_turns([branch[:-1], [answer]])[-1]
    cited = transcript.draw_content(answer, known)
    if answer.state != "failed" or cited:
        source_chips.draw(cited, known, conversation_id=answer.conversation_id, key=answer.id)
    st.caption(line(answer, catalogue))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if answer.text:
            components.copy_button(answer.text, key=f"copy-{answer.id}")
        receipt_dialog.button(answer)
        st.button(
            "Go on with this one",
            key=f"go-on-{answer.id}",
            icon=":material/arrow_forward:",
            disabled=busy or answer.state == "streaming",
            on_click=beside.go_on_with,
            args=(answer,),
            help="The chat continues below this answer. The others are kept: ‹ › leads to them.",
        )


def line(answer: Message, catalogue: Catalogue) -> str:
    """Return the quiet line of one of several answers: as of every one, with how long it took."""
    took = seconds(answer.duration_ms) if answer.duration_ms is not None else ""
    return " · ".join(filter(None, (quiet_line(answer, catalogue), took)))


def wait_for_the_rest() -> None:
    """Draw the page again when costs and title have come too."""
    current = session.current()
    runs = resources.services().runs.together(current.owner, current.conversation_id or "")
    if (unsettled := next((run for run in runs if not run.settled.is_set()), None)) is not None:
        notes.wait_for_the_rest(unsettled)
