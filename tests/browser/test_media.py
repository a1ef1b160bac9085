"""Files on the chat page as a person brings them: a picture pasted, a file dropped, and what comes of it."""

import base64
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import PATIENCE, Chat
from tests.media.made import picture

pytestmark = pytest.mark.browser
SEES = "anthropic/claude-haiku-4.5"
BRING = """async ([event, name, kind, data]) => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const brought = new DataTransfer();
    brought.items.add(new File([bytes], name, {type: kind}));
    const box = document.querySelector('[data-testid="stChatInputTextArea"]');
    if (event === "paste") {
        box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: brought, bubbles: true, cancelable: true}));
    } else {
        // What a script makes has no handle in a file system, as what a person drops has.
        delete DataTransferItem.prototype.getAsFileSystemHandle;
        const act = kind => new DragEvent(kind, {dataTransfer: brought, bubbles: true, cancelable: true});
        const zone = () => [...document.querySelectorAll('[data-testid="stChatInput"] div')].findLast(
            element => element.textContent === "Drag and drop files here")?.previousElementSibling;
        box.dispatchEvent(act("dragover"));
        while (!zone()) await new Promise(drawn => setTimeout(drawn, 50));
        zone().dispatchEvent(act("drop"));
    }
}"""


def bring(chat: Chat, event: str, name: str, kind: str, data: bytes) -> None:
    """Paste a file into the box, or drop it there, and wait until it can be sent."""
    chat.page.evaluate(BRING, [event, name, kind, base64.b64encode(data).decode()])
    expect(chat.page.get_by_test_id("stChatInput").get_by_text(name)).to_be_visible(timeout=PATIENCE)
    # While a file is on its way to the server, Enter sends nothing.
    expect(chat.page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled(timeout=PATIENCE)


def test_a_pasted_picture_and_a_dropped_table_are_asked_about_and_seen(chat_with: Callable[..., Chat]):
    chat = chat_with(SEES)
    bring(chat, "paste", "photo.png", "image/png", picture(800, 500))
    bring(chat, "drop", "figures.csv", "text/csv", b"month,sales\nMay,12\n")
    chat.send("What do you see?")
    chat.says("You sent an image (image/png")
    image = chat.questions.last.get_by_test_id("stImage").locator("img")
    expect(image).to_be_visible(timeout=PATIENCE)
    assert image.evaluate("image => [image.naturalWidth > 0, image.clientWidth]") == [True, 240]
    expect(chat.questions.last.get_by_text("figures.csv · ")).to_be_visible()
    body = [request.body for request in chat.app.demo.requests if "session_id" in (request.body or {})][-1]
    first, question, shown = body["messages"][-1]["content"]
    assert first["text"] == '<file "figures.csv">\nmonth,sales\nMay,12\n\n</file>'
    assert (question["text"], shown["type"]) == ("What do you see?", "image_url")
