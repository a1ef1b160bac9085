"""The chat in a browser tab, with what a person sees and does there as methods."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from orchat.store import Message, Store
from tests import waiting
from tests.browser.app_process import OWNER, AppProcess

PATIENCE = 30_000
"""Milliseconds until something counts as not happening: the machine may be busy with other things."""
LOCAL = ("127.0.0.1", "localhost")


@dataclass
class Chat:
    """One tab."""

    page: Page
    app: AppProcess
    store: Store
    foreign: list[str] = field(default_factory=list)
    said: str = ""
    """What was sent last."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOCAL:
            self.foreign.append(url)

    @property
    def box(self) -> Locator:
        return self.page.get_by_test_id("stChatInputTextArea")

    @property
    def stop(self) -> Locator:
        return self.page.locator(".st-key-stop button")

    @property
    def answers(self) -> Locator:
        return self.page.get_by_label("Chat message from assistant")

    @property
    def questions(self) -> Locator:
        return self.page.get_by_label("Chat message from user")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    @property
    def card(self) -> Locator:
        return self.page.locator("[class*='st-key-error-']").last

    @property
    def metric(self) -> Locator:
        return self.page.get_by_test_id("stMetricValue")

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    @property
    def id(self) -> str:
        """The id of the chat that the address names, as soon as it names one."""
        self.page.wait_for_url(re.compile("chat="))
        return parse_qs(urlsplit(self.page.url).query)["chat"][0]

    def keyed(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key}")

    def go(self, path: str = "/") -> "Chat":
        self.page.goto(self.app.url + path)
        return self

    def ready(self) -> "Chat":
        expect(self.box).to_be_visible(timeout=PATIENCE)
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=PATIENCE
        )
        return self

    def send(self, text: str) -> "Chat":
        self.box.fill(text)
        self.box.press("Enter")
        self.said = text
        return self

    def do(self, *script: str) -> "Chat":
        """Let the agent's scripted model do these lines."""
        return self.send("\n".join(script))

    def press(self, label: str) -> None:
        """Press the last button with this label."""
        self.page.get_by_role("button", name=label, exact=True).last.click()

    def says(self, text: str | re.Pattern[str]) -> None:
        """Expect words in the last answer."""
        expect(self.answer).to_contain_text(text, timeout=PATIENCE)

    def flip(self, key: str) -> None:
        """Press a switch of the sidebar."""
        self.keyed(key).locator("label").first.click()

    def streaming(self, characters: int = 40) -> "Chat":
        """Wait until so much of an answer is on the page, and more is to come."""
        expect(self.stop).to_be_visible(timeout=PATIENCE)
        self.grown(characters)
        return self

    def grown(self, characters: int) -> int:
        """Wait until the last answer is this long on the page; return how long it is."""
        return int(
            self.page.wait_for_function(
                """longer => {
                    const all = document.querySelectorAll('[aria-label="Chat message from assistant"]');
                    const length = all.length ? all[all.length - 1].innerText.length : 0;
                    return length > longer && length;
                }""",
                arg=characters,
                timeout=PATIENCE,
            ).json_value()
        )

    def ended(self) -> Message:
        """Wait until what was sent last is answered, on the page and in the store, and return the answer."""
        until(self._answered)
        expect(self.stop).to_have_count(0, timeout=PATIENCE)
        return self.last

    def _answered(self) -> bool:
        branch = self.branch
        if len(branch) < 2 or branch[-1].role != "assistant" or branch[-1].state == "streaming":
            return False
        return not self.said or branch[-2].text == self.said

    @property
    def branch(self) -> list[Message]:
        return self.store.branch(OWNER, self.id)

    @property
    def last(self) -> Message:
        return self.branch[-1]

    def shows(self, message: Message) -> None:
        """Expect the end of a stored answer on the page, however its Markdown is drawn."""
        # Of a link the page writes out the host, of code not the language; how much of them had come is another matter.
        words = re.findall(r"\w{4,}", re.sub(r"\bhttps?\b\S*|```\w*", "", message.text))[-4:]
        expect(self.answer).to_contain_text(re.compile(r"[\s\S]*?".join(words)), timeout=PATIENCE)


def until(condition: Callable[[], object], seconds: float = PATIENCE / 1000) -> None:
    """Wait for something that happens outside the browser."""
    waiting.until(condition, seconds)
