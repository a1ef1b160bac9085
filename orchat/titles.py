"""Titles of chats: the first words at once, better ones from a cheap call under the same privacy settings."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from orchat.errors import BudgetReachedError, OpenRouterError
from orchat.openrouter import Routing
from orchat.reply import Reply
from orchat.temporary import is_temporary
from orchat.wire import AUTO_MODEL

if TYPE_CHECKING:
    from orchat.openrouter import AsyncOpenRouterClient
    from orchat.store import Message, Store

LENGTH = 60
EXCERPT = 1500
TITLE_WITHIN = 60.0
MAX_TOKENS = 400
"""Room for a model that reasons before it writes: with less its title comes out empty."""
INSTRUCTION = (
    "You word titles. Answer with a title of two to six words for the conversation that the user shows you, "
    "in its language, without quotation marks, full stop or explanation."
)


def first_words(text: str) -> str:
    """Return the beginning of a text as a title, cut between words."""
    line = re.sub(r"\s+", " ", re.sub(r"[#*_`>]+", " ", text)).strip()
    if len(line) <= LENGTH:
        return line or "New chat"
    return line[:LENGTH].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


async def title_first_exchange(
    store: Store, client: AsyncOpenRouterClient, owner: str, exchange: Sequence[Message], model: str, routing: Routing
) -> None:
    """Let `model` word the title of a chat after its first question and answer, unless a person has named it.

    `routing` is that of the answer: what it says of privacy, and of models that may be chosen, goes for the title too.
    """
    if len(exchange) != 2 or not exchange[-1].text or is_temporary(exchange[0].conversation_id):
        return
    chat = await asyncio.to_thread(store.conversation, owner, exchange[0].conversation_id)
    if chat.title_source != "words" or chat.deleted_at is not None:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(TITLE_WITHIN):
            await word_title(store, client, owner, exchange, model, routing)


async def word_title(
    store: Store, client: AsyncOpenRouterClient, owner: str, exchange: Sequence[Message], model: str, routing: Routing
) -> None:
    """Let `model` word the title of a chat from its first exchange; where it fails the first words stay."""
    auto = model == AUTO_MODEL
    allowed = routing.auto_router.allowed_models or client.config.rules().allowed_models
    # A tier is a band of prices: of a few models that are allowed perhaps none is in it.
    limits = replace(routing.auto_router, cost_tier=None if allowed else "low")
    routing = Routing(auto=auto, zdr=routing.zdr, auto_router=limits, provider=routing.provider.excluding)
    shown = "\n\n".join(f"{message.role}: {message.text[:EXCERPT]}" for message in exchange)
    conversation = exchange[0].conversation_id
    messages = [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": shown}]
    reply: Reply | None
    try:
        reply = await client.complete(messages, model=None if auto else model, routing=routing, max_tokens=MAX_TOKENS)
    except OpenRouterError as error:
        reply = error.reply
    except BudgetReachedError:
        return
    if reply is not None and (title := tidy(reply.text)):
        await asyncio.to_thread(store.rename, owner, conversation, title, source="model")


def tidy(text: str) -> str:
    """Return a model's title without quotation marks, labels, Markdown and overlength."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    line = re.sub(r"^\s*(title|titel|titre)\s*:\s*", "", line, flags=re.IGNORECASE)
    line = line.strip(" \t#*_`\"'“”„«».,;:")
    return first_words(line) if line else ""
