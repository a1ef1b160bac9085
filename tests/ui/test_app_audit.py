"""The audit log and what is deleted by age, as operators see them; and the log as a file."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orchat.errors import StoreError
from orchat.people import proxy
from orchat.store import AuditEntry
from orchat.ui import admin_page
from tests.ui.chat_app import ChatApp, words
from tests.ui.test_app_admin import at_admin
from tests.ui.test_app_people import ANN, BOB, as_, owner, say

Start = Callable[..., ChatApp]


@pytest.fixture
def team(start: Start) -> ChatApp:
    return start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com", ORCHAT_RETENTION_DAYS="30")


def at_tab(app: ChatApp, tab: str) -> ChatApp:
    app.page.session_state["admin"] = tab
    return at_admin(app)


def rows(app: ChatApp, place: int = 0) -> list[dict[str, Any]]:
    return app.page.dataframe[place].value.to_dict("records")


def test_the_audit_log_says_who_did_what_to_whom_newest_first(team: ChatApp):
    as_(team, BOB)
    ann = as_(team, ANN)
    team.store.note(owner(ANN), "locked out", owner(BOB))
    team.store.note("orchat", "deleted chats by age", details={"chats": 3})
    shown = [{name: row[name] for name in ("Who", "Did", "To", "Details")} for row in rows(at_tab(ann, "Audit log"))]
    assert shown == [
        {"Who": "orchat", "Did": "deleted chats by age", "To": "", "Details": "chats: 3"},
        {"Who": "Ann", "Did": "locked out", "To": "Bob", "Details": ""},
        {"Who": "Ann", "Did": "came in", "To": "", "Details": "role: operator"},
        {"Who": "Bob", "Did": "came in", "To": "", "Details": "role: user"},
    ]
    [button] = ann.page.get("download_button")
    assert button.label == "Download all as CSV"  # type: ignore[attr-defined] # a button


def test_the_audit_log_says_that_it_shows_the_newest_and_that_the_file_has_all(
    team: ChatApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(admin_page, "ENTRIES_SHOWN", 2)
    as_(team, BOB)
    ann = at_tab(as_(team, ANN), "Audit log")
    assert "The newest" not in words(ann.page.main)
    team.store.note(owner(ANN), "locked out", owner(BOB))
    ann = at_tab(ann, "Audit log")
    assert len(rows(ann)) == 2
    assert "The newest 2 are shown; the file has all of them." in words(ann.page.main)


def test_the_file_has_every_entry_once_however_many_there_are(team: ChatApp, monkeypatch: pytest.MonkeyPatch):
    for number in range(7):
        team.store.note("ann", "did", str(number))
    monkeypatch.setattr(admin_page, "READ_AT_ONCE", 3)
    asked: list[int] = []
    audited = team.store.audited

    def counted(*, limit: int, before: int | None = None) -> list[AuditEntry]:
        asked.append(limit)
        return audited(limit=limit, before=before)

    monkeypatch.setattr(team.store, "audited", counted)
    lines = list(csv.DictReader(io.StringIO(admin_page.as_csv(admin_page.all_entries(team.store)))))
    assert [line["to"] for line in lines] == [str(number) for number in reversed(range(7))]
    assert asked == [3, 3, 3]


def test_exported_cells_are_no_formulas():
    entry = AuditEntry(1, datetime(2026, 1, 2, tzinfo=UTC), "=HYPERLINK(1)", "came in", "@SUM(1)", {"role": "user"})
    assert admin_page.as_csv([entry]).splitlines() == [
        "at,who,did,to,details",
        "2026-01-02T00:00:00+00:00,'=HYPERLINK(1),came in,'@SUM(1),role: user",
    ]


def test_operators_see_whose_chats_are_due_to_be_deleted_by_age(team: ChatApp):
    bob = as_(team, BOB)
    chat = say(bob, "Hello")
    ann = as_(team, ANN)
    assert "Nothing is due at the moment." in words(at_tab(ann, "Storage").page.main)
    written = team.store.conversation(owner(BOB), chat).updated_at
    team.store._now = lambda: datetime.now(UTC) + timedelta(days=31)
    ann = at_tab(ann, "Storage")
    assert "30 days after its last message" in words(ann.page.main)
    [due] = rows(ann, 1)
    assert {name: due[name] for name in ("Name", "Chats", "Messages", "Files")} == {
        "Name": "Bob",
        "Chats": 1,
        "Messages": 2,
        "Files": "0 bytes",
    }
    assert due["Oldest"].to_pydatetime() == due["Newest"].to_pydatetime() == written


def refusals(app: ChatApp) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.actor, entry.details) for entry in app.store.audited() if entry.action == "was not let in"]


EVE = {**ANN, "sub": "eve", "name": "Eve", "email": "eve@example.com"}
UNPROVED = {**EVE, "email": "bob@example.com", "email_verified": False}


@pytest.mark.parametrize(
    "claims, called, why",
    [
        (EVE, "eve@example.com", "not on the list"),
        (UNPROVED, "bob@example.com", "the address is not verified"),
        ({**EVE, "email": "", "email_verified": False}, "Eve", "not on the list"),
        ({**BOB, "sub": ""}, "bob@example.com", "the provider names nobody"),
    ],
)
def test_who_is_refused_after_a_login_is_noted_with_the_reason(
    start: Start, claims: dict[str, Any], called: str, why: str
):
    team = start(ORCHAT_LOGIN="oidc", ORCHAT_ALLOWED="bob@example.com", ORCHAT_OPERATORS="ann@example.com")
    tab = as_(team, {**claims, "nonce": "s3cret"})
    tab.run()
    assert refusals(team) == [(f"{ANN['iss']}|{claims['sub'] or '?'}", {"why": why, "called": called, "times": 2})]
    assert "s3cret" not in str(team.store.audited())
    # Nobody learns by this whose address would be let in.
    assert "verified" not in words(tab.page.main)
    ann = at_tab(as_(team, ANN), "Audit log")
    assert f"why: {why}, called: {called}, times: 2" in [row["Details"] for row in rows(ann)]


def test_who_was_locked_out_and_tries_again_is_noted(team: ChatApp):
    as_(team, BOB)
    team.store.block(owner(BOB), blocked=True)
    as_(team, BOB)
    assert refusals(team) == [(owner(BOB), {"why": "locked out", "called": "bob@example.com", "times": 1})]


def test_who_poses_as_the_proxy_is_noted_with_their_address_and_the_name_they_took(start: Start):
    team = start(ORCHAT_LOGIN="proxy", ORCHAT_PROXY_ADDRESSES="10.0.0.1", ORCHAT_ALLOWED="ann")
    tab = as_(team, {proxy.USER_KEY: proxy.refuse("2001:db8::7", "ann")})
    assert "did not say who you are" in words(tab.page.main)
    posing = {"why": "named in the proxy's header, from another address", "called": "ann", "times": 1}
    assert refusals(team) == [("2001:db8::7", posing)]
    as_(team, {proxy.USER_KEY: proxy.vouch("eve")})
    assert refusals(team)[0] == ("proxy|eve", {"why": "not on the list", "called": "eve", "times": 1})


def test_who_is_refused_is_told_so_where_it_cannot_be_written_down(start: Start, monkeypatch: pytest.MonkeyPatch):
    team = start(ORCHAT_LOGIN="oidc", ORCHAT_ALLOWED="bob@example.com")

    def fail(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(team.store, "note_refused", fail)
    assert "not on the list" in words(as_(team, EVE).page.main)


def test_an_empty_audit_log_says_so(start: Start):
    app = at_tab(start(), "Audit log")
    assert "Nothing has been done yet." in words(app.page.main)
    assert len(app.page.dataframe) == 0
