"""Numbers and names as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from orchat.openrouter.models import MILLION

if TYPE_CHECKING:
    from orchat.events import Queued
    from orchat.openrouter import Catalogue, Model
    from orchat.store import Message

# Only characters that Markdown and Streamlit give no meaning where they stand.
_HOST = r"[^\W_](?:[^\W_]|[-.])*(?::\d+)?"
_PATH = r"(?:[/?#](?:[^\W_]|[-./?#%&=+@,]|(?<=\w)_(?=\w))*?)?"
_ADDRESS = rf"(?<!\S)https?://{_HOST}{_PATH}(?=[.,:]*(?:\s|$))"
_SIGNS = r"[\\`*_\[\]<>$~|:#!&{}]"
_BEGINS_BLOCK = r"^\s*(?:\d{1,9}(?=[.)](?:\s|$))|(?=[-+=]))"
"""What would begin a list or a rule, up to the sign that makes it one."""


def plain(text: str) -> str:
    """Return text that is drawn as it stands wherever Streamlit reads Markdown; web addresses in it stay links.

    Titles, names and error messages come from models and servers, and even a button's label draws images and links.
    """
    kept = re.sub(f"({_ADDRESS})|({_SIGNS})", lambda found: found[1] or f"\\{found[2]}", text)
    return re.sub(_BEGINS_BLOCK, r"\g<0>\\", re.sub(r"\s+", " ", kept))


def money(amount: Decimal) -> str:
    """Return US dollars: cents from one cent on, two significant digits below."""
    sign, amount = ("−" if amount < 0 else ""), abs(amount)
    if amount == 0 or amount >= Decimal("0.00995"):
        return f"{sign}${amount:.2f}"
    amount = Context(prec=2).plus(amount)
    return f"{sign}${amount:.{1 - amount.adjusted()}f}"


def count(number: int) -> str:
    """Return a large number shortened: 950, 8.2k, 128k, 1M."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        # Five hundredths of a percent below, it would be rounded up to 1000 of the next smaller unit.
        if number >= size - size // 2000:
            short = number / size
            return f"{short:.1f}".removesuffix(".0") + letter if short < 10 else f"{short:.0f}{letter}"
    return str(number)


def size(count: float) -> str:
    """Return a number of bytes: 950 bytes, 8.2 kB, 12.0 MB."""
    if count < 1000:
        return f"{count:.0f} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def per_million(price: Decimal | None) -> str:
    """Return a price per token as one per million tokens, without its unit."""
    return "varies" if price is None else f"${(price * MILLION).normalize():f}"


def price(model: Model) -> str:
    """Return what a model costs, prompt and completion, in USD per million tokens."""
    if model.free:
        return "free"
    if model.prompt_price is None:
        return "price varies"
    return f"{per_million(model.prompt_price)}/{per_million(model.completion_price)}"


@lru_cache(maxsize=8)
def model_labels(catalogue: Catalogue) -> Mapping[str, str]:
    """Return the line that the model picker shows, and searches, for each model id."""
    # Read-only: all visitors share it.
    return MappingProxyType({model.id: _label(model, catalogue.supports_zdr(model)) for model in catalogue.models})


def _label(model: Model, zdr: bool) -> str:
    context = count(model.context_length) if model.context_length else ""
    # The maker comes last: it is there to be searched for, and the first to go where the line is too long.
    parts = (model.short_name, price(model), context, model.maker)
    return ("🛡️ " if zdr else "") + " · ".join(part for part in parts if part)


def quiet_line(message: Message, catalogue: Catalogue) -> str:
    """Return the line under an answer, as Markdown: who answered, tokens, cost, time, and whether ZDR was asked for."""
    tokens = message.completion_tokens
    parts = (
        _ending(message),
        plain(catalogue.name_of(message.model_answered)) if message.model_answered else "",
        "via auto-router" if message.auto and message.model_answered else "",
        plain(message.provider or ""),
        f"{_prompt(message)}{count(tokens)} tokens" if tokens is not None else "",
        plain(cost(message)),
        "paid for in the chat that it is copied from" if message.copied_from else "",
        f"first token after {message.first_token_ms / 1000:.1f} s" if message.first_token_ms is not None else "",
        "🛡️ ZDR" if message.zdr else "",
        "simulated" if message.simulated else "",
    )
    return " · ".join(part for part in parts if part)


def quiet_lines(parts: Sequence[Message], catalogue: Catalogue, *, go_on: bool = False) -> list[str]:
    """Return the quiet lines of an answer: of its beginning, and of each part that continues it.

    `go_on`: another part is on its way. Why a part failed is said here, but for the end, which has a card.
    """
    lines = list[str]()
    for message in parts:
        failed = ""
        if message.error and (go_on or message is not parts[-1]):
            failed = f"**Failed**: {plain(message.error['message'])}"
        lines.append(" · ".join(filter(None, ["Continued" if lines else "", failed, quiet_line(message, catalogue)])))
    return lines


def in_lines(lines: Iterable[str]) -> str:
    """Return lines of Markdown as one paragraph with a line for each."""
    return "  \n".join(lines)


def cost(message: Message) -> str:
    """Return what an answer cost; unknown is said, never taken for nothing."""
    if message.cost is not None:
        return money(message.cost)
    return "" if message.state in ("streaming", "failed") else "cost unknown"


def _prompt(message: Message) -> str:
    return "" if message.prompt_tokens is None else f"{count(message.prompt_tokens)} → "


def _ending(message: Message) -> str:
    if message.state == "stopped":
        return "**Stopped**"
    if message.state == "cut_off":
        return "**Cut off** when orchat was interrupted"
    if message.finish_reason == "length":
        return "**Cut** at the token limit"
    if message.finish_reason == "content_filter":
        return "**Withheld** by the provider's filter"
    return ""


def seconds(milliseconds: int) -> str:
    """Return a duration: “1 second”, “12 seconds”."""
    whole = max(1, round(milliseconds / 1000))
    return f"{whole} second" if whole == 1 else f"{whole} seconds"


def age_groups(moments: Iterable[datetime], now: datetime) -> list[str]:
    """Return the heading under which each moment is listed: Today, This week, Older. `now` sets the time zone."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    week = midnight - timedelta(days=6)
    return ["Today" if moment >= midnight else "This week" if moment >= week else "Older" for moment in moments]


def queued(event: Queued) -> str:
    """Return what one who waits for their turn reads."""
    if not event.before:
        return "Waiting for a free place: you are next…"
    others = "answer comes" if event.before == 1 else "answers come"
    return f"Waiting for a free place: {event.before} {others} before yours…"
