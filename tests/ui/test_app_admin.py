"""The operators' page: for operators only, and everything done there is in the audit log."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from orchat.store import AuditEntry
from orchat.ui import admin_page, banner
from tests.ui.chat_app import ChatApp, words
from tests.ui.test_app_people import ANN, BOB, as_, owner

Start = Callable[..., ChatApp]
PAGE = "pages/admin.py"
TABS = ("People", "Budgets", "Audit log", "Notice", "Storage", "Health")


@pytest.fixture
def team(start: Start) -> ChatApp:
    return start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com")


def at_admin(app: ChatApp) -> ChatApp:
    app.page.switch_page(PAGE)
    app.run()
    return app


def test_who_is_no_operator_is_told_so_and_sees_nobody(team: ChatApp):
    as_(team, ANN)
    app = at_admin(as_(team, BOB))
    assert "This page is for operators" in words(app.page.main)
    assert len(app.page.dataframe) == 0
    assert "Ann" not in words(app.page.main)


def test_an_operator_sees_who_was_here_and_what_happened(team: ChatApp):
    as_(team, BOB)
    app = at_admin(as_(team, ANN))
    assert [tab.label for tab in app.page.tabs] == list(TABS)
    [people] = app.page.dataframe
    assert set(people.value["Name"]) == {"Ann", "Bob"}
    assert dict(zip(people.value["Name"], people.value["Role"], strict=True)) == {"Ann": "operator", "Bob": "user"}


def test_a_notice_is_shown_to_everybody_as_it_stands(team: ChatApp, monkeypatch: pytest.MonkeyPatch):
    team.store.save_preference(banner.EVERYBODY, banner.NAME, "Down at noon ![x](https://evil.test/x.png)")
    banner._read.clear()
    app = as_(team, BOB)
    [notice] = [info.value for info in app.page.info if "noon" in info.value]
    assert "![x](" not in notice


CALL = """
import streamlit as st
from orchat.errors import NotAdmittedError
from orchat.ui import admin_page, banner, budget_admin, entrance
entrance.enter()
try:
    {call}
except NotAdmittedError:
    st.write("refused")
"""


def call(app: ChatApp, claims: dict[str, object], what: str) -> str:
    """Call what a callback of the page calls, as this person."""
    from streamlit.testing.v1 import AppTest

    page = AppTest.from_string(CALL.format(call=what), default_timeout=30)
    page.user = claims
    page.run()
    assert list(page.exception) == []
    return words(page.main)


def test_locking_out_is_for_operators_and_is_written_down(team: ChatApp):
    as_(team, BOB)
    as_(team, ANN)
    ann, bob = owner(ANN), owner(BOB)
    call(team, BOB, f"admin_page.set_blocked({ann!r}, blocked=True)")
    assert [known.owner for known in team.store.everybody() if known.blocked] == []
    call(team, ANN, f"admin_page.set_blocked({bob!r}, blocked=True)")
    assert [known.owner for known in team.store.everybody() if known.blocked] == [bob]
    entry = team.store.audited()[0]
    assert (entry.actor, entry.action, entry.subject) == (ann, "locked out", bob)


def test_nobody_locks_themselves_out(team: ChatApp):
    as_(team, ANN)
    call(team, ANN, f"admin_page.set_blocked({owner(ANN)!r}, blocked=True)")
    assert [known.owner for known in team.store.everybody() if known.blocked] == []


def test_the_notice_is_written_by_operators_only(team: ChatApp):
    assert call(team, BOB, "banner.show('Hacked')") == "refused"
    assert team.store.preference(banner.EVERYBODY, banner.NAME) is None
    call(team, ANN, "banner.show('x' * 10_000)")
    assert team.store.preference(banner.EVERYBODY, banner.NAME) == "x" * banner.LONGEST
    assert team.store.audited()[0].action == "changed the notice"


def test_exported_cells_are_no_formulas():
    entry = AuditEntry(1, datetime(2026, 1, 2, tzinfo=UTC), "=HYPERLINK(1)", "came in", "@SUM(1)", {"role": "user"})
    assert admin_page.as_csv([entry]).splitlines() == [
        "at,who,did,to,details",
        "2026-01-02T00:00:00+00:00,'=HYPERLINK(1),came in,'@SUM(1),role: user",
    ]
