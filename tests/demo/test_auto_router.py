import pytest

from orchat.demo.catalogue import load_catalogue
from tests.demo.conftest import Client


@pytest.mark.parametrize(
    "question, model",
    [
        ("Write a Python function", "qwen/qwen3-coder-20250723"),
        ("Solve x^2 = 9", "openai/o4-mini-20250416"),
        ("Hello", "openai/gpt-5-nano-20250807"),
        ("Write a poem about rain", "anthropic/claude-4.6-sonnet-20260217"),
    ],
)
def test_the_kind_of_prompt_decides_and_the_first_chunk_tells(client: Client, question: str, model: str):
    assert client.chunks("openrouter/auto", question)[0]["model"] == model


def test_no_model_means_the_auto_router(client: Client):
    assert client.answer(None, "Hello")["model"] == "openai/gpt-5-nano-20250807"


def auto(**options: object) -> dict:
    return {"plugins": [{"id": "auto-router", **options}]}


def test_allowed_and_excluded_models_are_obeyed(client: Client):
    only = client.answer("openrouter/auto", "Write a Python function", **auto(allowed_models=["mistralai/*"]))
    assert only["model"].startswith("mistralai/codestral")
    less = client.answer("openrouter/auto", "Write a Python function", **auto(excluded_models=["qwen/*"]))
    assert less["model"] == "openai/gpt-5.2-codex-20260114"
    assert client.error("openrouter/auto", **auto(allowed_models=["nobody/*"]))[0] == 404


def test_a_higher_cost_tier_costs_more(client: Client):
    costs = [
        client.answer("openrouter/auto", "My cat is orange", **auto(cost_tier=tier))["usage"]["cost"]
        for tier in ("low", "high", "max")
    ]
    assert costs == sorted(costs)
    assert costs[0] < costs[-1]


def test_the_older_trade_off_still_counts(client: Client):
    best = client.answer("openrouter/auto", "My cat is orange", **auto(cost_quality_tradeoff=0))
    assert best["model"] == client.answer("openrouter/auto", "My cat is orange", **auto(cost_tier="max"))["model"]


def test_zdr_leaves_only_models_that_keep_nothing(client: Client):
    answer = client.answer("openrouter/auto", "Write a Python function", provider={"zdr": True})
    model = load_catalogue().find_slug(answer["model"])
    assert model is not None
    assert answer["provider"] in {provider.name for provider in model.providers if provider.zdr}


def test_a_pinned_model_stays(client: Client):
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi", "model": "x-ai/grok-4-20250709"},
        {"role": "user", "content": "Write a Python function"},
    ]
    assert client.answer("openrouter/auto", messages, **auto(pin_model=True))["model"] == "x-ai/grok-4-20250709"
    assert client.answer("openrouter/auto", messages)["model"] != "x-ai/grok-4-20250709"


def test_tools_and_pictures_need_models_that_take_them(client: Client):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "Write code for this"}, picture]}]
    assert client.answer("openrouter/auto", messages)["model"] == "openai/gpt-5.2-codex-20260114"


def test_the_free_router_costs_nothing(client: Client):
    answer = client.answer("openrouter/free", "Write a Python function")
    assert answer["usage"]["cost"] == 0
