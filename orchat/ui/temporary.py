"""The temporary chat on the page: the switch that begins one, what is said about it, and the ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.errors import NotFoundError, OrchatError
from orchat.temporary import is_temporary
from orchat.turn import describe
from orchat.ui import choices, components, dialogs, resources, session

if TYPE_CHECKING:
    from orchat.store import Conversation, Kind
    from orchat.ui.tab import Session

SWITCH = "temporary"
ABOUT = (
    ":material/hourglass_empty: **Temporary chat.** Nothing of it is written to disk, and it is gone when you leave "
    "it, reload the page or close the tab. What it costs is counted, without content."
)
GONE, AGAIN = "The temporary chat is gone.", "It ended with its tab, or nobody had used it for hours. Begin a new one."


def draw_switch() -> None:
    """Offer to make the chat that begins now a temporary one, and mark one that is."""
    current = session.current()
    if is_temporary(current.conversation_id):
        # The banner may be out of sight.
        st.caption(":material/hourglass_empty: Temporary", width="content", help=ABOUT)
    current.switch = st.empty()
    current.temporary = current.conversation_id is None and current.switch.toggle(
        "Temporary",
        key=SWITCH,
        help="Nothing of the chat is written to disk, and it is gone when you leave it. What it costs is counted.",
    )


def draw_begun() -> None:
    """Take the switch away: what was just said has begun the chat."""
    current = session.current()
    if current.switch is None or current.conversation_id is None:
        return
    current.switch.empty()
    current.temporary = False


def begin(current: Session, kind: Kind) -> Conversation:
    """Start the chat as the switch says, in the store or in memory."""
    services, settings = resources.services(), choices.as_settings(current)
    if not current.temporary:
        return services.store.create_conversation(current.owner, kind=kind, settings=settings)
    chat, hold = services.temporary.begin(current.owner, kind=kind, settings=settings)
    current.holds[chat.id] = hold
    return chat


def leave_if_gone(current: Session) -> None:
    """Open nothing in place of a temporary chat that has been forgotten."""
    if not is_temporary(current.conversation_id):
        return
    try:
        resources.services().store.conversation(current.owner, current.conversation_id or "")
    except NotFoundError:
        current.open(None)
        current.problem = describe(NotFoundError(GONE, advice=AGAIN))


def draw_banner() -> None:
    """Say that the open chat is temporary, or will be, with what can be done about it."""
    current = session.current()
    open_now = is_temporary(current.conversation_id)
    if not (open_now or current.temporary):
        return
    with st.container(border=True, key="temporary-banner", gap="small"):
        st.markdown(ABOUT)
        if open_now:
            busy = resources.services().runs.is_active(current.owner, current.conversation_id or "")
            with st.container(horizontal=True, gap="small"):
                st.button("Keep this chat", icon=":material/save:", key="keep", on_click=_keep, disabled=busy)
                st.button(
                    "Export",
                    icon=":material/download:",
                    key="export-temporary",
                    type="tertiary",
                    on_click=dialogs.show,
                    args=("export", current.conversation_id),
                )
                st.button("End it now", icon=":material/close:", key="end", on_click=session.new_chat, type="tertiary")
            components.warn_on_leave()


def _keep() -> None:
    current, services = session.current(), resources.services()
    try:
        kept = services.temporary.keep(current.owner, current.conversation_id or "")
    except OrchatError as error:
        current.problem = describe(error)
        return
    current.open(kept.id)
    current.notice = "This chat is kept now, like every other."
