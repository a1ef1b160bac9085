"""What a person has set, in the requests of a chat and in their receipts."""

import json
from collections.abc import Iterator

import pytest

from orchat.demo import DemoServer
from orchat.openrouter import AsyncOpenRouterClient, OpenRouterClient
from orchat.openrouter.outgoing import outgoing
from orchat.openrouter.request import chat_request
from orchat.presets.answers import check_answer
from orchat.presets.options import RequestOptions, compose
from orchat.receipts import receipt_of
from orchat.runs import Runs
from orchat.store import Store
from orchat.turn import SCHEMA
from tests.test_chat import OWNER, Talk

WANTED = """{"type": "object", "properties": {
  "title": {"type": "string"}, "score": {"type": "integer", "minimum": 1, "maximum": 5}},
  "required": ["title", "score"]}"""


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    url = f"sqlite:///{tmp_path_factory.mktemp('presets')}/orchat.db"
    with DemoServer(speed=0) as demo, Store.open(url) as store:
        runs, client = Runs(save_every=0.1), AsyncOpenRouterClient(demo.api_key, base_url=demo.base_url)
        yield Talk(store, runs, client, demo)
        runs.submit(client.aclose()).result(5)
        runs.close()


def asked(talk: Talk, options: RequestOptions, name: str) -> dict[str, object]:
    """What an `Ask` is made of for a model of the embedded OpenRouter."""
    with OpenRouterClient(talk.demo.api_key, base_url=talk.demo.base_url) as client:
        model = next(model for model in client.models() if model.id == name)
    composed = compose(options, model, {}, auto=name == "openrouter/auto")
    return {"system_prompt": composed.system_prompt, "parameters": composed.parameters, "schema": composed.schema}


def test_the_system_prompt_comes_first_with_every_question_and_is_counted_in_the_receipt(talk: Talk):
    talk.begin()
    options = RequestOptions("Answer {{how|briefly}}.", parameters={"temperature": 0.5, "seed": 3})
    for text in ("Hello", "And now?"):
        answer = talk.answer(text, "openai/gpt-4.1", **asked(talk, options, "openai/gpt-4.1"))
    for body in talk.bodies():
        roles = [message["role"] for message in body["messages"]]
        assert roles[0] == "system"
        assert roles.count("system") == 1
        assert body["messages"][0]["content"] == "Answer briefly."
        assert (body["temperature"], body["seed"]) == (0.5, 3)
    receipt = receipt_of(talk.store, OWNER, answer)
    assert receipt is not None
    left = receipt.to_json()["left_the_machine"]
    assert left["messages"] == 4
    assert left["characters_of_the_system_prompt"] == len("Answer briefly.")
    assert left["parameters"] == {"temperature": 0.5, "seed": 3}


@pytest.mark.parametrize("name", ["openai/gpt-4.1", "openai/o3", "openrouter/auto", "openai/gpt-5.2"])
def test_an_answer_in_a_form_satisfies_the_schema_which_is_kept_with_it(talk: Talk, name: str):
    talk.begin()
    options = RequestOptions(schema=WANTED)
    choices = asked(talk, options, name)
    auto = name == "openrouter/auto"
    answer = talk.answer("Rate the film Alien", None if auto else name, auto=auto, **choices)
    assert answer.details == {SCHEMA: json.loads(WANTED)}
    assert check_answer(answer.details[SCHEMA], answer.text).valid
    [body] = talk.bodies()
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["provider"]["require_parameters"] is True


def test_a_schema_takes_no_privacy_away(talk: Talk):
    talk.begin()
    choices = asked(talk, RequestOptions(schema=WANTED), "openai/gpt-4.1")
    assert talk.answer("Rate it", "openai/gpt-4.1", zdr=True, **choices).error is None
    assert talk.bodies()[-1]["provider"] == {"require_parameters": True, "zdr": True, "data_collection": "deny"}


def test_an_answer_of_a_model_with_json_only_is_checked_all_the_same(talk: Talk):
    talk.begin()
    name = "openai/gpt-4-turbo"
    answer = talk.answer("Rate it", name, **asked(talk, RequestOptions(schema=WANTED), name))
    assert answer.error is None
    checked = check_answer(json.loads(WANTED), answer.text)
    assert checked.is_json
    assert "'title' is a required property" in checked.problems


def test_max_tokens_end_an_answer_and_a_cut_one_is_not_json(talk: Talk):
    talk.begin()
    options = RequestOptions(schema=WANTED, parameters={"max_tokens": 16})
    answer = talk.answer("Rate the film Alien, " * 9, "openai/gpt-4.1", **asked(talk, options, "openai/gpt-4.1"))
    assert answer.finish_reason == "length"
    assert not check_answer(json.loads(WANTED), answer.text).is_json


def test_reasoning_off_leaves_thinking_out(talk: Talk):
    talk.begin()
    name = "openai/gpt-5.2"
    assert talk.answer("Why?", name).wire.get("reasoning")
    options = RequestOptions(parameters={"reasoning": "off"})
    assert not talk.answer("Why?", name, **asked(talk, options, name)).wire.get("reasoning")


def test_a_receipt_says_of_texts_only_how_many():
    parameters = {"stop": ["secret", "word"], "verbosity": "low", "reasoning": {"effort": "high"}}
    request = chat_request([{"role": "user", "content": "Hi"}], model="a/b", parameters=parameters)
    sent = outgoing(request).to_json()
    assert sent["parameters"] == {"stop": 2, "verbosity": "low", "reasoning": {"effort": "high"}}
    assert "secret" not in json.dumps(sent)
