"""How much a person keeps of what they may keep, and whether they may bring more now."""

import streamlit as st

from orchat.errors import AskedTooOftenError, QuotaExceededError
from orchat.library import Shelf
from orchat.ui import resources, session
from orchat.ui.wording import plain, size


def draw(shelf: Shelf) -> None:
    """Say how much there is, where there is a limit; everybody's shelf is nobody's."""
    limits = resources.services().limits
    if limits.quota is None or shelf is Shelf.SHARED:
        return
    kept = limits.kept(session.current().owner)
    st.progress(
        min(1.0, kept.total / limits.quota),
        f"You keep {size(kept.total)} of {size(limits.quota)}: {size(kept.documents)} of documents, "
        f"{size(kept.files)} of files in chats, {size(kept.workspaces)} that code has written.",
    )


def may_add() -> bool:
    """Count that a person brings documents, as often as they may; says when they may again."""
    try:
        resources.services().limits.check_rate(session.current().owner)
    except AskedTooOftenError as error:
        st.error(f"**{plain(error.message)}** {plain(error.advice)}", icon=":material/hourglass_top:")
        return False
    return True


def has_room(shelf: Shelf, more: int) -> bool:
    """Whether so many bytes more may be kept on a shelf; says why not."""
    if shelf is Shelf.SHARED:
        return True
    try:
        resources.services().limits.check_quota(session.current().owner, more)
    except QuotaExceededError as error:
        st.error(f"**{plain(error.message)}** {plain(error.advice)}", icon=":material/hard_drive:")
        return False
    return True
