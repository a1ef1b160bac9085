import pytest

from orchat.demo import DemoServer
from tests.demo.conftest import Client

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
IMAGE = [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, PICTURE]}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]


@pytest.mark.parametrize(
    "authorization, message",
    [
        (None, "Missing Authentication header"),
        ("Bearer sk-or-v1-invalid", "User not found."),
        ("Bearer sk-other", "User not found."),
    ],
)
def test_without_a_valid_key_there_is_no_answer(demo: DemoServer, authorization: str | None, message: str):
    with Client(demo) as client:
        del client.headers["Authorization"]
        if authorization:
            client.headers["Authorization"] = authorization
        status, error = client.error("demo/fast")
    assert (status, error["message"]) == (401, message)
    assert error["metadata"]["error_type"] == "authentication"


def test_a_management_key_cannot_do_inference(client: Client, demo: DemoServer):
    client.headers["Authorization"] = f"Bearer {demo.management_key}"
    assert client.error("demo/fast")[0] == 403


@pytest.mark.parametrize(
    "model, body, status, message",
    [
        ("acme/x", {}, 400, "acme/x is not a valid model ID"),
        ("demo/fast", {"provider": {"zrd": True}}, 400, "Unrecognized key(s) in object: 'zrd'"),
        (
            "demo/fast",
            {"reasoning": {"effort": "low", "max_tokens": 9}},
            400,
            'Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified',
        ),
        (
            "demo/fast",
            {"reasoning": {"effort": "low"}, "reasoning_effort": "low"},
            400,
            'Only one of "reasoning" and "reasoning_effort" may be provided',
        ),
        ("openai/o3", {"reasoning": {"enabled": False}}, 400, "Reasoning is mandatory for this endpoint"),
        ("openai/o3", {"reasoning_effort": "none"}, 400, "Reasoning is mandatory for this endpoint"),
        ("openai/gpt-4.1", {"provider": {"only": ["anthropic"]}}, 404, "No allowed providers are available"),
        ("openai/gpt-4.1", {"provider": {"max_price": {"prompt": "1"}}}, 404, "max_price"),
        ("cohere/command-a", {"tools": TOOLS}, 404, "No endpoints found that support tool use"),
        ("microsoft/phi-4", {"content": IMAGE}, 404, "No endpoints found that support image input"),
        ("google/gemma-2-9b-it", {"max_tokens": 9000}, 400, "This endpoint's maximum context length is 8192 tokens"),
        ("openrouter/auto", {"provider": {"only": ["nobody"]}}, 404, "No models match your request and model"),
        ("openai/text-embedding-3-small", {}, 404, "support text output"),
        ("demo/fast", {"plugins": ["web"]}, 400, "expected object at plugins[0]"),
        ("demo/fast", {"tools": [{"function": {}}]}, 400, "tools[0].function.name is missing"),
        ("demo/fast", {"max_tokens": 0}, 400, "expected a positive integer at max_tokens"),
    ],
)
def test_what_openrouter_refuses_is_refused(client: Client, model: str, body: dict, status: int, message: str):
    content = body.pop("content", "Hello")
    refused = client.error(model, content, **body)
    assert refused[0] == status
    assert message in refused[1]["message"]


def test_a_model_without_zdr_endpoint_is_refused_with_a_machine_readable_reason(client: Client):
    status, error = client.error("cohere/command-a", provider={"zdr": True})
    assert status == 404
    assert error["availability"]["code"] == "privacy_restricted"
    assert error["availability"]["excluded_by"] == ["data_policy:zdr"]
    assert error["availability"]["requested_models"] == ["cohere/command-a"]


def test_zdr_moves_a_model_to_the_endpoint_that_keeps_nothing(client: Client):
    assert client.answer("openai/gpt-4.1")["provider"] == "OpenAI"
    assert client.answer("openai/gpt-4.1", provider={"zdr": True})["provider"] == "Azure"


def test_the_zdr_header_alone_enforces_nothing(client: Client):
    client.headers["X-OpenRouter-ZDR"] = "true"
    assert client.answer("cohere/command-a")["provider"] == "Cohere"


def test_free_variants_are_refused_when_nothing_may_be_collected(client: Client):
    status, error = client.error("qwen/qwen3-coder:free", provider={"data_collection": "deny"})
    assert (status, error["availability"]["code"]) == (404, "privacy_restricted")


@pytest.mark.parametrize("content", ["{", "[]", "null", '{"model": "demo/fast"}', '{"messages": []}'])
def test_a_malformed_body_is_a_bad_request(client: Client, content: str):
    response = client.post("/chat/completions", content=content)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 400


def test_a_message_of_an_unknown_role_is_a_bad_request(client: Client):
    status, error = client.error("demo/fast", [{"role": "narrator", "content": "x"}])
    assert status == 400
    assert "messages[0].role" in error["message"]


def test_an_unknown_route_is_refused_in_json(client: Client):
    response = client.get("/nothing")
    assert (response.status_code, response.json()["error"]["code"]) == (404, 404)


def test_nothing_is_answered_with_an_empty_account(client: Client, demo: DemoServer):
    demo.credits = 0
    status, error = client.error("openai/gpt-4.1")
    assert (status, error["metadata"]["error_type"]) == (402, "payment_required")
    assert client.ask("qwen/qwen3-coder:free").status_code == 200
    demo.credits = -0.01
    assert client.error("qwen/qwen3-coder:free")[0] == 402
