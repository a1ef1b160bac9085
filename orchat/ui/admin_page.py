"""The page for operators: who is here, what holds for everybody, who did what, and how orchat is."""

import csv
import io
from collections.abc import Sequence

import streamlit as st

from orchat.doctor import State, examine
from orchat.errors import NotAdmittedError
from orchat.store import AuditEntry, Known
from orchat.ui import admin_keys, admin_settings, budget_admin, resources, session, storage_tab
from orchat.ui.wording import plain

TABS = ("People", "Budgets", "Settings", "Audit log", "Storage", "Health")
ENTRIES_SHOWN = 200
ENTRIES_EXPORTED = 100_000
MOMENT = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
ICONS = {State.FINE: ":green[:material/check:]", State.WARNING: ":orange[:material/warning:]", State.FAILED: ":red[✗]"}


def draw() -> None:
    """Draw the page, for operators only.

    Raises:
        NotAdmittedError: whoever is here is none.
    """
    if not session.current().person.operator:
        raise NotAdmittedError(
            "This page is for operators.", advice="Whoever runs this orchat names them in ORCHAT_OPERATORS."
        )
    st.title("Administration")
    people, budgets, settings, audit, storage, health = st.tabs(TABS, on_change="rerun", key="admin")
    if people.open:
        with people:
            _people()
    if budgets.open:
        with budgets:
            budget_admin.draw()
    if settings.open:
        with settings:
            admin_settings.draw()
    if audit.open:
        with audit:
            _audit()
    if storage.open:
        with storage:
            storage_tab.draw()
    if health.open:
        with health:
            _health()


def _people() -> None:
    known = resources.services().store.everybody()
    st.caption(f"{len(known)} people have been here. Select one to lock them out or let them in again.")
    chosen = st.dataframe(
        [_row(person) for person in known],
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


def _audit() -> None:
    store = resources.services().store
    entries = store.audited(limit=ENTRIES_SHOWN)
    st.caption("Who did what to whom. Messages and keys are never in it.")
    lines = [_line(entry) for entry in entries]
    st.dataframe(lines, key="audit", column_config={"At": MOMENT}, hide_index=True, width="stretch")
    st.download_button(
        "Download as CSV",
        lambda: as_csv(store.audited(limit=ENTRIES_EXPORTED)),
        file_name="audit.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _line(entry: AuditEntry) -> dict[str, object]:
    details = ", ".join(f"{name}: {value}" for name, value in entry.details.items())
    return {"At": entry.at, "Who": entry.actor, "Did": entry.action, "To": entry.subject, "Details": details}


def as_csv(entries: Sequence[AuditEntry]) -> str:
    """Return entries as CSV whose cells no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["at", "who", "did", "to", "details"])
    for entry in entries:
        line = _line(entry)
        writer.writerow(
            [entry.at.isoformat(), *(_harmless(str(line[name])) for name in ("Who", "Did", "To", "Details"))]
        )
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _health() -> None:
    services = resources.services()
    queue = services.runs.queue
    left, right = st.columns(2)
    left.metric("Answers on their way", queue.busy, border=True)
    right.metric("Answers that wait", queue.waiting, border=True)
    with st.spinner("Looking at everything…"):
        findings = examine(services.live.current)
    for finding in findings:
        st.markdown(f"{ICONS[finding.state]} **{plain(finding.subject)}**: {plain(finding.said)}")
        if finding.advice:
            st.caption(plain(finding.advice))
