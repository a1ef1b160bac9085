"""Estimates: about right for words, never below what a request may cost where its price is known."""

from decimal import Decimal
from typing import Any

import pytest

from orchat.openrouter import Model, Routing
from orchat.openrouter.embeddings import embeddings_request
from orchat.openrouter.estimate import ANSWER, GUESS, SERVER_TOOL, SMALL_GUESS, asked_models, most, tokens_in, tokens_of
from orchat.openrouter.request import Request, chat_request


def model(longest: int | None = None, **pricing: Any) -> Model:
    prices = {"prompt": "0.000001", "completion": "0.00001", **pricing}
    return Model.from_wire({"id": "a/b", "pricing": prices, "top_provider": {"max_completion_tokens": longest}})


def asking(text: str = "x" * 400, **parameters: Any) -> Request:
    return chat_request([{"role": "user", "content": text}], model="a/b", parameters=parameters)


READING = Decimal("0.000104")
"""100 tokens of text and 4 of the message."""


@pytest.mark.parametrize(
    "text, least, at_most",
    [("", 0, 0), ("Hello, how are you today?", 5, 9), ("今日はどこへ行きますか", 9, 16), ("Wie spät ist es?", 4, 8)],
)
def test_tokens_are_counted_about_right_in_several_scripts(text: str, least: int, at_most: int):
    assert least <= tokens_in(text) <= at_most


def test_a_request_may_cost_its_prompt_and_the_longest_answer_that_is_usual():
    assert most(asking(), [model()]).most == READING + Decimal("0.00001") * ANSWER
    assert most(asking(), [model(longest=2000)]).most == READING + Decimal("0.02")
    assert most(asking(), [model(longest=128_000)]).most == READING + Decimal("0.00001") * ANSWER


def test_a_limit_of_tokens_counts_as_it_is():
    assert most(asking(max_tokens=50), [model()]).most == READING + Decimal("0.0005")
    assert most(asking(max_completion_tokens=60_000), [model(longest=128_000)]).most == READING + Decimal("0.6")


def test_long_prompts_cost_what_the_tier_says_and_reasoning_what_it_costs():
    tiers = {"overrides": [{"min_prompt_tokens": 1000, "prompt": "0.000002", "completion": "0.00002"}]}
    assert most(asking(max_tokens=10), [model(**tiers)]).most == READING + Decimal("0.0001")
    assert most(asking("x" * 4000, max_tokens=10), [model(**tiers)]).most == Decimal("0.002008") + Decimal("0.0002")
    assert most(asking(max_tokens=10), [model(internal_reasoning="0.0001")]).most == READING + Decimal("0.001")


def test_what_a_model_may_think_is_reserved_beside_the_usual_answer():
    thinking = asking(reasoning={"max_tokens": 30_000})
    assert most(thinking, [model(longest=128_000)]).most == READING + Decimal("0.00001") * (ANSWER + 30_000)
    assert most(thinking, [model(longest=20_000)]).most == READING + Decimal("0.2")
    both = asking(max_tokens=40_000, reasoning={"max_tokens": 30_000})
    assert most(both, [model(longest=128_000)]).most == READING + Decimal("0.4")


def test_of_several_models_the_dearest_counts():
    cheap = Model.from_wire({"id": "c/d", "pricing": {"prompt": "0", "completion": "0"}})
    request = asking(max_tokens=10, models=["c/d:nitro"])
    assert asked_models(request) == ["a/b", "c/d"]
    assert most(request, [model(), cheap]).most == READING + Decimal("0.0001")


def test_where_a_price_is_not_known_there_is_a_guess():
    assert (most(asking(), [None]).most, most(asking(), [None]).known) == (GUESS, False)
    assert not most(asking(), [model(prompt="-1", completion="-1")]).known
    assert most(embeddings_request(["text"], "e/f", Routing(), {}), [None]).most == SMALL_GUESS


def test_pictures_files_and_openrouters_own_tools_count_too():
    parts = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, {"type": "text", "text": "Hi"}]
    assert tokens_of([{"role": "user", "content": parts}]) > 1000
    tools = [{"type": "openrouter:web_search"}]
    assert most(asking(max_tokens=10, tools=tools), [model()]).most > READING + SERVER_TOOL
