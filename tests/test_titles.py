"""A chat is named by its first words at once, and by a model's words a moment later."""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orchat.demo import DemoServer
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Conversation, Message
from orchat.titles import LENGTH, first_words, tidy
from orchat.turn import Ask

OWNER = "ann"
QUESTION = "Explain how rainbows come about, please"


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def start(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., "Chat"]]:
    """Start orchat with these settings and open a chat."""
    monkeypatch.chdir(tmp_path)
    given = {"OPENROUTER_API_KEY": demo.api_key, "OPENROUTER_BASE_URL": demo.base_url, "ORCHAT_DATA_DIR": tmp_path}
    started: list[Services] = []

    def start(**settings: str) -> Chat:
        started.append(Services(Settings(**{**given, **settings})))
        return Chat(started[-1], demo)

    yield start
    for services in started:
        services.close()


class Chat:
    """One chat, and what was asked of the embedded OpenRouter."""

    def __init__(self, services: Services, demo: DemoServer) -> None:
        self.services, self.demo = services, demo
        self.id = services.store.create_conversation(OWNER).id

    def answer(self, text: str, model: str | None = "demo/fast", **choices: Any) -> Message:
        question = self.services.chats.say(OWNER, self.id, text, self.kept.leaf_id)
        return self.answer_again(question, model, **choices)

    def answer_again(self, question: Message, model: str | None = "demo/fast", **choices: Any) -> Message:
        run = self.services.ask(OWNER, question, Ask(model, **choices), self.services.connection())
        assert run.settled.wait(20)
        return self.services.store.message(OWNER, run.turn.message_id)

    @property
    def kept(self) -> Conversation:
        return self.services.store.conversation(OWNER, self.id)

    def spent_on(self, kind: str) -> Decimal:
        calls = self.services.store.calls_of(OWNER, self.id)
        return sum((call.cost for call in calls if call.kind == kind and call.cost), Decimal(0))

    def requests(self) -> list[Any]:
        return [request for request in self.demo.requests if request.path.endswith("/chat/completions")]

    def title_calls(self) -> list[dict[str, Any]]:
        bodies = [request.body for request in self.requests()]
        return [body for body in bodies if body and "session_id" not in body]


def test_the_first_words_are_the_title_at_once(start: Callable[..., Chat]):
    chat = start()
    chat.services.chats.say(OWNER, chat.id, f"**{QUESTION}** and also why some of them are double", None)
    assert chat.kept.title == "Explain how rainbows come about, please and also why some…"
    assert chat.kept.title_source == "words"


def test_after_the_first_answer_a_model_words_the_title(start: Callable[..., Chat]):
    chat = start()
    chat.answer(QUESTION)
    assert chat.kept.title_source == "model"
    assert chat.kept.title not in ("", QUESTION)


def test_the_model_is_shown_the_first_exchange_and_held_to_a_low_price(start: Callable[..., Chat]):
    chat = start()
    answer = chat.answer(QUESTION)
    [call] = chat.title_calls()
    assert call["model"] == "openrouter/auto"
    assert call["plugins"] == [{"id": "auto-router", "cost_tier": "low"}]
    assert QUESTION in call["messages"][1]["content"]
    assert answer.text[:100] in call["messages"][1]["content"]


def test_what_the_title_costs_counts_for_the_chat(start: Callable[..., Chat]):
    chat = start()
    before = chat.demo.credits
    answer = chat.answer(QUESTION)
    assert chat.spent_on("title") > 0
    assert float(answer.cost + chat.spent_on("title")) == pytest.approx(before - chat.demo.credits, abs=1e-9)


def test_only_the_first_exchange_words_the_title(start: Callable[..., Chat]):
    chat = start()
    chat.answer(QUESTION)
    chat.answer("And now in French")
    assert len(chat.title_calls()) == 1


def test_answering_the_first_question_again_pays_for_no_second_title(start: Callable[..., Chat]):
    chat = start()
    chat.answer(QUESTION)
    first = chat.kept
    question = chat.services.store.branch(OWNER, chat.id)[0]
    chat.answer_again(question)
    assert len(chat.title_calls()) == 1
    assert chat.kept.title == first.title


def test_a_title_that_the_user_chose_stays_and_is_not_paid_for(start: Callable[..., Chat]):
    chat = start()
    question = chat.services.chats.say(OWNER, chat.id, QUESTION, None)
    chat.services.store.rename(OWNER, chat.id, "My own words")
    chat.answer_again(question)
    assert (chat.kept.title, chat.kept.title_source) == ("My own words", "user")
    assert chat.title_calls() == []


def test_a_title_that_the_user_chose_while_the_model_was_asked_stays(start: Callable[..., Chat]):
    with DemoServer(speed=6) as slow:
        chat = start(ORCHAT_TITLE_MODEL="demo/slow", OPENROUTER_BASE_URL=slow.base_url)
        chat.demo = slow
        question = chat.services.chats.say(OWNER, chat.id, QUESTION, None)
        run = chat.services.ask(OWNER, question, Ask("demo/fast"), chat.services.connection())
        while not chat.title_calls():
            time.sleep(0.01)
        chat.services.store.rename(OWNER, chat.id, "My own words")
        assert run.settled.wait(20)
        assert chat.spent_on("title") > 0
    assert chat.kept.title == "My own words"


@pytest.mark.parametrize("model", ["demo/out-of-credits", "demo/empty", "no/such-model"])
def test_where_the_title_model_fails_the_first_words_stay(start: Callable[..., Chat], model: str):
    chat = start(ORCHAT_TITLE_MODEL=model)
    answer = chat.answer(QUESTION)
    assert (chat.kept.title, chat.kept.title_source) == (QUESTION, "words")
    assert (answer.state, answer.error) == ("done", None)
    assert len(chat.title_calls()) == 1


def test_with_none_no_model_is_asked_for_a_title(start: Callable[..., Chat]):
    chat = start(ORCHAT_TITLE_MODEL="none")
    chat.answer(QUESTION)
    assert (chat.kept.title, chat.spent_on("title")) == (QUESTION, Decimal(0))
    assert chat.title_calls() == []


def test_an_answer_without_a_word_gets_no_title(start: Callable[..., Chat]):
    chat = start()
    chat.answer(QUESTION, "demo/out-of-credits")
    assert chat.title_calls() == []


@pytest.mark.parametrize("auto", [False, True])
def test_zero_data_retention_binds_every_call_of_a_turn_the_title_included(start: Callable[..., Chat], auto: bool):
    chat = start()
    chat.answer(QUESTION, None if auto else "anthropic/claude-haiku-4.5", auto=auto, zdr=True)
    assert len(chat.requests()) == 2
    for request in chat.requests():
        assert request.body["provider"] == {"zdr": True, "data_collection": "deny"}
        assert request.headers["x-openrouter-zdr"] == "true"
    assert chat.kept.title_source == "model"


def test_without_zero_data_retention_nothing_is_said_of_it(start: Callable[..., Chat]):
    chat = start()
    chat.answer(QUESTION)
    assert ["provider" in request.body for request in chat.requests()] == [False, False]


@pytest.mark.parametrize(
    ("worded", "title"),
    [
        ('"Rainbows, explained."', "Rainbows, explained"),
        ("Title: **Rainbows**\n\nI chose this because …", "Rainbows"),
        ("\n\n# Regenbögen", "Regenbögen"),
        ("„Regenbögen“", "Regenbögen"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_models_title_is_kept_without_its_wrapping(worded: str, title: str):
    assert tidy(worded) == title


@given(some.text(max_size=200))
def test_a_title_is_one_line_that_fits_the_list(text: str):
    title = first_words(text)
    assert 0 < len(title) <= LENGTH + 1
    assert title.splitlines() == [title]


def test_a_long_word_is_cut_where_it_has_to_be():
    assert first_words("x" * 100) == "x" * LENGTH + "…"
    assert first_words(" \n # ") == "New chat"
