from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.errors import InvalidRequestError
from orchat.presets.variables import BUILT_IN, Variable, filled, known_values, missing, variables


def test_variables_are_found_once_each_with_their_default():
    text = "For {{audience}}: {{ tone | friendly }}, {{tone}}, {{audience|all}} and {{größe}}"
    assert variables(text) == [Variable("audience", "all"), Variable("tone", "friendly"), Variable("größe")]


def test_a_value_goes_before_a_default_and_an_empty_one_counts_as_none():
    assert filled("{{tone|friendly}}", {"tone": "dry"}) == "dry"
    assert filled("{{tone|friendly}}", {"tone": ""}) == "friendly"
    assert filled("[{{note|}}]", {}) == "[]"


def test_a_missing_value_is_named_and_never_sent_as_it_is_written():
    assert missing("{{a}} {{b|x}} {{c}}", {"c": "1"}) == ["a"]
    with pytest.raises(InvalidRequestError, match="“a”, “c”"):
        filled("{{a}} {{b|x}} {{c}}", {})


def test_what_looks_like_a_variable_in_a_value_is_none():
    assert filled("{{a}}", {"a": "{{b}} {{a}}"}) == "{{b}} {{a}}"


def test_braces_are_kept_where_a_backslash_says_so_and_where_no_name_is_in_them():
    text = r"\{{name}} { {x} } {{}} {{1}} {{#each}}"
    assert variables(text) == []
    assert filled(text, {}) == "{{name}} { {x} } {{}} {{1}} {{#each}}"


def test_what_is_not_known_at_the_moment_is_asked_for():
    values = known_values(datetime(2026, 11, 26, 9, 5, tzinfo=UTC), user="Ann")
    assert values == {"date": "2026-11-26", "time": "09:05", "weekday": "Thursday", "user": "Ann"}
    assert missing("{{date}} {{user}} {{model}}", values) == ["model"]
    assert set(values) < set(BUILT_IN)


@given(st.text("{}|\\a b1", max_size=40))
def test_filling_leaves_no_variable_behind(text: str):
    values = {each.name: "V" for each in variables(text)}
    # Only what a backslash kept is written like one afterwards.
    assert len(variables(filled(text, values))) <= text.count("\\{{")
