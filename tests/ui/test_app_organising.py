"""The list of chats kept in order: pinned, tagged, archived, many at once, and what undoes it."""

import pytest

from tests.ui.chat_app import OWNER, ChatApp
from tests.ui.test_app_chats import listed


@pytest.fixture
def chats(app: ChatApp) -> list[str]:
    """Three chats, the newest first."""
    ids = []
    for title in ("Gardens", "Houses", "Boats"):
        chat = app.store.create_conversation(OWNER)
        app.store.rename(OWNER, chat.id, title)
        app.store.add_message(OWNER, chat.id, role="user", wire={"role": "user", "content": title}, parent_id=None)
        ids.insert(0, chat.id)
    app.run()
    return ids


def test_a_pinned_chat_stands_above_the_others_until_it_is_unpinned(app: ChatApp, chats: list[str]):
    app.menu(chats[2], "Pin")
    assert list(listed(app)) == [chats[2], *chats[:2]]
    assert "Pinned" in app.sidebar
    app.menu(chats[2], "Unpin")
    assert list(listed(app)) == chats
    assert "Pinned" not in app.sidebar


def test_an_archived_chat_leaves_the_list_and_is_brought_back_from_its_place(app: ChatApp, chats: list[str]):
    app.press(f"open-{chats[1]}")
    app.menu(chats[1], "Archive")
    assert list(listed(app)) == [chats[0], chats[2]]
    assert "Archived “Houses”" in app.sidebar
    assert app.page.chat_message.len == 0
    app.press("archived")
    assert list(listed(app)) == [chats[1]]
    app.menu(chats[1], "Bring back")
    assert "Nothing is archived" in app.sidebar
    app.press("archived")
    assert list(listed(app)) == chats
    assert app.buttons("Archived chats") == []


def test_archiving_can_be_undone(app: ChatApp, chats: list[str]):
    app.menu(chats[0], "Archive")
    app.press("undo-delete")
    assert list(listed(app)) == chats


def test_whoever_writes_into_an_archived_chat_brings_it_back(app: ChatApp, chats: list[str]):
    app.store.set_archived(OWNER, chats[0], archived=True)
    app.open(chat=chats[0])
    assert chats[0] not in listed(app)
    app.send("And now?")
    assert chats[0] in listed(app)


def test_the_list_can_be_narrowed_down_to_a_tag(app: ChatApp, chats: list[str]):
    assert "chats-tag" not in [str(box.key) for box in app.page.selectbox]
    app.menu(chats[0], "Tags")
    app.page.multiselect[0].set_value(["water"])
    app.run()
    assert app.store.tags(OWNER, chats[0]) == ["water"]
    app.page.selectbox(key="chats-tag").set_value("water")
    app.run()
    assert list(listed(app)) == [chats[0]]
    app.store.set_tags(OWNER, chats[0], [])
    app.run()
    assert list(listed(app)) == chats


def test_a_chat_is_renamed_in_a_dialog_that_stays_while_the_page_is_drawn_anew(app: ChatApp, chats: list[str]):
    app.menu(chats[0], "Rename")
    app.run()
    app.page.text_input(key="rename-title").set_value("  Ships ")
    app.submit("Save")
    assert app.page.button(key=f"open-{chats[0]}").label == "Ships"
    assert app.session.dialog is None


def test_a_chat_without_a_title_is_not_renamed(app: ChatApp, chats: list[str]):
    app.menu(chats[0], "Rename")
    app.page.text_input(key="rename-title").set_value("  ")
    app.submit("Save")
    assert app.store.conversation(OWNER, chats[0]).title == "Boats"
    assert app.session.dialog is not None


@pytest.mark.parametrize(("which", "left"), [("All chats", []), ("Archived chats", [0, 2]), ("Tag: water", [1, 2])])
def test_many_chats_are_deleted_at_once_and_come_back_at_once(
    app: ChatApp, chats: list[str], which: str, left: list[int]
):
    app.store.set_archived(OWNER, chats[1], archived=True)
    app.store.set_tags(OWNER, chats[0], ["water"])
    app.press("archive")
    app.page.selectbox(key="delete-which").set_value(which)
    app.run()
    app.press("delete-many")
    kept = {chat.id for chat in app.store.conversations(OWNER, archived=None)}
    assert kept == {chats[number] for number in left}
    app.press("undo-delete")
    assert len(app.store.conversations(OWNER, archived=None)) == 3
    assert list(listed(app)) == [chats[0], chats[2]]


def test_search_says_which_chats_are_archived(app: ChatApp, chats: list[str]):
    app.store.set_archived(OWNER, chats[1], archived=True)
    app.press("search")
    app.page.text_input(key="search-words").set_value("houses")
    app.run()
    labels = [button.label for button in app.page.button if str(button.key).startswith("open-hit-")]
    assert len(labels) == 2
    assert all(label.endswith("archived") for label in labels)


@pytest.mark.parametrize("page", [None, "pages/usage.py"])
def test_a_chat_of_the_agent_is_opened_on_its_page_from_any_other(app: ChatApp, page: str | None):
    chat = app.store.create_conversation(OWNER, kind="agent")
    wire = {"role": "user", "content": "Do it"}
    app.store.add_message(OWNER, chat.id, role="user", wire=wire, parent_id=None)
    app.open(page=page)
    app.press(f"open-{chat.id}")
    assert app.page.query_params["chat"] == chat.id
    assert app.page.chat_input(key="prompt").placeholder == "Give the agent a task"


def test_a_chat_is_opened_from_a_page_without_one(app: ChatApp, chats: list[str]):
    app.open(page="pages/usage.py")
    app.press(f"open-{chats[0]}")
    assert app.page.query_params["chat"] == chats[0]
    assert app.page.chat_message.len == 1
