"""An answer is drawn while it arrives as it will be drawn when it is there, at a cost linear in its length."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from orchat.errors import OrchatError
from orchat.events import Event, ReasoningDelta, RefusalDelta, Retrying, Routed, TextDelta, Waiting
from orchat.openrouter import Catalogue, Model
from orchat.runs import Run, Runs, State
from orchat.ui.live import OPEN_BYTES_PER_SECOND, GrowingText

CATALOGUE = Catalogue([Model.from_wire({"id": "acme/one", "name": "Acme: One"})])
PARAGRAPH = "Light is *refracted* when it enters a drop, and `sin(x)` of the angle costs $5 and not $10. " * 4
ANSWER = "\n\n".join(
    [
        "# Rainbows",
        PARAGRAPH,
        "- one\n- two\n\n  still two\n- three",
        PARAGRAPH,
        "```python\ndef f(x: int) -> int:\n\n    return x  # **not bold**\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n" + PARAGRAPH,
        "Inline \\(x^2\\) and\n\n\\[\n\\int_0^1 x\\,dx\n\\]",
        "> " + PARAGRAPH,
        "![a picture](https://evil.example/leak) and :red[text]",
        PARAGRAPH.strip(),
    ]
)


@dataclass
class Script:
    """A turn in which these events happen, one every `pause` seconds."""

    happening: Sequence[Event]
    pause: float = 0.0
    owner: str = "o"
    conversation_id: str = "c"
    message_id: str = "m"

    async def events(self) -> AsyncGenerator[Event]:
        for event in self.happening:
            await asyncio.sleep(self.pause)
            yield event

    def save(self, state: State, error: OrchatError | None) -> None: ...

    async def settle(self) -> None: ...


@dataclass
class Place:
    """What stands in for a place on the page: it keeps all that was ever drawn in it."""

    drawn: list[str] = field(default_factory=list)

    def markdown(self, text: str) -> None:
        self.drawn.append(text)

    def caption(self, text: str) -> None: ...


@pytest.fixture
def start() -> Iterator[Callable[..., Run]]:
    runs = Runs()
    yield lambda events, pause=0.0: runs.start(Script(events, pause))
    runs.close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is drawn in places that are drawn over."""
    drawn: list[str] = []
    monkeypatch.setattr(st, "empty", lambda: Place(drawn))
    return drawn


def live_page(run: "Run", catalogue: "Catalogue", auto: bool) -> None:
    from orchat.ui import live, transcript

    live.LiveAnswer(transcript.answer_slots(), run, catalogue, auto=auto, pace=lambda: 0.05).follow()


def finished_page(text: str) -> None:
    import streamlit as st

    from orchat.ui import transcript

    with st.chat_message("assistant"):
        transcript.draw_text(text)


def followed(run: Run, *, auto: bool = False) -> AppTest:
    """The page that followed a run to its end."""
    page = AppTest.from_function(live_page, default_timeout=30, args=(run, CATALOGUE, auto)).run()
    assert [problem.message for problem in page.exception] == []
    return page


def continuing_page(run: "Run", catalogue: "Catalogue", begun: str, model: str) -> None:
    from datetime import UTC, datetime

    from orchat.store import Message
    from orchat.ui import live, transcript

    wire, now = {"role": "assistant", "content": begun}, datetime(2026, 1, 1, tzinfo=UTC)
    part = Message("one", "c", None, "assistant", wire, now, now)
    slots = transcript.answer_slots()
    live.LiveAnswer(slots, run, catalogue, auto=False, pace=lambda: 0.05, begun=[part], model=model).follow()


def finished(text: str) -> list[str]:
    page = AppTest.from_function(finished_page, default_timeout=30, args=(text,)).run()
    return [element.value for element in page.chat_message[0].markdown]


def pieces(text: str, size: int = 4) -> list[Event]:
    return [TextDelta(text[start : start + size]) for start in range(0, len(text), size)]


@pytest.mark.parametrize("size", [3, 50, len(ANSWER)])
def test_a_streamed_answer_is_drawn_in_the_same_elements_as_the_finished_one(start: Callable[..., Run], size: int):
    page = followed(start(pieces(ANSWER, size), pause=0.0005))
    elements = [element.value for element in page.chat_message[0].markdown]
    assert elements == finished(ANSWER)
    assert len(elements) > 3


def test_an_answer_that_has_ended_already_is_drawn_the_same(start: Callable[..., Run]):
    run = start(pieces(ANSWER))
    assert run.finished.wait(10)
    assert [element.value for element in followed(run).chat_message[0].markdown] == finished(ANSWER)


def test_no_image_is_loaded_at_any_moment_of_the_stream(start: Callable[..., Run], drawn: list[str]):
    text = GrowingText()
    for letter in "Look: ![a picture](https://evil.example/leak?q=1) there":
        text.add(letter)
    assert len(drawn) > 20
    assert [moment for moment in drawn if "![" in moment] == []


def test_reasoning_is_folded_and_says_when_it_is_over(start: Callable[..., Run]):
    events = [*map(ReasoningDelta, ("First ", "of all, ", "**why**?")), *pieces("Because.")]
    page = followed(start(events, pause=0.06))
    [thinking] = page.status
    assert (thinking.label, thinking.state) == ("Thought", "complete")
    assert not thinking.proto.expanded
    assert [element.value for element in thinking.markdown] == ["First of all, **why**?"]
    assert page.chat_message[0].markdown[-1].value == "Because."


def test_reasoning_without_an_answer_goes_on_thinking(start: Callable[..., Run]):
    [thinking] = followed(start([ReasoningDelta("Hm")])).status
    assert "Thinking" in thinking.label


def test_a_refusal_is_drawn_too(start: Callable[..., Run]):
    page = followed(start([RefusalDelta("I would "), RefusalDelta("rather not.")]))
    assert page.chat_message[0].markdown[0].value == "I would rather not."


@pytest.mark.parametrize(
    ("events", "auto", "line"),
    [
        ([], False, "Sending…"),
        ([Waiting()], False, "Waiting for the provider…"),
        ([Retrying(2.0, 1, "Too many requests.")], False, "Too many requests. Trying again in 2 seconds…"),
        ([Waiting(), Routed("acme/one", "Acme"), Waiting()], False, "One at Acme…"),
        ([Routed("acme/one")], True, "The auto-router chose One…"),
        ([Routed("![x](y)")], False, r"\!\[x\](y)…"),
    ],
)
def test_a_line_says_what_is_going_on(start: Callable[..., Run], events: list[Event], auto: bool, line: str):
    assert [caption.value for caption in followed(start(events), auto=auto).caption] == [line]


def test_what_is_drawn_grows_with_the_answer_and_not_with_its_square(drawn: list[str]):
    def cost(paragraphs: int) -> int:
        drawn.clear()
        text = GrowingText()
        for piece in pieces("\n\n".join([PARAGRAPH] * paragraphs)):
            text.add(piece.text)
        return sum(map(len, drawn))

    assert cost(30) < 2.2 * cost(15)


def test_only_the_open_block_is_drawn_again(drawn: list[str]):
    text = GrowingText()
    for piece in pieces("\n\n".join([PARAGRAPH] * 20)):
        text.add(piece.text)
    assert max(map(len, drawn)) < 2 * len(PARAGRAPH)
    assert text.open_length < 2 * len(PARAGRAPH)


def test_a_block_that_cannot_be_cut_is_sent_less_often_the_longer_it_is(start: Callable[..., Run], drawn: list[str]):
    line = "x = 1  # a line of a very long program\n"
    began = time.monotonic()
    followed(start([TextDelta("```python\n"), *[TextDelta(line)] * 500], pause=0.003))
    elapsed = time.monotonic() - began
    assert drawn[-1].count("\n") >= 500
    assert sum(map(len, drawn)) < 1.5 * OPEN_BYTES_PER_SECOND * elapsed + len(drawn[-1])


@pytest.mark.parametrize("model", ["acme/one", "anthropic/claude-haiku-4.5"])
@pytest.mark.parametrize("cut", range(20, len(ANSWER), 211))
def test_what_continues_an_answer_is_drawn_in_the_same_elements_as_the_whole(
    start: Callable[..., Run], cut: int, model: str
):
    run = start([ReasoningDelta("Hm."), *pieces(ANSWER[cut:])])
    page = AppTest.from_function(continuing_page, default_timeout=30, args=(run, CATALOGUE, ANSWER[:cut], model)).run()
    assert [problem.message for problem in page.exception] == []
    thought = page.status[0].markdown if page.status else []
    drawn = [element.value for element in page.chat_message[0].markdown]
    assert drawn[len(thought) :] == finished(ANSWER)
