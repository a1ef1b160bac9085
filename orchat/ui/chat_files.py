"""The documents of the open chat while they are read, and those that cannot be."""

import streamlit as st

from orchat.library import Shelf
from orchat.search.records import FileState, FileStatus
from orchat.ui import resources, session
from orchat.ui.wording import plain
from orchat.wire import fields

BUSY = (FileState.QUEUED, FileState.PARSING)


def draw() -> None:
    """Say what is on its way, until it is there."""
    statuses = _statuses()
    for status in statuses:
        if status.state is FileState.FAILED:
            st.caption(f":material/error: {plain(status.name)} cannot be searched: {plain(status.reason)}")
    if any(status.state in BUSY for status in statuses):
        _watch()


@st.fragment(run_every=0.7)
def _watch() -> None:
    names = [plain(status.name) for status in _statuses() if status.state in BUSY]
    if not names:
        st.rerun(scope="app")
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    st.caption(f":material/hourglass_top: {listed} {'is' if len(names) == 1 else 'are'} being read…")


def _statuses() -> list[FileStatus]:
    current = session.current()
    # A chat to which nothing was attached has no shelf, and gets none by being looked at.
    if current.conversation_id is None:
        return []
    if not current.earlier and not any(fields(m.details).get("attached") for m in current.branch):
        return []
    reach = resources.services().library.in_reach(current.owner, current.conversation_id)
    return reach[Shelf.CHAT].status() if Shelf.CHAT in reach else []
