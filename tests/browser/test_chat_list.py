"""The list of chats: pinned, put away and brought back, deleted and brought back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
NewTab = Callable[..., Chat]


def with_chats(new_tab: NewTab, *titles: str) -> tuple[Chat, list[str]]:
    """A new tab with these chats in its list, the newest last; their ids."""
    tab = new_tab()
    ids = []
    for title in titles:
        ids.append(tab.store.create_conversation(OWNER).id)
        tab.store.add_message(OWNER, ids[-1], role="user", wire={"content": title}, parent_id=None)
        tab.store.rename(OWNER, ids[-1], title)
    return tab.go().ready(), ids


def row(chat: Chat, which: str) -> Locator:
    return chat.keyed(f"open-{which}")


def choose(chat: Chat, which: str, entry: str) -> None:
    """Choose of the menu of a chat."""
    chat.keyed(f"menu-{which}").get_by_role("button").click()
    chat.page.get_by_role("menuitem", name=entry, exact=True).click()


def listed(chat: Chat) -> list[str]:
    """The lines of the list: headings and titles."""
    return [
        line
        for line in chat.keyed("chats").inner_text().split("\n")
        if line not in ("", "more_horiz", "More for this chat")
    ]


def test_a_pinned_chat_stands_first_also_after_a_reload_until_it_is_let_go(new_tab: NewTab):
    chat, (old, _) = with_chats(new_tab, "Okapis", "Giraffes")
    lines = listed(chat)
    assert lines.index("Giraffes") < lines.index("Okapis")
    choose(chat, old, "Pin")
    expect(chat.keyed("chats").get_by_text("Pinned", exact=True)).to_be_visible(timeout=PATIENCE)
    chat.page.reload()
    expect(chat.ready().keyed("chats").get_by_text("Pinned", exact=True)).to_be_visible(timeout=PATIENCE)
    assert listed(chat)[:2] == ["Pinned", "Okapis"]
    choose(chat, old, "Unpin")
    expect(chat.keyed("chats").get_by_text("Pinned", exact=True)).to_have_count(0, timeout=PATIENCE)
    assert chat.store.conversation(OWNER, old).pinned_at is None


def test_an_archived_chat_is_out_of_the_list_can_be_read_and_comes_back(new_tab: NewTab):
    chat, (away, stays) = with_chats(new_tab, "Quaggas", "Zebras")
    choose(chat, away, "Archive")
    expect(row(chat, away)).to_have_count(0, timeout=PATIENCE)
    expect(chat.page.get_by_text("Archived “Quaggas”.")).to_be_visible()
    chat.keyed("archived").get_by_role("button", name="Archived chats").click()
    expect(row(chat, away)).to_be_visible(timeout=PATIENCE)
    expect(row(chat, stays)).to_have_count(0)
    row(chat, away).get_by_role("button").click()
    expect(chat.questions).to_contain_text("Quaggas", timeout=PATIENCE)
    choose(chat.ready(), away, "Bring back")
    expect(chat.page.get_by_text("Nothing is archived.")).to_be_visible(timeout=PATIENCE)
    chat.keyed("archived").get_by_role("button", name="Back to the chats").click()
    expect(row(chat, away)).to_be_visible(timeout=PATIENCE)
    expect(row(chat, stays)).to_be_visible()
    expect(chat.keyed("archived")).to_have_count(0)


def test_an_archived_chat_is_brought_back_by_undo(new_tab: NewTab):
    chat, (away,) = with_chats(new_tab, "Tapirs")
    choose(chat, away, "Archive")
    chat.keyed("undo-delete").get_by_role("button").click()
    expect(row(chat, away)).to_be_visible(timeout=PATIENCE)
    expect(chat.keyed("undo-delete")).to_have_count(0)
    assert chat.store.conversation(OWNER, away).archived_at is None


def test_the_open_chat_is_deleted_leaves_an_empty_page_and_comes_back_whole(new_tab: NewTab):
    chat, (doomed,) = with_chats(new_tab, "Lemurs")
    row(chat, doomed).get_by_role("button").click()
    expect(chat.questions).to_contain_text("Lemurs", timeout=PATIENCE)
    choose(chat.ready(), doomed, "Delete")
    expect(row(chat, doomed)).to_have_count(0, timeout=PATIENCE)
    expect(chat.page.get_by_text("Deleted “Lemurs”.")).to_be_visible()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)
    assert doomed not in [found.id for found in chat.store.conversations(OWNER)]
    chat.keyed("undo-delete").get_by_role("button").click()
    expect(row(chat, doomed)).to_be_visible(timeout=PATIENCE)
    row(chat, doomed).get_by_role("button").click()
    expect(chat.questions).to_contain_text("Lemurs", timeout=PATIENCE)
