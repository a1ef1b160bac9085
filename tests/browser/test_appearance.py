"""Light and dark, desktop and phone, and for everybody: no serious finding of axe-core."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
ChatWith = Callable[..., Chat]
NewTab = Callable[..., Chat]
Said = Callable[..., Chat]

PHONE = {"width": 390, "height": 844}
SCHEMES = ["light", "dark"]
WIDE = "| " + " | ".join(f"column {n}" for n in range(12)) + " |\n|" + "---|" * 12 + "\n|" + " value |" * 12
ANSWER = f"""# A heading

Words with a [link](https://example.org), `code` and **bold**.

```python
{"a_very_long_name = " * 20}1
```

{WIDE}
"""


# Streamlit's code blocks scroll sideways and have no tabindex; browsers of today let the keyboard into them anyway.
LEFT_TO_THE_BROWSER = {"scrollable-region-focusable"}


STYLED = "() => [...document.querySelectorAll('style')].some(one => one.textContent.includes('stButtonGroup'))"
SETTLED = """() => document.getAnimations().every(
    animation => !(animation instanceof CSSTransition) || animation.playState === 'finished')"""


def serious(chat: Chat) -> list[str]:
    """What axe-core finds serious or critical: rule, place and reason."""
    # The style sheet comes after the page where the machine is busy, and halfway from one colour to another nothing has
    # the contrast of either.
    chat.page.wait_for_function(STYLED, timeout=PATIENCE)
    chat.page.wait_for_function(SETTLED)
    found = Axe().run(chat.page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]} {node['failureSummary'][:240]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
        if violation["id"] not in LEFT_TO_THE_BROWSER
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_empty_chat_is_accessible(new_tab: NewTab, scheme: str):
    chat = new_tab(color_scheme=scheme).go().ready()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)
    assert serious(chat) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_chat_with_messages_is_accessible(said: Said, scheme: str):
    chat = said(ANSWER, "Another answer.", color_scheme=scheme)
    expect(chat.answers).to_have_count(2, timeout=PATIENCE)
    assert serious(chat) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_streaming_answer_is_accessible(chat_with: ChatWith, scheme: str):
    chat = chat_with("demo/long", zdr=True, color_scheme=scheme).send("Go on").streaming(100)
    assert serious(chat) == []
    expect(chat.stop).to_be_visible()
    chat.stop.click()
    chat.ended()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_error_card_is_accessible(chat_with: ChatWith, scheme: str):
    chat = chat_with("demo/out-of-credits", color_scheme=scheme).send("Hello")
    expect(chat.card).to_contain_text("⚠️", timeout=PATIENCE)
    assert serious(chat) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_models_page_is_accessible(new_tab: NewTab, scheme: str):
    chat = new_tab(color_scheme=scheme).go("/models")
    expect(chat.page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE)
    assert serious(chat) == []


@pytest.mark.parametrize("scheme, dark", [("light", False), ("dark", True)])
def test_the_page_is_light_or_dark_as_the_system_is(new_tab: NewTab, scheme: str, dark: bool):
    chat = new_tab(color_scheme=scheme).go().ready()
    colour = chat.page.get_by_test_id("stApp").evaluate("page => getComputedStyle(page).backgroundColor")
    brightness = sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    assert (brightness < 3 * 64) is dark


def test_on_a_phone_nothing_is_cut_off_and_the_box_is_in_reach(said: Said):
    chat = said(ANSWER, viewport=PHONE, has_touch=True, is_mobile=True)
    expect(chat.answers).to_have_count(1, timeout=PATIENCE)
    widths = chat.page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
            .map(element => element.scrollWidth)"""
    )
    assert max(widths) <= PHONE["width"]
    expect(chat.box).to_be_in_viewport(ratio=1)


def test_on_a_phone_the_sidebar_is_closed_and_opens(new_tab: NewTab):
    chat = new_tab(viewport=PHONE, has_touch=True, is_mobile=True).go().ready()
    button = chat.keyed("new-chat").get_by_role("button")
    expect(button).not_to_be_in_viewport()
    chat.page.get_by_test_id("stExpandSidebarButton").click()
    expect(button).to_be_in_viewport(timeout=PATIENCE)


def test_on_a_phone_an_answer_can_be_asked_for_and_stopped(chat_with: ChatWith):
    chat = chat_with("demo/long", viewport=PHONE, has_touch=True, is_mobile=True).send("Go on").streaming()
    expect(chat.stop).to_be_in_viewport(ratio=1)
    chat.stop.tap()
    assert chat.ended().state == "stopped"


def test_the_zdr_switch_is_amber_while_it_is_on(chat: Chat):
    track = "label => getComputedStyle(label.querySelector(':scope > div')).backgroundColor"
    chat.flip("zdr")
    expect(chat.keyed("zdr-on")).to_be_visible(timeout=PATIENCE)
    assert chat.keyed("zdr").locator("label").first.evaluate(track) == "rgb(217, 119, 6)"
    chat.flip("zdr")
    expect(chat.keyed("zdr-off")).to_be_visible(timeout=PATIENCE)
    assert chat.keyed("zdr").locator("label").first.evaluate(track) != "rgb(217, 119, 6)"
