"""Books: who is told of each request to a model, before it is sent and after it has ended. No I/O here."""

from collections.abc import Mapping
from typing import Any, Protocol

from orchat.events import ImageAdded, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from orchat.openrouter.request import Request
from orchat.reply import Reply
from orchat.usage import Usage
from orchat.wire import fields, words

WORDS = (TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, ImageAdded)
"""Events that are a part of the answer itself."""


class BlockingEntry(Protocol):
    """One request of a client without an event loop in the books. None of its methods may raise."""

    def begun(self, generation_id: str | None) -> None:
        """OpenRouter has begun to answer: from now on it can be asked what that cost."""
        ...

    def first_word(self) -> None:
        """The answer itself has begun."""
        ...

    def end(self, reply: Reply, error: BaseException | None) -> None:
        """It is over; `error` is why, where the answer is not whole."""
        ...


class Entry(Protocol):
    """One request in the books. None of its methods may raise, or wait for long."""

    def begun(self, generation_id: str | None) -> None:
        """OpenRouter has begun to answer: from now on it can be asked what that cost."""
        ...

    def first_word(self) -> None:
        """The answer itself has begun."""
        ...

    async def ended(self, reply: Reply, error: BaseException | None) -> None:
        """It is over; `error` is why, where the answer is not whole (a cancellation, too)."""
        ...


class Books(Protocol):
    """Keeps account of requests to models."""

    async def open(self, request: Request) -> Entry:
        """Take a request that is about to be sent; what this raises is raised in place of sending it."""
        ...

    def enter(self, request: Request) -> BlockingEntry:
        """As `open`, for a client that has no event loop."""
        ...


def whole_reply(body: Mapping[str, Any]) -> Reply:
    """Return what the books want to know of an answer that came in one piece: vectors, or a ranking."""
    reply = Reply(id=words(body.get("id")), model=words(body.get("model")), provider=words(body.get("provider")))
    reply.usage = Usage.from_wire(fields(body.get("usage")))
    return reply
