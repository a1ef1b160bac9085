"""Steps: what a turn of the agent has done so far, as messages that are saved while it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from orchat.agent.contract import ArtifactRef
from orchat.errors import OrchatError
from orchat.events import ToolEnded, ToolOutput, ToolStarted
from orchat.store import Message, MessageFields, Role, State, Store
from orchat.turn import Stopwatch, describe
from orchat.wire import JSON

WRITTEN_KEPT = 20_000
"""Characters of what a tool writes while it works that are kept if it does not come to its end."""
BROKEN_OFF = "\n[The call was {outcome} here.]"


@dataclass(frozen=True, slots=True)
class FullOutput:
    """The whole of what a tool returned, where the model got only a part of it."""

    call_id: str
    file: ArtifactRef


@dataclass
class Step:
    """One message of the turn: the model's part of a step, or the result of one call."""

    role: Role
    wire: JSON
    known: MessageFields = field(default_factory=MessageFields)
    stored: Message | None = None
    changed: bool = True
    clock: Stopwatch = field(default_factory=Stopwatch)

    def become(self, **known: Any) -> None:
        """Change what is known of it."""
        self.known = {**self.known, **known}  # type: ignore[typeddict-item] # the callers name fields of MessageFields
        self.changed = True

    @property
    def open(self) -> bool:
        """Whether it is still being written."""
        return self.known.get("state") == "streaming"

    def end(self, state: State) -> None:
        """Take its end."""
        self.clock.end()
        self.become(
            state=state,
            first_token_ms=self.clock.first_token_ms,
            reasoning_ms=self.clock.reasoning_ms,
            duration_ms=self.clock.duration_ms,
        )


class Steps:
    """The messages of a turn, one below the other, in the order in which they began."""

    def __init__(self, store: Store, owner: str, above: Message, common: MessageFields) -> None:
        """Begin below the message `above`; `common` is known of each of the model's messages."""
        self._store = store
        self._owner = owner
        self._above = above
        self._common = common
        self._steps: list[Step] = []
        self._calls: dict[str, Step] = {}
        self._saving = Lock()

    def begin_answer(self) -> str:
        """Begin the model's part of a step, keep it, and return its id: what it costs has to find it, whatever comes.

        Called on a worker thread.
        """
        step = self.add_answer()
        self.save()
        assert step.stored is not None
        return step.stored.id

    def add_answer(self) -> Step:
        """Begin the model's part of a step; one that has begun and says nothing yet is taken."""
        if self._steps and self._steps[-1].role == "assistant" and self._steps[-1].open:
            return self._steps[-1]
        # Calls belong to the latest answer: some upstreams number those of each answer anew.
        self._calls = {}
        wire = {"role": "assistant", "content": ""}
        return self._append(Step("assistant", wire, {**self._common, "state": "streaming"}))

    def add_call(self, started: ToolStarted) -> Step:
        """Begin a call."""
        if started.call_id in self._calls:
            return self._calls[started.call_id]
        wire = {"role": "tool", "tool_call_id": started.call_id, "name": started.name, "content": ""}
        details = {"title": started.title, "icon": started.icon, "arguments": started.arguments}
        step = self._append(Step("tool", wire, {"state": "streaming", "details": details}))
        self._calls[started.call_id] = step
        return step

    def _append(self, step: Step) -> Step:
        self._steps.append(step)
        return step

    def is_over(self, call_id: str) -> bool:
        """Whether a call of this turn has begun and ended."""
        step = self._calls.get(call_id)
        return step is not None and not step.open

    def add_full_output(self, output: FullOutput) -> None:
        """Take the whole output of a call."""
        step = self._calls[output.call_id]
        step.become(details={**_details(step), "full": output.file.to_json()})

    def add_output(self, output: ToolOutput) -> None:
        """Take what a call writes: if it is stopped, that is all there is of it."""
        step = self._calls[output.call_id]
        step.wire["content"] = (step.wire["content"] + output.text)[:WRITTEN_KEPT]
        step.changed = True

    def end_call(self, ended: ToolEnded) -> None:
        """Take the end of a call."""
        step = self._calls[ended.call_id]
        step.wire["content"] = ended.content
        details = {**_details(step), "status": ended.status, "artifacts": list(ended.artifacts)}
        if ended.cost is not None:
            details["cost"] = str(ended.cost)
        if ended.reason:
            details["reason"] = ended.reason
        step.become(details=details)
        step.end("done")

    def set_result(self, call_id: str, content: str | list[Any]) -> None:
        """Take what the model reads as the result of a call; what the tool said is kept beside it."""
        step = self._calls[call_id]
        if (said := step.wire["content"]) and said != content:
            step.become(details={**_details(step), "said": said})
        step.wire = {**step.wire, "content": content}
        step.changed = True

    def close(self, state: State, error: OrchatError | None) -> None:
        """Take the end of the turn: what is open ends as it did, and an error gets its place."""
        for step in self._steps:
            if step.open and step.role == "tool":
                stopped = state == "stopped"
                if step.wire["content"]:
                    step.wire["content"] += BROKEN_OFF.format(outcome="stopped" if stopped else "broken off")
                step.become(details={**_details(step), "status": "stopped" if stopped else "error"})
                step.end("stopped" if state == "stopped" else "failed")
            elif step.open:
                step.end(state)
        if error is None:
            return
        if not self._steps or self._steps[-1].role != "assistant":
            self.add_answer().end("failed")
        self._steps[-1].become(state="failed", error=describe(error))

    def save(self) -> None:
        """Write what has changed. Called on worker threads."""
        with self._saving:
            above = self._above
            for step in list(self._steps):
                if step.changed or step.stored is None:
                    # Before it is read: a change meanwhile counts for the next time.
                    step.changed = False
                    self._write(step, above)
                assert step.stored is not None
                above = step.stored

    def _write(self, step: Step, above: Message) -> None:
        owner, wire, known = self._owner, dict(step.wire), step.known
        if step.stored is None:
            step.stored = self._store.add_message(
                owner, above.conversation_id, role=step.role, wire=wire, parent_id=above.id, **known
            )
        else:
            step.stored = self._store.save_message(owner, replace(step.stored, wire=wire, **known))

    @property
    def first(self) -> Message:
        """The first message of the turn, once it has been saved."""
        assert self._steps[0].stored is not None
        return self._steps[0].stored

    @property
    def last_answer(self) -> Step | None:
        """The model's latest part."""
        return next((step for step in reversed(self._steps) if step.role == "assistant"), None)


def _details(step: Step) -> Mapping[str, Any]:
    return step.known.get("details") or {}
