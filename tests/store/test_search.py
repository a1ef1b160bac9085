"""Search finds what was said, shows it in its context, and nothing of others or of what is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orchat.store import Message, Store
from orchat.store.search import Hit, excerpt


def say(store: Store, said: object, owner: str = "ann", title: str = "", **known: object) -> Message:
    chat = store.create_conversation(owner)
    if title:
        store.rename(owner, chat.id, title)
    return store.add_message(owner, chat.id, role="user", wire={"content": said}, parent_id=None, **known)


def found(store: Store, wanted: str, owner: str = "ann") -> list[str | None]:
    return [hit.message_id for hit in store.search(owner, wanted)]


def test_words_are_found_by_their_beginning_in_any_order_and_case_newest_first(store: Store):
    first = say(store, "Rainbows come about when light is refracted")
    second = say(store, "LIGHT makes a rainbow")
    say(store, "Nothing of the kind")
    assert found(store, "rainbow light") == [second.id, first.id]
    assert found(store, "light rainbows") == [first.id]
    assert found(store, "ainbow") == []


def test_a_hit_is_shown_in_its_context(store: Store):
    message = say(store, f"{'word ' * 40}the Rainbow appears {'later ' * 60}", title="Colours")
    [hit] = store.search("ann", "rainbow")
    assert isinstance(hit, Hit)
    assert (hit.title, hit.found, hit.role, hit.conversation_id) == (
        "Colours",
        "Rainbow",
        "user",
        message.conversation_id,
    )
    assert hit.before.endswith("the ")
    assert hit.before.startswith("…")
    assert hit.after.startswith(" appears later")
    assert len(hit.before + hit.after) < 250


def test_the_text_of_parts_is_found_and_pictures_are_not_in_the_way(store: Store):
    parts = [{"type": "text", "text": "what is on"}, {"type": "image_url"}, {"type": "text", "text": "this picture"}]
    message = say(store, parts)
    assert found(store, "what picture") == [message.id]


def test_an_answer_is_found_when_it_has_ended_and_by_what_it_says_then(store: Store):
    answer = say(store, "half", state="streaming")
    assert found(store, "half") == []
    store.save_message("ann", replace(answer, wire={"content": "the whole answer"}, state="done"))
    assert found(store, "whole") == [answer.id]
    assert found(store, "half") == []


def test_an_answer_that_was_cut_off_is_found(store: Store):
    answer = say(store, "half", state="streaming")
    store.recover(timedelta(seconds=-10))
    assert found(store, "half") == [answer.id]


def test_titles_are_found_too(store: Store):
    message = say(store, "Hello", title="All about Rainbows")
    [hit] = store.search("ann", "rainb all")
    assert (hit.message_id, hit.conversation_id) == (None, message.conversation_id)


@pytest.mark.parametrize("owner", ["ann", "ann@example.org", "–", "o'\"hara"])
def test_nothing_of_others_is_found(store: Store, owner: str):
    mine = say(store, "secret rainbow", owner)
    say(store, "secret rainbow", "ann@example.org.evil", title="rainbow")
    say(store, "secret rainbow", "annie", title="rainbow")
    assert found(store, "rainbow", owner) == [mine.id]


def test_what_is_deleted_is_found_no_more_and_what_comes_back_is(store: Store):
    message = say(store, "rainbow")
    store.delete("ann", message.conversation_id)
    assert found(store, "rainbow") == []
    store.restore("ann", message.conversation_id)
    assert found(store, "rainbow") == [message.id]
    store.delete("ann", message.conversation_id)
    store.purge_deleted(timedelta(seconds=-10))
    assert found(store, "rainbow") == []


def test_what_is_not_among_the_newest_is_found_and_the_newest_come_first(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.store.search.NEWEST", 3)
    said = [say(store, "rainbow").id for _ in range(5)]
    store.delete("ann", say(store, "rainbow").conversation_id)
    say(store, "rain", "bob")
    said.append(say(store, "rainbow at last").id)
    assert found(store, "rainbow") == said[::-1]
    assert [hit.message_id for hit in store.search("ann", "rainbow", limit=2)] == said[:3:-1]
    assert [hit.message_id for hit in store.search("ann", "rainbow", limit=4)] == said[:1:-1]


@pytest.mark.parametrize(
    "wanted", ["", "  ", '"', "*", "AND", "NEAR(", "a:b", "'; --", "\0", "\ud800", "%", "x" * 9000]
)
def test_anything_may_be_typed(store: Store, wanted: str):
    say(store, "rainbow AND near")
    assert isinstance(store.search("ann", wanted), list)


def test_accents_make_no_difference_to_the_place_of_a_hit():
    assert excerpt("Ein schöner Füller, ÄRGER", ["arger"]) == ("Ein schöner Füller, ", "ÄRGER", "")
    assert excerpt("İstanbul and Straße", ["stra"]) == ("İstanbul and ", "Straße", "")
