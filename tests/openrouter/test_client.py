"""OpenRouterClient against a loopback server: what happens to connections, and when something is tried again."""

import threading
import time
from typing import Any

import pytest

from orchat.errors import (
    ConnectionFailedError,
    IdleTimeoutError,
    InsufficientCreditsError,
    MalformedResponseError,
    OpenRouterError,
    RateLimitedError,
    StreamTruncatedError,
)
from orchat.events import Retrying, TextDelta, Waiting
from orchat.openrouter import OpenRouterClient, RetryPolicy, Routing
from tests.openrouter.chunks import COMMENT, DONE, QUESTION, chunk, data
from tests.openrouter.upstream import (
    Answer,
    Connection,
    Upstream,
    answering,
    cutting_off_after,
    falling_silent_after,
    hanging_up,
    saying_nothing,
)

AT_ONCE = RetryPolicy(first_delay=0.01)
PROMPTLY = 0.2


def client_of(upstream: Upstream, **options: Any) -> OpenRouterClient:
    return OpenRouterClient("key", base_url=upstream.url, **{"retry": AT_ONCE, **options})


def failing(status: int, message: str = "It failed.", headers: dict[str, str] | None = None, **metadata: Any) -> Answer:
    body = data({"error": {"code": status, "message": message, "metadata": metadata}})[len("data: ") :]
    return answering(body, status, {"content-type": "application/json", **(headers or {})})


def test_an_answer_is_streamed_and_collected(upstream: Upstream):
    with client_of(upstream) as client, client.stream(QUESTION, model="a/b") as stream:
        texts = [event.text for event in stream if isinstance(event, TextDelta)]
    assert texts == ["Hel", "lo."]
    assert stream.reply.text == "Hello."
    assert stream.reply.usage is not None
    assert upstream.requests[0].line == "POST /api/v1/chat/completions HTTP/1.1"
    assert upstream.requests[0].body["stream"] is True


def test_the_whole_answer_can_be_had_at_once(upstream: Upstream):
    with client_of(upstream) as client:
        assert client.complete(QUESTION, model="a/b").text == "Hello."


def test_nothing_is_sent_before_the_first_event_is_asked_for(upstream: Upstream):
    with client_of(upstream) as client:
        client.stream(QUESTION, model="a/b").close()
    assert upstream.requests == []


def test_events_come_as_they_arrive(upstream: Upstream):
    go_on = threading.Event()

    def answer(connection: Connection) -> None:
        connection.head()
        connection.send(COMMENT + data(chunk("first")))
        go_on.wait(5)
        connection.send(data(chunk("second", "stop")) + DONE)
        connection.end()

    upstream.answers = [answer]
    with client_of(upstream) as client, client.stream(QUESTION, model="a/b") as stream:
        assert isinstance(next(stream), Waiting)
        next(event for event in stream if event == TextDelta("first"))
        go_on.set()
        assert TextDelta("second") in list(stream)


def test_one_connection_serves_one_answer_after_the_other(upstream: Upstream):
    with client_of(upstream) as client:
        for _ in range(5):
            client.complete(QUESTION, model="a/b")
        other = client.with_options(api_key="other")
        other.complete(QUESTION, model="a/b")
    assert len(upstream.connections) == 1
    assert [request.headers["authorization"] for request in upstream.requests[-2:]] == ["Bearer key", "Bearer other"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_a_failure_that_may_pass_is_tried_again_and_told(upstream: Upstream, status: int):
    upstream.answers = [failing(status)]
    with client_of(upstream) as client:
        events = list(client.stream(QUESTION, model="a/b"))
    assert isinstance(events[0], Retrying)
    assert (events[0].attempt, events[0].reason) == (1, "It failed.")
    assert TextDelta("Hel") in events


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_a_failure_that_stays_is_not_repeated(upstream: Upstream, status: int):
    upstream.answers = [failing(status)]
    with client_of(upstream) as client, pytest.raises(OpenRouterError, match=r"It failed\.") as caught:
        client.complete(QUESTION, model="a/b")
    assert caught.value.status == status
    assert len(upstream.requests) == 1


def test_attempts_come_to_an_end(upstream: Upstream):
    upstream.answers = [failing(503) for _ in range(9)]
    with client_of(upstream) as client, pytest.raises(OpenRouterError):
        client.complete(QUESTION, model="a/b")
    assert len(upstream.requests) == AT_ONCE.attempts


def test_an_empty_account_is_not_asked_twice_but_a_busy_budget_is(upstream: Upstream):
    upstream.answers = [failing(402, limit_source="openrouter_in_flight_budget", headers={"retry-after": "0.05"})]
    with client_of(upstream) as client:
        assert client.complete(QUESTION, model="a/b").text == "Hello."
        upstream.answers = [failing(402, "Insufficient credits", {"retry-after": "0.05"})]
        with pytest.raises(InsufficientCreditsError):
            client.complete(QUESTION, model="a/b")


@pytest.mark.parametrize("name", ["retry-after", "x-ratelimit-reset"])
def test_a_wait_that_is_asked_for_is_kept_to(upstream: Upstream, name: str):
    value = "0.15" if name == "retry-after" else str((time.time() + 0.25) * 1000)
    upstream.answers = [failing(429, headers={name: value})]
    with client_of(upstream) as client:
        started = time.monotonic()
        client.complete(QUESTION, model="a/b")
    assert 0.1 < time.monotonic() - started < 2


def test_a_wait_beyond_the_cap_is_told_and_not_waited_for(upstream: Upstream):
    upstream.answers = [failing(429, headers={"retry-after": "3600"})]
    with client_of(upstream) as client, pytest.raises(RateLimitedError) as caught:
        client.complete(QUESTION, model="a/b")
    assert caught.value.retry_after == 3600
    assert "3600 s" in caught.value.advice


def test_a_connection_that_is_closed_before_the_answer_is_opened_again(upstream: Upstream):
    upstream.answers = [hanging_up]
    with client_of(upstream) as client:
        assert client.complete(QUESTION, model="a/b").text == "Hello."
    assert len(upstream.connections) == 2


def test_a_connection_that_is_closed_long_after_the_request_is_not_opened_again(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.openrouter.config.AT_ONCE", 0.0)
    upstream.answers = [hanging_up]
    with client_of(upstream) as client, pytest.raises(ConnectionFailedError, match="closed the connection"):
        client.complete(QUESTION, model="a/b")
    assert len(upstream.connections) == 1


def test_a_server_that_cannot_be_reached_is_named():
    with Upstream() as gone:
        pass
    with client_of(gone) as client, pytest.raises(ConnectionFailedError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        client.complete(QUESTION, model="a/b")


def test_a_request_that_was_sent_and_not_answered_is_not_repeated(upstream: Upstream):
    upstream.answers = [saying_nothing]
    with (
        client_of(upstream, idle_timeout=0.1) as client,
        pytest.raises(ConnectionFailedError, match="in time") as caught,
    ):
        client.complete(QUESTION, model="a/b")
    assert caught.value.sent
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("begun", [COMMENT, data(chunk("Par"))])
def test_nothing_is_repeated_after_the_first_byte(upstream: Upstream, begun: bytes):
    upstream.answers = [cutting_off_after(begun)]
    with client_of(upstream) as client, pytest.raises(StreamTruncatedError) as caught:
        client.complete(QUESTION, model="a/b")
    assert len(upstream.requests) == 1
    assert caught.value.partial_text in {"", "Par"}


def test_a_model_that_falls_silent_is_given_up_and_its_text_kept(upstream: Upstream):
    upstream.answers = [falling_silent_after(data(chunk("Par")))]
    with client_of(upstream, idle_timeout=0.1) as client, pytest.raises(IdleTimeoutError) as caught:
        client.complete(QUESTION, model="a/b")
    assert caught.value.partial_text == "Par"
    assert upstream.connections[0].hung_up.wait(PROMPTLY)


def test_comments_alone_do_not_keep_a_silent_model_alive(upstream: Upstream):
    def answer(connection: Connection) -> None:
        connection.head()
        connection.send(data(chunk("Par")))
        while True:
            time.sleep(0.02)
            connection.send(COMMENT)

    upstream.answers = [answer]
    with client_of(upstream, idle_timeout=0.15) as client, pytest.raises(IdleTimeoutError) as caught:
        client.complete(QUESTION, model="a/b")
    assert caught.value.partial_text == "Par"


@pytest.mark.parametrize("end", [data(chunk(finish="stop")), DONE])
def test_a_server_that_keeps_the_connection_open_after_the_end_spoils_nothing(upstream: Upstream, end: bytes):
    upstream.answers = [falling_silent_after(data(chunk("Hi")) + end)]
    with client_of(upstream, idle_timeout=0.1) as client:
        assert client.complete(QUESTION, model="a/b").text == "Hi"


@pytest.mark.parametrize("leave", ["close", "break", "raise"])
def test_leaving_an_answer_closes_its_connection(upstream: Upstream, leave: str):
    upstream.answers = [falling_silent_after(data(chunk("Par")))]
    with client_of(upstream) as client:
        try:
            with client.stream(QUESTION, model="a/b") as stream:
                for event in stream:
                    if event == TextDelta("Par"):
                        if leave == "raise":
                            raise KeyboardInterrupt
                        if leave == "close":
                            stream.close()
                        break
        except KeyboardInterrupt:
            pass
        assert upstream.connections[0].hung_up.wait(PROMPTLY)
    assert stream.reply.text == "Par"


def test_another_thread_can_end_an_answer_while_the_model_is_silent(upstream: Upstream):
    upstream.answers = [falling_silent_after(data(chunk("Par")))]
    with client_of(upstream) as client:
        stream, heard, ended = client.stream(QUESTION, model="a/b"), threading.Event(), threading.Event()

        def read() -> None:
            for event in stream:
                if event == TextDelta("Par"):
                    heard.set()
            ended.set()

        threading.Thread(target=read, daemon=True).start()
        assert heard.wait(2)
        stream.close()
        assert upstream.connections[0].hung_up.wait(PROMPTLY)
        assert ended.wait(PROMPTLY)
    assert stream.reply.text == "Par"


def test_an_answer_that_begins_after_it_was_closed_is_not_read(upstream: Upstream):
    asked, answer_now = threading.Event(), threading.Event()

    def answer(connection: Connection) -> None:
        asked.set()
        answer_now.wait(5)
        falling_silent_after(data(chunk("Par")))(connection)

    upstream.answers = [answer]
    with client_of(upstream) as client:
        stream = client.stream(QUESTION, model="a/b")
        events: list[object] = []
        reading = threading.Thread(target=lambda: events.extend(stream), daemon=True)
        reading.start()
        assert asked.wait(2)
        stream.close()
        answer_now.set()
        assert upstream.connections[0].hung_up.wait(PROMPTLY)
        reading.join(PROMPTLY)
    assert not reading.is_alive()
    assert events == []


def test_a_wait_between_attempts_can_be_ended_by_another_thread(upstream: Upstream):
    upstream.answers = [failing(429, headers={"retry-after": "15"})]
    with client_of(upstream) as client:
        stream = client.stream(QUESTION, model="a/b")
        assert isinstance(next(stream), Retrying)
        waiting = threading.Thread(target=lambda: list(stream), daemon=True)
        waiting.start()
        stream.close()
        waiting.join(PROMPTLY)
    assert not waiting.is_alive()
    assert len(upstream.requests) == 1


def test_closing_twice_or_after_the_end_is_fine(upstream: Upstream):
    with client_of(upstream) as client:
        stream = client.stream(QUESTION, model="a/b")
        list(stream)
        stream.close()
        stream.close()
        assert client.complete(QUESTION, model="a/b").text == "Hello."
    assert len(upstream.connections) == 1


@pytest.mark.parametrize("status", [301, 308, 404])
def test_a_wrong_address_is_told_as_one(upstream: Upstream, status: int):
    upstream.answers = [answering(b"<h1>Not here</h1>", status, {"content-type": "text/html"})]
    with client_of(upstream) as client, pytest.raises(MalformedResponseError) as caught:
        client.complete(QUESTION, model="a/b")
    assert "OPENROUTER_BASE_URL" in caught.value.advice
    assert caught.value.detail == "Not here"


def test_the_generation_id_of_the_response_is_known_although_no_chunk_had_one(upstream: Upstream):
    upstream.answers = [cutting_off_after(COMMENT)]
    with client_of(upstream) as client, pytest.raises(OpenRouterError) as caught:
        client.complete(QUESTION, model="a/b")
    assert caught.value.generation_id == "gen-1"


def test_zdr_of_the_client_is_in_every_request_that_a_model_answers(upstream: Upstream):
    vectors = b'{"data": [{"embedding": [0.5]}]}'
    upstream.answers = [answering(), answering(vectors, headers={"content-type": "application/json"})]
    with client_of(upstream, routing=Routing(zdr=True)) as client:
        client.complete(QUESTION, model="a/b", routing=Routing(zdr=False), provider={"zdr": False})
        client.embed(["text"], model="a/e", provider={"zdr": False})
    for request in upstream.requests:
        assert request.body["provider"]["zdr"] is True
        assert request.headers["x-openrouter-zdr"] == "true"
