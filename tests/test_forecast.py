"""Forecasts: calibrated by what OpenRouter has counted, and honest about what nobody can know."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orchat.forecast import context_tokens, forecast
from orchat.openrouter import Model
from orchat.store import Message

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def said(role: Any, text: str, **known: Any) -> Message:
    wire = {"role": role, "content": text}
    return Message(
        id="m", conversation_id="c", parent_id=None, role=role, wire=wire, created_at=NOW, saved_at=NOW, **known
    )


def model(prompt: str = "0.000001", completion: str = "0.00001") -> Model:
    pricing = {"prompt": prompt, "completion": completion}
    return Model.from_wire({"id": "a/b", "pricing": pricing, "context_length": 200_000})


QUESTION = said("user", "x" * 384)
"""100 tokens with those of the message."""


def test_without_an_answer_everything_is_estimated():
    assert context_tokens([QUESTION]) == (100, False)
    assert context_tokens([]) == (0, False)


def test_what_openrouter_has_counted_is_taken_and_what_came_after_is_measured_by_it():
    answer = said("assistant", "y" * 50, prompt_tokens=150, completion_tokens=1000, reasoning_tokens=900)
    assert context_tokens([QUESTION, answer]) == (250, True)
    assert context_tokens([QUESTION, answer, QUESTION]) == (400, True)


def test_a_count_that_is_far_off_measures_something_else():
    answer = said("assistant", "y", prompt_tokens=90_000, completion_tokens=10)
    assert context_tokens([QUESTION, answer, QUESTION]) == (90_110, True)


def test_an_answer_that_failed_is_passed_over():
    counted = said("assistant", "y", prompt_tokens=100, completion_tokens=10)
    failed = said("assistant", "", state="failed")
    tokens, measured = context_tokens([QUESTION, counted, QUESTION, failed])
    assert measured
    assert tokens == pytest.approx(214, abs=2)


def test_a_price_is_that_of_reading_and_of_a_long_answer():
    ahead = forecast([QUESTION], "x" * 400, model())
    assert (ahead.tokens, ahead.window, ahead.answer) == (200, 200_000, 16_000)
    assert (ahead.reading, ahead.most) == (Decimal("0.0002"), Decimal("0.1602"))


@pytest.mark.parametrize("found", [None, model("-1", "-1")])
def test_an_unknown_price_is_unknown(found: Model | None):
    ahead = forecast([QUESTION], "", found)
    assert (ahead.reading, ahead.most) == (None, None)
    assert ahead.tokens == 100
