"""A long chat is drawn a part at a time, and nothing of it is out of reach."""

import pytest

from orchat.ui.intents import SHOWN
from tests.ui.chat_app import OWNER, ChatApp, words

LENGTH = 120


@pytest.fixture
def long(app: ChatApp) -> list[str]:
    """The ids of the messages of an open chat: questions and answers by turns."""
    chat, ids = app.store.create_conversation(OWNER).id, []
    for number in range(LENGTH):
        role = "assistant" if number % 2 else "user"
        wire = {"role": role, "content": f"Say {number}" + (" okapi" if number == 11 else "")}
        above = ids[-1] if ids else None
        ids.append(app.store.add_message(OWNER, chat, role=role, wire=wire, parent_id=above).id)
    app.open(chat=chat)
    return ids


def shown(app: ChatApp) -> list[int]:
    """The numbers of the messages that are drawn."""
    return [int(words(message).split()[1]) for message in app.page.chat_message]


def find(app: ChatApp, wanted: str) -> None:
    app.press("search")
    app.page.text_input(key="search-words").set_value(wanted)
    app.run()
    app.press("open-hit-0")


def test_the_last_part_is_drawn_and_earlier_ones_on_demand(app: ChatApp, long: list[str]):
    assert shown(app) == list(range(LENGTH - SHOWN, LENGTH))
    app.press("earlier")
    assert shown(app) == list(range(LENGTH - 2 * SHOWN, LENGTH))
    app.press("earlier")
    assert shown(app) == list(range(LENGTH))
    assert app.buttons("Show earlier") == []


def test_a_hit_far_above_is_drawn_with_what_is_around_it(app: ChatApp, long: list[str]):
    find(app, "okapi")
    assert 11 in shown(app)
    assert len(shown(app)) <= SHOWN
    app.press("later")
    assert shown(app) == list(range(LENGTH - SHOWN, LENGTH))


def test_a_chat_can_be_forked_far_above_its_end(app: ChatApp, long: list[str]):
    find(app, "okapi")
    app.page.menu_button(key=f"more-{long[11]}").set_value("Fork from here")
    app.run()
    assert shown(app) == list(range(12))


def test_a_question_far_above_can_be_edited(app: ChatApp, long: list[str]):
    find(app, "okapi")
    app.press(f"edit-{long[10]}")
    app.page.text_area(key=f"text-{long[10]}").set_value("Say 10 otherwise")
    app.submit("Send")
    assert ["‹ leads back" in toast.value for toast in app.page.toast] == [True]
    app.settled()
    assert len(app.branch) == 12
    assert app.buttons("Go to the end") == []


def test_a_message_that_is_sent_from_far_above_follows_the_last_one(app: ChatApp, long: list[str]):
    find(app, "okapi")
    app.send("And now?")
    assert app.branch[-3].id == long[-1]
    assert "And now?" in words(app.questions[-1])


def test_a_short_chat_is_drawn_whole(app: ChatApp):
    app.send("Hello")
    assert app.buttons("Show earlier") == app.buttons("Go to the end") == []


def test_another_chat_begins_at_its_end(app: ChatApp, long: list[str]):
    find(app, "okapi")
    app.press("new-chat")
    app.press(f"open-{app.store.message(OWNER, long[0]).conversation_id}")
    assert shown(app)[-1] == LENGTH - 1
