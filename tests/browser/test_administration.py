"""The operators' page in a browser: readable on a desktop and on a phone, light and dark; the log as a file."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious
from tests.browser.test_login import ANN, BOB, NewTab, log_in, owner
from tests.hosting.provider import LoginProcess, Provider

pytestmark = pytest.mark.browser
DESKTOP = {"width": 1280, "height": 800}
SHOWN = {
    "People": "have been here",
    "Budgets": "Each person",
    "Settings": "The only models that may be asked",
    "Audit log": "Who did what to whom",
    "Storage": "A chat is deleted for good 30 days after",
}
"""What each part of the page has, at the earliest when the rest of it is there."""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        provider.person = ANN
        yield provider


@pytest.fixture(scope="module")
def app(
    browser: Any, demo: DemoServer, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppProcess]:
    settings = {"ORCHAT_OPERATORS": ANN["email"], "ORCHAT_RETENTION_DAYS": "30", "ORCHAT_BUDGET": "user: 5/day"}
    with LoginProcess(demo, provider, tmp_path_factory.mktemp("admin"), **settings) as app:
        yield app


def fill(tab: Chat, provider: Provider) -> None:
    """Lock Bob out, and let a chat of his be due; the upkeep, which would delete it, looks at the start alone."""
    ann, bob, store = owner(provider, ANN), owner(provider, BOB), tab.store
    store.meet(bob, name="Bob Example", email="bob@example.com", role="user")
    store.block(bob, blocked=True)
    for number in range(3):
        store.note(ann, "changed a setting", "runs_at_once", {"from": number, "to": number + 1})
    store.note(ann, "locked out", bob)
    store._now = lambda: datetime.now(UTC) - timedelta(days=31)
    chat = store.create_conversation(bob).id
    store.add_message(bob, chat, role="user", wire={"role": "user", "content": "Hello"}, parent_id=None)


def at_administration(tab: Chat) -> Chat:
    """Log in as an operator, and go there."""
    tab.go()
    log_in(tab.page)
    tab.ready().go("/admin")
    expect(tab.page.get_by_role("heading", name="Administration")).to_be_visible(timeout=PATIENCE)
    return tab


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_each_part_of_it_is_accessible_and_as_wide_as_the_screen(
    new_tab: NewTab, provider: Provider, viewport: dict[str, int], scheme: str
):
    tab = new_tab(viewport=viewport, color_scheme=scheme)
    fill(tab, provider)
    at_administration(tab)
    for name, shown in SHOWN.items():
        tab.page.get_by_role("tab", name=name).click()
        expect(tab.page.get_by_text(shown).first).to_be_visible(timeout=PATIENCE)
        assert serious(tab) == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_the_audit_log_is_downloaded_as_csv(new_tab: NewTab, provider: Provider):
    tab = new_tab()
    fill(tab, provider)
    at_administration(tab).page.get_by_role("tab", name="Audit log").click()
    with tab.page.expect_download(timeout=PATIENCE) as download:
        tab.page.get_by_role("button", name="Download all as CSV").click()
    assert download.value.suggested_filename == "audit.csv"
    with Path(download.value.path()).open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["did"] for line in lines] == [entry.action for entry in tab.store.audited()]
    assert (owner(provider, ANN), "locked out", owner(provider, BOB)) in [
        (line["who"], line["did"], line["to"]) for line in lines
    ]
