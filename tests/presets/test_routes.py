"""Which models and providers may answer, as a person sets it and as it goes to OpenRouter."""

import json
from typing import Any

import pytest

from orchat.errors import ImportFailedError
from orchat.openrouter import ProviderPreferences
from orchat.presets.contents import content_of, from_file, same
from orchat.presets.options import RequestOptions, compose
from orchat.presets.routes import cleaned, preferences
from tests.presets.models import model

ROUTE = {
    "models": ["maker/other", "maker/third"],
    "sort": "price",
    "order": ["azure"],
    "only": ["azure", "openai"],
    "ignore": ["deepinfra"],
    "no_training": True,
    "max_prompt": 1.0,
    "max_completion": 5.0,
}


def test_a_route_is_kept_as_it_was_set():
    assert cleaned(json.loads(json.dumps(ROUTE))) == ROUTE
    options = RequestOptions(route=ROUTE)
    assert RequestOptions.from_settings(json.loads(json.dumps(options.to_settings()))) == options
    assert options.count == len(ROUTE)


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "price",
        {"sort": "exacto; drop", "models": "maker/other", "order": [1, None, ""], "only": {}, "no_training": "yes"},
        {"max_prompt": -1, "max_completion": "1"},
        {"max_prompt": True, "max_completion": float("nan")},
        {"zdr": False, "data_collection": "allow", "allow_fallbacks": True},
    ],
)
def test_what_is_no_route_is_left_out(given: Any):
    assert cleaned(given) == {}


def test_lists_are_short_and_name_nothing_twice():
    many = [f"maker/{number}" for number in range(100)]
    assert cleaned({"models": ["a/b", "a/b", *many]})["models"] == ["a/b", "maker/0", "maker/1"]
    assert len(cleaned({"ignore": many})["ignore"]) == 20


def test_a_price_of_nothing_is_a_price():
    assert preferences({"max_prompt": 0}).to_wire() == {"max_price": {"prompt": "0.0"}}


def test_preferences_have_the_names_of_the_wire():
    assert preferences(ROUTE).to_wire() == {
        "sort": "price",
        "order": ["azure"],
        "only": ["azure", "openai"],
        "ignore": ["deepinfra"],
        "data_collection": "deny",
        "max_price": {"prompt": "1.0", "completion": "5.0"},
    }
    assert preferences({}).to_wire() == {}


def test_who_may_not_see_it_goes_for_every_request_about_the_same_words():
    assert preferences(ROUTE).excluding == ProviderPreferences(
        only=("azure", "openai"), ignore=("deepinfra",), data_collection="deny"
    )


def test_a_schema_and_a_route_are_sent_together():
    options = RequestOptions(route={"sort": "latency"}, schema='{"type": "object"}')
    composed = compose(options, model("structured_outputs"), {}, auto=False)
    assert composed.provider.sort == "latency"
    assert composed.parameters["provider"] == {"require_parameters": True}


def test_a_preset_holds_a_route_and_says_when_it_is_another_one():
    content = content_of({"route": {**ROUTE, "order": [7]}})
    assert content["route"] == {name: value for name, value in ROUTE.items() if name != "order"}
    assert same(content, {"route": content["route"]})
    assert not same(content, {"route": {}})
    assert not same({}, {"route": ROUTE})


def test_a_preset_from_elsewhere_with_an_odd_route_is_refused_by_name():
    def written(route: Any) -> bytes:
        return json.dumps({"orchat_preset": 1, "name": "X", "content": {"route": route}}).encode()

    assert from_file(written(ROUTE))[2]["route"] == ROUTE
    with pytest.raises(ImportFailedError, match="route “zdr”"):
        from_file(written({"zdr": False}))
    with pytest.raises(ImportFailedError, match="route “sort”"):
        from_file(written({"sort": "dearest"}))
    with pytest.raises(ImportFailedError, match="entry “route”"):
        from_file(written([]))
