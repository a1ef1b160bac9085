"""What every turn needs, direct or the agent's: the person's choices, their words kept, the clock, the cost."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchat.errors import BudgetReachedError, OpenRouterError, OrchatError
from orchat.events import Event, ReasoningDelta, TextDelta
from orchat.media.taking import Reading
from orchat.openrouter import AutoRouter, ProviderPreferences, Routing
from orchat.titles import first_words
from orchat.usage import whole
from orchat.wire import AUTO_MODEL, JSON

if TYPE_CHECKING:
    from orchat.store import Message, Store


SCHEMA = "schema"
"""The key in an answer's details: the JSON schema that it was asked to satisfy."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the person chose for an answer: the model or the auto-router, privacy, documents, request parameters."""

    model: str | None = None
    auto: bool = False
    zdr: bool = False
    documents: bool = False
    """Whether passages of the person's documents go before the question."""
    system_prompt: str = ""
    """What the model is told before everything else, its variables filled."""
    web: bool = False
    """Whether the model may search the web."""
    reading: Reading = Reading.HERE
    """Who reads the PDFs that go along."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schema: JSON | None = None
    """The JSON schema that the answer was asked to satisfy; how it is asked for is in the parameters."""
    auto_router: AutoRouter = field(default_factory=AutoRouter)
    fallbacks: tuple[str, ...] = ()
    """Models that are tried in this order when the one that is asked fails."""
    provider: ProviderPreferences = field(default_factory=ProviderPreferences)
    """Which providers may answer."""

    @property
    def asked(self) -> str | None:
        """The model id that is asked for."""
        return AUTO_MODEL if self.auto else self.model

    @property
    def routing(self) -> Routing:
        """The routing that these choices mean."""
        return Routing(
            auto=self.auto,
            zdr=self.zdr,
            fallbacks=self.fallbacks,
            auto_router=self.auto_router,
            provider=self.provider,
        )

    @property
    def details(self) -> JSON:
        """What is kept with the answer, beside the wire message."""
        return {SCHEMA: self.schema} if self.schema else {}


def say(
    store: Store,
    owner: str,
    conversation_id: str,
    text: str,
    parent_id: str | None,
    attached: Sequence[JSON] = (),
) -> Message:
    """Keep what a person says, before anything is sent anywhere; the first words become the title for now.

    `attached` are the files that come with it: the model reads their names below the text.
    """
    wire = {"role": "user", "content": asked_with(text, attached)}
    details = {"said": text, "attached": list(attached)} if attached else None
    question = store.add_message(owner, conversation_id, role="user", wire=wire, parent_id=parent_id, details=details)
    conversation = store.conversation(owner, conversation_id)
    if conversation.deleted_at is not None:
        # Deleted in another tab: whoever writes into it wants to keep it.
        store.restore(owner, conversation_id)
    if conversation.archived_at is not None:
        store.set_archived(owner, conversation_id, archived=False)
    if conversation.title_source == "":
        store.rename(owner, conversation_id, first_words(text or str(attached[0]["name"])), source="words")
    return question


def asked_with(text: str, attached: Sequence[JSON]) -> str:
    """Return what a person says with the names of the files below it, as the model reads it."""
    return "\n\n".join(filter(None, [text, _named(attached)]))


def _named(attached: Sequence[JSON]) -> str:
    """Name files for the model. The names are a person's: quoted, they stand apart from what orchat says."""
    sizes = ((json.dumps(file["name"], ensure_ascii=False), whole(file.get("size")) or 0) for file in attached)
    files = ", ".join(f"{name} ({size:,} bytes)" for name, size in sizes)
    return f"[Files attached to this message: {files}]" if files else ""


def describe(error: OrchatError) -> JSON:
    """Return an error as it is kept with a message: enough to show its card again."""
    kept: JSON = {
        "kind": type(error).__name__,
        "message": error.message,
        "advice": error.advice,
        "actions": [str(action) for action in error.actions],
    }
    if isinstance(error, BudgetReachedError):
        kept["budget"] = dict(error.budget or {})
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
