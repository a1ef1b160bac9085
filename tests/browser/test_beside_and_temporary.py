"""Several models at once in columns, and a chat that is gone with its tab: as a person has them before their eyes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.test_appearance import PHONE, SCHEMES, serious

pytestmark = pytest.mark.browser
NewTab = Callable[..., Chat]
WORD = "quaggaspotting"
COMPARED = ["demo/stalls", "demo/mid-stream-error", "demo/fast"]


def comparing(new_tab: NewTab, *models: str, **options: object) -> Chat:
    tab = new_tab(**options)
    conversation = tab.store.create_conversation(OWNER, settings={"compared": list(models)})
    return tab.go(f"/?chat={conversation.id}").ready()


def columns(chat: Chat) -> Locator:
    return chat.page.locator("[class*='st-key-column-']")


def test_answers_stream_beside_each_other_are_followed_after_a_reload_and_one_is_gone_on_with(new_tab: NewTab):
    chat = comparing(new_tab, *COMPARED).send("Explain rainbows")
    expect(columns(chat)).to_have_count(3, timeout=PATIENCE)
    expect(columns(chat).nth(0)).to_contain_text("Simulated reply", timeout=PATIENCE)
    # What is over says what it cost while another one goes on.
    expect(columns(chat).nth(2)).to_contain_text("$", timeout=PATIENCE)
    stop = chat.page.locator("[class*='st-key-stop-'] button")
    expect(stop).to_have_count(1)
    chat.page.reload()
    expect(columns(chat)).to_have_count(3, timeout=PATIENCE)
    expect(columns(chat).nth(0)).to_contain_text("Simulated reply", timeout=PATIENCE)
    stop.click()
    chat.ready()
    expect(columns(chat).nth(0)).to_contain_text("Stopped")
    expect(columns(chat).nth(1)).to_contain_text("lost its connection")
    boxes = [columns(chat).nth(place).bounding_box() for place in range(3)]
    assert len({box["y"] for box in boxes if box}) == 1
    columns(chat).nth(2).get_by_role("button", name="Go on with this one").click()
    expect(columns(chat)).to_have_count(0, timeout=PATIENCE)
    expect(chat.answer).to_contain_text("3 of 3")
    chat.keyed(f"beside-{chat.branch[-1].id}").get_by_role("button").click()
    expect(columns(chat)).to_have_count(3, timeout=PATIENCE)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_a_phone_one_wipes_from_one_answer_to_the_next(new_tab: NewTab, scheme: str):
    chat = comparing(new_tab, "demo/fast", "openai/gpt-4.1-mini", viewport=PHONE, color_scheme=scheme)
    chat.send("Explain rainbows").ready()
    expect(columns(chat)).to_have_count(2, timeout=PATIENCE)
    expect(chat.page.get_by_role("button", name="Go on with this one")).to_have_count(2, timeout=PATIENCE)
    first, second = (columns(chat).nth(place).bounding_box() for place in (0, 1))
    assert first is not None
    assert second is not None
    assert first["width"] > 300
    # The edge of the next one is in sight, and the page itself does not move sideways.
    assert second["x"] < PHONE["width"] < second["x"] + second["width"]
    assert chat.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert serious(chat) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_temporary_chat_is_gone_after_a_reload_and_the_browser_asks_before(new_tab: NewTab, scheme: str):
    chat = new_tab(color_scheme=scheme).go().ready()
    chat.keyed("temporary").locator("label").first.click()
    expect(chat.page.get_by_text("Temporary chat.")).to_be_visible(timeout=PATIENCE)
    chat.send(f"Explain {WORD}").ready()
    expect(chat.answer).to_contain_text("tokens", timeout=PATIENCE)
    assert "chat=" not in chat.page.url
    assert serious(chat) == []
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    chat.page.on("dialog", leave)
    chat.page.reload()
    chat.ready()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)
    assert asked == ["beforeunload"]
    assert [found.title for found in chat.store.conversations(OWNER) if WORD in found.title] == []


def test_a_large_file_of_a_temporary_chat_is_on_no_disk(new_tab: NewTab, tmp_path: Path):
    large = tmp_path / "large.md"
    large.write_text(f"# Notes\n\nOn {WORD} at dusk.\n\n" * 60_000)
    chat = new_tab().go("/agent").ready()
    chat.keyed("temporary").locator("label").first.click()
    expect(chat.page.get_by_text("Temporary chat.")).to_be_visible(timeout=PATIENCE)
    chat.page.locator("[data-testid=stChatInput] input[type=file]").first.set_input_files(large)
    expect(chat.page.get_by_test_id("stChatInput").get_by_text("large.md")).to_be_visible(timeout=PATIENCE)
    chat.page.get_by_role("button", name="Send message").click()
    expect(chat.answer).to_contain_text("tokens", timeout=PATIENCE)
    expect(chat.questions).to_contain_text("large.md")
    files = [path for path in chat.app.folder.rglob("*") if path.is_file()]
    assert files != []
    assert [path for path in files if WORD.encode() in path.read_bytes()] == []
