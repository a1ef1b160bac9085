"""Reply: an answer while it arrives, chunk by chunk, until it is one wire message."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from orchat.events import (
    AnnotationAdded,
    Event,
    Finished,
    ImageAdded,
    ReasoningDelta,
    RefusalDelta,
    Routed,
    TextDelta,
    ToolCallDelta,
)
from orchat.fragments import ReasoningDetails, TextPieces, ToolCalls, merge_unknown
from orchat.usage import Usage
from orchat.wire import AUTO_MODEL, JSON, Message, fields, objects, words

CHUNK_KEYS = frozenset(
    {"id", "object", "created", "model", "provider", "system_fingerprint", "choices", "usage", "error"}
)
CHOICE_KEYS = frozenset({"index", "delta", "message", "finish_reason", "native_finish_reason", "logprobs", "error"})
TEXT_KEYS = frozenset({"role", "content"})
DELTA_KEYS = TEXT_KEYS | {"reasoning", "reasoning_details", "tool_calls", "annotations", "images", "refusal"}


@dataclass
class Reply:
    """An answer while it arrives.

    `feed` takes chunks (or one whole completion) and returns what happened; at any moment `message()` is the wire
    message as far as it has come. `model` is the concrete model that answers (often a dated slug), None while it is
    unknown.
    """

    id: str | None = None
    model: str | None = None
    provider: str | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    usage: Usage | None = None
    annotations: list[JSON] = field(default_factory=list)
    images: list[JSON] = field(default_factory=list)
    extra: JSON = field(default_factory=dict)
    """Chunk fields unknown to orchat (`openrouter_metadata`, `service_tier`, …), the latest value of each; of a
    choice's (`logprobs`) the pieces are joined."""
    message_extra: JSON = field(default_factory=dict)
    """Message fields unknown to orchat, pieces joined."""
    _text: TextPieces = field(default_factory=TextPieces)
    _reasoning: TextPieces = field(default_factory=TextPieces)
    _refusal: TextPieces = field(default_factory=TextPieces)
    _details: ReasoningDetails = field(default_factory=ReasoningDetails)
    _calls: ToolCalls = field(default_factory=ToolCalls)

    @property
    def text(self) -> str:
        """The answer so far."""
        return str(self._text)

    @property
    def reasoning(self) -> str:
        """The reasoning so far, as text to show."""
        return str(self._reasoning)

    @property
    def refusal(self) -> str:
        """The refusal so far."""
        return str(self._refusal)

    @property
    def has_answer(self) -> bool:
        """Whether anything a person or a program could use has arrived."""
        parts = (self._text, self._reasoning, self._refusal, self._calls.calls, self.images)
        return any(parts) or any(self.message_extra.values())

    def feed(self, chunk: Mapping[str, Any]) -> list[Event]:
        """Take one chunk of a stream, or a whole completion, and return what it brought."""
        events: list[Event] = []
        if self.id is None or chunk.get("model") != self.model or chunk.get("provider") != self.provider:
            self._take_origin(chunk, events)
        if choices := chunk.get("choices"):
            self._take_choice(choices[0], events)
        if usage := chunk.get("usage"):
            self.usage = Usage.from_wire(usage)
        if not CHUNK_KEYS.issuperset(chunk):
            self.extra.update((key, value) for key, value in chunk.items() if key not in CHUNK_KEYS)
        return events

    def _take_origin(self, chunk: Mapping[str, Any], events: list[Event]) -> None:
        model, provider = words(chunk.get("model")), words(chunk.get("provider"))
        if self.id is None:
            self.id = words(chunk.get("id"))
        if model == AUTO_MODEL:
            model = None
        if (model and model != self.model) or (provider and provider != self.provider):
            self.model, self.provider = model or self.model, provider or self.provider
            if self.model:
                events.append(Routed(self.model, self.provider, self.id))

    def _take_choice(self, choice: Mapping[str, Any], events: list[Event]) -> None:
        if delta := choice.get("delta") or choice.get("message"):
            # Most chunks bring text and nothing else; citations and reasoning come before the text they lead to.
            if not TEXT_KEYS.issuperset(delta):
                self._take_lead(delta, events)
            for text in _texts(delta.get("content")):
                self._text.add(text)
                events.append(TextDelta(text))
            if not TEXT_KEYS.issuperset(delta):
                self._take_rest(delta, events)
        if choice.get("finish_reason"):
            self._finish(choice, events)
        if choice.get("logprobs") or not CHOICE_KEYS.issuperset(choice):
            kept = {key: value for key, value in choice.items() if key not in CHOICE_KEYS or key == "logprobs"}
            self.extra = merge_unknown(self.extra, kept)

    def _take_lead(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        if annotations := delta.get("annotations"):
            events.extend(self._take_annotations(objects(annotations)))
        if (reasoning := delta.get("reasoning")) and isinstance(reasoning, str):
            self._reasoning.add(reasoning)
            events.append(ReasoningDelta(reasoning))
        if (details := delta.get("reasoning_details")) is not None:
            self._details.add(details)

    def _take_rest(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        if calls := delta.get("tool_calls"):
            events.extend(ToolCallDelta(*piece) for piece in self._calls.add(calls))
        if images := [image for image in objects(delta.get("images")) if fields(image.get("image_url"))]:
            self.images.extend(images)
            events.extend(map(ImageAdded, images))
        if (refusal := delta.get("refusal")) and isinstance(refusal, str):
            self._refusal.add(refusal)
            events.append(RefusalDelta(refusal))
        if not DELTA_KEYS.issuperset(delta):
            unknown = {key: value for key, value in delta.items() if key not in DELTA_KEYS}
            self.message_extra = merge_unknown(self.message_extra, unknown)

    def _take_annotations(self, annotations: list[JSON]) -> Iterator[Event]:
        for annotation in annotations:
            if not any(_same_annotation(annotation, known) for known in self.annotations):
                self.annotations.append(annotation)
                yield AnnotationAdded(annotation)

    def _finish(self, choice: Mapping[str, Any], events: list[Event]) -> None:
        # The usage chunk repeats the finish reason (the wire shape since July 2026): the first one counts, the
        # provider's own word is taken whenever it comes.
        reason, native = words(choice.get("finish_reason")), words(choice.get("native_finish_reason"))
        self.native_finish_reason = self.native_finish_reason or native
        if self.finish_reason is None and reason:
            self.finish_reason = reason
            events.append(Finished(reason, native))

    def message(self) -> Message:
        """Return the wire message as far as it has come, fit to be sent back in the next request."""
        message: JSON = {"role": "assistant", "content": self.text}
        calls = self._calls.finished()
        if calls:
            # Bedrock's Nova models reject "" beside tool calls; null is what everybody takes.
            message |= {"content": self.text or None, "tool_calls": calls}
        if self._reasoning:
            message["reasoning"] = self.reasoning
        if self._details.entries is not None:
            # A copy: the last block goes on growing while an earlier state of the message is being saved.
            message["reasoning_details"] = [dict(entry) for entry in self._details.entries]
        lists = {"annotations": list(self.annotations), "images": list(self.images)}
        message |= {key: value for key, value in {**lists, "refusal": self.refusal}.items() if value}
        return cast("Message", message | self.message_extra)


def _texts(content: Any) -> Sequence[str]:
    if not content:
        return ()
    if isinstance(content, str):
        return (content,)
    texts = [part.get("text") for part in content if part.get("type") == "text"]
    return [text for text in texts if text and isinstance(text, str)]


def _same_annotation(one: JSON, other: JSON) -> bool:
    url = fields(one.get("url_citation")).get("url")
    return url == fields(other.get("url_citation")).get("url") if url else one == other
