"""The page for operators: who is here, what holds for everybody, who did what, and how orchat is."""

import csv
import io
from collections.abc import Sequence

import streamlit as st

from orchat.doctor import State, examine
from orchat.errors import NotAdmittedError
from orchat.store import AuditEntry
from orchat.ui import admin_people, admin_settings, budget_admin, resources, session, storage_tab
from orchat.ui.wording import plain

TABS = ("People", "Budgets", "Settings", "Audit log", "Storage", "Health")
ENTRIES_SHOWN = 200
ENTRIES_EXPORTED = 100_000
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
            admin_people.draw()
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


def _audit() -> None:
    store = resources.services().store
    entries = store.audited(limit=ENTRIES_SHOWN)
    st.caption("Who did what to whom. Messages and keys are never in it.")
    lines = [_line(entry) for entry in entries]
    st.dataframe(lines, key="audit", column_config={"At": admin_people.MOMENT}, hide_index=True, width="stretch")
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
