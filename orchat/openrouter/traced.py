"""Books that trace each request as well: its model, tokens and end, by OpenTelemetry's names, and nothing that it says.

Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from orchat.openrouter.books import BlockingEntry, Books, Entry
from orchat.openrouter.request import Request
from orchat.reply import Reply
from orchat.tracing import Span
from orchat.wire import words

AnyEntry = TypeVar("AnyEntry", Entry, BlockingEntry)


@dataclass(frozen=True, slots=True)
class TracedBooks:
    """Passes everything on to other books."""

    books: Books

    async def open(self, request: Request) -> Entry:
        """Begin a span with the request."""
        with _opened(request) as span:
            return TracedEntry(await self.books.open(request), span)

    def enter(self, request: Request) -> BlockingEntry:
        """As `open`, for a client that has no event loop."""
        with _opened(request) as span:
            return TracedBlockingEntry(self.books.enter(request), span)


@dataclass(frozen=True, slots=True)
class _Traced(Generic[AnyEntry]):
    entry: AnyEntry
    span: Span

    def begun(self, generation_id: str | None) -> None:
        """Pass it on."""
        self.span.tell({"gen_ai.response.id": generation_id})
        self.entry.begun(generation_id)

    def first_word(self) -> None:
        """Pass it on."""
        self.entry.first_word()

    def _over(self, reply: Reply, error: BaseException | None) -> None:
        usage = reply.usage
        self.span.tell(
            {
                "gen_ai.response.id": reply.id,
                "gen_ai.response.model": reply.model,
                "orchat.provider": reply.provider,
                "gen_ai.usage.input_tokens": usage.prompt_tokens if usage else None,
                "gen_ai.usage.output_tokens": usage.completion_tokens if usage else None,
                "orchat.cost_usd": float(usage.cost) if usage and usage.cost is not None else None,
            }
        )
        self.span.end(error)


class TracedEntry(_Traced[Entry]):
    """One request in the books, and its span."""

    async def ended(self, reply: Reply, error: BaseException | None) -> None:
        """End the span, and pass it on."""
        self._over(reply, error)
        await self.entry.ended(reply, error)


class TracedBlockingEntry(_Traced[BlockingEntry]):
    """One request of a client without an event loop in the books, and its span."""

    def end(self, reply: Reply, error: BaseException | None) -> None:
        """End the span, and pass it on."""
        self._over(reply, error)
        self.entry.end(reply, error)


@contextmanager
def _opened(request: Request) -> Iterator[Span]:
    """Begin a span; it ends here only if the request cannot be entered."""
    operation = request.path.strip("/").partition("/")[0]
    asked = words((request.body or {}).get("model"))
    about = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "openrouter",
        "gen_ai.request.model": asked,
    }
    span = Span(f"{operation} {asked or ''}".strip(), about, outgoing=True)
    try:
        yield span
    except BaseException as error:
        span.end(error)
        raise
