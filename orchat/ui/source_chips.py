"""Source chips: what the answers of a conversation may cite, and below an answer a row of what it cites."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from orchat.agent.sources import kept_by, read_kept
from orchat.errors import NotFoundError
from orchat.sources import Source, used_by
from orchat.store import Message
from orchat.temporary import is_temporary
from orchat.ui import preview, resources, session
from orchat.ui.wording import plain

Known = dict[int, Source]
"""Sources by their numbers."""
NAME_SHOWN = 40


def of_turns(turns: Iterable[Sequence[Message]]) -> list[Known | None]:
    """Return what each turn may cite: the sources that it was given itself.

    None before anybody has looked for sources: until then a number in brackets is no citation.
    """
    found: list[Known | None] = []
    before: Known | None = None
    for turn in turns:
        known = _of_turn(turn)
        if known is None and before:
            # It goes on with what was cut, and may cite what that could.
            known = before
        before = found[-1] if found and any(message.is_instruction for message in turn) else None
        began = known is not None or any(earlier is not None for earlier in found[-1:])
        found.append((known or {}) if began else None)
    return found


def _of_turn(turn: Sequence[Message]) -> Known | None:
    known: Known | None = None
    for message in turn:
        before = used_by(message)
        found = read((message.details or {}).get("artifacts"))
        if before is not None or found:
            known = {**(known or {}), **found, **{source.number: source for source in before or ()}}
    return known


def read(artifacts: Any) -> Known:
    """Return the sources among the artifacts of a call."""
    current = session.current()
    # The cache outlives a temporary chat.
    found = _found if is_temporary(current.conversation_id) else _kept
    sources: Known = {}
    for sha256 in kept_by(artifacts):
        # Not in the cache: who has none today may have them tomorrow.
        with suppress(NotFoundError):
            sources |= {source.number: source for source in found(current.owner, sha256)}
    return sources


@st.cache_data(max_entries=200, show_spinner=False)
def _kept(owner: str, sha256: str) -> list[Source]:
    return _found(owner, sha256)


def _found(owner: str, sha256: str) -> list[Source]:
    return read_kept(resources.services().store.file_data(owner, sha256))


def draw(cited: Sequence[int], known: Known | None, *, conversation_id: str, key: str) -> None:
    """Draw the sources that an answer cites, or say that it cites none of those that it was given."""
    if known is None or (not known and not cited):
        return
    if not cited:
        st.caption(f"None of the {len(known)} passages that were found is cited here.")
        return
    with st.container(horizontal=True, gap="small", key=f"sources-{key}"):
        for number in cited:
            source = known[number]
            label = " · ".join(filter(None, (_short(source.name), _short(source.place))))
            st.button(
                f"**{number}** {plain(label)}",
                key=f"source-{key}-{number}",
                icon=":material/description:",
                on_click=preview.show,
                args=(source, conversation_id),
            )


def _short(text: str) -> str:
    return text if len(text) <= NAME_SHOWN else f"{text[: NAME_SHOWN - 1]}…"
