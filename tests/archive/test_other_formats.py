"""Exports of other applications as they are today: in several files, and as a tree."""

import json
from typing import Any

import pytest

from orchat.archive import import_file, importing
from orchat.errors import ImportFailedError
from orchat.store import Store
from tests.archive.test_archive import CHATGPT
from tests.search.made_files import package


def named(title: str) -> dict[str, Any]:
    return {**CHATGPT[0], "title": title}


def split(*files: str) -> bytes:
    """An archive of ChatGPT's, which has its chats in numbered files."""
    numbered = {f"export/conversations-{number:03}.json": text for number, text in enumerate(files)}
    others = {"export/user.json": "{}", "__MACOSX/export/._conversations-000.json": "junk"}
    return package({**others, **dict(reversed(numbered.items()))})


def test_an_archive_with_chats_in_numbered_files_is_taken_in_whole_and_in_their_order(store: Store):
    data = split(json.dumps([named("First"), named("Second")]), json.dumps([named("Third")]))
    ids = import_file(store, "ann", data)
    assert [store.conversation("ann", chat).title for chat in ids] == ["First", "Second", "Third"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (json.dumps([named("Third"), {"title": "x"}]), "Conversations-001.json, chat 2: “mapping” is missing"),
        ("[\n oops", "Conversations-001.json: Line 2, column 2"),
        ("{}", "Conversations-001.json: This is none of what can be read"),
    ],
)
def test_what_is_broken_in_one_of_them_names_the_file_and_nothing_is_taken_in(store: Store, broken: str, said: str):
    with pytest.raises(ImportFailedError, match=said):
        import_file(store, "ann", split(json.dumps([named("First")]), broken))
    assert store.conversations("ann") == []


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [("MOST_UNPACKED", 1_000, "There are more than"), ("MOST_MEMORY", 15_000, "too much memory")],
)
def test_numbered_files_are_measured_together(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, said: str
):
    text = json.dumps([named("One")])
    monkeypatch.setattr(importing, limit, most)
    assert import_file(store, "ann", split(text))
    with pytest.raises(ImportFailedError, match=said):
        import_file(store, "ann", split(text, text))


def test_the_room_that_is_left_has_to_be_enough_for_all_of_them(store: Store):
    text, asked = json.dumps([named("One")]), list[int]()
    import_file(store, "ann", split(text, text), check_room=asked.append)
    assert asked == [2 * len(text)]


BEGINNING = "00000000-0000-4000-8000-000000000000"
"""What Claude's first messages follow."""


def claude_message(key: str, parent: str, text: str, minute: int) -> dict[str, Any]:
    sender = "human" if key.startswith("q") else "assistant"
    moment = f"2026-03-01T12:{minute:02}:00Z"
    return {"uuid": key, "parent_message_uuid": parent, "sender": sender, "text": text, "created_at": moment}


def claude_tree(**more: Any) -> dict[str, Any]:
    """A question with two answers, one of them without words, and the question as it was edited."""
    messages = [
        claude_message("q1", BEGINNING, "Which animals are striped?", 1),
        claude_message("a1", "q1", "Zebras.", 2),
        claude_message("a2", "q1", "", 3),
        claude_message("q2", "a2", "And spotted ones?", 4),
        claude_message("a3", "q2", "Leopards.", 5),
        claude_message("q3", BEGINNING, "Which animals fly?", 6),
        claude_message("a4", "q3", "Herons.", 7),
    ]
    return {"uuid": "u", "name": "Animals", "chat_messages": messages, **more}


def test_claudes_branches_come_along_and_the_newest_is_shown(store: Store):
    [chat] = import_file(store, "ann", json.dumps([claude_tree()]).encode())
    said = {message.id: message for message in store.all_messages("ann", chat)}
    follows = {message.text: said[message.parent_id].text if message.parent_id else None for message in said.values()}
    assert follows == {
        "Which animals are striped?": None,
        "Zebras.": "Which animals are striped?",
        "And spotted ones?": "Which animals are striped?",
        "Leopards.": "And spotted ones?",
        "Which animals fly?": None,
        "Herons.": "Which animals fly?",
    }
    assert [message.text for message in store.branch("ann", chat)] == ["Which animals fly?", "Herons."]


@pytest.mark.parametrize(("leaf", "shown"), [("a1", "Zebras."), ("a2", "Herons."), ("gone", "Herons.")])
def test_the_branch_that_claude_shows_is_shown_if_it_has_words(store: Store, leaf: str, shown: str):
    [chat] = import_file(store, "ann", json.dumps([claude_tree(current_leaf_message_uuid=leaf)]).encode())
    assert store.branch("ann", chat)[-1].text == shown


def test_a_claude_chat_without_messages_is_taken_in_whatever_it_calls_its_last_one(store: Store):
    [chat] = import_file(store, "ann", b'[{"name": "Empty", "chat_messages": [], "current_leaf_message_uuid": "a1"}]')
    assert (store.conversation("ann", chat).title, store.branch("ann", chat)) == ("Empty", [])


def test_a_message_of_claudes_that_follows_itself_is_named(store: Store):
    messages = [claude_message("q1", "a1", "", 1), claude_message("a1", "q1", "Zebras.", 2)]
    with pytest.raises(ImportFailedError, match="Chat 1: message “a1” follows “a1”"):
        import_file(store, "ann", json.dumps([claude_tree(chat_messages=messages)]).encode())


def test_what_follows_an_answer_without_words_in_the_chatroom_follows_what_was_before_it(store: Store):
    def message(who: str, parent: str | None, text: str) -> dict[str, Any]:
        return {"characterId": who, "parentMessageId": parent, "content": text, "createdAt": "2026-03-01T12:00:00Z"}

    messages = {
        "1": message("USER", None, "Which animals are striped?"),
        "2": message("c", "1", ""),
        "3": message("USER", "2", "Once more, please"),
    }
    room = {"version": "orpg.3.0", "title": "Room", "characters": {}, "messages": messages}
    [chat] = import_file(store, "ann", json.dumps(room).encode())
    assert [message.text for message in store.branch("ann", chat)] == [
        "Which animals are striped?",
        "Once more, please",
    ]
