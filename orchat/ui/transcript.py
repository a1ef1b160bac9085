"""The transcript: messages as they are stored, drawn the same way as while they arrive."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.openrouter import Catalogue
from orchat.store import Message
from orchat.temporary import is_temporary
from orchat.ui import (
    answer_menu,
    asking,
    beside,
    components,
    enclosures,
    error_card,
    json_answer,
    receipt_dialog,
    removing,
    resources,
    session,
    source_chips,
    web_sources,
)
from orchat.ui.intents import Edit, Retry
from orchat.ui.markdown import badges_in, blocks, presentable
from orchat.ui.source_chips import Known
from orchat.ui.wording import quiet_line, seconds
from orchat.wire import fields, objects, words

Alternatives = dict[str | None, list[str]]
"""Ids of the messages below each parent, oldest first."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The places of an answer: stored and streaming ones fill the same, so nothing jumps when one becomes the other."""

    reasoning: DeltaGenerator
    text: DeltaGenerator
    below: DeltaGenerator


def answer_slots() -> Slots:
    """Draw an empty answer."""
    with st.chat_message("assistant", avatar=":material/auto_awesome:"):
        return Slots(st.container(), st.container(), st.container())


def draw(messages: Sequence[Message], alternatives: Alternatives, catalogue: Catalogue, *, busy: bool) -> None:
    """Draw a branch of messages; while an answer is on its way (`busy`) nothing can be asked for."""
    for message, known in zip(messages, source_chips.of_turns([message] for message in messages), strict=True):
        if message.is_instruction:
            continue
        if message.role == "user":
            _question(message, alternatives, busy=busy)
        elif message.role == "assistant":
            _answer(message, alternatives, catalogue, known, busy=busy)


def draw_text(text: str, known: Collection[int] | None = None, pages: Mapping[str, int] | None = None) -> list[int]:
    """Draw model text, cut into the same blocks as while it streamed; return the numbers of `known` that it cites.

    `pages` are the numbers of web pages by their addresses: links to them carry these.
    """
    # What is kept outlives a temporary chat.
    made = _drawn.__wrapped__ if is_temporary(session.current().conversation_id) else _drawn
    drawn = made(text, None if known is None else frozenset(known), tuple((pages or {}).items()))
    for block in drawn:
        st.markdown(block)
    return badges_in("".join(drawn)) if known else []


@lru_cache(maxsize=1024)
def _drawn(text: str, known: frozenset[int] | None, pages: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    # Kept, since the same messages are drawn with every click, and this is the larger part of what that costs.
    return tuple(presentable(block, sources=known, pages=dict(pages)) for block in blocks(text))


def said(message: Message) -> str:
    """Return what a person wrote, without what orchat added for the model."""
    return words(fields(message.details).get("said")) or ("" if message.details else message.text)


def _question(message: Message, alternatives: Alternatives, *, busy: bool) -> None:
    current = session.current()
    with st.chat_message("user", avatar=":material/person:"):
        if current.editing == message.id:
            _editor(message)
            return
        draw_text(said(message))
        enclosures.draw(objects(fields(message.details).get("attached")), key=message.id)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _switcher(message, alternatives)
            edit = f"edit-{message.id}"
            st.button("Edit", key=edit, type="tertiary", disabled=busy, on_click=_edit, args=(message.id,))
            if not busy and not alternatives.get(message.id):
                st.button("Send again", key=f"send-{message.id}", on_click=retry, args=(message.id,))
                delete = f"delete-{message.id}"
                st.button("Delete", key=delete, type="tertiary", on_click=removing.remove, args=(message.id,))


def _editor(message: Message) -> None:
    with st.form(f"editor-{message.id}", border=False):
        st.text_area("Your message", said(message), label_visibility="collapsed", key=f"text-{message.id}")
        with st.container(horizontal=True):
            # By callbacks: a press that is only looked at here is lost when the page is drawn once more before.
            st.form_submit_button("Send", type="primary", on_click=_edited, args=(message,))
            st.form_submit_button("Cancel", on_click=_close_editor)


def _edited(message: Message) -> None:
    text = str(session.widget_value(f"text-{message.id}") or "")
    if text.strip() or fields(message.details).get("attached"):
        _close_editor()
        session.current().intent = Edit(message.id, text)


def _close_editor() -> None:
    session.current().editing = None


def _edit(message_id: str) -> None:
    session.current().editing = message_id


def _answer(
    message: Message, alternatives: Alternatives, catalogue: Catalogue, known: Known | None, *, busy: bool
) -> None:
    slots = answer_slots()
    with slots.reasoning:
        _reasoning(message)
    with slots.text:
        cited = _text(message, known)
    with slots.below:
        _rest(message)
        if message.state != "failed" or cited:
            source_chips.draw(cited, known, conversation_id=message.conversation_id, key=message.id)
        footer(message, alternatives, catalogue, busy=busy, question_id=message.parent_id)


def draw_content(message: Message, known: Known | None) -> list[int]:
    """Draw what a model's message holds, without what stands below an answer; return the sources that it cites."""
    _reasoning(message)
    cited = _text(message, known)
    _rest(message)
    return cited


def _reasoning(message: Message) -> None:
    if reasoning := message.wire.get("reasoning"):
        with st.expander(_thought(message), type="compact"):
            draw_text(reasoning)


def _text(message: Message, known: Known | None) -> list[int]:
    schema, cited = json_answer.schema_of(message), list[int]()
    if schema is not None and message.text:
        json_answer.draw(message.text, schema)
    else:
        cited = draw_text(message.text, known, web_sources.numbered(objects(message.wire.get("annotations"))))
    if refusal := message.wire.get("refusal"):
        st.caption("The model declined:")
        draw_text(refusal)
    return cited


def _rest(message: Message) -> None:
    enclosures.draw_pictures(message)
    web_sources.draw(message.wire.get("annotations"))
    if message.error:
        error_card.draw(message.error, key=message.id, retry=lambda: retry(message.parent_id))


def _thought(message: Message) -> str:
    return f"Thought for {seconds(message.reasoning_ms)}" if message.reasoning_ms else "Reasoning"


def footer(
    message: Message,
    alternatives: Alternatives,
    catalogue: Catalogue,
    *,
    busy: bool,
    question_id: str | None,
    more: Sequence[str] = (),
    turn: Sequence[Message] = (),
) -> None:
    """Draw the quiet line below an answer, with `more` at its end, and its buttons; it may sum up an agent's `turn`."""
    last = turn[-1] if turn else message
    if parts := [part for part in (quiet_line(message, catalogue), *more) if part]:
        st.caption(" · ".join(parts))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _switcher(message, alternatives)
        if message.text:
            components.copy_button(message.text, key=f"copy-{message.id}")
        st.button(
            "Regenerate",
            key=f"retry-{message.id}",
            type="tertiary",
            disabled=busy,
            on_click=_regenerate,
            args=(question_id, message.model_asked),
        )
        beside.button(message, alternatives, busy=busy)
        receipt_dialog.button(message, turn)
        answer_menu.draw(last, question_id, busy=busy)
    answer_menu.draw_below(last)


def retry(question_id: str | None) -> None:
    """Answer a question again; for button callbacks."""
    if question_id:
        session.current().intent = Retry(question_id)


def _regenerate(question_id: str | None, asked: str | None) -> None:
    """Answer again: by the chosen model, or, while several are compared, by the one whose answer it is."""
    if question_id:
        session.current().intent = Retry(question_id, asked if asking.comparing(session.current()) else None)


def _switcher(message: Message, alternatives: Alternatives) -> None:
    siblings = alternatives.get(message.parent_id, [])
    if len(siblings) < 2:
        return
    place = siblings.index(message.id)
    for sign, label, other in (("‹", "Previous version", place - 1), ("›", "Next version", place + 1)):
        there = 0 <= other < len(siblings)
        st.button(
            sign,
            key=f"switch-{message.id}-{other}",
            type="tertiary",
            help=label,
            disabled=not there,
            on_click=_show,
            args=(message.conversation_id, siblings[other] if there else ""),
        )
        if sign == "‹":
            st.caption(f"{place + 1} of {len(siblings)}", width="content")


def _show(conversation_id: str, message_id: str) -> None:
    store, owner = resources.services().store, session.current().owner
    store.set_leaf(owner, conversation_id, store.leaf_below(owner, message_id))
