"""What happens during a turn: plain values, in the order in which they happen."""

import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Waiting:
    """OpenRouter is at work and has nothing to say yet; `comment` is its keep-alive text."""

    comment: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """The turn waits until others have ended; `before` of them come first."""

    before: int


@dataclass(frozen=True, slots=True)
class Retrying:
    """The request failed before an answer began; it is sent again after `delay` seconds."""

    delay: float
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class Routed:
    """Known who answers: `model` is the concrete model, also where the auto-router or a fallback chose it."""

    model: str
    provider: str | None = None
    generation_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourcesFound:
    """Passages go to the model before the question (`Source` as JSON of each); none if nothing suits it."""

    sources: tuple[dict[str, Any], ...] = field(hash=False)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the reasoning, as text to show."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of the tool call at `position` (0-based) of the answer's tool calls; `arguments` is a piece of JSON text."""

    position: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class AnnotationAdded:
    """A citation or a parsed file, as on the wire; each url comes once."""

    annotation: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ImageAdded:
    """A generated image, as on the wire: `{"type": "image_url", "image_url": {"url": "data:..."}}`.

    A turn tells of it as of a file that it has kept (`orchat.media.kept`).
    """

    image: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """More of the model's refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The model has ended its answer: `reason` is OpenRouter's word (stop, length …), `native` the provider's."""

    reason: str
    native: str | None = None


@dataclass(frozen=True, slots=True)
class ModelAsked:
    """The agent asks the model, for the `step`th time in this turn (from 1)."""

    step: int


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The model's part of a step is complete; `cost` is US dollars, None when unknown."""

    cost: Decimal | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins to work on the call `call_id`; `at` is when, in seconds since the epoch."""

    call_id: str
    name: str
    title: str
    icon: str
    arguments: dict[str, Any] = field(hash=False)
    at: float = field(default_factory=time.time, compare=False)


@dataclass(frozen=True, slots=True)
class ToolProgressed:
    """What a tool says while it works; `fraction` is how far it is, from 0 to 1, None when it does not know."""

    call_id: str
    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """More of what a tool writes while it works, as text to show."""

    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolEnded:
    """A tool has ended. `status` is ok, error, denied, timeout or stopped; artifacts are references into the store.

    `reason` is why it failed, in a few words, where the content is more than that.
    """

    call_id: str
    status: str
    content: str
    artifacts: tuple[dict[str, Any], ...] = field(default=(), hash=False)
    duration_ms: int | None = None
    cost: Decimal | None = None
    """What the models that the tool has asked cost, in US dollars; None where it has asked none."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """The turn rests until a person has decided about these calls (`Call.to_json` of each)."""

    calls: tuple[dict[str, Any], ...] = field(hash=False)


Event = (
    Waiting
    | Queued
    | Retrying
    | Routed
    | SourcesFound
    | TextDelta
    | ReasoningDelta
    | ToolCallDelta
    | AnnotationAdded
    | ImageAdded
    | RefusalDelta
    | Finished
    | ModelAsked
    | StepEnded
    | ToolStarted
    | ToolProgressed
    | ToolOutput
    | ToolEnded
    | ApprovalNeeded
)
