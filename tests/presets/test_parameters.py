from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.presets.parameters import EFFORTS, FOR_ROUTERS, cleaned, efforts, offered, to_wire
from tests.presets.models import model, reasoning

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_nothing_is_sent_that_is_not_set():
    assert to_wire({}, model("temperature", "seed"), auto=False).sent == {}


def test_only_what_the_model_takes_is_offered_and_sent_and_the_rest_is_named():
    wire = to_wire({"temperature": 0.2, "seed": 7, "verbosity": "low"}, model("temperature"), auto=False)
    assert offered(model("temperature", "tools"), auto=False) == {"temperature"}
    assert (wire.sent, wire.left_out) == ({"temperature": 0.2}, ("Seed", "Verbosity"))


def test_the_auto_router_gets_what_no_model_refuses():
    wire = to_wire({"temperature": 1, "reasoning": "off", "presence_penalty": 1}, model("reasoning"), auto=True)
    assert wire.sent == {"temperature": 1}
    assert set(wire.left_out) == {"Reasoning", "Presence penalty"}
    assert offered(None, auto=False) == FOR_ROUTERS


@pytest.mark.parametrize(
    "known, expected",
    [
        ({"mandatory": True}, EFFORTS),
        ({"mandatory": False}, ("off", *EFFORTS)),
        ({"mandatory": False, "supported_efforts": ["low", "high"]}, ("off", "low", "high")),
        ({"mandatory": True, "supported_efforts": None, "supports_max_tokens": True}, (*EFFORTS, "budget")),
        ({}, EFFORTS),
    ],
)
def test_reasoning_is_offered_as_the_model_has_it(known: dict[str, Any], expected: tuple[str, ...]):
    assert efforts(reasoning(**known)) == expected


def test_reasoning_is_one_object_with_one_key():
    thinks = reasoning(mandatory=False, supports_max_tokens=True)

    def sent(**chosen: Any) -> Any:
        return to_wire(chosen, thinks, auto=False).sent.get("reasoning")

    assert sent(reasoning="off") == {"enabled": False}
    assert sent(reasoning="high", reasoning_budget=2000) == {"effort": "high"}
    assert sent(reasoning="budget", reasoning_budget=2000) == {"max_tokens": 2000}
    assert sent(reasoning_budget=2000) is None


def test_reasoning_that_is_mandatory_is_never_switched_off():
    for known in ({"mandatory": True}, {}):
        wire = to_wire({"reasoning": "off"}, reasoning(**known), auto=False)
        assert (wire.sent, wire.left_out) == ({}, ("Reasoning",))


def test_a_budget_that_leaves_no_room_for_an_answer_is_not_sent():
    thinks = reasoning(supports_max_tokens=True)
    wire = to_wire({"reasoning": "budget", "reasoning_budget": 3000, "max_tokens": 3000}, thinks, auto=False)
    assert wire.sent == {"max_tokens": 3000}
    assert "has to be more" in wire.changed[0]


def test_no_more_tokens_are_asked_for_than_the_model_can_give():
    short = model("max_tokens", top_provider={"max_completion_tokens": 8192})
    wire = to_wire({"max_tokens": 64_000}, short, auto=False)
    assert wire.sent == {"max_tokens": 8192}
    assert "8,192" in wire.changed[0]
    assert to_wire({"max_tokens": 64_000}, short, auto=True).sent == {"max_tokens": 64_000}


def test_what_is_outside_its_limits_is_not_kept():
    assert cleaned({"temperature": 2.5, "top_p": "1", "seed": True, "max_tokens": 3, "stop": ["a", 1, ""]}) == {
        "stop": ["a"]
    }
    assert cleaned({"seed": float("inf"), "temperature": float("nan"), "reasoning": "loud"}) == {}


@given(
    st.dictionaries(
        st.sampled_from(["temperature", "max_tokens", "stop", "reasoning", "reasoning_budget", "verbosity", "seed"]),
        ANY_JSON,
    )
    | ANY_JSON
)
def test_whatever_was_kept_can_be_kept_again(chosen: Any):
    once = cleaned(chosen)
    assert cleaned(once) == once
    to_wire(once, reasoning(supports_max_tokens=True), auto=False)
