"""Notes on the page of a conversation: whose replies these are, what goes along, what is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from orchat.ui import resources, session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.connections import Connection
    from orchat.runs import Run
    from orchat.store import Message


def draw_simulation(connection: Connection) -> None:
    """Say that replies are simulated, or that there is no key."""
    if connection.simulated:
        st.info(
            "**Replies are simulated.** To talk to real models, press *Use my OpenRouter key* in the sidebar, "
            "or set `OPENROUTER_API_KEY` and start orchat again.",
            icon=":material/theater_comedy:",
        )
    elif connection.keyless:
        st.info("**A key is needed.** Press *Use my OpenRouter key* in the sidebar, or set `OPENROUTER_API_KEY`.")


def draw_held() -> None:
    """Name the files that could not be sent with their message, and offer to leave them out."""
    current = session.current()
    if current.held:
        names = ", ".join(plain(file.name) for file in current.held)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f":material/attach_file: With the next message: {names}", width="content")
            st.button("Leave out", key="held-out", type="tertiary", on_click=_leave_out)


def _leave_out() -> None:
    session.current().held = ()


@st.fragment(run_every=0.5)
def wait_for_the_rest(run: Run) -> None:
    """Title and cost arrive a moment after the answer: draw the page again when they are there."""
    if run.settled.is_set():
        st.rerun(scope="app")


@st.fragment(run_every=2.0)
def look_again(drawn: Message) -> None:
    """Watch an answer that another process writes, or that nobody writes any more, until it is known which."""
    st.caption("This answer is being written by another process, or was interrupted. Looking again…")
    services, owner = resources.services(), session.current().owner
    known = services.runs.is_active(owner, drawn.conversation_id)
    part = services.chats.branch_part(owner, drawn.conversation_id, most=1)
    if known or part.messages[-1:] != [drawn]:
        st.rerun(scope="app")
