"""Answers beside each other: which are shown so, and which of them the chat goes on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import resources, session

if TYPE_CHECKING:
    from orchat.store import Message

BESIDE = "side_by_side"
"""Where the settings of a chat name the answers that are shown beside each other."""
MOST = 4


def shown(branch: Sequence[Message]) -> list[str]:
    """Return the ids of the answers to show beside each other at the end of a branch; none: it is shown alone."""
    current = session.current()
    runs = resources.services().runs.together(current.owner, current.conversation_id or "")
    # All that began together belong together while one is on its way, in whichever tab they were asked for.
    going = [run.turn.message_id for run in runs] if any(run.active for run in runs) else []
    # One that was deleted meanwhile stands beside nothing any more.
    here = current.below.get(branch[-1].parent_id, []) if branch else []
    for ids in (going, [str(known) for known in current.kept.get(BESIDE) or () if known in here]):
        if len(ids) > 1 and branch and branch[-1].id in ids:
            return ids
    return []


def show(ids: Sequence[str]) -> None:
    """Show these answers beside each other from now on; none: the chosen one alone."""
    current = session.current()
    current.kept = {**current.kept, BESIDE: list(ids)}
    if current.conversation_id is not None:
        store = resources.services().store
        store.update_settings(current.owner, current.conversation_id, {BESIDE: list(ids)})


def go_on_with(answer: Message) -> None:
    """Let the chat go on below one of them; for button callbacks."""
    resources.services().store.set_leaf(session.current().owner, answer.conversation_id, answer.id)
    show(())


def button(message: Message, alternatives: Mapping[str | None, Sequence[str]], *, busy: bool) -> None:
    """Offer to show the last answer of the branch beside the others to its question, if there are any."""
    siblings = alternatives.get(message.parent_id, ())
    last = session.current().branch[-1:]
    if len(siblings) > 1 and last and last[0].id == message.id and session.current().kind == "chat":
        st.button(
            "Side by side",
            key=f"beside-{message.id}",
            icon=":material/view_column:",
            type="tertiary",
            help="Show the answers side by side",
            disabled=busy,
            on_click=show,
            args=(around(siblings, message.id),),
        )


def around(siblings: Sequence[str], shown_now: str) -> list[str]:
    """Return the latest siblings, as many as fit, with the one that is shown among them."""
    latest = list(siblings[-MOST:])
    return latest if shown_now in latest else [shown_now, *latest[1:]]
