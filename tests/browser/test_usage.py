"""The usage page: a chart that is drawn, tables and figures that say what the ledger says, and the same as a file."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from orchat.demo import DemoServer
from orchat.store import Store
from orchat.ui.wording import money
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
NewTab = Callable[..., Chat]
COSTS = {
    ("anthropic/claude-opus-4.6", "chat"): "0.0512",
    ("anthropic/claude-haiku-4.5", "chat"): "0.0034",
    ("mistralai/mistral-nemo", "title"): "0.000071",
}
"""The dearest first."""
NAMES = {
    "anthropic/claude-opus-4.6": "Claude Opus 4.6",
    "anthropic/claude-haiku-4.5": "Claude Haiku 4.5",
    "mistralai/mistral-nemo": "Mistral Nemo",
}
DEAR = NAMES["anthropic/claude-opus-4.6"]


@pytest.fixture(scope="module")
def app(browser: object, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """An installation in which something was spent."""
    with AppProcess(demo, tmp_path_factory.mktemp("app")) as app:
        store = app.store
        chat = store.create_conversation(OWNER).id
        store.rename(OWNER, chat, "Dear zebras")
        for (model, kind), cost in COSTS.items():
            spend(store, chat, model, kind, Decimal(cost))
        store.close()
        yield app


def spend(store: Store, chat: str, model: str, kind: str, cost: Decimal) -> None:
    call = store.open_call(OWNER, kind=kind, model_asked=model, conversation_id=chat)  # type: ignore[arg-type] # a kind
    store.update_call(
        OWNER,
        call.id,
        state="done",
        model_answered=model,
        provider="Somebody",
        cost=cost,
        charged=cost,
        prompt_tokens=1_200,
        completion_tokens=300,
    )


def usage(tab: Chat) -> Chat:
    tab.go("/usage")
    expect(tab.page.get_by_role("heading", name="Usage")).to_be_visible(timeout=PATIENCE)
    expect(tab.keyed("usage-csv")).to_be_visible(timeout=PATIENCE)
    expect(tab.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    return tab


def figure(tab: Chat, label: str) -> Locator:
    return tab.page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def rows(tab: Chat, heading: str, number: int) -> list[tuple[str, float, int]]:
    """Name, cost and requests as a table tells those who hear it: what others see is drawn on a canvas."""
    tab.page.get_by_role("tab", name=heading, exact=True).click()
    found = tab.page.locator("[data-testid=stDataFrame]:visible tbody tr")
    expect(found).to_have_count(number, timeout=PATIENCE)
    cells = [row.locator("td").all_text_contents() for row in found.all()]
    return [(name, float(cost), int(requests)) for name, cost, requests, *_ in cells]


def test_the_chart_has_a_bar_of_today_for_each_model_and_a_legend(new_tab: NewTab):
    tab = usage(new_tab())
    chart = tab.page.locator("[role='graphics-document'][aria-label='Spending by day, stacked by model']")
    expect(chart.locator("svg")).to_be_visible(timeout=PATIENCE)
    expect(chart.locator(".role-legend-label text")).to_have_text(sorted(NAMES.values()), timeout=PATIENCE)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for (model, _), cost in COSTS.items():
        bar = chart.locator(f"path[aria-label='Day: {today}; US dollars: {cost}; Model: {NAMES[model]}']")
        expect(bar).to_have_count(1)
    dear = chart.locator(f"path[aria-label$='Model: {DEAR}'][aria-label*='{today}']").bounding_box()
    assert dear is not None
    assert dear["height"] > 100


def test_figures_and_tables_say_what_the_ledger_says(new_tab: NewTab):
    tab = usage(new_tab())
    total = sum(map(Decimal, COSTS.values()), Decimal(0))
    expect(figure(tab, "Spent")).to_have_text(money(total))
    expect(figure(tab, "Requests")).to_have_text("3")
    expect(figure(tab, "Tokens out")).to_have_text("900")
    expected = [(NAMES[model], float(cost), 1) for (model, _), cost in COSTS.items()]
    assert rows(tab, "Models", 3) == expected
    title = float(COSTS["mistralai/mistral-nemo", "title"])
    answers = pytest.approx(float(total) - title)
    assert rows(tab, "What for", 2) == [("Answers", answers, 2), ("Titles of chats", title, 1)]
    assert rows(tab, "Chats", 1) == [("Dear zebras", pytest.approx(float(total)), 3)]


def test_every_request_is_in_the_csv_and_its_sum_is_that_of_the_page(new_tab: NewTab, tmp_path: Path):
    tab = usage(new_tab())
    with tab.page.expect_download(timeout=PATIENCE) as downloaded:
        tab.keyed("usage-csv").get_by_role("button").click()
    today = datetime.now(UTC).date()
    since = today - timedelta(days=29)
    assert downloaded.value.suggested_filename == f"orchat-usage-{since}-{today}.csv"
    downloaded.value.save_as(tmp_path / "usage.csv")
    rows = list(csv.DictReader((tmp_path / "usage.csv").read_text("utf-8").splitlines()))
    spent = sum((Decimal(row["cost"]) for row in rows), Decimal(0))
    assert spent == sum(one.cost for one in tab.store.spending(OWNER, since, today))
    assert {(row["model_answered"], row["kind"]): row["cost"] for row in rows} == COSTS
    expect(figure(tab, "Spent")).to_have_text(money(spent))


def test_a_table_is_sorted_by_a_click_on_a_heading_and_taken_along_as_csv(new_tab: NewTab, tmp_path: Path):
    tab = usage(new_tab())
    # Its dialog belongs to the system: without it the browser saves the file itself.
    tab.page.evaluate("delete window.showSaveFilePicker")
    table = tab.page.locator("[data-testid=stDataFrame]:visible")
    names = table.locator("tbody tr td:first-child")
    expect(names).to_have_text(list(NAMES.values()), timeout=PATIENCE)
    # The headings are drawn, below what scrolls.
    table.locator(".dvn-scroller").click(position={"x": 40, "y": 15})
    expect(names).to_have_text(sorted(NAMES.values()), timeout=PATIENCE)
    table.hover()
    with tab.page.expect_download(timeout=PATIENCE) as downloaded:
        table.get_by_role("button", name="Download as CSV").click()
    downloaded.value.save_as(tmp_path / "models.csv")
    rows = list(csv.DictReader((tmp_path / "models.csv").read_text("utf-8-sig").splitlines()))
    assert [row["Model"] for row in rows] == sorted(NAMES.values())
    assert sorted(Decimal(row["Cost"]) for row in rows) == sorted(map(Decimal, COSTS.values()))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_a_phone_the_page_fits_and_is_accessible(new_tab: NewTab, scheme: str):
    tab = usage(new_tab(viewport=PHONE, color_scheme=scheme))
    assert tab.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert serious(tab) == []
