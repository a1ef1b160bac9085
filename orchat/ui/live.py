"""An answer while it arrives: followed from its run's buffer, drawn at a pace, at a cost linear in its length."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.continuing import joined, joined_with
from orchat.events import (
    AnnotationAdded,
    Event,
    ImageAdded,
    Queued,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    Routed,
    SourcesFound,
    TextDelta,
    Waiting,
)
from orchat.openrouter import Catalogue
from orchat.runs import Run
from orchat.store import Message
from orchat.ui import enclosures, json_answer, session, web_sources
from orchat.ui.markdown import BlockSplitter, closed, presentable, without_open_citation
from orchat.ui.transcript import Slots, annotations, draw_around
from orchat.ui.wording import in_lines, plain, queued, quiet_lines, seconds

SLOWEST = 0.4
"""Seconds between updates at most."""
SENT_WITHIN = 0.03
"""Seconds; Streamlit sends what has been drawn every few milliseconds."""
OPEN_BYTES_PER_SECOND = 64_000
"""A block that cannot be cut (one giant code block) is sent again with every update: so much of it in a second, at
most."""


class GrowingText:
    """Model text that grows on the page: finished blocks stay, only the open one is sent again."""

    def __init__(self, sources: Collection[int] | None = None, pages: Mapping[str, int] | None = None) -> None:
        """Numbers in brackets that are in `sources`, where there are any, are citations, and others are left out.

        `pages` are the numbers of web pages by their addresses; there may be more of them later.
        """
        self._sources = sources
        self._pages = {} if pages is None else pages
        self._splitter = BlockSplitter()
        self._place = st.empty()

    def add(self, text: str) -> None:
        """Draw more text."""
        for block in self._splitter.feed(text):
            self._place.markdown(presentable(block, sources=self._sources, pages=self._pages))
            self._place = st.empty()
        if self._splitter.tail:
            open_block = presentable(self._tail(), open=True, sources=self._sources, pages=self._pages)
            self._place.markdown(open_block)

    def _tail(self) -> str:
        """What is still open, as if it ended here."""
        tail = self._splitter.tail
        if self._splitter.open_fence:
            return tail
        return closed(tail if self._sources is None else without_open_citation(tail))

    @property
    def open_length(self) -> int:
        """Characters that the next update sends again."""
        return len(self._splitter.tail)


class GrowingCode:
    """JSON that grows on the page."""

    def __init__(self) -> None:
        self._place = st.empty()
        self._written = ""

    def add(self, text: str) -> None:
        """Draw more text."""
        self._written += text
        with self._place:
            json_answer.draw_code(self._written)

    @property
    def open_length(self) -> int:
        """Characters that the next update sends again."""
        return len(self._written)


class Thinking:
    """The model's reasoning while it arrives, folded."""

    def __init__(self, place: DeltaGenerator) -> None:
        self._status = place.status(":shimmer[Thinking]", type="compact")
        # Leaving a status as a context marks it as complete; leaving a container inside of it does not.
        self._inside = self._status.container()
        with self._inside:
            self._text = GrowingText()

    def add(self, text: str) -> None:
        """Draw more of it."""
        with self._inside:
            self._text.add(text)

    def end(self) -> None:
        """Say that the answer itself has begun."""
        self._status.update(label="Thought", state="complete")


class Live(ABC):
    """Draws the events of a run as they happen."""

    def __init__(self, run: Run, *, pace: Callable[[], float]) -> None:
        """`pace` returns the seconds between updates, as far as others are concerned."""
        self._run = run
        self._others = pace

    @abstractmethod
    def draw(self, batch: list[Event]) -> None:
        """Draw what has happened."""

    @property
    @abstractmethod
    def open_length(self) -> int:
        """Characters that the next update sends again."""

    def follow(self) -> None:
        """Draw until the answer has ended. A click elsewhere ends this script run, and not the answer."""
        # A callable is called by write_stream in its place in the stream. Drawing through callables lets the open
        # block be corrected as it grows, which text appended by write_stream cannot be.
        st.write_stream(self._updates())
        # Drawing the page anew drops what Streamlit has not sent yet: the last words, which then come late or jump.
        time.sleep(SENT_WITHIN)

    def _updates(self) -> Iterator[Callable[[], None]]:
        for batch in self._run.follow(pace=self.pace):
            if batch:
                yield partial(self.draw, batch)
            else:
                yield self.wait

    def wait(self) -> None:
        """Do what is to be done while nothing happens."""
        session.let_clicks_through()

    def pace(self) -> float:
        """Return the seconds until the next update: more while a large block is open."""
        return min(SLOWEST, max(self._others(), self.open_length / OPEN_BYTES_PER_SECOND))


class LiveAnswer(Live):
    """Draws an answer into its slots."""

    def __init__(
        self,
        slots: Slots,
        run: Run,
        catalogue: Catalogue,
        known: Collection[int] | None = None,
        *,
        auto: bool,
        pace: Callable[[], float],
        as_code: bool = False,
        begun: Sequence[Message] = (),
        model: str | None = None,
    ) -> None:
        """`known` are the numbers that it may cite; None if no answer before it could cite any.

        `as_code`: it was asked for as JSON. `begun` are the parts that it continues, by `model`; they are drawn first.
        """
        super().__init__(run, pace=pace)
        self._known = known
        self._slots = slots
        self._catalogue = catalogue
        self._auto = auto
        self._as_code = as_code
        self._text: GrowingText | GrowingCode | None = None
        self._thinking: Thinking | None = None
        self._annotations = annotations(begun)
        self._pages = web_sources.numbered(self._annotations)
        self._routed = False
        self._line = slots.below
        self._lines = quiet_lines(begun, catalogue, go_on=True)
        self._begun = joined(begun)
        self._model = model
        self._speaks = False
        if begun:
            draw_around(slots, begun)
            # Space at its end waits for the rest: the model may write it anew.
            self._draw_text(self._begun.rstrip())
        self._say("Sending…")

    @property
    def open_length(self) -> int:
        """Characters that the next update sends again."""
        return self._text.open_length if self._text else 0

    def draw(self, batch: list[Event]) -> None:
        """Draw what has happened."""
        for event in batch:
            if isinstance(event, SourcesFound):
                self._known = {int(source["number"]) for source in event.sources}
            elif isinstance(event, AnnotationAdded):
                self._annotations.append(event.annotation)
                self._pages.update(web_sources.numbered(self._annotations))
        text = "".join(event.text for event in batch if isinstance(event, TextDelta | RefusalDelta))
        reasoning = "".join(event.text for event in batch if isinstance(event, ReasoningDelta))
        if reasoning:
            self._add_reasoning(reasoning)
        if text:
            self._add_text(text)
        for event in batch:
            self._note(event)

    def _add_reasoning(self, text: str) -> None:
        if self._thinking is None:
            self._thinking = Thinking(self._slots.reasoning)
        self._thinking.add(text)

    def _add_text(self, text: str) -> None:
        if not self._speaks:
            self._speaks = True
            text = joined_with(self._begun, text, self._model)[len(self._begun.rstrip()) :]
            if self._thinking is not None:
                self._thinking.end()
        self._draw_text(text)

    def _draw_text(self, text: str) -> None:
        with self._slots.text:
            if self._text is None:
                self._text = GrowingCode() if self._as_code else GrowingText(self._known, self._pages)
            self._text.add(text)

    def _note(self, event: Event) -> None:
        match event:
            case ImageAdded(image=image):
                with self._slots.text:
                    enclosures.draw_picture(image, key=f"arriving-{image['image_url']['url']}")
            case Queued():
                self._say(queued(event))
            case Waiting() if not self._routed:
                self._say("Waiting for the provider…")
            case SourcesFound(sources):
                self._say(f"Sending with {len(sources)} passages of your documents…" if sources else "Sending…")
            case Retrying(delay=delay, reason=reason):
                self._say(f"{reason} Trying again in {seconds(round(delay * 1000))}…")
            case Routed(model=model, provider=provider):
                self._routed = True
                chooser = "The auto-router chose " if self._auto else ""
                via = f" at {provider}" if provider else ""
                self._say(f"{chooser}{self._catalogue.name_of(model)}{via}…")

    def _say(self, text: str) -> None:
        self._line.caption(in_lines([*self._lines, plain(text)]))
