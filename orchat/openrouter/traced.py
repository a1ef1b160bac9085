"""Books that trace each request as well: its model, tokens and end, by OpenTelemetry's names, and nothing that it says.

Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from dataclasses import dataclass

from orchat.openrouter.books import Books, Entry
from orchat.openrouter.request import Request
from orchat.reply import Reply
from orchat.tracing import Span
from orchat.wire import words


@dataclass(frozen=True, slots=True)
class TracedBooks:
    """Passes everything on to other books."""

    books: Books

    async def open(self, request: Request) -> Entry:
        """Begin a span with the request."""
        operation = request.path.strip("/").partition("/")[0]
        asked = words((request.body or {}).get("model"))
        about = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": "openrouter",
            "gen_ai.request.model": asked,
        }
        span = Span(f"{operation} {asked or ''}".strip(), about, outgoing=True)
        try:
            return TracedEntry(await self.books.open(request), span)
        except BaseException as error:
            span.end(error)
            raise


@dataclass(frozen=True, slots=True)
class TracedEntry:
    """One request in the books, and its span."""

    entry: Entry
    span: Span

    def begun(self, generation_id: str | None) -> None:
        """Pass it on."""
        self.span.tell({"gen_ai.response.id": generation_id})
        self.entry.begun(generation_id)

    def first_word(self) -> None:
        """Pass it on."""
        self.entry.first_word()

    async def ended(self, reply: Reply, error: BaseException | None) -> None:
        """End the span, and pass it on."""
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
        await self.entry.ended(reply, error)
