"""The operators' view of what is kept: by person, and what goes because of its age."""

import streamlit as st

from orchat.limits import Limits
from orchat.ui import resources, session, spreadsheet
from orchat.ui.wording import size

MOMENT = st.column_config.DatetimeColumn(format="D MMM YYYY")


def draw() -> None:
    """Draw who keeps how much, and which chats are deleted next."""
    services = resources.services()
    here = session.current().person
    # Where nobody logs in, nobody has been met.
    names = {here.owner: here.name or here.owner} | {one.owner: one.name for one in services.store.everybody()}
    _kept(services.limits, names)
    _outdated(services.limits, names)


def _kept(limits: Limits, names: dict[str, str]) -> None:
    st.markdown("**Kept**")
    quota = f"Each may keep {size(limits.quota)} (`ORCHAT_QUOTA`)." if limits.quota else "There is no limit."
    st.caption(f"Files in chats, documents for search, and what code has written. {quota}")
    with st.spinner("Measuring…"):
        rows = [(name, limits.kept(owner)) for owner, name in names.items()]
    lines = [
        {
            "Name": name,
            "Files": size(kept.files),
            "Documents": size(kept.documents),
            "Written by code": size(kept.workspaces),
            "Together": size(kept.total),
        }
        for name, kept in sorted(rows, key=lambda row: -row[1].total)
    ]
    st.dataframe(spreadsheet.rows(lines), key="kept", hide_index=True, width="stretch")


def _outdated(limits: Limits, names: dict[str, str]) -> None:
    st.markdown("**Deleted by age**")
    if limits.retention is None:
        st.caption("Chats are kept until somebody deletes them. `ORCHAT_RETENTION_DAYS` changes that.")
        return
    goes = "goes within ten minutes"
    if (hold := limits.hold) is not None:
        goes = f"is kept until {hold.until:%d %b %Y, %H:%M} UTC, so that you can look at it, and goes then"
    st.caption(
        f"A chat is deleted for good {limits.retention.days} days after its last message. "
        f"What is due now {goes}; what it has cost stays in the books."
    )
    if hold is not None and hold.ahead:
        st.warning(f"The clock is {hold.ahead.days} days ahead of when orchat last ran. If it is wrong, put it right.")
    lines = [
        {
            "Name": names.get(due.owner, due.owner),
            "Chats": due.chats,
            "Messages": due.messages,
            "Files": size(due.file_bytes),
            "Oldest": due.oldest,
            "Newest": due.newest,
        }
        for due in limits.outdated()
    ]
    if lines:
        columns = {"Oldest": MOMENT, "Newest": MOMENT}
        st.dataframe(spreadsheet.rows(lines), key="outdated", column_config=columns, hide_index=True, width="stretch")
    else:
        st.caption("Nothing is due at the moment.")
