"""Chat: the direct turn, one question and its streamed answer, kept in the store."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from orchat import continuing
from orchat.errors import OrchatError
from orchat.events import Event, ImageAdded, SourcesFound
from orchat.ledger import Judge, Ledger, Listed, Prices
from orchat.media.kept import Kept
from orchat.media.sending import Sending
from orchat.media.taking import Takes
from orchat.openrouter import AsyncOpenRouterClient, AsyncReplyStream
from orchat.openrouter.history import sendable
from orchat.reply import Reply
from orchat.sources import USED, Documents, Source, put_before, to_json
from orchat.store import Message, State, Store
from orchat.titles import title_first_exchange
from orchat.turn import Ask, Stopwatch, describe
from orchat.usage import Usage


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
        listed: Listed | None = None,
        prices: Prices | None = None,
        personal_key: bool = False,
        judge: Judge | None = None,
        documents: Documents | None = None,
        takes: Takes | None = None,
    ) -> None:
        """Put an empty answer below `question`; `title_model` words the chat's title (None: leave it).

        Of `documents`, the passages that suit the question go before it. Of the branch's files, those go along that the
        model `takes`; by default all of them.
        """
        self.owner = owner
        self.conversation_id = question.conversation_id
        self._store = store
        self._client = client
        self._ask = ask
        self._title_model = title_model
        self._documents = documents
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
            details=ask.details or None,
        )
        self.message_id = self.message.id
        books = Ledger(store, owner, self.conversation_id, self.message_id, simulated=simulated, listed=listed)
        self._ledger = replace(books, prices=prices, personal_key=personal_key, judge=judge)
        self._sending = Sending(takes or Takes(), ask.reading, ask.web)
        self._kept = Kept(store, owner, question.conversation_id)
        self._stream: AsyncReplyStream | None = None
        self._clock = Stopwatch()

    async def events(self) -> AsyncGenerator[Event]:
        """Send the conversation up to the question and yield what happens."""
        sent = await asyncio.to_thread(self._sending.messages, self._branch, self._file)
        history = continuing.history(self._branch, sent, self._ask.asked, self._ask.parameters)
        found: Sequence[Source] | None = continuing.sources_again(self._branch) or None
        if self._documents is not None and not continuing.goes_on(self._branch):
            found = await asyncio.to_thread(self._documents.suiting, self._branch[-1].text)
            # In the request only: what is kept of them is with the answer that may cite them.
            history[-1] = put_before(history[-1][0], found), None
        if found is not None:
            self.message = replace(self.message, details={**self._ask.details, USED: to_json(found)})
            yield SourcesFound(tuple(to_json(found)))
        told = [{"role": "system", "content": self._ask.system_prompt}] if self._ask.system_prompt else []
        messages = [*told, *sendable(history, self._ask.asked)]
        stream = self._stream = self._ledger.counted(self._client).stream(
            messages,
            model=self._ask.model,
            routing=self._ask.routing,
            session_id=self.conversation_id,
            **self._sending.parameters(self._ask.parameters, messages),
        )
        self._clock = Stopwatch()
        async with aclosing(stream):
            async for event in stream:
                self._clock.note(event)
                if isinstance(event, ImageAdded):
                    event = ImageAdded(await asyncio.to_thread(self._kept.image, event.image))  # noqa: PLW2901
                yield event

    def _file(self, sha256: str) -> bytes:
        return self._store.file_data(self.owner, sha256)

    @property
    def reply(self) -> Reply:
        """The answer as far as it has come."""
        return self._stream.reply if self._stream else Reply()

    def save(self, state: State, error: OrchatError | None) -> None:
        """Save the answer as far as it has come."""
        if state != "streaming":
            self._clock.end()
        reply, usage = self.reply, self.reply.usage or Usage()
        kept = replace(
            self.message,
            state=state,
            wire=self._kept.put_away(reply.message()),
            model_answered=reply.model,
            provider=reply.provider,
            **usage.known(),
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
        await self._ledger.settle(self._client)
        if self._title_model:
            exchange = [*self._branch, self.message]
            books = self._ledger.of("title")
            await title_first_exchange(
                self._store, books.counted(self._client), self.owner, exchange, self._title_model, self._ask.routing
            )
            await books.settle(self._client)
