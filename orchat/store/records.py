"""What the store gives out: plain values, detached from the database.

Times are timezone-aware UTC, money is exact US dollars, durations are milliseconds. None means unknown, never zero.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, TypedDict

from orchat.wire import objects, words

Kind: TypeAlias = Literal["chat", "agent"]
TitleSource: TypeAlias = Literal["", "words", "model", "user"]
Role: TypeAlias = Literal["user", "assistant", "system", "tool"]
State: TypeAlias = Literal["done", "streaming", "stopped", "failed", "cut_off", "waiting"]
"""`waiting`: the agent's, whose tool calls wait for a person's approval."""
CONTINUES: Final = "continues"
"""Where the details of an instruction to go on name the answer that was cut."""
THREAD: Final = "thread"
"""Where the details of a message that waits name the checkpoint that goes on when a person has decided."""
LEARNED = ("cost", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens")
"""What of an answer may become known only after it has ended."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tree of messages that belongs to one owner."""

    id: str
    owner: str
    created_at: datetime
    updated_at: datetime
    """When the last message was added."""
    title: str = ""
    title_source: TitleSource = ""
    """Who worded the title: nobody yet, the first words of the chat, a model, or the user."""
    kind: Kind = "chat"
    deleted_at: datetime | None = None
    leaf_id: str | None = None
    """The message at the end of the branch that is shown."""
    settings: dict[str, Any] = field(default_factory=dict)
    pinned_at: datetime | None = None
    """Since when it stands at the head of the list."""
    archived_at: datetime | None = None
    """Since when it is put away."""


class MessageFields(TypedDict, total=False):
    """What is known of a message beyond its role, its content and its place in the tree."""

    state: State
    model_asked: str | None
    model_answered: str | None
    provider: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    cost: Decimal | None
    finish_reason: str | None
    native_finish_reason: str | None
    generation_id: str | None
    auto: bool
    zdr: bool
    simulated: bool
    error: dict[str, Any] | None
    first_token_ms: int | None
    reasoning_ms: int | None
    duration_ms: int | None
    details: dict[str, Any] | None
    copied_from: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: the wire message, who answered, and what that cost."""

    id: str
    conversation_id: str
    parent_id: str | None
    """The message that this one follows; messages with the same parent are alternatives to each other."""
    role: Role
    wire: dict[str, Any]
    """The message as it is sent to OpenRouter again: role, content, reasoning_details, tool_calls, annotations."""
    created_at: datetime
    saved_at: datetime
    state: State = "done"
    model_asked: str | None = None
    model_answered: str | None = None
    provider: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost: Decimal | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    generation_id: str | None = None
    auto: bool = False
    """Whether the auto-router was asked to choose the model."""
    zdr: bool = False
    """Whether zero data retention was asked for."""
    simulated: bool = False
    """Whether the embedded OpenRouter answered, and not the real one."""
    error: dict[str, Any] | None = None
    """Why it failed: code, message, advice, details."""
    first_token_ms: int | None = None
    reasoning_ms: int | None = None
    duration_ms: int | None = None
    details: dict[str, Any] | None = None
    """What the agent knows of it beside the wire message: a tool's title and artifacts, calls that wait."""
    copied_from: str | None = None
    """The message of another conversation that this is a copy of: it was paid for there, and only once."""

    @property
    def is_instruction(self) -> bool:
        """Whether orchat says it to the model, to go on with a cut answer: nobody is shown it."""
        return self.role == "user" and CONTINUES in (self.details or {})

    @property
    def text(self) -> str:
        """The text of the content; parts that are not text are left out."""
        content = self.wire.get("content")
        if isinstance(content, str):
            return content
        # Imported messages hold what others wrote.
        texts = (words(part.get("text")) for part in objects(content) if part.get("type") == "text")
        return "\n".join(text for text in texts if text is not None)


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept with a conversation; its bytes are found by their SHA-256."""

    sha256: str
    name: str
    mime: str
    kind: str
    """How it is shown: image, table, chart, file, html or text."""
    size: int
    """Bytes."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Preset:
    """Choices under a name: a model, a system prompt, parameters, tools, toggles."""

    id: str
    owner: str
    name: str
    icon: str
    """An emoji, or nothing."""
    shared: bool
    """Whether everybody may use it."""
    content: dict[str, Any]
    """The choices, as they stand in the settings of a chat."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has been here."""

    owner: str
    name: str
    email: str
    role: str
    first_seen: datetime
    last_seen: datetime
    blocked: bool


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that an operator has changed on a page: who, when, from what to what.

    `old` and `new` are objects with the value under `value`; None where the environment's holds.
    """

    number: int
    at: datetime
    actor: str
    name: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to whom."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
