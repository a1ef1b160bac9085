"""Chats of other applications brought in, and one taken out as a page that can be shown anywhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat, until

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]


def node(parent: str | None, role: str, text: str, **metadata: str) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]}
    message = {"author": {"role": role}, "create_time": 1_700_000_000, "content": content, "metadata": metadata}
    return {"parent": parent, "message": message}


CONVERSATIONS = [
    {
        "title": "Striped animals",
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_100,
        "current_node": "later",
        "mapping": {
            "root": {"parent": None, "message": None},
            "system": node("root", "system", "You are a helpful assistant."),
            "question": node("system", "user", "Which animals are striped?"),
            "earlier": node("question", "assistant", "The quagga was, in part.", model_slug="gpt-4o"),
            "later": node("question", "assistant", "Zebras are **striped**.", model_slug="gpt-4o"),
        },
    },
    {
        "title": "Spotted animals",
        "create_time": 1_700_000_200,
        "update_time": 1_700_000_300,
        "current_node": "question",
        "mapping": {"question": node(None, "user", "And spotted ones?")},
    },
]


def test_chats_of_chatgpt_are_brought_in_with_both_versions_of_an_answer(chat: Chat, tmp_path: Path):
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CONVERSATIONS), "utf-8")
    chat.keyed("archive").get_by_role("button").click()
    dialog = chat.page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.locator(".st-key-import").get_by_role("button").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    expect(chat.page.get_by_text("2 chats were imported.")).to_be_visible(timeout=PATIENCE)
    for title in ("Striped animals", "Spotted animals"):
        expect(chat.keyed("chats").get_by_role("button", name=title)).to_have_count(1, timeout=PATIENCE)
    chat.keyed("chats").get_by_role("button", name="Striped animals").click()
    expect(chat.questions).to_contain_text("Which animals are striped?", timeout=PATIENCE)
    expect(chat.answers).to_contain_text("Zebras are striped.")
    expect(chat.answers).to_contain_text("2 of 2")
    expect(chat.page.get_by_text("You are a helpful assistant.")).to_have_count(0)
    until(lambda: chat.branch[0].text == "Which animals are striped?")
    chat.ready().keyed(f"switch-{chat.last.id}-0").get_by_role("button").click()
    expect(chat.answers).to_contain_text("The quagga was, in part.", timeout=PATIENCE)


def test_a_chat_as_a_web_page_shows_its_words_without_a_network_and_asks_for_nothing(said: Said, tmp_path: Path):
    chat = said(
        "Zebras are <b>striped</b>.\n\n![x](https://example.org/x.png)\n\n<script>document.title = 'run'</script>"
    )
    chat.store.rename(OWNER, chat.id, "Striped animals")
    chat.page.reload()
    chat.ready().keyed(f"menu-{chat.id}").get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Export", exact=True).click()
    dialog = chat.page.get_by_role("dialog")
    with chat.page.expect_download(timeout=PATIENCE) as downloaded:
        dialog.locator(".st-key-export-one-html").get_by_role("button").click()
    assert downloaded.value.suggested_filename == "striped-animals.html"
    downloaded.value.save_as(tmp_path / "chat.html")
    page, asked = chat.page.context.new_page(), list[str]()

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    chat.page.context.set_offline(True)
    address = (tmp_path / "chat.html").as_uri()
    page.goto(address)
    expect(page.get_by_role("heading", name="Striped animals")).to_be_visible()
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("article").nth(0)).to_contain_text("Go on")
    expect(page.locator("article").nth(1)).to_contain_text("Zebras are <b>striped</b>.")
    page.wait_for_load_state("networkidle")
    assert page.title() == "Striped animals"
    assert asked == [address]
