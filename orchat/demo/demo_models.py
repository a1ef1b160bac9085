"""Models that behave badly (or just peculiarly) on purpose, so that a client can be tried against each case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from orchat.demo.models import Model
from orchat.demo.providers import PROVIDERS

Ending = Literal["finish", "error chunk", "comments only", "drop", "no finish", "error body"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an answer is delivered, in seconds and tokens per second; after `tokens` the ending comes early."""

    first_token: float = 0.3
    tokens_per_second: float = 80.0
    ending: Ending = "finish"
    tokens: int | None = None


_ROWS: tuple[tuple[str, str, str, Behaviour | None], ...] = (
    ("fast", "Fast", "Answers at 400 tokens a second.", Behaviour(first_token=0.05, tokens_per_second=400)),
    ("slow", "Slow", "Waits 3 s, then 5 tokens a second.", Behaviour(first_token=3, tokens_per_second=5)),
    ("long", "Long answer", "32,000 characters of Markdown, 100 tokens a second.", Behaviour(tokens_per_second=100)),
    (
        "script",
        "Script",
        "Does what the question says: `call TOOL {json}`, `say TEXT`, a line for each step.",
        Behaviour(first_token=0.05, tokens_per_second=400),
    ),
    ("byok", "Your own key", "Answers on a provider key of yours: OpenRouter takes a fee of 5 % only.", Behaviour()),
    ("out-of-credits", "Out of credits (402)", "Refuses as if the account were empty.", None),
    ("low-credits", "Low credits (402)", "Answers only if max_tokens is at most 200.", None),
    ("key-limit", "Key limit (403)", "Refuses as if the key's spending limit were reached.", None),
    ("rate-limited", "Rate limited (429)", "Refuses with Retry-After: 30.", None),
    ("flaky", "Flaky (429, then fine)", "Refuses the first attempt of each session_id with Retry-After: 1.", None),
    ("free-daily-limit", "Free daily limit (429)", "Refuses until midnight UTC, without Retry-After.", None),
    ("moderated", "Moderated (403)", "Refuses the prompt as if it were flagged as violence.", None),
    ("provider-error", "Provider error (502)", "Fails upstream; the cause is in metadata.raw.", None),
    ("overloaded", "Overloaded (503)", "Has no provider to spare.", None),
    ("error-in-200", "Error in 200", "HTTP 200 whose JSON body is an error.", Behaviour(ending="error body", tokens=0)),
    ("empty", "Empty answer", "Finishes without a word.", Behaviour(tokens=0)),
    ("mid-stream-error", "Mid-stream error", "Fails after some text.", Behaviour(ending="error chunk", tokens=24)),
    ("stalls", "Stalls", "Some text, then only comments for ever.", Behaviour(ending="comments only", tokens=24)),
    ("silent", "Silent", "Comments for ever, never any data.", Behaviour(first_token=float("inf"), tokens=0)),
    ("truncated", "Truncated", "The connection breaks in the middle.", Behaviour(ending="drop", tokens=24)),
    ("no-finish", "No finish", "Closes cleanly without a finish.", Behaviour(ending="no finish", tokens=24)),
)


def _model(slug: str, name: str, description: str) -> Model:
    return Model(
        id=f"demo/{slug}",
        name=f"Demo: {name}",
        canonical_slug=f"demo/{slug}-20260101",
        description=f"{description} A simulated model for trying out a client.",
        released=date(2026, 1, 1),
        context_length=128_000,
        max_output=16_384,
        prompt_price=Decimal("0.000001"),
        completion_price=Decimal("0.000002"),
        inputs="ti",
        outputs=("text",),
        tools=True,
        structured=True,
        reasoning=None,
        providers=(PROVIDERS["demo"],),
    )


DEMO_MODELS = tuple(_model(slug, name, description) for slug, name, description, _ in _ROWS)
BEHAVIOURS = {f"demo/{slug}": behaviour for slug, _, _, behaviour in _ROWS if behaviour}


def on_own_key(model: Model) -> bool:
    """Whether it answers on a provider key of the caller's own."""
    return model.id == "demo/byok"


def behaviour_of(model: Model) -> Behaviour:
    """How a model delivers: as the table says, or at its own natural speed."""
    return BEHAVIOURS.get(model.id) or Behaviour(tokens_per_second=model.tokens_per_second)
