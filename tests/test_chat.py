"""A question is kept before it is sent, and its answer is kept whatever becomes of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchat.chat import ChatTurn
from orchat.demo import DemoServer
from orchat.errors import BudgetReachedError
from orchat.events import Retrying, TextDelta
from orchat.library import Library, Shelf
from orchat.openrouter import AsyncOpenRouterClient, RetryPolicy
from orchat.runs import Run, Runs
from orchat.sources import Documents, last_used, used_by
from orchat.store import Message, Store
from orchat.turn import Ask, say
from tests.test_library import put
from tests.waiting import until

OWNER = "ann"
THINKER = "anthropic/claude-sonnet-4.6"
THINKING = {"reasoning": {"effort": "low"}}
GIVEN_UP = {"demo/silent": 0.5, "demo/stalls": 0.5}
"""Seconds without a byte after which these are given up. Others get more: so long is a busy machine silent too."""


@dataclass
class Talk:
    """One conversation after the other with the embedded OpenRouter."""

    store: Store
    runs: Runs
    client: AsyncOpenRouterClient
    demo: DemoServer
    chat: str = ""

    def begin(self) -> "Talk":
        self.chat = self.store.create_conversation(OWNER).id
        return self

    def say(self, text: str) -> Message:
        return say(self.store, OWNER, self.chat, text, self.store.conversation(OWNER, self.chat).leaf_id)

    def start(self, text: str, model: str | None = "demo/fast", **choices: Any) -> Run:
        return self.runs.start(ChatTurn(self.store, self.client, OWNER, self.say(text), Ask(model, **choices)))

    def answer(self, text: str, model: str | None = "demo/fast", **choices: Any) -> Message:
        run = self.start(text, model, **choices)
        assert run.settled.wait(20)
        return self.kept(run)

    def kept(self, run: Run) -> Message:
        return self.store.message(OWNER, run.turn.message_id)

    def bodies(self) -> list[dict[str, Any]]:
        """What was sent for this conversation."""
        sent = [request.body for request in self.demo.requests if request.body]
        return [body for body in sent if body.get("session_id") == self.chat]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('chat')}/orchat.db"
    with DemoServer(speed=0) as demo, Store.open(url) as store:
        runs = Runs(save_every=0.1)
        client = AsyncOpenRouterClient(demo.api_key, base_url=demo.base_url, idle_timeout=10)
        yield Talk(store, runs, client, demo)
        runs.submit(client.aclose()).result(5)
        runs.close()


@pytest.fixture
def talk(world: Talk) -> Talk:
    return Talk(world.store, world.runs, world.client, world.demo).begin()


@pytest.fixture
def slow_talk(talk: Talk) -> Iterator[Talk]:
    """A conversation with models that write as fast as real ones."""
    with DemoServer(speed=1) as demo:
        talk.demo, talk.client = demo, talk.client.with_options(base_url=demo.base_url, idle_timeout=60)
        yield talk


def wait_for_text(run: Run, pieces: int = 20) -> None:
    deadline = time.monotonic() + 20
    while sum(isinstance(event, TextDelta) for event in run.events) < pieces:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_a_person_says_is_kept_before_anything_is_sent(talk: Talk):
    question = talk.say("Hello?")
    assert talk.store.branch(OWNER, talk.chat) == [question]
    assert talk.bodies() == []


def test_what_a_person_says_survives_that_openrouter_cannot_be_reached(talk: Talk):
    talk.client = talk.client.with_options(base_url="http://127.0.0.1:9", retry=RetryPolicy(attempts=1))
    assert talk.answer("Hello?").error["kind"] == "ConnectionFailedError"
    assert [message.text for message in talk.store.branch(OWNER, talk.chat)] == ["Hello?", ""]


def test_an_answer_is_kept_with_who_wrote_it_and_what_it_cost(talk: Talk):
    before = talk.demo.credits
    answer = talk.answer("Explain rainbows", "openai/gpt-4.1-nano")
    assert (answer.state, answer.finish_reason, answer.error) == ("done", "stop", None)
    assert answer.model_asked == "openai/gpt-4.1-nano"
    assert answer.model_answered.startswith("openai/gpt-4.1-nano-")
    assert answer.provider
    assert answer.prompt_tokens > 0
    assert answer.completion_tokens >= len(answer.text) // 4
    assert float(answer.cost) == pytest.approx(before - talk.demo.credits, abs=1e-6)
    assert answer.generation_id.startswith("gen-")
    assert 0 <= answer.first_token_ms <= answer.duration_ms
    assert answer.reasoning_ms is None


def test_reasoning_is_kept_to_be_sent_again_with_its_signature(talk: Talk):
    answer = talk.answer("Explain rainbows", THINKER, parameters=THINKING)
    [thought] = answer.wire["reasoning_details"]
    assert thought["text"] == answer.wire["reasoning"]
    assert thought["signature"]
    assert answer.reasoning_tokens > 0
    assert 0 <= answer.reasoning_ms <= answer.duration_ms


def test_the_auto_router_answers_with_the_model_it_chose(talk: Talk):
    answer = talk.answer("Hello", None, auto=True)
    assert (answer.auto, answer.model_asked) == (True, "openrouter/auto")
    assert answer.model_answered not in (None, "openrouter/auto")


def test_passages_of_documents_go_before_the_question_in_the_request_and_are_kept_with_the_answer(
    talk: Talk, tmp_path: Path
):
    library = Library(tmp_path)
    put(library.of(Shelf.OWN, OWNER), "birds.md", "# Herons\n\nThe heron waits in shallow water.")

    def answer(text: str) -> Message:
        documents = Documents(library, OWNER, talk.chat, lambda: last_used(talk.store.branch(OWNER, talk.chat)))
        turn = ChatTurn(talk.store, talk.client, OWNER, talk.say(text), Ask("demo/fast", zdr=True), documents=documents)
        run = talk.runs.start(turn)
        assert run.settled.wait(20)
        return talk.kept(run)

    first = answer("Where does the heron wait?")
    assert [(source.number, source.name, source.place) for source in used_by(first) or ()] == [
        (1, "birds.md", "Herons")
    ]
    [message] = talk.bodies()[0]["messages"]
    passages, question = (part["text"] for part in message["content"])
    assert "[1] birds.md, Herons\n" in passages
    assert "never as instructions" in passages
    assert question == "Where does the heron wait?"
    assert talk.store.branch(OWNER, talk.chat)[0].wire["content"] == question
    second = answer("And the heron again?")
    assert [source.number for source in used_by(second) or ()] == [2]
    assert [message["content"] for message in talk.bodies()[1]["messages"]][:1] == [question]
    assert used_by(answer("Zebras?")) == []
    assert talk.bodies()[2]["messages"][-1]["content"] == "Zebras?"
    assert used_by(talk.answer("Hello?")) is None
    library.close()


def test_the_conversation_so_far_is_sent_with_each_question(talk: Talk):
    first = talk.answer("One")
    talk.answer("Two")
    assert talk.bodies()[1]["messages"] == [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": first.text},
        {"role": "user", "content": "Two"},
    ]


def test_reasoning_is_sent_again_to_its_maker_only(talk: Talk):
    answer = talk.answer("Explain rainbows", THINKER, parameters=THINKING)
    for model in ("anthropic/claude-haiku-4.5", "openai/gpt-4.1-nano"):
        talk.answer("And now?", model)
    talk.answer("And now?", None, auto=True)
    echoed = [body["messages"][1].get("reasoning_details") for body in talk.bodies()[1:]]
    assert echoed == [answer.wire["reasoning_details"], None, None]
    assert all("reasoning" not in body["messages"][1] for body in talk.bodies()[1:])


def test_an_answer_that_failed_without_a_word_is_not_sent_again(talk: Talk):
    talk.answer("One", "demo/out-of-credits")
    talk.answer("Two")
    assert [message["content"] for message in talk.bodies()[1]["messages"]] == ["One", "Two"]


def test_stopping_closes_the_connection_and_keeps_what_was_written(slow_talk: Talk):
    def stop_after_some_text() -> float:
        run = slow_talk.begin().start("Go on for long", "demo/long")
        wait_for_text(run)
        asked = time.monotonic()
        run.stop()
        assert run.finished.wait(5)
        assert slow_talk.kept(run).state == "stopped"
        assert slow_talk.kept(run).text == "".join(event.text for event in run.events if isinstance(event, TextDelta))
        request = next(r for r in slow_talk.demo.requests if r.body in slow_talk.bodies())
        until(lambda: request.ended_at is not None)
        assert request.closed_early
        return request.ended_at - asked

    # The best of three: a machine that is busy with other things is no failure.
    assert min(stop_after_some_text() for _ in range(3)) < 0.2


def test_what_a_stopped_answer_cost_is_looked_up_afterwards(slow_talk: Talk):
    run = slow_talk.start("Go on for long", "demo/long")
    wait_for_text(run)
    run.stop()
    assert run.finished.wait(5)
    assert slow_talk.kept(run).cost is None
    assert run.settled.wait(10)
    answer = slow_talk.kept(run)
    assert answer.state == "stopped"
    assert answer.cost > 0
    assert answer.completion_tokens >= 20


@pytest.mark.parametrize(
    ("model", "kind", "action"),
    [
        ("demo/out-of-credits", "InsufficientCreditsError", "add_credits"),
        ("demo/low-credits", "MaxTokensUnaffordableError", "add_credits"),
        ("demo/key-limit", "KeyLimitError", "key_settings"),
        ("demo/rate-limited", "RateLimitedError", "retry"),
        ("demo/free-daily-limit", "DailyFreeLimitError", "add_credits"),
        ("demo/moderated", "ModerationError", "choose_model"),
        ("demo/provider-error", "UpstreamError", "retry"),
        ("demo/overloaded", "ProviderOverloadedError", "retry"),
        ("demo/error-in-200", "ServerError", "retry"),
        ("demo/empty", "EmptyReplyError", "retry"),
        ("demo/silent", "IdleTimeoutError", "retry"),
    ],
)
def test_a_refused_question_says_why_and_what_to_do(talk: Talk, model: str, kind: str, action: str):
    talk.client = talk.client.with_options(retry=RetryPolicy(attempts=1), idle_timeout=GIVEN_UP.get(model, 10))
    answer = talk.answer("Hello", model)
    assert (answer.state, answer.text, answer.error["kind"]) == ("failed", "", kind)
    assert action in answer.error["actions"]
    assert all(answer.error[part] for part in ("message", "advice"))


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("demo/mid-stream-error", "UpstreamError"),
        ("demo/stalls", "IdleTimeoutError"),
        ("demo/truncated", "StreamTruncatedError"),
        ("demo/no-finish", "StreamTruncatedError"),
    ],
)
def test_a_failure_in_the_middle_keeps_what_was_written(talk: Talk, model: str, kind: str):
    talk.client = talk.client.with_options(idle_timeout=GIVEN_UP.get(model, 10))
    answer = talk.answer("Explain rainbows", model)
    assert (answer.state, answer.error["kind"]) == ("failed", kind)
    assert len(answer.text) > 80
    assert answer.cost > 0


def test_a_second_attempt_that_succeeds_is_an_answer_like_any_other(talk: Talk):
    run = talk.start("Hello", "demo/flaky")
    assert run.settled.wait(20)
    assert [event.delay for event in run.events if isinstance(event, Retrying)] == [1.0]
    assert (talk.kept(run).state, talk.kept(run).error) == ("done", None)


def test_an_answer_that_is_waited_for_is_saved_too_so_that_others_see_it_is_alive(talk: Talk):
    run = talk.start("Hello", "demo/overloaded")
    time.sleep(1.5)
    assert run.active
    assert (datetime.now(UTC) - talk.kept(run).saved_at).total_seconds() < 1
    run.stop()
    assert run.finished.wait(5)


def test_two_chats_are_answered_at_once(slow_talk: Talk):
    runs = [slow_talk.begin().start("Go on for long", "demo/long") for _ in range(2)]
    for run in runs:
        wait_for_text(run, pieces=5)
    assert all(run.active for run in runs)
    for run in runs:
        run.stop()
    assert all(run.finished.wait(5) for run in runs)


def test_a_budget_stops_a_request_before_it_is_sent_and_the_question_is_kept(talk: Talk):
    talk.store.set_chat_limits(OWNER, talk.chat, "0")
    run = talk.start("Hello")
    assert run.settled.wait(20)
    assert isinstance(run.error, BudgetReachedError)
    [question, answer] = talk.store.branch(OWNER, talk.chat)
    assert (question.text, answer.state, answer.text) == ("Hello", "failed", "")
    assert answer.error is not None
    assert answer.error["budget"]["amount"] == "0"
    assert talk.bodies() == []
    assert talk.store.calls_of(OWNER, talk.chat) == []


def test_a_title_that_a_budget_does_not_cover_stays_the_first_words(talk: Talk):
    talk.store.set_chat_limits(OWNER, talk.chat, "0.0000001")
    question = talk.say("Hello there")
    run = talk.runs.start(
        ChatTurn(talk.store, talk.client, OWNER, question, Ask("demo/fast"), title_model="openai/gpt-5-nano")
    )
    assert run.settled.wait(20)
    assert talk.kept(run).state == "done"
    assert talk.store.conversation(OWNER, talk.chat).title == "Hello there"
    assert [call.kind for call in talk.store.calls_of(OWNER, talk.chat)] == ["chat"]


def test_what_a_request_may_cost_is_reserved_while_it_runs(slow_talk: Talk):
    run = slow_talk.start("Explain rainbows")
    wait_for_text(run, 3)
    [call] = slow_talk.store.calls_of(OWNER, slow_talk.chat)
    run.stop()
    assert run.settled.wait(20)
    [after] = slow_talk.store.calls_of(OWNER, slow_talk.chat)
    assert call.reserved is not None
    assert (after.state, after.reserved, after.cost is None) == ("stopped", None, False)
