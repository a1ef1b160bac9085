import itertools
import json
import time

import httpx
import pytest

from tests.demo.conftest import Client, chunks_of, joined


@pytest.mark.parametrize(
    "model, status, text",
    [
        ("demo/out-of-credits", 402, "Insufficient credits"),
        ("demo/low-credits", 402, "You requested up to 16384 tokens, but can only afford 200"),
        ("demo/key-limit", 403, "Key limit exceeded (total limit)"),
        ("demo/rate-limited", 429, "Provider returned error"),
        ("demo/free-daily-limit", 429, "Rate limit exceeded: free-models-per-day"),
        ("demo/provider-error", 502, "Provider returned error"),
        ("demo/overloaded", 503, "No provider"),
        ("demo/moderated", 403, "flagged for violence"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_failing_model_fails_as_it_says(client: Client, model: str, status: int, text: str, stream: bool):
    refused, error = client.error(model, stream=stream)
    assert refused == status
    assert text in error["message"]


def test_low_credits_suffice_for_a_short_answer(client: Client):
    assert client.ask("demo/low-credits", max_tokens=201).status_code == 402
    assert client.answer("demo/low-credits", max_tokens=200)["choices"]


def test_a_rate_limit_says_when_to_come_back(client: Client):
    assert client.ask("demo/rate-limited").headers["Retry-After"] == "30"


def test_the_daily_limit_names_midnight_and_no_retry_after(client: Client):
    response = client.ask("demo/free-daily-limit")
    reset = int(response.json()["error"]["metadata"]["headers"]["X-RateLimit-Reset"])
    assert "Retry-After" not in response.headers
    assert 0 < reset / 1000 - time.time() <= 24 * 3600
    assert reset % 86_400_000 == 0


def test_a_flaky_model_answers_the_second_attempt_of_each_session(client: Client):
    first = client.ask("demo/flaky", session_id="one")
    assert (first.status_code, first.headers["Retry-After"]) == (429, "1")
    assert client.ask("demo/flaky", session_id="one").status_code == 200
    assert client.ask("demo/flaky", session_id="two").status_code == 429


def test_a_provider_error_hides_its_cause_in_raw(client: Client):
    _, error = client.error("demo/provider-error")
    assert json.loads(error["metadata"]["raw"])["error"]["code"] == 500
    assert error["metadata"]["provider_name"] == "Demo"


def test_a_moderated_prompt_is_named_with_its_reasons(client: Client):
    _, error = client.error("demo/moderated", "x" * 300)
    assert error["metadata"]["reasons"] == ["violence"]
    assert error["metadata"]["flagged_input"] == "x" * 100


def test_a_stream_can_fail_after_it_began(client: Client):
    chunks = client.chunks("demo/mid-stream-error")
    assert joined(chunks)
    assert chunks[-1]["error"]["code"] == 502
    assert chunks[-1]["choices"][0]["finish_reason"] == "error"


def test_an_answer_that_failed_half_way_keeps_its_text(client: Client):
    [choice] = client.answer("demo/mid-stream-error")["choices"]
    assert choice["error"]["code"] == 502
    assert choice["finish_reason"] == "error"
    assert choice["message"]["content"] == joined(client.chunks("demo/mid-stream-error"))


@pytest.mark.parametrize("stream", [True, False])
def test_an_error_can_come_with_status_200(client: Client, stream: bool):
    response = client.ask("demo/error-in-200", stream=stream)
    assert response.status_code == 200
    assert set(response.json()) == {"error", "user_id"}


def test_an_empty_answer_finishes_without_a_word_and_costs_nothing(client: Client):
    chunks = client.chunks("demo/empty")
    assert joined(chunks) == ""
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["cost"] == 0
    assert client.answer("demo/empty")["choices"][0]["message"]["content"] is None


@pytest.mark.parametrize("stream", [True, False])
def test_a_truncated_answer_breaks_the_connection(client: Client, stream: bool):
    with pytest.raises(httpx.RemoteProtocolError):
        client.ask("demo/truncated", stream=stream)


def test_an_answer_without_finish_closes_cleanly(client: Client):
    stream = client.ask("demo/no-finish", stream=True).text
    assert joined(chunks_of(stream)).startswith("*Simulated reply")
    assert "[DONE]" not in stream
    assert '"finish_reason":"stop"' not in stream


def test_a_stalled_stream_goes_on_with_comments_only(client: Client):
    with client.stream("POST", "/chat/completions", json=_asking("demo/stalls")) as response:
        lines = list(itertools.islice(filter(None, response.iter_lines()), 46))
    assert sum(line.startswith("data: ") for line in lines) == 25
    assert set(lines[-20:]) == {": OPENROUTER PROCESSING"}


def test_a_silent_stream_never_sends_data(client: Client):
    with client.stream("POST", "/chat/completions", json=_asking("demo/silent")) as response:
        lines = list(itertools.islice(filter(None, response.iter_lines()), 10))
    assert set(lines) == {": OPENROUTER PROCESSING"}


def test_the_long_answer_has_32000_characters_in_pieces_of_four(client: Client):
    chunks = client.chunks("demo/long", "Explain rivers")
    text = joined(chunks)
    assert len(text) == 32_000
    assert text.count("```") > 20
    assert len(chunks) == 8000 + 3


def test_a_fallback_answers_for_a_model_that_fails(client: Client):
    answer = client.answer("demo/overloaded", models=["acme/x", "openai/gpt-4.1"])
    assert answer["model"] == "openai/gpt-4.1-20250414"


def test_the_last_error_is_told_when_every_fallback_fails(client: Client):
    status, error = client.error("demo/overloaded", models=["demo/key-limit"])
    assert status == 403
    assert [previous["code"] for previous in error["metadata"]["previous_errors"]] == [503]


def _asking(model: str) -> dict:
    return {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
