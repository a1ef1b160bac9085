"""Approval cards: the calls that wait for a person, and what can be said about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from orchat.agent.ask import Decision
from orchat.store import Message
from orchat.ui import arguments, session
from orchat.ui.intents import Decide, Deciding
from orchat.ui.wording import plain

ONCE, ALWAYS = Decision("approve"), Decision("approve", always=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The calls of a message that waits; the turn goes on when all of them are decided."""

    message_id: str
    calls: Sequence[Mapping[str, Any]]

    def key(self, place: int) -> str:
        """Return the key of the card of a call."""
        return f"{self.message_id}-{place}"

    @property
    def undecided(self) -> list[int]:
        """The places of the calls that nobody has decided about yet."""
        return [place for place in range(len(self.calls)) if self.key(place) not in session.current().decided]


def draw(message: Message) -> None:
    """Draw a card for each call that waits."""
    waiting = Waiting(message.id, (message.details or {}).get("approvals") or ())
    for place in range(len(waiting.calls)):
        _card(waiting, place)
    if len(waiting.undecided) > 1:
        st.button(
            "Allow all once",
            key=f"allow-all-{message.id}",
            icon=":material/done_all:",
            on_click=_decide,
            args=(waiting, waiting.undecided, ONCE),
        )


def _card(waiting: Waiting, place: int) -> None:
    current, key, call = session.current(), waiting.key(place), waiting.calls[place]
    with st.container(border=True, key=f"approval-{key}"):
        st.markdown(f"{call['icon']} **{plain(str(call['title']))}** would like to run")
        if description := str(call.get("description") or "").strip():
            st.caption(plain(description.partition("\n")[0]))
        if decision := current.decided.get(key):
            arguments.draw(call["arguments"] if decision.arguments is None else decision.arguments)
            _decided(decision, key)
        elif current.deciding.get(key) == "edit":
            _editor(waiting, place)
        else:
            arguments.draw(call["arguments"])
            if current.deciding.get(key) == "deny":
                _reason(waiting, place)
            else:
                _buttons(waiting, place)


def _buttons(waiting: Waiting, place: int) -> None:
    key = waiting.key(place)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Allow once",
            key=f"once-{key}",
            type="primary",
            icon=":material/check:",
            on_click=_decide,
            args=(waiting, [place], ONCE),
        )
        st.button(
            "Always in this chat",
            key=f"always-{key}",
            icon=":material/done_all:",
            help="It is not asked about again in this chat. The tools panel takes it back.",
            on_click=_decide,
            args=(waiting, _same_tool(waiting, place), ALWAYS),
        )
        st.button("Edit", key=f"edit-{key}", icon=":material/edit:", on_click=_open, args=(key, "edit"))
        st.button("Deny", key=f"deny-{key}", icon=":material/block:", on_click=_open, args=(key, "deny"))


def _same_tool(waiting: Waiting, place: int) -> list[int]:
    tool = waiting.calls[place]["tool"]
    return [other for other in waiting.undecided if waiting.calls[other]["tool"] == tool]


def _editor(waiting: Waiting, place: int) -> None:
    key, call = waiting.key(place), waiting.calls[place]
    with st.form(f"editor-{key}", border=False):
        arguments.draw_fields(call["arguments"], key=key)
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Run with these", type="primary", on_click=_edited, args=(waiting, place))
            st.form_submit_button("Cancel", on_click=_close, args=(key,))


def _reason(waiting: Waiting, place: int) -> None:
    key = waiting.key(place)
    with st.form(f"denial-{key}", border=False):
        st.text_input("Why not? The model reads it, and can do something else.", key=f"reason-{key}")
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button("Deny", type="primary", on_click=_denied, args=(waiting, place))
            st.form_submit_button("Cancel", on_click=_close, args=(key,))


def _decided(decision: Decision, key: str) -> None:
    said = {"approve": "Allowed", "edit": "Allowed as edited", "reject": "Denied"}[decision.kind]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{said}. Decide about the others too.", width="content")
        st.button("Change", key=f"change-{key}", type="tertiary", on_click=_undo, args=(key,))


def _open(key: str, how: Deciding) -> None:
    session.current().deciding[key] = how


def _close(key: str) -> None:
    session.current().deciding.pop(key, None)


def _undo(key: str) -> None:
    session.current().decided.pop(key, None)


def _edited(waiting: Waiting, place: int) -> None:
    try:
        changed = arguments.edited(waiting.calls[place]["arguments"], key=waiting.key(place))
    except ValueError as error:
        session.current().notice = plain(str(error))
        return
    _decide(waiting, [place], Decision("edit", arguments=changed))


def _denied(waiting: Waiting, place: int) -> None:
    reason = session.widget_value(f"reason-{waiting.key(place)}") or ""
    _decide(waiting, [place], Decision("reject", reason=reason.strip()))


def _decide(waiting: Waiting, places: Sequence[int], decision: Decision) -> None:
    """Note a decision; with the last one the turn goes on."""
    current = session.current()
    for place in places:
        current.decided[waiting.key(place)] = decision
        current.deciding.pop(waiting.key(place), None)
    if not waiting.undecided:
        keys = map(waiting.key, range(len(waiting.calls)))
        current.intent = Decide(waiting.message_id, tuple(current.decided.pop(key) for key in keys))
