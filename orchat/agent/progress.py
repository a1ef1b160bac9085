"""Progress: what LangGraph streams, told as orchat's events and noted in the steps of the turn."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from orchat.agent.approvals import Approvals
from orchat.agent.contract import ICON
from orchat.agent.limits import BESIDE, Meter, cost_of
from orchat.agent.openrouter.messages import to_wire
from orchat.agent.steps import FullOutput, Step, Steps
from orchat.events import (
    ApprovalNeeded,
    Event,
    Finished,
    ModelAsked,
    ReasoningDelta,
    Routed,
    StepEnded,
    TextDelta,
    ToolCallDelta,
    ToolEnded,
    ToolOutput,
    ToolStarted,
)
from orchat.store import MessageFields
from orchat.store.records import THREAD
from orchat.wire import JSON

MODEL, INTERRUPT = "model", "__interrupt__"
"""Names that LangChain gives to the model's node, and to what an interrupt leaves in the stream."""


class Progress:
    """Reads the stream of one run of the graph."""

    def __init__(
        self, steps: Steps, approvals: Approvals, meter: Meter, thread: str, denied: Collection[str] = ()
    ) -> None:
        self._steps = steps
        self._approvals = approvals
        self._meter = meter
        self._thread = thread
        self._denied = denied
        self._answer: Step | None = None
        self._asked = 0
        self._last: AIMessage | None = None

    def take(self, kind: str, data: Any) -> Iterable[Event]:
        """Take a part of the stream and return what it tells."""
        if kind == "messages":
            chunk, metadata = data
            if metadata.get("langgraph_node") == MODEL and isinstance(chunk, AIMessageChunk):
                return self._take_chunk(chunk)
        elif kind == "custom":
            return self._take_custom(data)
        elif kind == "updates":
            return self._take_updates(data)
        return ()

    def _take_chunk(self, chunk: AIMessageChunk) -> Iterator[Event]:
        if self._answer is None:
            self._asked += 1
            self._answer = self._steps.add_answer()
            yield ModelAsked(self._asked)
        step, wire = self._answer, self._answer.wire
        for event in _deltas(chunk):
            step.clock.note(event)
            match event:
                case TextDelta(text):
                    wire["content"] += text
                case ReasoningDelta(text):
                    wire["reasoning"] = wire.get("reasoning", "") + text
                case Routed(model, provider, generation_id) if model != step.known.get("model_answered"):
                    step.become(model_answered=model, provider=provider, generation_id=generation_id)
                case Routed():
                    continue
            step.changed = True
            yield event

    def _take_custom(self, data: Any) -> Iterator[Event]:
        match data:
            case ToolStarted():
                self._steps.add_call(data)
            case ToolOutput():
                self._steps.add_output(data)
            case ToolEnded():
                self._steps.end_call(data)
            case FullOutput():
                self._steps.add_full_output(data)
                return
        yield data

    def _take_updates(self, data: Mapping[str, Any]) -> Iterator[Event]:
        for node, update in data.items():
            if node == INTERRUPT:
                yield self._wait()
                continue
            for message in (update or {}).get("messages", ()):
                if node == MODEL and isinstance(message, AIMessage):
                    yield from self._end_answer(message)
                elif isinstance(message, AIMessage):
                    self._last = message
                elif isinstance(message, ToolMessage):
                    yield from self._take_result(message)

    def _end_answer(self, message: AIMessage) -> Iterator[Event]:
        step = self._answer or self._steps.add_answer()
        self._answer, self._last = None, message
        step.wire = to_wire(message)
        step.become(**_known(message))
        step.end("done")
        about = message.response_metadata
        yield Finished(about.get("finish_reason") or "stop", about.get("native_finish_reason"))
        yield StepEnded(cost_of(message), step.known.get("duration_ms"))

    def _take_result(self, message: ToolMessage) -> Iterator[Event]:
        """Take a result: of a call that ran, or of one that nobody ran (denied, or of a tool that does not exist)."""
        call_id = message.tool_call_id
        if not self._steps.is_over(call_id):
            name = message.name or ""
            call: Any = next((call for call in self._calls() if call["id"] == call_id), {})
            status = "denied" if call_id in self._denied else "error"
            yield from self._take_custom(ToolStarted(call_id, name, name, ICON, dict(call.get("args", {}))))
            yield from self._take_custom(ToolEnded(call_id, status, message.text))
        self._steps.set_result(call_id, message.content)

    def _calls(self) -> Iterable[Any]:
        return self._last.tool_calls if self._last else ()

    def _wait(self) -> ApprovalNeeded:
        calls: list[JSON] = [call.to_json() for call in self._approvals.calls(list(self._calls()))]
        step = self._steps.last_answer
        assert step is not None
        about = {THREAD: self._thread, "answer_id": self._last.id if self._last else None}
        step.become(state="waiting", details={"approvals": calls, **about, BESIDE: str(self._meter.beside_in_all)})
        return ApprovalNeeded(tuple(calls))


def _deltas(chunk: AIMessageChunk) -> Iterator[Event]:
    about = chunk.response_metadata
    if model := about.get("model_name"):
        yield Routed(model, about.get("provider"), about.get("id"))
    if reasoning := chunk.additional_kwargs.get("reasoning_content"):
        yield ReasoningDelta(reasoning)
    if text := chunk.text:
        yield TextDelta(str(text))
    for piece in chunk.tool_call_chunks:
        yield ToolCallDelta(piece["index"] or 0, piece["id"] or "", piece["name"] or "", piece["args"] or "")


def _known(message: AIMessage) -> MessageFields:
    """Return what the store keeps of a model's message beside the message itself."""
    about, usage = message.response_metadata, message.usage_metadata
    known = MessageFields(
        model_answered=about.get("model_name"),
        provider=about.get("provider"),
        generation_id=about.get("id"),
        finish_reason=about.get("finish_reason"),
        native_finish_reason=about.get("native_finish_reason"),
        cost=cost_of(message),
    )
    if usage is not None:
        known["prompt_tokens"] = usage["input_tokens"]
        known["completion_tokens"] = usage["output_tokens"]
        known["reasoning_tokens"] = usage.get("output_token_details", {}).get("reasoning")
        known["cached_tokens"] = usage.get("input_token_details", {}).get("cache_read")
    return known
