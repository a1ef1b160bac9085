"""The card that asks once more before a message is sent which may cost much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from orchat.errors import AttachmentError
from orchat.forecast import Forecast, forecast, tokens_attached
from orchat.media.kinds import kind_of
from orchat.openrouter.estimate import GUESS, tokens_of_file
from orchat.ui import overhead, resources, session, window
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
    branch = window.at_the_end(current)
    above = _above(intent, branch)
    files = _files(intent, branch) + overhead.of_passages(above)
    # Side by side each answer costs.
    each = [_dearest(ask, above, text, files, connection) for ask in current.asks]
    return replace(
        max(each, key=lambda one: one.tokens),
        reading=sum((one.reading for one in each if one.reading is not None), Decimal(0)),
        most=sum((one.most for one in each if one.most is not None), Decimal(0)),
    )


def _dearest(ask: Ask, above: list[Message], text: str, files: int, connection: Connection) -> Forecast:
    """Look ahead for the model that is asked, or for one that stands in for it and costs more.

    The auto-router is taken to choose as it did last; where nothing is known, so much is expected as budgets reserve.
    """
    names = [session.current().answered_by if ask.auto else ask.model, *ask.fallbacks]
    models = [connection.catalogue.find(name) if name else None for name in names]
    ahead = partial(
        forecast,
        above,
        text,
        files=files,
        tools=overhead.of_tools(),
        system_prompt=ask.system_prompt,
        parameters=ask.parameters,
    )
    each = [ahead(model=model) for model in models]
    return max((replace(one, most=GUESS) if one.most is None else one for one in each), key=lambda one: one.most or 0)


def _files(intent: Send | Edit | Retry | Continue, branch: list[Message]) -> int:
    """About how many tokens the files have that go along and are not in the branch above."""
    match intent:
        case Send(files=files):
            return sum(_tokens_of(file.data) for file in files)
        case Edit(message_id=edited):
            return sum(tokens_attached(message) for message in branch if message.id == edited)
    return 0


def _tokens_of(data: bytes) -> int:
    try:
        return tokens_of_file(kind_of(data).medium, len(data))
    except AttachmentError:
        # It is refused when it is looked at.
        return 0


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
    expected = held.forecast
    with st.container(border=True, key="confirm"):
        st.markdown(f"**This may cost up to {plain(money(held.forecast.most))}.** Send it all the same?")
        st.caption(f"{_parts(expected)} Nothing has been sent yet.")
        if isinstance(held.intent, Send | Edit) and held.intent.text:
            st.text(held.intent.text if len(held.intent.text) <= SHOWN else f"{held.intent.text[:SHOWN]}…")
        with st.container(horizontal=True, gap="small"):
            st.button("Send", key="confirm-send", type="primary", on_click=_send)
            st.button("Cancel", key="confirm-cancel", on_click=_cancel)


def _parts(expected: Forecast) -> str:
    """Say what the amount is made of, as Markdown."""
    if not expected.answer:
        return f"{count(expected.tokens)} tokens; what they cost is known when the auto-router has chosen a model."
    reading = plain(money(expected.reading or Decimal(0)))
    return (
        f"About {reading} to read {count(expected.tokens)} tokens, the rest for an answer of "
        f"{count(expected.answer)} tokens; most are shorter."
    )


SHOWN = 300
"""Characters of the message that the card repeats."""


def _send() -> None:
    current = session.current()
    if current.held_back is not None:
        current.intent, current.held_back, current.confirmed = current.held_back.intent, None, True


def _cancel() -> None:
    session.current().take_back()
