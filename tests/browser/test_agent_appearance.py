"""The agent's page, light and dark, on a desk and on a phone: nothing cut off, no serious finding of axe-core."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.agent_app import agent, app, tools  # noqa: F401 - fixtures
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, serious
from tests.laboratory import MAIL

pytestmark = pytest.mark.browser
Agent = Callable[..., Chat]
WORK = ("think First the sales.", 'call sales {"year": 2025} && explode', f"{MAIL} && send_mail {{}}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_steps_approvals_and_the_panels_are_accessible(agent: Agent, scheme: str):  # noqa: F811
    chat = agent(color_scheme=scheme).do(*WORK)
    expect(chat.page.get_by_text("would like to run")).to_have_count(2, timeout=PATIENCE)
    chat.ready()
    assert serious(chat) == []
    chat.press("Deny")
    chat.page.get_by_role("button", name="Edit", exact=True).nth(1).click()
    expect(chat.page.get_by_role("button", name="Run with these")).to_be_visible(timeout=PATIENCE)
    assert serious(chat) == []
    for panel, inside in (("tools-panel", "Use none"), ("agent-options", "Most model calls per turn")):
        chat.keyed(panel).get_by_role("button").first.click()
        expect(chat.page.get_by_text(inside, exact=True)).to_be_visible(timeout=PATIENCE)
        assert serious(chat) == []
        chat.page.keyboard.press("Escape")


def test_on_a_phone_an_approval_is_in_reach_and_nothing_is_cut_off(agent: Agent):  # noqa: F811
    chat = agent(viewport=PHONE, has_touch=True, is_mobile=True).do(*WORK)
    expect(chat.page.get_by_text("would like to run")).to_have_count(2, timeout=PATIENCE)
    chat.ready()
    wide = """() => [...document.querySelectorAll('[data-testid="stMain"], [data-testid="stMain"] *')]
        .filter(part => part.getBoundingClientRect().right > window.innerWidth + 1 && part.checkVisibility())
        .map(part => part.outerHTML.slice(0, 200))"""
    assert chat.page.evaluate(wide) == []
    expect(chat.box).to_be_in_viewport(ratio=1)
    chat.keyed("tools-panel").get_by_role("button").first.tap()
    expect(chat.keyed("tool-clock")).to_be_in_viewport(timeout=PATIENCE)
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
