"""The models page with real clicks: into the table, into the plot, and on to a chat."""

from collections.abc import Callable

import pytest

from tests.browser.chat_page import Chat

pytestmark = pytest.mark.browser
HEADER, ROW = 35, 35
"""Pixels: the table is drawn on a canvas, which has no rows to ask for."""


def looked_for(tab: Chat, words: str) -> None:
    """Open the page and leave one model in it."""
    page = tab.page
    page.goto(f"{tab.app.url}/models")
    page.get_by_test_id("stDataFrame").wait_for()
    page.get_by_placeholder("Name or maker").fill(words)
    page.get_by_placeholder("Name or maker").press("Enter")
    page.get_by_text("1 of").wait_for()


def test_a_model_that_is_clicked_on_shows_who_serves_it_and_answers_in_a_chat(new_tab: Callable[..., Chat]):
    tab = new_tab()
    page = tab.page
    looked_for(tab, "mistral nemo")
    page.get_by_test_id("stDataFrame").click(position={"x": 15, "y": HEADER + ROW / 2})
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Who serves it").wait_for()
    dialog.get_by_test_id("stDataFrame").wait_for()
    dialog.get_by_role("button", name="Make it a favourite").click()
    dialog.get_by_role("button", name="A favourite").wait_for()
    dialog.get_by_role("button", name="Chat with this model").click()
    tab.ready()
    assert "/models" not in page.url
    tab.box.fill("Hello")
    tab.box.press("Enter")
    tab.answer.get_by_text("Mistral Nemo").first.wait_for()
    asked = [request.body["model"] for request in tab.app.demo.requests if request.path.endswith("completions")]
    assert asked[0] == "mistralai/mistral-nemo"


def test_a_point_of_the_plot_opens_its_model_and_stays_closed_afterwards(new_tab: Callable[..., Chat]):
    tab = new_tab()
    page = tab.page
    looked_for(tab, "mistral nemo")
    page.get_by_text("Plot", exact=True).click()
    page.locator(".st-key-models-plot svg .mark-symbol path").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Who serves it").wait_for()
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="hidden")
    page.get_by_text("Tools", exact=True).click()
    page.get_by_text("1 of").wait_for()
    page.wait_for_timeout(1000)
    assert dialog.count() == 0
