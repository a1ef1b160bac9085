"""Taking chats out and bringing them in, as a person does it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]


def test_what_is_downloaded_can_be_imported_and_a_broken_file_says_where(said: Said, tmp_path: Path):
    chat = said("The zebra is striped.")
    chat.store.rename(OWNER, chat.id, "Zebras")
    chat.page.reload()
    chat.ready()
    chat.keyed("archive").get_by_role("button").click()
    dialog = chat.page.get_by_role("dialog")
    with chat.page.expect_download(timeout=PATIENCE) as downloaded:
        dialog.locator(".st-key-export-all-json").get_by_role("button").click()
    file = tmp_path / "chats.json"
    downloaded.value.save_as(file)
    exported = json.loads(file.read_text())
    assert "Zebras" in [one["title"] for one in exported["conversations"]]

    exported["conversations"][0]["messages"][0]["role"] = "judge"
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(exported))
    before = len(chat.store.conversations(OWNER))
    dialog.locator("input[type=file]").set_input_files(broken)
    dialog.locator(".st-key-import").get_by_role("button").click()
    expect(dialog).to_contain_text("Chat 1, message 1: “role” is none that there is.", timeout=PATIENCE)
    assert len(chat.store.conversations(OWNER)) == before

    dialog.get_by_role("button", name="Remove").or_(dialog.get_by_test_id("stFileUploaderDeleteBtn")).first.click()
    expect(dialog.locator(".st-key-import")).to_have_count(0, timeout=PATIENCE)
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog).to_contain_text("chats.json", timeout=PATIENCE)
    dialog.locator(".st-key-import").get_by_role("button").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    assert len(chat.store.conversations(OWNER)) == before + len(exported["conversations"])


def test_one_chat_is_exported_from_its_menu(said: Said, tmp_path: Path):
    chat = said("The zebra is striped.")
    chat.keyed(f"menu-{chat.id}").get_by_role("button").last.click()
    chat.page.get_by_text("Export", exact=True).click()
    dialog = chat.page.get_by_role("dialog")
    with chat.page.expect_download(timeout=PATIENCE) as downloaded:
        dialog.locator(".st-key-export-one-md").get_by_role("button").click()
    downloaded.value.save_as(tmp_path / "chat.md")
    assert "The zebra is striped." in (tmp_path / "chat.md").read_text()
