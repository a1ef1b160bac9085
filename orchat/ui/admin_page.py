"""The page for operators: who is here, what holds for everybody, who did what, and how orchat is."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import streamlit as st

from orchat.doctor import State, examine
from orchat.errors import NotAdmittedError
from orchat.store import AuditEntry, Store
from orchat.ui import admin_people, admin_settings, budget_admin, resources, session, spreadsheet, storage_tab
from orchat.ui.wording import plain

TABS = ("People", "Budgets", "Settings", "Audit log", "Storage", "Health")
ENTRIES_SHOWN = 200
READ_AT_ONCE = 10_000
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
    # One more, to know whether there are more.
    entries = store.audited(limit=ENTRIES_SHOWN + 1)
    more = f" The newest {ENTRIES_SHOWN} are shown; the file has all of them." if len(entries) > ENTRIES_SHOWN else ""
    st.caption(f"Who did what to whom. Messages and keys are never in it.{more}")
    if not entries:
        st.caption("Nothing has been done yet.")
        return
    names = budget_admin.people()
    lines = [_line(entry, names) for entry in entries[:ENTRIES_SHOWN]]
    st.dataframe(
        spreadsheet.rows(lines),
        key="audit",
        column_config={"At": admin_people.MOMENT},
        hide_index=True,
        width="stretch",
    )
    st.download_button(
        "Download all as CSV",
        lambda: as_csv(all_entries(store)),
        file_name="audit.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _line(entry: AuditEntry, names: Mapping[str, str] = MappingProxyType({})) -> dict[str, object]:
    details = ", ".join(f"{name}: {value}" for name, value in entry.details.items())
    who, whom = (names.get(owner, owner) for owner in (entry.actor, entry.subject))
    return {"At": entry.at, "Who": who, "Did": entry.action, "To": whom, "Details": details}


def all_entries(store: Store) -> Iterator[AuditEntry]:
    """Yield every entry of the audit log, newest first, and hold only some of them at once."""
    before: int | None = None
    while page := store.audited(limit=READ_AT_ONCE, before=before):
        yield from page
        if len(page) < READ_AT_ONCE:
            return
        before = page[-1].number


def as_csv(entries: Iterable[AuditEntry]) -> str:
    """Return entries as CSV whose cells no spreadsheet takes for formulas; people are what they are kept under."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["at", "who", "did", "to", "details"])
    for entry in entries:
        writer.writerow(
            [entry.at.isoformat(), *(spreadsheet.cell(str(said)) for said in list(_line(entry).values())[1:])]
        )
    return text.getvalue()


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
