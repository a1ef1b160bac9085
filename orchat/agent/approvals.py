"""Approvals: which calls a person is asked about, and what LangChain is told about their decisions."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents.middleware import HumanInTheLoopMiddleware, InterruptOnConfig, ToolCallRequest
from langchain_core.messages import AIMessage

from orchat.agent.ask import ALLOWED_TOOLS, Decision, names_in
from orchat.agent.contract import Call, ToolInfo
from orchat.errors import ApprovalExpiredError
from orchat.events import ToolStarted
from orchat.store import Message, Store
from orchat.store.records import THREAD
from orchat.wire import JSON


class Approvals:
    """The calls that wait for a person, in one turn."""

    def __init__(self, infos: Iterable[ToolInfo], allowed: Collection[str], decided: "Decided | None" = None) -> None:
        """`allowed` tools run without asking; `decided` is what is being decided about now."""
        self._asked = {info.name: info for info in infos if info.approval == "ask"}
        self._allowed = frozenset(allowed)
        self._decided = {call["id"]: call["tool"] for call in decided.calls} if decided else {}
        self._decided_in = decided.answer_id if decided else None

    def middleware(self) -> HumanInTheLoopMiddleware[Any, Any, Any]:
        """Return what interrupts the graph."""
        config = InterruptOnConfig(allowed_decisions=["approve", "edit", "reject"], when=self._interrupts)
        return HumanInTheLoopMiddleware(dict.fromkeys({*self._asked, *self._decided.values()}, config))

    def _interrupts(self, request: ToolCallRequest) -> bool:
        # LangGraph asks again when it goes on. Then the calls that were shown to the person count, and no others: their
        # tools may have been allowed for the whole chat, or been edited, meanwhile.
        if self._decided and _last_answer(request.state) == self._decided_in:
            return request.tool_call["id"] in self._decided
        return self.needed(request.tool_call["name"])

    def needed(self, tool: str) -> bool:
        """Whether a person is asked before this tool runs."""
        return tool in self._asked and tool not in self._allowed

    def calls(self, tool_calls: Sequence[Any]) -> tuple[Call, ...]:
        """Return those of a model's tool calls that a person is asked about, in their order."""
        return tuple(self._call(call) for call in tool_calls if self.needed(call["name"]))

    def _call(self, call: Any) -> Call:
        info = self._asked[call["name"]]
        return Call(call["id"] or "", info.name, info.title, info.icon, info.description, dict(call["args"]))


@dataclass(frozen=True, slots=True)
class Decided:
    """Calls that waited, and what a person decided about each of them.

    `thread` names the graph's run that waits, `answer_id` its message that the calls stand in.
    """

    calls: Sequence[JSON]
    decisions: Sequence[Decision]
    thread: str
    answer_id: str | None

    @classmethod
    def about(cls, waiting: Message, decisions: Sequence[Decision]) -> "Decided":
        """Return the decisions about the calls of a message.

        Raises:
            ApprovalExpiredError: it does not wait, or not for so many decisions.
        """
        details = waiting.details or {}
        calls = details.get("approvals") or []
        if waiting.state != "waiting" or len(calls) != len(decisions):
            raise ApprovalExpiredError("Nothing waits for this decision any more.")
        return cls(calls, decisions, str(details.get(THREAD)), details.get("answer_id"))

    @property
    def denied(self) -> frozenset[str]:
        """The ids of the calls that are not to be carried out."""
        pairs = zip(self.calls, self.decisions, strict=True)
        return frozenset(call["id"] for call, decision in pairs if decision.kind == "reject")

    @property
    def allowed_for_good(self) -> frozenset[str]:
        """The tools that may run in this chat without asking from now on."""
        pairs = zip(self.calls, self.decisions, strict=True)
        return frozenset(call["tool"] for call, decision in pairs if decision.kind == "approve" and decision.always)

    def first_call(self) -> ToolStarted:
        """Return the beginning of the first call."""
        call, decision = self.calls[0], self.decisions[0]
        arguments = decision.arguments if decision.kind == "edit" else call["arguments"]
        return ToolStarted(call["id"], call["tool"], call["title"], call["icon"], dict(arguments or {}))

    def answer(self) -> JSON:
        """Return the decisions in the form that the middleware takes."""
        pairs = zip(self.calls, self.decisions, strict=True)
        return {"decisions": [_decision(call, decision) for call, decision in pairs]}


def remember(store: Store, owner: str, waiting: Message, decisions: Sequence[Decision]) -> None:
    """Keep which tools a person allowed for the rest of the chat.

    Raises:
        ApprovalExpiredError: the message does not wait, or not for so many decisions.
    """
    allowed = Decided.about(waiting, decisions).allowed_for_good
    if allowed:
        settings = store.conversation(owner, waiting.conversation_id).settings
        known = names_in(settings, ALLOWED_TOOLS)
        store.update_settings(owner, waiting.conversation_id, {ALLOWED_TOOLS: sorted({*known, *allowed})})


def _last_answer(state: Any) -> str | None:
    return next((message.id for message in reversed(state["messages"]) if isinstance(message, AIMessage)), None)


def _decision(call: JSON, decision: Decision) -> JSON:
    if decision.kind == "edit":
        return {"type": "edit", "edited_action": {"name": call["tool"], "args": dict(decision.arguments or {})}}
    if decision.kind == "reject":
        return {"type": "reject", **({"message": decision.reason} if decision.reason else {})}
    return {"type": "approve"}
