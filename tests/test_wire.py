"""Nothing that arrives is trusted to have its shape."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.openrouter.account import Account
from orchat.openrouter.generation import Generation
from orchat.openrouter.models import Model
from orchat.reply import Reply
from orchat.usage import Usage, decimal

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=6,
)


def objects_with(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, anything))


@given(objects_with("name", "canonical_slug", "context_length", "pricing", "architecture", "supported_parameters"))
def test_a_catalogue_entry_of_any_shape_becomes_a_model(entry: dict[str, Any]):
    model = Model.from_wire({"id": "a/b", **entry})
    assert isinstance(model.name, str)
    assert model.context_length is None or model.context_length >= 0
    assert isinstance(model.free, bool)


@given(objects_with("limit_remaining", "limit_reset", "limit", "effective_budget", "free_model_daily_requests"))
def test_a_key_of_any_shape_becomes_an_account(data: dict[str, Any]):
    account = Account.from_wire({"data": data}, None)
    assert account.left is None or account.left.is_finite()
    assert isinstance(account.meaning, str)


@given(objects_with("prompt_tokens", "completion_tokens_details", "cost", "cost_details", "is_byok"))
def test_usage_of_any_shape_is_whole_numbers_and_money_or_unknown(usage: dict[str, Any]):
    read = Usage.from_wire(usage)
    assert read.prompt_tokens is None or read.prompt_tokens >= 0
    assert read.cost is None or read.cost.is_finite()


@given(anything)
def test_a_generation_of_any_shape_is_read(data: Any):
    assert isinstance(Generation.from_wire({"data": data}).id, str)


@pytest.mark.parametrize("amount", ["1E+9999999999999", "1E-9999999999999", "Infinity", "NaN", True, [], {}])
def test_an_impossible_amount_is_unknown(amount: Any):
    assert decimal(amount) is None


def test_a_possible_amount_is_exact():
    assert decimal(0.000087) == Decimal("0.000087")


def test_citations_and_pictures_of_another_shape_are_left_out():
    reply = Reply()
    pictures = ["x", {"image_url": "x"}, {"image_url": {"url": "data:image/png;base64,AA=="}}]
    delta = {"annotations": ["x", {"type": "url_citation", "url_citation": {"url": "https://a.b"}}], "images": pictures}
    reply.feed({"id": 5, "model": ["x"], "choices": [{"delta": delta, "finish_reason": {}}]})
    assert (reply.id, reply.model, reply.finish_reason) == (None, None, None)
    assert len(reply.annotations) == len(reply.images) == 1
