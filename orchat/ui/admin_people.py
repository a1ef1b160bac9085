"""People, as operators see them: who has been here, who is locked out, and who is deleted with all of theirs."""

import streamlit as st

from orchat.errors import OrchatError
from orchat.store import Known
from orchat.turn import describe
from orchat.ui import admin_keys, resources, session, spreadsheet
from orchat.ui.wording import plain

MOMENT = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")


def draw() -> None:
    """Draw the list, and what can be done about the one who is selected."""
    known = resources.services().store.everybody()
    st.caption(f"{len(known)} people have been here. Select one to lock them out or in, or to delete all of theirs.")
    chosen = st.dataframe(
        spreadsheet.rows(_row(person) for person in known),
        key="people",
        column_config={"First seen": MOMENT, "Last seen": MOMENT},
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
    )
    admin_keys.draw_problem()
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(known):
        _lock(known[rows[0]])
        admin_keys.draw(known[rows[0]])
        _delete(known[rows[0]])


def _row(person: Known) -> dict[str, object]:
    return {
        "Name": person.name,
        "E-mail": person.email,
        "Role": person.role,
        "First seen": person.first_seen,
        "Last seen": person.last_seen,
        "Locked out": person.blocked,
    }


def _lock(person: Known) -> None:
    if person.owner == session.current().owner:
        st.caption("This is you: nobody can lock themselves out.")
        return
    label = f"Let {person.name} in again" if person.blocked else f"Lock {person.name} out"
    st.button(
        plain(label), key="lock", on_click=set_blocked, args=(person.owner,), kwargs={"blocked": not person.blocked}
    )


def set_blocked(owner: str, *, blocked: bool) -> None:
    """Lock somebody out, whose running answers are stopped too, or let them in again; for operators."""
    current, services = session.current(), resources.services()
    if not current.person.operator or owner == current.owner:
        return
    services.store.block(owner, blocked=blocked)
    if blocked:
        services.runs.stop_all_of(owner)
    services.store.note(current.owner, "locked out" if blocked else "let in again", owner)
    admin_keys.disable(owner, disabled=blocked)


def _delete(person: Known) -> None:
    """Offer to delete somebody, with what that takes along in sight."""
    if person.owner == session.current().owner:
        return
    name = plain(person.name)
    panel = st.popover(f"Delete {name} …", icon=":material/delete_forever:", key="delete-person")
    goes = resources.services().store.departure(person.owner)
    with panel:
        st.markdown(
            f"**Everything of {name} goes for good:** {goes.chats:,} chats with {goes.messages:,} messages, "
            f"{goes.file_bytes / 1e6:,.1f} MB of files, {goes.presets} presets, documents, what code has written, "
            "settings, budgets and keys. Running answers are stopped."
        )
        st.caption(
            f"{goes.shared_presets} presets that they share become yours. What they have spent stays counted, without "
            "a name, and the audit log stays. Backups are not changed. Who logs in again begins anew."
        )
        st.button(
            f"Delete everything of {name}",
            key="delete-person-now",
            type="primary",
            on_click=delete,
            args=(person.owner, person.name),
        )


def delete(owner: str, name: str) -> None:
    """Delete somebody with all of theirs; for operators, in button callbacks."""
    current, services, made = session.current(), resources.services(), resources.made_keys()
    if not current.person.operator or owner == current.owner:
        return
    goes = services.store.departure(owner)
    try:
        if made is not None:
            # First: of a key that nobody knows any more nobody could say that it shall end.
            made.forget(owner)
        services.remove_person(owner, heir=current.owner)
    except OrchatError as error:
        current.problem = describe(error)
        return
    services.store.note(current.owner, "deleted", owner, {"chats": goes.chats, "messages": goes.messages})
    current.notice = f"{name} is deleted, with all of theirs."
