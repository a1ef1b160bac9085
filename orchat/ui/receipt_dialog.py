"""The receipt of an answer: what was asked for, who answered, what left the machine."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import streamlit as st

from orchat.receipts import Receipt, receipts_of, receipts_of_each, to_json
from orchat.store import Message
from orchat.ui import resources, session
from orchat.ui.routing_fields import SORTED_BY
from orchat.ui.usage_tables import KINDS
from orchat.ui.wording import money, plain

ZDR_LIST = "https://openrouter.ai/docs/guides/features/zdr"
NOT_SAID = "not known"
PARTS = {"image_url": "picture", "input_audio": "recording", "file": "whole file", "text_file": "file as text"}
"""What parts of a message are called."""


def button(message: Message, turn: Sequence[Message] = (), *, parts: Sequence[Message] = ()) -> None:
    """Draw the button that opens the receipt of an answer.

    Of an agent's `turn` it has all requests; of an answer that was continued those of its `parts`.
    """
    st.button(
        "Receipt",
        key=f"receipt-{message.id}",
        type="tertiary",
        icon=":material/receipt_long:",
        help="Receipt: what was sent, to whom",
        on_click=_open,
        args=(message.id,),
    )
    if session.current().receipt == message.id:
        st.dialog("Receipt", on_dismiss=_close)(_draw)(parts or [message], turn)


def _open(message_id: str) -> None:
    session.current().receipt = message_id


def _close() -> None:
    session.current().receipt = None


def _draw(parts: Sequence[Message], turn: Sequence[Message]) -> None:
    store, owner = resources.services().store, session.current().owner
    receipts = receipts_of(store, owner, turn) if turn else receipts_of_each(store, owner, parts)
    if not receipts:
        st.caption("There is no receipt: this answer was imported, or is older than receipts.")
        return
    if len(receipts) == 1:
        _draw_one(receipts[0])
    else:
        st.caption(f"{len(receipts)} requests to models; the last one is open.")
        for number, receipt in enumerate(receipts, 1):
            last = number == len(receipts)
            with st.expander(f"{number}. {KINDS[receipt.call.kind]}", expanded=last):
                _draw_one(receipt)
    st.caption("Nothing of what was said is in a receipt.")
    st.download_button(
        "Receipt as JSON",
        json.dumps(to_json(receipts), ensure_ascii=False, indent=1),
        file_name=f"receipt-{receipts[-1].call.generation_id or parts[-1].id}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key="receipt-json",
    )


def _draw_one(receipt: Receipt) -> None:
    for heading, lines in (("Who answered", _answer), ("Privacy", _privacy), ("What left this machine", _sent)):
        st.markdown(f"**{heading}**")
        st.markdown("\n".join(f"- {line}" for line in lines(receipt)))


def _answer(receipt: Receipt) -> Iterator[str]:
    call = receipt.call
    if receipt.message.copied_from:
        yield "Copied from another chat: it was asked and paid for there, once"
    yield f"Asked for: {plain(call.model_asked or NOT_SAID)}"
    if stand_in := receipt.sent.get("fallbacks"):
        yield f"To stand in for it: {plain(', '.join(stand_in))}"
    if providers := receipt.sent.get("providers"):
        yield f"Providers: {plain('; '.join(_asked(name, value) for name, value in providers.items()))}"
    yield f"Answered: {plain(call.model_answered or NOT_SAID)}, at {plain(call.provider or NOT_SAID)}"
    if call.against_rules:
        yield f":red[This {call.against_rules} is forbidden here and answered all the same.] Tell whoever runs orchat."
    if call.simulated:
        yield "Simulated: nothing left this machine, and nobody paid."
    yield f"Cost: {plain(money(call.cost)) if call.cost is not None else 'unknown'}"
    yield f"Generation: {plain(call.generation_id or NOT_SAID)}"


def _privacy(receipt: Receipt) -> Iterator[str]:
    call = receipt.call
    yield f"Zero data retention: {'asked for' if call.zdr else 'not asked for'}"
    denied = receipt.sent.get("data_collection") == "deny"
    yield f"Training on it: {'forbidden' if denied else 'left to the settings of the account'}"
    if call.zdr_listed is None:
        yield "Whether the provider keeps data: not known, the list was not at hand"
    elif call.zdr_listed:
        yield f"This provider was on [OpenRouter's list]({ZDR_LIST}) of those that keep nothing, at that time"
    else:
        yield f"This provider was **not** on [OpenRouter's list]({ZDR_LIST}) of those that keep nothing"


def _sent(receipt: Receipt) -> Iterator[str]:
    sent = receipt.sent
    messages = sent.get("messages", 0)
    yield f"{messages} message{'' if messages == 1 else 's'} with {sent.get('characters', 0):,} characters"
    if system := sent.get("system"):
        yield f"Among them a system prompt of {system:,} characters"
    if parameters := sent.get("parameters"):
        yield f"Parameters: {plain(', '.join(f'{name} {_value(value)}' for name, value in parameters.items()))}"
    for kind, number in sent.get("parts", {}).items():
        yield f"{number} × {plain(PARTS.get(kind) or str(kind))}"
    if tools := sent.get("tools"):
        yield f"Descriptions of tools: {plain(', '.join(tools))}"
    others = sent.get("server_tools")
    yield f"OpenRouter's own tools and plugins: {plain(', '.join(others)) if others else 'none'}"
    if sent.get("session"):
        yield "The chat's id, a random number, which keeps it with one provider"


def _asked(name: str, value: Any) -> str:
    """What was asked about providers, in words."""
    if name == "sort":
        return SORTED_BY.get(str(value), str(value)).lower()
    if name == "max_price":
        return f"at most {_value(value)} dollars per million tokens"
    words = {"order": "first", "ignore": "never"}.get(name, name)
    return f"{words} {', '.join(map(str, value))}"


def _value(value: Any) -> str:
    """A parameter's value; of an object its own, as in `effort high`."""
    if isinstance(value, dict):
        return " ".join(f"{name} {str(each).lower()}" for name, each in value.items())
    return str(value)
