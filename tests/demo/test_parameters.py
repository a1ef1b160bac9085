"""Parameters: honoured by the models that take them, ignored by the others, refused where they cannot be meant."""

from typing import Any

import pytest

from tests.demo.conftest import Client

OPEN: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
REQUIRE = {"require_parameters": True}


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}


def test_the_same_seed_gives_the_same_answer_and_others_give_others(client: Client):
    def seeded(seed: int) -> str:
        return client.text("openai/gpt-4.1", "Write a poem about sloths", seed=seed)

    assert seeded(7) == seeded(7)
    assert len({seeded(seed) for seed in range(8)}) > 1


def test_an_answer_ends_before_a_stop_text(client: Client):
    whole = client.text("openai/gpt-4.1", "Explain sloths")
    assert client.text("openai/gpt-4.1", "Explain sloths", stop=["##"]) == whole.partition("##")[0] != whole
    # Reasoning models of OpenAI's do not know the parameter, and ignore it.
    assert "##" in client.text("openai/o3", "Explain sloths", stop=["##"])


def test_low_verbosity_shortens_where_a_model_has_it(client: Client):
    whole = client.text("openai/gpt-5.2", "Explain sloths")
    assert len(client.text("openai/gpt-5.2", "Explain sloths", verbosity="low")) < len(whole) / 2
    plain = client.text("openai/gpt-4.1", "Explain sloths")
    assert client.text("openai/gpt-4.1", "Explain sloths", verbosity="low") == plain


@pytest.mark.parametrize(
    "body, named",
    [
        ({"temperature": 2.1}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"presence_penalty": 3}, "presence_penalty"),
        ({"stop": list("abcde")}, "stop"),
        ({"verbosity": "chatty"}, "verbosity"),
        ({"seed": "seven"}, "seed"),
        ({"reasoning": {"max_tokens": 2000}, "max_tokens": 2000}, "greater than reasoning.max_tokens"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": OPEN}}}, "json_schema.name"),
        ({"response_format": strict(OPEN)}, "additionalProperties"),
        ({"response_format": strict({**OPEN, "additionalProperties": False})}, "required"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(client: Client, body: dict[str, Any], named: str):
    status, error = client.error("openai/gpt-4.1", **body)
    assert status == 400
    assert named in error["message"]


def test_required_parameters_leave_out_models_that_do_not_take_them(client: Client):
    for model, body in (
        ("openai/o3", {"temperature": 1}),
        ("anthropic/claude-sonnet-4.6", {"seed": 1}),
        ("openai/gpt-4.1", {"verbosity": "low"}),
        ("openai/gpt-4-turbo", {"response_format": strict({"type": "string"})}),
    ):
        assert client.text(model, **body)
        assert client.error(model, provider=REQUIRE, **body)[1]["availability"]["code"] == "constraint_filtered"


def test_a_model_with_json_mode_only_answers_with_an_object_and_follows_no_schema(client: Client):
    assert client.text("openai/gpt-4-turbo", response_format={"type": "json_object"}).startswith("{")
    assert client.text("openai/gpt-4-turbo", response_format=strict({"type": "string"})).startswith("*Simulated")


def test_the_auto_router_chooses_among_those_that_can(client: Client):
    schema = {**OPEN, "additionalProperties": False, "required": ["a"]}
    answer = client.answer("openrouter/auto", "Explain sloths", response_format=strict(schema), provider=REQUIRE)
    assert answer["choices"][0]["message"]["content"].startswith('{"a"')
