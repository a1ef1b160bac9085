"""Chat: the direct turn, one question and its streamed answer, kept in the store."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from orchat.errors import OpenRouterError, OrchatError
from orchat.events import Event, ReasoningDelta, TextDelta
from orchat.openrouter import AsyncOpenRouterClient, Generation, Routing
from orchat.openrouter.history import sendable
from orchat.reply import Reply
from orchat.store import Message, State, Store
from orchat.titles import first_words, word_title
from orchat.usage import Usage
from orchat.wire import AUTO_MODEL, JSON

TITLE_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What the person chose for an answer: the model or the auto-router, privacy, and request parameters."""

    model: str | None = None
    auto: bool = False
    zdr: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asked(self) -> str | None:
        """The model id that is asked for."""
        return AUTO_MODEL if self.auto else self.model

    @property
    def routing(self) -> Routing:
        """The routing that these choices mean."""
        return Routing(auto=self.auto, zdr=self.zdr)


def say(store: Store, owner: str, conversation_id: str, text: str, parent_id: str | None) -> Message:
    """Keep what a person says, before anything is sent anywhere; the first words become the title for now."""
    wire = {"role": "user", "content": text}
    question = store.add_message(owner, conversation_id, role="user", wire=wire, parent_id=parent_id)
    conversation = store.conversation(owner, conversation_id)
    if conversation.deleted_at is not None:
        # Deleted in another tab: whoever writes into it wants to keep it.
        store.restore(owner, conversation_id)
    if conversation.title_source == "":
        store.rename(owner, conversation_id, first_words(text), source="words")
    return question


class ChatTurn:
    """The answer to a question: asked, followed, saved, settled."""

    def __init__(
        self,
        store: Store,
        client: AsyncOpenRouterClient,
        owner: str,
        question: Message,
        ask: Ask,
        *,
        simulated: bool = False,
        title_model: str | None = None,
    ) -> None:
        """Put an empty answer below `question`; `title_model` words the chat's title (None: leave it)."""
        self.owner = owner
        self.conversation_id = question.conversation_id
        self._store = store
        self._client = client
        self._ask = ask
        self._title_model = title_model
        self._branch = store.branch(owner, question.conversation_id, question.id)
        self.message = store.add_message(
            owner,
            question.conversation_id,
            role="assistant",
            wire={"role": "assistant", "content": ""},
            parent_id=question.id,
            state="streaming",
            model_asked=ask.asked,
            auto=ask.auto,
            zdr=ask.zdr,
            simulated=simulated,
        )
        self.message_id = self.message.id
        self.reply = Reply()
        self._clock = Stopwatch()

    async def events(self) -> AsyncGenerator[Event]:
        """Send the conversation up to the question and yield what happens."""
        history = ((message.wire, message.model_answered) for message in self._branch)
        stream = self._client.stream(
            sendable(history, self._ask.asked),
            model=self._ask.model,
            routing=self._ask.routing,
            session_id=self.conversation_id,
            **self._ask.parameters,
        )
        self._clock = Stopwatch()
        async with aclosing(stream):
            async for event in stream:
                self.reply = stream.reply
                self._clock.note(event)
                yield event

    def save(self, state: State, error: OrchatError | None) -> None:
        """Save the answer as far as it has come."""
        if state != "streaming":
            self._clock.end()
        reply, usage = self.reply, self.reply.usage or Usage()
        kept = replace(
            self.message,
            state=state,
            wire=dict(reply.message()),
            model_answered=reply.model,
            provider=reply.provider,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            cached_tokens=usage.cached_tokens,
            cost=usage.cost,
            finish_reason=reply.finish_reason,
            native_finish_reason=reply.native_finish_reason,
            generation_id=reply.id,
            error=describe(error) if error else None,
            first_token_ms=self._clock.first_token_ms,
            reasoning_ms=self._clock.reasoning_ms,
            duration_ms=self._clock.duration_ms,
        )
        self.message = self._store.save_message(self.owner, kept)

    async def settle(self) -> None:
        """Look the cost up when none came (stopped, failed), and word the title of a new chat."""
        if self.message.generation_id and self.message.cost is None:
            await look_up_cost(self._store, self._client, self.owner, self.message)
        wanted = await asyncio.to_thread(self._wants_title)
        if self._title_model and wanted:
            exchange = [*self._branch, self.message]
            with suppress(TimeoutError):
                async with asyncio.timeout(TITLE_WITHIN):
                    await word_title(self._store, self._client, self.owner, exchange, self._title_model, self._ask.zdr)

    def _wants_title(self) -> bool:
        """Whether this was the first exchange of a chat that nobody has named yet, and nobody has deleted."""
        chat = self._store.conversation(self.owner, self.conversation_id)
        first = len(self._branch) == 1 and bool(self.message.text)
        return first and chat.title_source == "words" and chat.deleted_at is None


async def look_up_cost(store: Store, client: AsyncOpenRouterClient, owner: str, message: Message) -> None:
    """Ask OpenRouter's books what an answer cost that came without usage; unknown stays unknown."""
    try:
        found: Generation = await client.generation(message.generation_id or "")
    except OpenRouterError:
        return
    settled = replace(
        message,
        cost=found.cost,
        prompt_tokens=found.prompt_tokens,
        completion_tokens=found.completion_tokens,
        reasoning_tokens=found.reasoning_tokens,
        cached_tokens=found.cached_tokens,
        provider=message.provider or found.provider,
    )
    await asyncio.to_thread(store.save_message, owner, settled)


def describe(error: OrchatError) -> JSON:
    """Return an error as it is kept with a message: enough to show its card again."""
    kept: JSON = {
        "kind": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
        "actions": [str(action) for action in error.actions],
    }
    if isinstance(error, OpenRouterError):
        details = ("status", "code", "provider", "detail", "retry_after", "generation_id")
        kept |= {name: value for name in details if (value := getattr(error, name)) is not None}
    return kept


class Stopwatch:
    """The times of an answer, in milliseconds: to the first token, of the reasoning, of the whole."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._reasoning_began: float | None = None
        self.first_token_ms: int | None = None
        self.reasoning_ms: int | None = None
        self.duration_ms: int | None = None

    def note(self, event: Event) -> None:
        """Take an event at the time when it happens."""
        if isinstance(event, TextDelta | ReasoningDelta) and self.first_token_ms is None:
            self.first_token_ms = self._since(self._started)
        if isinstance(event, ReasoningDelta) and self._reasoning_began is None:
            self._reasoning_began = time.monotonic()
        elif isinstance(event, TextDelta) and self._reasoning_began is not None and self.reasoning_ms is None:
            self.reasoning_ms = self._since(self._reasoning_began)

    def end(self) -> None:
        """Take the end of the answer."""
        self.duration_ms = self._since(self._started)
        if self._reasoning_began is not None and self.reasoning_ms is None:
            self.reasoning_ms = self._since(self._reasoning_began)

    @staticmethod
    def _since(moment: float) -> int:
        return round((time.monotonic() - moment) * 1000)
