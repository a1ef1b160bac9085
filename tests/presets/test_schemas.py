"""Schemas and the answers that were asked to satisfy them."""

import json
from typing import Any

import pytest

from orchat.errors import InvalidRequestError
from orchat.presets import answers
from orchat.presets.answers import check_answer
from orchat.presets.form import schema_of
from orchat.presets.schemas import is_strict, read_schema, response_format, tightened

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
}


@pytest.mark.parametrize(
    "text, told",
    [
        ('{"type": "object",\n "properties": {"a": }}', "Line 2, column 22 is not JSON"),
        ('{"type": "object",\n "properties": {\n  "a": {"type": "text"}}}', "Line 3 (properties → a → type): 'text'"),
        ('{\n"type": "object",\n"required":\n"a"}', "Line 4 (required)"),
        ('{"type": "object", "anyOf": [{},\n{"items": 1}]}', "Line 2 (anyOf → 1 → items)"),
        ('{"type": "array"}', "has to describe an object"),
        ("[]", "Line 1: "),
        ('{"type": "object", "properties": {\n"a": {"$ref": "http://evil.example/x"}}}', "Line 2 (properties → a)"),
        ('{"type": "object", "patternProperties": {"(a+)+$": {}}}', "cannot be used here"),
        ('{"type": "object", "minimum": NaN}', "NaN"),
        ("[" * 5000, "not JSON"),
        ('{"items":' * 50 + "{}" + "}" * 50, "nested more than"),
        (f'{{"type": "object", "title": "{"x" * 50_000}"}}', "longer than"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_line(text: str, told: str):
    with pytest.raises(InvalidRequestError) as refusal:
        read_schema(text)
    assert told in refusal.value.message
    assert "options" in refusal.value.advice


def test_a_schema_goes_out_closed_and_says_whether_it_can_be_enforced():
    sent = response_format({**PERSON, "title": "A person!"})["json_schema"]
    assert (sent["name"], sent["strict"]) == ("A_person", True)
    assert sent["schema"]["additionalProperties"] is False
    optional = response_format({**PERSON, "required": ["name"]})["json_schema"]
    assert optional["strict"] is False


def test_what_satisfies_the_closed_schema_satisfies_the_given_one():
    given = {
        "type": "object",
        "properties": {"additionalProperties": PERSON, "tags": {"type": "array", "items": PERSON}},
    }
    closed = tightened(given)
    assert closed["properties"]["additionalProperties"]["additionalProperties"] is False
    assert closed["properties"]["tags"]["items"]["additionalProperties"] is False
    assert closed["additionalProperties"] is False
    value = {"additionalProperties": {"name": "Ann", "age": 3}, "tags": []}
    assert check_answer(closed, json.dumps(value)).valid
    assert check_answer(given, json.dumps(value)).valid


def test_a_form_makes_a_strict_schema():
    schema = schema_of(
        [
            {"name": "city", "kind": "text", "about": "Where"},
            {"name": "mood", "kind": "one of", "values": "glad, sad, glad"},
            {"name": "sizes", "kind": "list of numbers"},
            {"name": " "},
            {"name": None},
        ]
    )
    assert read_schema(json.dumps(schema)) == schema
    assert is_strict(schema)
    assert schema["properties"]["city"] == {"type": "string", "description": "Where"}
    assert schema["properties"]["mood"]["enum"] == ["glad", "sad"]
    assert schema["required"] == ["city", "mood", "sizes"]


def test_an_answer_is_read_and_its_faults_are_placed():
    assert check_answer(PERSON, '{"name": "Ann", "age": 3}').valid
    assert check_answer(PERSON, '```json\n{"name": "Ann", "age": 3}\n```').value == {"name": "Ann", "age": 3}
    wrong = check_answer(PERSON, '{"name": "Ann", "age": -1}')
    assert (wrong.is_json, wrong.valid, wrong.problems) == (True, False, ("age: -1 is less than the minimum of 0",))
    for text in ("", "Sorry, no.", '{"name": "Ann",', "[" * 100_000, "1" * 5000):
        checked = check_answer(PERSON, text)
        assert not checked.is_json
        assert checked.problems


def test_a_schema_that_asks_for_too_much_costs_little():
    doubling = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    many = {"type": "object", "$defs": {**doubling, "d40": {}}, "properties": {"a": {"$ref": "#/$defs/d0"}}}
    pattern = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a|aa)+$"}}}
    endless = {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}
    for schema, text in ((many, '{"a": 1}'), (pattern, json.dumps({"a": "a" * 60 + "!"})), (endless, '{"a": 1}')):
        checked = check_answer(read_schema(json.dumps(schema)), text)
        assert "checked here" in checked.problems[0]


def test_a_reference_that_leads_nowhere_is_told_and_nothing_is_fetched():
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}}
    assert "does not have" in check_answer(schema, '{"a": 1}').problems[0]


@pytest.mark.parametrize(
    "foreign",
    [
        {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/x"}}},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"a": {"minimum": "b"}}},
        {"type": 5},
        {},
    ],
)
def test_a_schema_that_an_imported_chat_brought_along_is_looked_at_before_it_is_used(foreign: dict[str, Any]):
    checked = check_answer(foreign, '{"a": 1}')
    assert checked.value == {"a": 1}
    assert "cannot be used" in checked.problems[0]


DIFFERENT: dict[str, Any] = {"type": "object", "properties": {"all": {"type": "array", "uniqueItems": True}}}


@pytest.mark.parametrize(
    ("elements", "valid"),
    [
        ([1, 2, 3], True),
        ([1, True, "1", None, [1], {"a": 1}], True),
        ([0, False], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
        ([[1], [1]], False),
    ],
)
def test_elements_that_shall_differ_are_compared_as_json_compares_them(elements: list[object], valid: bool):
    assert check_answer(DIFFERENT, json.dumps({"all": elements})).valid is valid


def test_elements_are_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch):
    looked_at: list[object] = []
    canonical = answers._canonical
    monkeypatch.setattr(answers, "_canonical", lambda value: looked_at.append(value) or canonical(value))
    assert check_answer(DIFFERENT, json.dumps({"all": [{"n": n} for n in range(3000)]})).valid
    assert len(looked_at) == 3000
