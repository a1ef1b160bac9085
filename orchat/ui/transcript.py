"""The transcript: messages as they are stored, drawn the same way as while they arrive."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from orchat.continuing import answers, joined
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
from orchat.ui.wording import in_lines, quiet_lines, seconds
from orchat.wire import JSON, fields, objects, words

Alternatives = dict[str | None, list[str]]
"""Ids of the messages below each parent, oldest first."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The places of an answer: stored and streaming ones fill the same, so nothing jumps when one becomes the other."""

    reasoning: DeltaGenerator
    text: DeltaGenerator
    found: DeltaGenerator
    """Pictures, and the pages that are cited."""
    below: DeltaGenerator
    """Holds one thing: buttons would stay on the page, faded, while an answer goes on."""


def answer_slots() -> Slots:
    """Draw an empty answer."""
    with st.chat_message("assistant", avatar=":material/auto_awesome:"):
        return Slots(st.container(), st.container(), st.container(), st.empty())


def draw(messages: Sequence[Message], alternatives: Alternatives, catalogue: Catalogue, *, busy: bool) -> None:
    """Draw a branch of messages; while an answer is on its way (`busy`) nothing can be asked for."""
    parts = list(answers(messages))
    for part, known in zip(parts, source_chips.of_turns(parts), strict=True):
        if part[0].role == "user":
            _question(part[0], alternatives, busy=busy)
        elif part[0].role == "assistant":
            _answer(part, alternatives, catalogue, known, busy=busy)


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
    parts: Sequence[Message], alternatives: Alternatives, catalogue: Catalogue, known: Known | None, *, busy: bool
) -> None:
    slots, last = answer_slots(), parts[-1]
    draw_around(slots, parts)
    with slots.text:
        cited = _text(parts, known)
    with slots.below.container():
        _error(last)
        if last.state != "failed" or cited:
            source_chips.draw(cited, known, conversation_id=last.conversation_id, key=last.id)
        footer(last, alternatives, catalogue, busy=busy, question_id=parts[0].parent_id, begun=parts[:-1])


def draw_around(slots: Slots, parts: Sequence[Message]) -> None:
    """Draw what belongs to an answer beside its text, of all its parts."""
    with slots.reasoning:
        for message in parts:
            _reasoning(message)
    with slots.found:
        _found(parts)


def draw_content(message: Message, known: Known | None) -> list[int]:
    """Draw what a model's message holds, without what stands below an answer; return the sources that it cites."""
    _reasoning(message)
    cited = _text([message], known)
    _found([message])
    _error(message)
    return cited


def _reasoning(message: Message) -> None:
    if reasoning := message.wire.get("reasoning"):
        with st.expander(_thought(message), type="compact"):
            draw_text(reasoning)


def _text(parts: Sequence[Message], known: Known | None) -> list[int]:
    schema, text, cited = json_answer.schema_of(parts[0]), joined(parts), list[int]()
    if schema is not None and text:
        json_answer.draw(text, schema)
    else:
        cited = draw_text(text, known, web_sources.numbered(annotations(parts)))
    for refusal in filter(None, (message.wire.get("refusal") for message in parts)):
        st.caption("The model declined:")
        draw_text(refusal)
    return cited


def annotations(parts: Iterable[Message]) -> list[JSON]:
    """Return what an answer cites, of all its parts."""
    return [annotation for message in parts for annotation in objects(message.wire.get("annotations"))]


def _found(parts: Sequence[Message]) -> None:
    for message in parts:
        enclosures.draw_pictures(message)
    web_sources.draw(annotations(parts))


def _error(message: Message) -> None:
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
    begun: Sequence[Message] = (),
) -> None:
    """Draw the quiet line below an answer, with `more` at its end, and its buttons.

    It may sum up an agent's `turn`, or be the last part of what was `begun` in others: each part has a line of its own.
    """
    last, parts = turn[-1] if turn else message, [*begun, message]
    *lines, line = quiet_lines(parts, catalogue)
    if lines := [line for line in (*lines, " · ".join(filter(None, [line, *more]))) if line]:
        st.caption(in_lines(lines))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for part in parts:
            _switcher(part, alternatives, "version" if part is parts[0] else "continuation")
        if text := joined(parts):
            components.copy_button(text, key=f"copy-{message.id}")
        st.button(
            "Regenerate",
            key=f"retry-{message.id}",
            type="tertiary",
            disabled=busy,
            on_click=_regenerate,
            args=(question_id, parts[0].model_asked),
        )
        beside.button(message, alternatives, busy=busy)
        receipt_dialog.button(message, turn, parts=parts)
        answer_menu.draw(last, question_id, busy=busy, begun=begun)
    answer_menu.draw_below(last, begun)


def retry(question_id: str | None) -> None:
    """Answer a question again; for button callbacks."""
    if question_id:
        session.current().intent = Retry(question_id)


def _regenerate(question_id: str | None, asked: str | None) -> None:
    """Answer again: by the chosen model, or, while several are compared, by the one whose answer it is."""
    if question_id:
        session.current().intent = Retry(question_id, asked if asking.comparing(session.current()) else None)


def _switcher(message: Message, alternatives: Alternatives, what: str = "version") -> None:
    siblings = alternatives.get(message.parent_id, [])
    if len(siblings) < 2:
        return
    place = siblings.index(message.id)
    for sign, label, other in (("‹", f"Previous {what}", place - 1), ("›", f"Next {what}", place + 1)):
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
