"""Estimates: about how many tokens a request has, and what it may cost at most. No I/O, and no tokenizer.

Tokenizers differ from model to model, and OpenRouter offers none. Counted are characters: four of ASCII are taken for a
token, as is one and a half of any other alphabet, and one of a script that writes words in single signs. For English
text that is right within a fifth or so, for code it is too little, for a picture or a file it is a guess.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

from orchat.budgets import Reservation
from orchat.openrouter.models import Model
from orchat.openrouter.request import Request
from orchat.usage import decimal, whole
from orchat.wire import base_id, fields, objects

ASCII_PER_TOKEN, OTHERS_PER_TOKEN = 4.0, 1.5
MESSAGE = 4
"""Tokens that a message takes beside its text."""
IMAGE = 1_500
BYTES_PER_TOKEN = {"file": 40, "input_audio": 500}
"""Of the base64 text of a part: a page of PDF has about 60 kB and 1,500 tokens, a second of speech 16 kB and 32."""
MOST_OF_A_PART = 100_000
ANSWER = 16_000
"""Tokens of an answer that money is reserved for where the request sets no limit: few are longer, most far shorter."""
SERVER_TOOL = Decimal("0.05")
"""US dollars that are reserved for each of OpenRouter's own tools: a search costs about two cents."""
GUESS, SMALL_GUESS = Decimal("0.25"), Decimal("0.01")
"""US dollars that are reserved where no price is known: for an answer, and for vectors or a ranking."""

_SIGNS = re.compile("[\u2e80-\U0010ffff]+")
"""Chinese, Japanese, Korean, and what comes after them."""


def tokens_in(text: str) -> int:
    """Return about how many tokens a text has."""
    if text.isascii():
        return ceil(len(text) / ASCII_PER_TOKEN)
    # Both without a loop over the characters: a long chat is counted each time its page is drawn.
    ascii_ = len(text.encode("ascii", "ignore"))
    signs = len(text) - len(_SIGNS.sub("", text))
    return ceil(ascii_ / ASCII_PER_TOKEN + signs + (len(text) - ascii_ - signs) / OTHERS_PER_TOKEN)


def tokens_of(messages: Iterable[Mapping[str, Any]]) -> int:
    """Return about how many tokens messages have as they are sent."""
    return sum(MESSAGE + sum(_parts(message)) for message in messages)


def tokens_of_file(medium: str, size: int) -> int:
    """Return about how many tokens a file of so many bytes has that goes with a message: a guess, save for text."""
    if medium == "image":
        return IMAGE
    if medium == "text":
        return min(int(size / ASCII_PER_TOKEN), MOST_OF_A_PART)
    # As base64 takes it, a third more.
    return min(size * 4 // 3 // BYTES_PER_TOKEN["input_audio" if medium == "audio" else "file"], MOST_OF_A_PART)


def _parts(message: Mapping[str, Any]) -> Iterable[int]:
    content = message.get("content")
    if isinstance(content, str):
        yield tokens_in(content)
    for part in objects(content):
        kind = str(part.get("type"))
        if isinstance(text := part.get("text"), str):
            yield tokens_in(text)
        elif kind in BYTES_PER_TOKEN:
            yield min(len(str(part.get(kind))) // BYTES_PER_TOKEN[kind], MOST_OF_A_PART)
        elif kind != "text":
            yield IMAGE
    for call in objects(message.get("tool_calls")):
        yield tokens_in(str(call.get("function")))


def cost_of_prompt(model: Model, tokens: int) -> Decimal | None:
    """Return what so many tokens cost a model to read, in US dollars; None where its price varies."""
    price = _price_at(model, "prompt", tokens)
    return None if price is None else price * tokens + _price_at_all(model, "request")


def cost_of_answer(model: Model, prompt_tokens: int = 0, body: Mapping[str, Any] | None = None) -> Decimal | None:
    """Return what a long answer costs, in US dollars; None where its price varies."""
    writing = _price_at(model, "completion", prompt_tokens)
    thinking = _price_at(model, "internal_reasoning", prompt_tokens) or Decimal(0)
    return None if writing is None else max(writing, thinking) * longest_answer(model, body)


def most(request: Request, models: Sequence[Model | None]) -> Reservation:
    """Return what a request may cost at most; `models` are those that may answer it, None for one that is not known."""
    body = request.body or {}
    if not request.path.endswith("/chat/completions"):
        return Reservation(SMALL_GUESS, known=False)
    tools = [tool for tool in objects(body.get("tools")) if tool.get("type", "function") != "function"]
    plugins = [plugin for plugin in objects(body.get("plugins")) if plugin.get("id") != "auto-router"]
    tokens = tokens_of(objects(body.get("messages"))) + tokens_in(str(body.get("tools") or ""))
    costs = [_most(body, model, tokens) if model is not None else None for model in models]
    known = [cost for cost in costs if cost is not None]
    beside = SERVER_TOOL * (len(tools) + len(plugins))
    if len(known) < len(costs) or not costs:
        return Reservation(max([GUESS, *known]) + beside, known=False)
    return Reservation(max(known) + beside)


def asked_models(request: Request) -> list[str]:
    """Return the models that a request names: the one that is asked first, and those that stand in for it."""
    body = request.body or {}
    return [base_id(str(name)) for name in (body.get("model"), *(body.get("models") or ())) if name]


def longest_answer(model: Model, body: Mapping[str, Any] | None = None) -> int:
    """Return for how many tokens of an answer money is reserved; what it may think is a part of them."""
    body = body or {}
    asked = whole(body.get("max_completion_tokens")) or whole(body.get("max_tokens"))
    thinking = whole(fields(body.get("reasoning")).get("max_tokens")) or 0
    if asked:
        return max(asked, thinking)
    usual = ANSWER + thinking
    return min(whole(fields(model.raw.get("top_provider")).get("max_completion_tokens")) or usual, usual)


def _most(body: Mapping[str, Any], model: Model, tokens: int) -> Decimal | None:
    reading, writing = cost_of_prompt(model, tokens), cost_of_answer(model, tokens, body)
    return None if reading is None or writing is None else reading + writing


def _price_at(model: Model, what: str, tokens: int) -> Decimal | None:
    """Return a price in US dollars; the highest where it depends on the time, or on a length that is reached."""
    pricing = fields(model.raw.get("pricing"))
    tiers = [
        tier for tier in objects(pricing.get("overrides")) if tokens >= (whole(tier.get("min_prompt_tokens")) or 0)
    ]
    prices = [decimal(tier.get(what)) for tier in (pricing, *tiers)]
    if prices[0] is None or prices[0] < 0:
        return None
    return max(price for price in prices if price is not None)


def _price_at_all(model: Model, what: str) -> Decimal:
    return _price_at(model, what, 0) or Decimal(0)
