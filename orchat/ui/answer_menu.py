"""What can be done with an answer beside reading it: go on with it, have it from another model, fork, rate, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.temporary import is_temporary
from orchat.ui import dialogs, removing, resources, session
from orchat.ui.intents import Continue, Retry
from orchat.ui.wording import model_labels, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orchat.store import Message, Thumb

OTHER, FORK = "Regenerate with another model", "Fork from here"
MODEL, NOTE = "other-model", "rating-note"
THUMBS: tuple[Thumb, Thumb] = ("down", "up")
"""As Streamlit numbers them."""


def draw(last: Message, question_id: str | None, *, busy: bool, begun: Sequence[Message] = ()) -> None:
    """Draw the buttons of an answer in its row; `last` is its last message, and may continue what was `begun`."""
    # Here, since the first page of a new process shows no answer and comes sooner without the database.
    from orchat.continuing import can_go_on

    current = session.current()
    if can_go_on(last) and not current.later and current.branch[-1:] == [last]:
        st.button(
            "Continue",
            key=f"continue-{last.id}",
            icon=":material/play_arrow:",
            disabled=busy,
            on_click=_continue,
            args=(last.id,),
        )
    rated = _rated(last, begun)
    rating = current.ratings.get(rated)
    st.feedback(
        "thumbs",
        key=f"rate-{rated}",
        default=THUMBS.index(rating.thumb) if rating else None,
        on_change=_rate,
        args=(rated,),
    )
    key = f"more-{last.id}"
    st.menu_button(
        "More for this answer",
        [
            OTHER,
            *([] if is_temporary(last.conversation_id) else [FORK]),
            *([removing.REST] if begun else []),
            removing.ANSWER,
            removing.BOTH,
        ],
        key=key,
        type="tertiary",
        icon=":material/more_horiz:",
        help="Another model, a new chat from here, or delete",
        disabled=busy,
        on_click=_chosen,
        args=(key, last.id, question_id),
    )


def _rated(last: Message, begun: Sequence[Message]) -> str:
    """Return which part of an answer is rated: the one that was already, before the answer went on, or the last one."""
    ratings = session.current().ratings
    return next((part.id for part in (last, *begun) if part.id in ratings), last.id)


def draw_below(last: Message, begun: Sequence[Message] = ()) -> None:
    """Draw what is asked about an answer that has just been rated, and the dialog that its menu opens."""
    current, rated = session.current(), _rated(last, begun)
    rating = current.ratings.get(rated)
    if current.noting == rated and rating is not None:
        with st.form(f"rated-{rated}", border=False):
            st.text_input(
                "What was good about it, or bad?",
                value=rating.note,
                key=NOTE,
                placeholder="What was good about it, or bad? You need not say.",
                label_visibility="collapsed",
            )
            with st.container(horizontal=True, vertical_alignment="center"):
                st.form_submit_button("Keep note", on_click=_note, args=(rated, rating.thumb))
                st.caption("Ratings stay in this orchat, with the chat. Nothing is sent anywhere.", width="content")
    elif rating is not None and rating.note:
        st.caption(f"Your note: {plain(rating.note)}")


def draw_dialog() -> None:
    """Draw the choice of another model, if it is open."""
    dialogs.draw(MODEL, OTHER, _choose_model)


def _continue(message_id: str) -> None:
    session.current().intent = Continue(message_id)


def _rate(message_id: str) -> None:
    current, thumb = session.current(), session.widget_value(f"rate-{message_id}")
    resources.services().store.rate(current.owner, message_id, None if thumb is None else THUMBS[thumb])
    current.noting = None if thumb is None else message_id
    session.set_widget(NOTE, value="")


def _note(message_id: str, thumb: Thumb) -> None:
    current, note = session.current(), str(session.widget_value(NOTE) or "").strip()
    resources.services().store.rate(current.owner, message_id, thumb, note)
    current.noting = None


def _chosen(key: str, message_id: str, question_id: str | None) -> None:
    current = session.current()
    match session.widget_value(key):
        case "Fork from here":
            fork = resources.services().chats.fork(current.owner, message_id)
            current.notice = "This is a new chat with a copy of the messages up to there. The other one stays as it is."
            session.open_chat(fork.id, fork.kind)
        case "Regenerate with another model" if question_id:
            dialogs.show(MODEL, question_id)
        case removing.REST:
            removing.remove(message_id)
        case removing.ANSWER:
            removing.remove(removing.answer_below(question_id))
        case removing.BOTH:
            removing.remove(removing.question_above(message_id))


def _choose_model(question_id: str) -> None:
    current, connection = session.current(), resources.connection()
    catalogue = connection.catalogue.current()
    parameter = "tools" if current.kind == "agent" else None
    rules = resources.services().live.rules()
    offered = [model.id for model in catalogue.offered(zdr=current.ask.zdr, parameter=parameter, rules=rules)]
    labels = model_labels(catalogue)
    st.selectbox(
        "Model",
        offered,
        index=None,
        key=MODEL,
        format_func=lambda name: labels.get(name, name),
        placeholder="Search by name or maker",
        label_visibility="collapsed",
    )
    st.caption("This answer only: the chat goes on with the model that is chosen in the sidebar.")
    st.button("Regenerate", type="primary", key="regenerate-with", on_click=_regenerate, args=(question_id,))


def _regenerate(question_id: str) -> None:
    if model := session.widget_value(MODEL):
        session.current().intent = Retry(question_id, str(model))
        dialogs.close()
