"""The list of chats: titles, groups, opening, renaming, deleting and bringing back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchat.store import Store
from tests.ui.chat_app import OWNER, ChatApp, words

Start = Callable[..., ChatApp]


def listed(app: ChatApp) -> dict[str, str]:
    """Titles by chat id, in the order of the list."""
    keys = [str(button.key) for button in app.page.sidebar.button]
    chats = [key.removeprefix("open-") for key in keys if key.startswith("open-")]
    return {chat: app.store.conversation(OWNER, chat).title for chat in chats}


def test_a_chat_is_listed_under_a_title_from_its_first_exchange(app: ChatApp):
    app.send("Explain how rainbows come about")
    chat = app.store.conversation(OWNER, app.chat)
    assert chat.title_source == "model"
    assert app.page.button(key=f"open-{app.chat}").label == chat.title != ""


def test_without_a_model_for_titles_the_first_words_are_the_title(start: Start):
    app = start(ORCHAT_TITLE_MODEL="none")
    app.send("Explain how rainbows come about")
    assert app.page.button(key=f"open-{app.chat}").label == "Explain how rainbows come about"
    assert len(app.inferences()) == 1


def test_the_second_exchange_changes_no_title(app: ChatApp):
    app.send("Explain how rainbows come about")
    title = app.store.conversation(OWNER, app.chat).title
    app.send("Write a poem about Rust")
    assert app.store.conversation(OWNER, app.chat).title == title
    assert len(app.inferences()) == 3


def test_the_newest_chat_is_listed_first(app: ChatApp):
    app.send("One")
    first = app.chat
    app.press("new-chat")
    app.send("Two")
    assert list(listed(app)) == [app.chat, first]


def test_a_chat_of_the_list_can_be_opened_again(app: ChatApp):
    app.send("Explain rainbows")
    first = app.chat
    app.press("new-chat")
    assert app.page.chat_message.len == 0
    app.press(f"open-{first}")
    assert "Explain rainbows" in words(app.questions[0])
    assert app.page.query_params["chat"] == first


def test_a_new_chat_leaves_the_address_of_the_old_one(app: ChatApp):
    app.send("Hello")
    app.press("new-chat")
    assert "chat" not in app.page.query_params


def test_a_deleted_chat_is_gone_from_the_list_and_the_page(app: ChatApp):
    app.send("Hello")
    chat = app.chat
    app.menu(chat, "Delete")
    assert listed(app) == {}
    assert app.page.chat_message.len == 0
    assert "chat" not in app.page.query_params


def test_deleting_another_chat_leaves_the_open_one_open(app: ChatApp):
    app.send("One")
    first = app.chat
    app.press("new-chat")
    app.send("Two")
    app.menu(first, "Delete")
    assert list(listed(app)) == [app.chat]
    assert "Two" in words(app.questions[0])


def test_a_deletion_can_be_undone(app: ChatApp):
    app.send("Hello")
    chat = app.chat
    app.menu(chat, "Delete")
    app.press("undo-delete")
    assert list(listed(app)) == [chat]
    app.press(f"open-{chat}")
    assert app.page.chat_message.len == 2


def test_chats_are_grouped_by_age(start: Start, tmp_path: Path):
    for days, title in ((0, "new"), (3, "recent"), (30, "old")):
        moment = datetime.now(UTC) - timedelta(days=days)
        with Store.open(f"sqlite:///{tmp_path}/orchat.db", now=lambda moment=moment: moment) as store:
            chat = store.create_conversation(OWNER)
            store.rename(OWNER, chat.id, title)
    app = start()
    headings = ("Today", "This week", "Older")
    assert [line for line in re.findall(r"[A-Z][a-z ]+", app.sidebar) if line in headings] == list(headings)
    assert list(listed(app).values()) == ["new", "recent", "old"]


def test_a_long_list_shows_the_newest_and_the_rest_on_demand(start: Start, tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        for number in range(25):
            store.rename(OWNER, store.create_conversation(OWNER).id, f"chat {number}")
    app = start()
    assert len(listed(app)) == 20
    app.press("all-chats")
    assert len(listed(app)) == 25


def test_a_title_is_shown_as_text_and_not_as_markdown(app: ChatApp):
    app.send("Hello")
    app.store.rename(OWNER, app.chat, "**Big** :red[sale] $5 and $10")
    app.run()
    label = app.page.button(key=f"open-{app.chat}").label
    assert r"\*\*Big" in label
    assert r"\$5" in label
    assert ":red[" not in label


def test_the_address_of_a_chat_opens_it_in_a_new_tab(app: ChatApp):
    app.send("Explain rainbows")
    chat = app.chat
    app.open(chat=chat)
    assert app.chat == chat
    assert "Explain rainbows" in words(app.questions[0])
    assert app.answers[0].markdown[0].value != ""


def test_a_new_tab_has_the_models_and_toggles_of_the_chat_it_opens(app: ChatApp):
    app.choose_model("mistralai/mistral-nemo")
    app.switch("zdr", False)
    app.send("Hello")
    app.open(chat=app.chat)
    assert app.page.toggle(key="auto").value is False
    assert app.page.selectbox(key="model").value == "mistralai/mistral-nemo"


def test_the_address_of_an_unknown_chat_says_so_and_what_to_do(app: ChatApp):
    app.open(chat="0" * 32)
    card = words(app.page.main)
    assert "⚠️" in card
    assert "start a new chat" in card
    app.press("new-chat")
    assert app.send("Hello").state == "done"


def test_a_chat_of_somebody_else_is_as_unknown_as_one_that_never_was(app: ChatApp):
    foreign = app.store.create_conversation("somebody else")
    app.store.rename("somebody else", foreign.id, "secret plans")
    app.open(chat="0" * 32)
    unknown = words(app.page.main)
    app.open(chat=foreign.id)
    assert words(app.page.main) == unknown
    assert "secret plans" not in str(app.page)
