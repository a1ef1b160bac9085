"""The hosted entry in a browser: the same pages under a strict policy, and nothing on the console."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from orchat import Artifact
from orchat.demo import DemoServer
from tests.browser.app_process import OWNER, AppProcess
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_untrusted_charts import COMPUTED, drawn, point_at
from tests.ui.hostile_charts import HONEST_PLOTLY

pytestmark = pytest.mark.browser
NewTab = Callable[..., Chat]

PAGES = {
    "agent": "What needs doing?",
    "files": "Files",
    "models": "Models",
    "usage": "Usage",
    "admin": "Administration",
}
"""Pages with an address of their own, and their headings."""
ARTIFACT = """<h1 id="title">before</h1><script>
document.getElementById("title").textContent = "drawn by a script";
const tried = [];
try { tried.push(parent.document.title) } catch { tried.push("no parent") }
try { tried.push(document.cookie) } catch { tried.push("no cookies") }
fetch("/_stcore/health").then(() => tried.push("reached"), () => tried.push("no network"))
  .finally(() => { document.body.append(tried.join(", ")) });
</script><img src="CANARY">"""


@pytest.fixture(scope="module")
def app(browser: Any, demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    with AppProcess(demo, tmp_path_factory.mktemp("hosted"), entry="deploy/asgi.py") as app:
        yield app


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, and what it was asked for."""
    asked: list[str] = []

    class Record(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Record) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/leak.png", asked
        server.shutdown()


@pytest.fixture
def tab(new_tab: NewTab) -> Iterator[Chat]:
    tab = new_tab()
    said: list[str] = []
    tab.page.on("console", lambda message: said.append(f"{message.type}: {message.text} {message.location['url']}"))
    tab.page.on("pageerror", lambda error: said.append(str(error)))
    yield tab
    # On a page with an address of its own Streamlit first looks for its server below that address, and finds none.
    looked_for = tuple(f"/{page}/_stcore/{what}" for page in PAGES for what in ("health", "host-config"))
    assert [line for line in said if "error" in line.lower() and not line.endswith(looked_for)] == []


def with_artifact(chat: Chat, html: str) -> str:
    """A conversation in which a tool has made a page."""
    store = chat.store
    conversation = store.create_conversation(OWNER, kind="agent").id
    file = store.add_file(OWNER, conversation, name="page.html", mime="text/html", kind="html", data=html.encode())
    reference = {"sha256": file.sha256, "name": file.name, "mime": file.mime, "kind": file.kind}
    call = {"id": "c1", "type": "function", "function": {"name": "draw", "arguments": "{}"}}
    wires: list[tuple[Any, dict[str, Any], dict[str, Any] | None]] = [
        ("user", {"content": "Draw a page"}, None),
        ("assistant", {"content": "", "tool_calls": [call]}, None),
        (
            "tool",
            {"content": "done", "tool_call_id": "c1"},
            {"name": "draw", "title": "Draw", "icon": "", "arguments": {}, "status": "ok", "artifacts": [reference]},
        ),
        ("assistant", {"content": "There it is."}, None),
    ]
    parent = None
    for role, wire, details in wires:
        known: Any = {"details": details} if details else {}
        parent = store.add_message(
            OWNER, conversation, role=role, wire={"role": role, **wire}, parent_id=parent, **known
        ).id
    return conversation


def test_a_chat_goes_through(tab: Chat):
    tab.go().ready().send("```python\nprint('hello')\n```\nand $x^2$ in a table | a |")
    tab.ended()
    tab.shows(tab.last)


def test_the_models_page_and_its_table_are_drawn(tab: Chat):
    tab.go("/models")
    expect(tab.page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_says_anything_on_the_console(tab: Chat, page: str):
    tab.go(f"/{page}")
    expect(tab.page.get_by_role("heading", name=PAGES[page], exact=True)).to_be_visible(timeout=PATIENCE)
    expect(tab.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
    tab.page.wait_for_timeout(1000)


def test_charts_that_compute_are_drawn_without_a_word_on_the_console(tab: Chat):
    charts = drawn(tab, Artifact.plotly(HONEST_PLOTLY["hover"]), Artifact.vega(COMPUTED))
    expect(charts).to_have_count(2)
    point_at(charts.last)
    expect(tab.page.locator("#vg-tooltip-element")).to_have_text("1", timeout=PATIENCE)


def test_the_end_is_followed_and_the_copy_button_works(tab: Chat):
    tab.go().ready().send("Hello")
    tab.ended()
    expect(tab.answer.get_by_role("button", name="Copy")).to_be_visible(timeout=PATIENCE)


def test_ghsa_4r2p_27mh_5m22_a_page_from_a_tool_runs_in_an_origin_of_its_own_and_reaches_nothing(
    new_tab: NewTab, canary: tuple[str, list[str]]
):
    address, asked = canary
    chat = new_tab()
    chat.go(f"/agent?chat={with_artifact(chat, ARTIFACT.replace('CANARY', address))}")
    frame = chat.page.frame_locator("iframe[title='A page that a tool made']").frame_locator("iframe")
    expect(frame.locator("#title")).to_have_text("drawn by a script", timeout=PATIENCE)
    expect(frame.locator("body")).to_contain_text("no parent, no cookies, no network", timeout=PATIENCE)
    assert asked == []
    # The canary does sing: it is the policy that kept the image from being asked for.
    httpx.get(address)
    assert asked == ["/leak.png"]
