"""What a person set, as it is kept and as it goes to a model."""

import json

import pytest

from orchat.errors import InvalidRequestError, ParametersUnsupportedError
from orchat.presets.options import RequestOptions, compose, form_of
from tests.presets.models import model

SCHEMA = '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}'
FORMED = RequestOptions(system_prompt="Be brief.", schema=SCHEMA, parameters={"temperature": 0.5})


def test_what_was_kept_comes_back_and_what_is_no_setting_is_left_out():
    options = RequestOptions("For {{who}}", {"who": "Ann"}, {"seed": 3}, SCHEMA, "preset-1")
    assert RequestOptions.from_settings(json.loads(json.dumps(options.to_settings()))) == options
    broken = {"system_prompt": 1, "variables": [1], "parameters": {"seed": "x"}, "schema": {}, "preset": None}
    assert RequestOptions.from_settings(broken) == RequestOptions()


def test_the_count_says_how_many_are_set():
    assert RequestOptions().count == 0
    assert FORMED.count == 3
    assert RequestOptions(parameters={"reasoning": "budget", "reasoning_budget": 2000}).count == 1


def test_variables_are_filled_and_own_values_go_before_built_in_ones():
    options = RequestOptions("{{user}}, {{date}}", {"user": "Bob"})
    assert compose(options, model(), {"user": "Ann", "date": "today"}, auto=False).system_prompt == "Bob, today"


def test_a_schema_is_followed_by_force_where_a_model_has_structured_output():
    composed = compose(FORMED, model("temperature", "structured_outputs", "response_format"), {}, auto=False)
    assert composed.parameters["response_format"]["json_schema"]["strict"] is True
    assert composed.parameters["provider"] == {"require_parameters": True}
    assert composed.parameters["temperature"] == 0.5
    assert (composed.system_prompt, composed.schema) == ("Be brief.", json.loads(SCHEMA))


def test_where_a_model_has_json_only_it_is_told_the_schema():
    composed = compose(FORMED, model("response_format"), {}, auto=False)
    assert composed.parameters["response_format"] == {"type": "json_object"}
    assert composed.system_prompt.startswith("Be brief.\n\nAnswer with one JSON object")
    assert '"required":["a"]' in composed.system_prompt


def test_the_auto_router_is_asked_for_a_model_that_can():
    assert form_of(None, auto=True) == "json_schema"
    assert compose(FORMED, None, {}, auto=True).parameters["provider"] == {"require_parameters": True}


def test_a_model_without_json_is_refused_by_name():
    with pytest.raises(ParametersUnsupportedError, match="One cannot answer in JSON"):
        compose(FORMED, model("temperature"), {}, auto=False)
    with pytest.raises(InvalidRequestError, match="Line 1"):
        compose(RequestOptions(schema="{"), model("structured_outputs"), {}, auto=False)
