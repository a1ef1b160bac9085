from decimal import Decimal
from typing import Any

import pytest

from orchat.openrouter import Generation
from orchat.usage import Usage, amount, decimal, spent


def test_tokens_and_cost_are_read():
    usage = Usage.from_wire(
        {
            "prompt_tokens": 9,
            "completion_tokens": 4,
            "cost": 0.000087,
            "is_byok": False,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 11},
            "cost_details": {"upstream_inference_cost": 0.000087},
        }
    )
    assert (usage.prompt_tokens, usage.completion_tokens) == (9, 4)
    assert (usage.cached_tokens, usage.reasoning_tokens) == (3, 11)
    assert usage.cost == Decimal("0.000087")


def test_what_openrouter_does_not_say_is_unknown_and_not_zero():
    usage = Usage.from_wire({"prompt_tokens_details": None, "cost_details": None})
    assert (usage.cost, usage.prompt_tokens, usage.reasoning_tokens) == (None, None, None)


def test_counters_unknown_to_orchat_stay_readable():
    assert Usage.from_wire({"server_tool_use_details": {"web_search_requests": 1}}).raw == {
        "server_tool_use_details": {"web_search_requests": 1}
    }


@pytest.mark.parametrize(
    "cost,upstream,is_byok,spent_in_all",
    [
        ("0.5", "0.4", False, "0.5"),
        ("0.5", None, False, "0.5"),
        ("0", "0.4", True, "0.4"),
        ("0.02", "0.4", True, "0.42"),
        ("0", "0.4", None, "0.4"),
        ("0.5", "0.4", None, "0.5"),
        ("0.5", None, None, "0.5"),
        ("0", "0", False, "0"),
        (None, "0.4", False, None),
        (None, None, None, None),
        ("0", None, True, None),
        (None, "0.4", True, None),
    ],
)
def test_the_upstream_bill_is_added_for_an_own_provider_key_only(
    cost: Any, upstream: Any, is_byok: bool | None, spent_in_all: str | None
):
    assert spent(cost, upstream, is_byok) == (None if spent_in_all is None else Decimal(spent_in_all))


@pytest.mark.parametrize("value", [None, True, "", "free", "nan", float("inf"), [], {}])
def test_what_is_no_number_is_unknown(value: Any):
    assert decimal(value) is None


@pytest.mark.parametrize("value", [0.1, "0.1"])
def test_numbers_are_exact(value: Any):
    assert decimal(value) == Decimal("0.1")


@pytest.mark.parametrize(
    "noisy, meant",
    [
        (0.1 + 0.2, "0.3"),
        (0.00043299999999999995, "0.000433"),
        (1234.5600000000002, "1234.56"),
        (0.000000000001, "1E-12"),
        ("0.10", "0.10"),
        (0, "0"),
        (9_999_999_999_999_998.0, "9999999999999998.0"),
    ],
)
def test_an_amount_has_no_noise_of_floating_point_numbers(noisy: Any, meant: str):
    assert str(amount(noisy)) == meant
    assert Usage.from_wire({"cost": noisy}).cost == Usage.from_wire({"cost": noisy}).charged == Decimal(meant)
    looked_up = Generation.from_wire({"data": {"id": "gen-1", "total_cost": noisy}})
    assert looked_up.cost == looked_up.charged == Decimal(meant)


def test_a_bill_and_a_fee_are_added_without_noise():
    assert str(spent(0.1 + 0.2, 0.00043299999999999995, True)) == "0.300433"
