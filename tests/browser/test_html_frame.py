"""What a page that a tool made can do in its frame: run, and reach nobody."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import PATIENCE
from tests.browser.listener import Listener

pytestmark = pytest.mark.browser
ELEMENT = Path(__file__).parents[2] / "orchat" / "ui" / "assets" / "html_frame.js"
SHOW = """async ([script, html]) => {
    const element = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    document.body.replaceChildren();
    element.default({ data: { html }, parentElement: document.body });
}"""
ESCAPES = {
    "a script goes elsewhere": "<script>location = '{url}/went?secret'</script>",
    "a page sends itself elsewhere": "<meta http-equiv='refresh' content='0; url={url}/refreshed'>",
    "a link is clicked": "<a id='a' href='{url}/clicked'>x</a><script>document.getElementById('a').click()</script>",
    "the page around it goes elsewhere": "<script>parent.location = '{url}/up'; top.location = '{url}/top'</script>",
    "a window opens": "<script>open('{url}/opened')</script>",
    "a form is sent": "<form id='f' action='{url}/sent'></form><script>document.getElementById('f').submit()</script>",
    "something is fetched": "<script>fetch('{url}/fetched')</script><img src='{url}/seen'><iframe src='{url}/framed'>",
    "a frame within it goes elsewhere": "<iframe srcdoc=\"<script>location = '{url}/within'</script>\"></iframe>",
    "a quote ends the frame's text": "\"><script>fetch('{url}/broken')</script><iframe src='{url}/out'></iframe>",
}


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def show(browser: Any, listener: Listener) -> Iterator[Callable[[str], Page]]:
    context = browser.new_context()
    page = context.new_page()
    # A page of the same machine: from anywhere else the browser itself would refuse to ask the listener.
    page.goto(f"{listener.url}/page")
    listener.asked.clear()

    def show(html: str) -> Page:
        page.evaluate(SHOW, [ELEMENT.read_text("utf-8"), html])
        return page

    yield show
    context.close()


@pytest.mark.parametrize("html", ESCAPES.values(), ids=ESCAPES.keys())
def test_ghsa_4r2p_27mh_5m22_nothing_leaves_the_frame_when(html: str, show: Callable[[str], Page], listener: Listener):
    page = show(html.replace("{url}", listener.url) + "<p>still here</p>")
    page.wait_for_timeout(700)
    assert listener.asked == []
    assert page.url == f"{listener.url}/page"


def test_a_page_is_drawn_with_its_scripts_quotes_and_entities(show: Callable[[str], Page]):
    html = "<p id=p title=\"a &amp; 'b'\">&lt;b&gt;</p><script>document.getElementById('p').dataset.ran = '1'</script>"
    inside = show(html).frame_locator("iframe").frame_locator("iframe")
    expect(inside.locator("#p")).to_have_attribute("data-ran", "1", timeout=PATIENCE)
    expect(inside.locator("#p")).to_have_attribute("title", "a & 'b'")
    expect(inside.locator("#p")).to_have_text("<b>")


def test_a_frame_is_as_tall_as_its_page_and_never_taller_than_a_screen(show: Callable[[str], Page]):
    page = show("<div style='height: 200px'></div>")
    frame = page.locator("iframe")
    expect(frame).to_have_css("height", "218px", timeout=PATIENCE)
    show("<script>parent.postMessage({ height: 1e9 }, '*')</script>")
    expect(page.locator("iframe")).not_to_have_css("height", "1000000000px")
    assert (page.locator("iframe").bounding_box() or {"height": 0})["height"] <= 720
