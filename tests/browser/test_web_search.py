"""An answer out of the web: numbered links, the list of its sources, and none of them visited by the page itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
MODEL = "anthropic/claude-haiku-4.5"
QUESTION = "Search the web for sloths"
TITLES = [f"About {QUESTION}", f"News about {QUESTION}"]
PAGES = ["https://example.com/1", "https://example.com/2"]


def links(place: Locator) -> Locator:
    return place.locator("a[href^='https://']")


def searched(chat: Chat) -> Chat:
    """Let the model search the web for an answer."""
    chat.flip("web")
    expect(chat.keyed("web").locator("input")).to_be_checked(timeout=PATIENCE)
    chat.ready().send(QUESTION).ended()
    expect(chat.answer.get_by_text("Sources", exact=True)).to_be_visible(timeout=PATIENCE)
    return chat.ready()


def test_links_carry_numbers_the_sources_are_listed_by_them_and_open_in_another_tab(
    chat_with: Callable[..., Chat],
):
    chat = searched(chat_with(MODEL))
    asked = [request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert asked[0]["tools"][0]["type"] == "openrouter:web_search"
    expect(links(chat.answer)).to_have_count(4)
    assert links(chat.answer).evaluate_all("all => all.map(link => link.href)") == PAGES * 2
    shown = chat.answer.inner_text()
    assert "(example.com¹)" in shown
    assert "(example.com²)" in shown
    listed = chat.answer.locator("ol").filter(has=links(chat.page.locator("li")))
    expect(listed).to_have_count(1)
    assert listed.locator("li").all_inner_texts() == [f"{title} (example.com)" for title in TITLES]
    for link in links(chat.answer).all():
        assert link.get_attribute("target") == "_blank"
        assert set((link.get_attribute("rel") or "").split()) >= {"noopener", "noreferrer"}
    with chat.page.context.expect_page(timeout=PATIENCE) as opened:
        links(listed).first.click()
    # The other tab is alone: it has no way back into this one.
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    chat.page.reload()
    expect(links(chat.ready().answer)).to_have_count(4, timeout=PATIENCE)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_a_phone_the_sources_fit_and_are_accessible(chat_with: Callable[..., Chat], scheme: str):
    chat = searched(chat_with(MODEL, viewport=PHONE, color_scheme=scheme))
    assert chat.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert serious(chat) == []
