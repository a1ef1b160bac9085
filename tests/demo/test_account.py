import time

import pytest

from orchat.demo import DemoServer
from orchat.demo.account import LOOKUP_DELAY_SECONDS
from tests.demo.conftest import Client


def test_credits_go_down_by_what_the_usage_chunk_says(client: Client, demo: DemoServer):
    before = client.get("/key").json()["data"]
    usage = client.chunks("anthropic/claude-opus-4.6", "Explain sloths")[-1]["usage"]
    after = client.get("/key").json()["data"]
    price = usage["prompt_tokens"] * 5e-6 + usage["completion_tokens"] * 25e-6
    assert usage["cost"] == pytest.approx(price)
    assert before["limit_remaining"] - after["limit_remaining"] == pytest.approx(usage["cost"])
    assert demo.credits == pytest.approx(after["limit_remaining"])
    assert after["usage"] == pytest.approx(after["limit"] - after["limit_remaining"])


def test_a_fresh_account_has_five_dollars_unless_told_otherwise():
    with DemoServer(speed=0) as demo, Client(demo) as client:
        data = client.get("/key").json()["data"]
        assert (data["limit"], data["limit_remaining"], data["usage"]) == (5.0, 5.0, 0.0)
    assert DemoServer(credits=0.5).credits == 0.5


def test_the_account_balance_is_for_management_keys_only(client: Client, demo: DemoServer):
    refused = client.get("/credits")
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == "Only management keys can perform this operation"
    client.headers["Authorization"] = f"Bearer {demo.management_key}"
    assert set(client.get("/credits").json()["data"]) == {"total_credits", "total_usage"}
    assert client.get("/key").json()["data"]["is_management_key"] is True


def test_a_free_model_costs_nothing(client: Client, demo: DemoServer):
    assert client.answer("qwen/qwen3-coder:free")["usage"]["cost"] == 0
    assert demo.credits == 5.0


def test_a_generation_can_be_looked_up_a_moment_after_its_end(client: Client):
    answer = client.answer("openai/gpt-4.1", session_id="conversation-1")
    assert client.get("/generation", params={"id": answer["id"]}).status_code == 404
    record = wait_for_generation(client, answer["id"])
    assert record["total_cost"] == answer["usage"]["cost"]
    assert (record["model"], record["provider_name"]) == (answer["model"], "OpenAI")
    assert (record["cancelled"], record["finish_reason"]) == (False, "stop")
    assert record["session_id"] == "conversation-1"
    assert client.get("/generation").status_code == 400


def test_a_cancelled_stream_is_billed_for_what_was_sent_and_says_so(client: Client, demo: DemoServer):
    body = {"model": "demo/stalls", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    with client.stream("POST", "/chat/completions", json=body) as response:
        generation_id = response.headers["X-Generation-Id"]
        received = 0
        for line in response.iter_lines():
            received += line.startswith("data: ")
            if received == 25:
                break
    record = wait_for_generation(client, generation_id)
    assert (record["cancelled"], record["finish_reason"]) == (True, None)
    assert record["tokens_completion"] == 24
    assert 5.0 - demo.credits == pytest.approx(record["total_cost"])
    assert record["total_cost"] > 0


def wait_for_generation(client: Client, generation_id: str) -> dict:
    deadline = time.monotonic() + 10 * LOOKUP_DELAY_SECONDS
    while time.monotonic() < deadline:
        response = client.get("/generation", params={"id": generation_id})
        if response.status_code == 200:
            return response.json()["data"]
        time.sleep(0.02)
    raise AssertionError(f"{generation_id} never became known")
