"""From the bytes of an answer to events and a Reply: the one parser under every client. No I/O."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from orchat.errors import (
    EmptyReplyError,
    IdleTimeoutError,
    MalformedResponseError,
    OpenRouterError,
    StreamTruncatedError,
    UpstreamError,
)
from orchat.events import Event, ReasoningDelta, TextDelta, Waiting
from orchat.openrouter.failures import error_from, excerpt
from orchat.openrouter.sse import BOM, Comment, SSEDecoder
from orchat.reply import Reply

DONE = b"[DONE]"
LONGEST_ANSWER, LONGEST_WHOLE = 128 * 2**20, 32 * 2**20
"""Bytes of an answer at most: room for several generated images; and of one that comes in one piece, unasked."""
LONGEST_TEXT = 8 * 2**20
"""Characters of an answer and its reasoning at most: ten times what the longest of models write."""
MOST_COMMENTS = 100_000
"""Keep-alives of an answer at most: those of two days."""
WORDS = (TextDelta, ReasoningDelta)
WHITE_SPACE = b" \t\r\n"


class ReplyParser:
    """Takes the bytes of one response, whole completion or stream, and gives events; fills `reply`.

    Errors in the answer (an error chunk, HTTP 200 with an error body, a stream that breaks off, silence) are raised
    as typed errors that carry the partial reply, after the events of what came before them. `idle_timeout` (seconds)
    counts data and not comments; None waits for ever.
    """

    def __init__(
        self,
        *,
        json_body: bool = False,
        generation_id: str | None = None,
        idle_timeout: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reply = Reply(id=generation_id)
        self._decoder = SSEDecoder()
        self._whole: list[bytes] | None = [] if json_body else None
        self._received = self._written = self._comments = 0
        self._begun = False
        self._done = False
        self._idle_timeout = idle_timeout
        self._clock = clock
        self._last_data = clock()

    def feed(self, received: bytes) -> Iterator[Event]:
        """Take the next bytes; yield what they bring."""
        self._received += len(received)
        longest = LONGEST_ANSWER if self._whole is None else LONGEST_WHOLE
        if self._received > longest:
            raise self.failed(MalformedResponseError(f"The answer is longer than {longest // 2**20} MiB."))
        if not self._begun:
            self._begin(received)
        if self._whole is not None:
            self._whole.append(received)
        else:
            yield from self._take(self._decoder.feed(received))

    def close(self) -> Iterator[Event]:
        """Tell that the response has ended; yield the last events, or raise what is wrong with the answer."""
        if self._whole is not None:
            yield from self._take([b"".join(self._whole)])
        else:
            yield from self._take(self._decoder.close(), at_end=True)
        self._check_complete()

    def broke(self, error: OpenRouterError) -> Iterator[Event]:
        """Tell that the connection broke with `error`: fine after the end of an answer, else it is raised."""
        if not (self._done or self.reply.finish_reason):
            raise self.failed(error)
        yield from self.close()

    def failed(self, error: OpenRouterError) -> OpenRouterError:
        """Return `error` with what had arrived of the answer."""
        error.reply, error.partial_text = self.reply, self.reply.text
        error.generation_id = error.generation_id or self.reply.id
        return error

    def check_idle(self) -> None:
        """Raise IdleTimeoutError when there has been no data for longer than the idle timeout."""
        if self._idle_timeout is not None and self._clock() - self._last_data > self._idle_timeout:
            raise self.failed(self.silent())

    def silent(self) -> OpenRouterError:
        """Return the error for a model that says nothing any more."""
        return IdleTimeoutError(f"The model sent nothing for {self._idle_timeout or 0:.0f} s.")

    def _begin(self, received: bytes) -> None:
        # A gateway may answer with JSON or an HTML page whatever it calls it; no line of an event stream begins so.
        first = received.removeprefix(BOM).lstrip(WHITE_SPACE)[:1]
        self._begun = bool(first)
        if first and first in b"{[<" and self._whole is None:
            self._whole = []

    def _take(self, items: Sequence[bytes | Comment], *, at_end: bool = False) -> Iterator[Event]:
        data_came = False
        for item in items:
            if isinstance(item, Comment):
                self._comments += 1
                if self._comments > MOST_COMMENTS:
                    raise self.failed(MalformedResponseError("There is no end to the comments of the answer."))
                yield Waiting(item)
            elif item == DONE:
                self._done = True
            elif item and not item.isspace():
                yield from self._chunk(item, at_end=at_end)
                data_came = True
        if data_came:
            self._last_data = self._clock()
        elif items:
            self.check_idle()

    def _chunk(self, data: bytes, *, at_end: bool) -> Iterator[Event]:
        try:
            chunk = read_json(data)
            events = self.reply.feed(chunk)
            error = _error_in(chunk)
        except (ValueError, LookupError, TypeError, AttributeError) as broken:
            if at_end:
                return  # the connection closed in the middle of a chunk; _check_complete says so
            raise self._malformed(data) from broken
        for event in events:
            if isinstance(event, WORDS):
                self._written += len(event.text)
        if self._written > LONGEST_TEXT:
            raise self.failed(MalformedResponseError(f"The answer has more than {LONGEST_TEXT:,} characters."))
        yield from events
        if error:
            raise self.failed(error_from({**chunk, "error": error}, generation_id=self.reply.id))

    def _check_complete(self) -> None:
        reply = self.reply
        if reply.finish_reason == "error" or (reply.native_finish_reason == "network_error" and not reply.text):
            raise self.failed(UpstreamError("The provider broke off the answer.", code=reply.native_finish_reason))
        if not reply.has_answer and reply.finish_reason != "content_filter":
            raise self.failed(_empty(reply))
        if not (reply.finish_reason or self._done or self._whole is not None):
            raise self.failed(StreamTruncatedError("The connection closed before the answer was finished."))

    def _malformed(self, data: bytes) -> OpenRouterError:
        detail = excerpt(data.decode("utf-8", "replace"))
        return self.failed(MalformedResponseError("What arrived is not what OpenRouter sends.", detail=detail))


def read_json(data: bytes) -> Any:
    """Return a JSON value; what is no text in it (bad UTF-8, half a surrogate pair) becomes U+FFFD.

    Raises:
        ValueError: it is no JSON.
    """
    data = data.removeprefix(BOM)
    try:
        # Of short strings the reader would keep thousands, words of people's chats, as long as the process runs.
        return from_json(data, cache_strings="keys")
    except ValueError:
        pass
    try:
        # Half a surrogate pair would break whoever encodes the text later: the store, the page, the next request.
        text = json.dumps(json.loads(data.decode("utf-8", "replace")), ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _error_in(chunk: Mapping[str, Any]) -> Any:
    choices = chunk.get("choices")
    return chunk.get("error") or (choices[0].get("error") if choices else None)


def _empty(reply: Reply) -> OpenRouterError:
    if reply.finish_reason == "length":
        advice = "Its limit of tokens was used up before the first word, maybe by reasoning: allow more tokens."
        return EmptyReplyError("The model reached its limit before it wrote an answer.", advice=advice)
    if reply.usage and reply.usage.cost:
        return EmptyReplyError("The model sent no answer.", advice="Try again, or choose another model.")
    return EmptyReplyError("The model sent no answer.")
