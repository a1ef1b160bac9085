"""The card that asks once more before a message is sent which may cost much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from orchat.forecast import Forecast, forecast
from orchat.ui import resources, session, window
from orchat.ui.intents import Continue, Decide, Edit, HeldBack, Intent, Retry, Send
from orchat.ui.wording import count, money, plain

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.store import Message
    from orchat.turn import Ask
    from orchat.ui.tab import Session

ABOVE = "confirm_above"
"""The name under which the store keeps from which amount on a person wants to be asked."""


def asked_above(owner: str) -> Decimal:
    """Return above which amount, in US dollars, a person is asked: theirs, else the operator's."""
    services = resources.services()
    own = services.store.preference(owner, ABOVE)
    return services.settings.confirm_above if own is None else Decimal(str(own))


def holds_back(intent: Intent, connection: Connection) -> bool:
    """Keep what a person asked for until they confirm it, if it may cost much; say whether it was kept."""
    current = session.current()
    current.take_back()
    if current.confirmed or isinstance(intent, Decide) or connection.simulated:
        current.confirmed = False
        return False
    expected = _expected(intent, current, connection)
    if expected.most is None or expected.most <= asked_above(current.owner):
        return False
    current.intent, current.held_back = None, HeldBack(intent, expected)
    return True


def _expected(intent: Send | Edit | Retry | Continue, current: Session, connection: Connection) -> Forecast:
    text = "" if isinstance(intent, Retry | Continue) else intent.text
    above = _above(intent, window.at_the_end(current))
    # Side by side each answer costs; what the auto-router takes is not known.
    each = [_dearest(ask, above, text, connection) for ask in current.asks]
    return replace(
        max(each, key=lambda one: one.tokens),
        reading=sum((one.reading for one in each if one.reading is not None), Decimal(0)),
        most=sum((one.most for one in each if one.most is not None), Decimal(0)),
    )


def _dearest(ask: Ask, above: list[Message], text: str, connection: Connection) -> Forecast:
    """Look ahead for the model that is asked, or for one that stands in for it and costs more."""
    names = [None if ask.auto else ask.model, *ask.fallbacks]
    each = [forecast(above, text, connection.catalogue.find(name) if name else None) for name in names]
    return max(each, key=lambda one: one.most or Decimal(0))


def _above(intent: Send | Edit | Retry | Continue, branch: list[Message]) -> list[Message]:
    ids = [message.id for message in branch]
    match intent:
        case Edit(message_id=edited) if edited in ids:
            return branch[: ids.index(edited)]
        case Retry(question_id=question) if question in ids:
            return branch[: ids.index(question) + 1]
    return branch


def draw() -> None:
    """Draw the card, if something waits for a second click."""
    held = session.current().held_back
    if held is None or held.forecast.most is None:
        return
    expected, reading = held.forecast, held.forecast.reading or Decimal(0)
    with st.container(border=True, key="confirm"):
        st.markdown(f"**This may cost up to {plain(money(held.forecast.most))}.** Send it all the same?")
        st.caption(
            f"About {plain(money(reading))} to read {count(expected.tokens)} tokens, the rest for an answer of "
            f"{count(expected.answer)} tokens; most are shorter. Nothing has been sent yet."
        )
        if isinstance(held.intent, Send | Edit) and held.intent.text:
            st.text(held.intent.text if len(held.intent.text) <= SHOWN else f"{held.intent.text[:SHOWN]}…")
        with st.container(horizontal=True, gap="small"):
            st.button("Send", key="confirm-send", type="primary", on_click=_send)
            st.button("Cancel", key="confirm-cancel", on_click=_cancel)


SHOWN = 300
"""Characters of the message that the card repeats."""


def _send() -> None:
    current = session.current()
    if current.held_back is not None:
        current.intent, current.held_back, current.confirmed = current.held_back.intent, None, True


def _cancel() -> None:
    session.current().take_back()
