"""Receipts: for one answer, what was asked for, who answered, what left the machine, and what that cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchat.store import Call, Message, Store
from orchat.wire import JSON, fields


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ledger says of the request behind an answer."""

    message: Message
    call: Call

    @property
    def sent(self) -> Mapping[str, Any]:
        """What left the machine, in numbers and names."""
        return fields(self.call.sent)

    def to_json(self) -> JSON:
        """Return it as it is exported. What is not known is null, and never left out."""
        call, sent = self.call, self.sent
        return {
            "receipt": "orchat",
            "version": 1,
            "written_at": datetime.now(UTC).isoformat(),
            "message": call.message_id or self.message.id,
            "request_for": call.kind,
            "conversation": call.conversation_id,
            "copied_from": self.message.copied_from,
            "asked_at": call.started_at.isoformat(),
            "ended": call.state,
            "generation_id": call.generation_id,
            "simulated": call.simulated,
            "model_asked": call.model_asked,
            "fallbacks_asked": sent.get("fallbacks", []),
            "providers_asked": sent.get("providers", {}),
            "model_answered": call.model_answered,
            "provider": call.provider,
            "privacy": {
                "zero_data_retention_asked": call.zdr,
                "data_collection_asked": sent.get("data_collection"),
                "endpoint_listed_with_zero_data_retention": call.zdr_listed,
            },
            "answered_against_the_operators_rules": call.against_rules,
            "left_the_machine": {
                "to": sent.get("path"),
                "messages": sent.get("messages", 0),
                "characters": sent.get("characters", 0),
                "characters_of_the_system_prompt": sent.get("system", 0),
                "parameters": sent.get("parameters", {}),
                "other_parts": sent.get("parts", {}),
                "tools_described": sent.get("tools", []),
                "server_tools_and_plugins": sent.get("server_tools", []),
                "conversation_id_as_session": sent.get("session", False),
            },
            "tokens": {
                "prompt": call.prompt_tokens,
                "cached": call.cached_tokens,
                "completion": call.completion_tokens,
                "reasoning": call.reasoning_tokens,
            },
            "cost_usd": None if call.cost is None else f"{call.cost:f}",
            "own_provider_key": call.own_key,
        }


def receipts_of(store: Store, owner: str, turn: Sequence[Message]) -> list[Receipt]:
    """Return the receipts of all requests that an agent's turn took, those of tools and summaries too, in their order.

    Of a turn that is a copy they are those of the model's messages alone.
    """
    if turn[0].copied_from:
        return receipts_of_each(store, owner, [message for message in turn if message.role == "assistant"])
    begun, ended = turn[0].created_at, turn[-1].saved_at
    made = [call for call in store.calls_of(owner, turn[0].conversation_id) if begun <= call.started_at <= ended]
    return [Receipt(turn[0], call) for call in made if call.kind != "title"]


def receipts_of_each(store: Store, owner: str, answers: Iterable[Message]) -> list[Receipt]:
    """Return the receipts of answers that have one, in their order."""
    each = [receipt_of(store, owner, message) for message in answers]
    return [receipt for receipt in each if receipt is not None]


def to_json(receipts: Sequence[Receipt]) -> JSON:
    """Return receipts of one answer as they are exported: one by itself, several as a list."""
    if len(receipts) == 1:
        return receipts[0].to_json()
    return {"receipt": "orchat", "version": 1, "requests": [receipt.to_json() for receipt in receipts]}


def receipt_of(store: Store, owner: str, message: Message) -> Receipt | None:
    """Return the receipt of an answer; None for one of before the ledger, or that was imported."""
    call = store.call_of(owner, message)
    return Receipt(message, call) if call is not None else None
