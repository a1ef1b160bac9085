"""What a preset holds, and the file in which it travels."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from orchat.errors import ImportFailedError
from orchat.presets.contents import content_of, from_file, same, to_file
from orchat.store import Preset
from tests.presets.test_parameters import ANY_JSON

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SETTINGS: dict[str, Any] = {
    "model": "a/b",
    "auto": False,
    "zdr": True,
    "documents": False,
    "web": True,
    "pdf_reading": "here",
    "compared": ["a/b", "c/d"],
    "tools": None,
    "server_tools": ["openrouter:datetime"],
    "system_prompt": "For {{who}}.",
    "parameters": {"seed": 3},
    "schema": "",
    "variables": {"who": "Ann"},
    "preset": "other",
    "allowed_tools": ["run_python"],
}


def written(**changed: Any) -> bytes:
    return json.dumps({"orchat_preset": 1, "name": "Mine", "content": {}, **changed}).encode()


def test_a_preset_keeps_choices_and_no_values_of_variables_and_no_permissions():
    content = content_of(SETTINGS)
    assert content == {name: value for name, value in SETTINGS.items() if name in content}
    assert SETTINGS.keys() - content == {"schema", "variables", "preset", "allowed_tools"}


def test_what_was_exported_comes_back():
    content = content_of(SETTINGS)
    preset = Preset("1", "ann", "Mine", "🦊", True, content, NOW, NOW)
    exported = to_file(preset)
    assert from_file(exported.encode()) == ("Mine", "🦊", content)
    assert "ann" not in exported
    assert "shared" not in exported


@pytest.mark.parametrize(
    "data, told",
    [
        (b'{\n"orchat_preset": }', "Line 2"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[]", "no preset"),
        (written(orchat_preset=2), "newer orchat"),
        (written(name=" "), "no name"),
        (written(content={"auto": "yes"}), "“auto”"),
        (written(content={"max_steps": 1.5}), "“max_steps”"),
        (written(content={"allowed_tools": ["run_python"]}), "“allowed_tools”"),
        (written(content={"parameters": {"temperature": 9}}), "“temperature”"),
        (b" " * 1_000_001, "larger than"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_is_no_preset_is_refused_with_the_entry(data: bytes, told: str):
    with pytest.raises(ImportFailedError) as refusal:
        from_file(data)
    assert told in refusal.value.message
    assert "Nothing was added" in refusal.value.advice


def test_a_choice_that_differs_is_noticed_also_one_that_the_preset_does_not_name():
    content = content_of(SETTINGS)
    assert same(content, SETTINGS)
    assert same(content, {**SETTINGS, "cost_tier": "low", "variables": {}})
    assert not same(content, {**SETTINGS, "model": "c/d"})
    assert not same({"model": "a/b"}, SETTINGS)


@given(ANY_JSON)
def test_whatever_stands_in_a_preset_what_is_used_of_it_is_in_order(value: Any):
    for name in SETTINGS:
        once = content_of({name: value})
        assert content_of(once) == once
        from_file(written(content=once))
