"""What is taken out can be brought in again as it was; what is broken names its place, and nothing is taken in."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from orchat.archive import as_html, as_json, as_markdown, import_file
from orchat.errors import ImportFailedError
from orchat.store import Message, Store
from tests.search.made_files import package

OWN: dict[str, Any] = {
    "format": "orchat",
    "version": 1,
    "conversations": [
        {
            "title": "Rainbows",
            "kind": "chat",
            "created_at": "2026-03-01T12:00:00+00:00",
            "updated_at": "2026-03-01T12:05:00+00:00",
            "settings": {"model": "a/b"},
            "leaf": "2",
            "messages": [
                {"id": "1", "parent": None, "role": "user", "message": {"role": "user", "content": "Why?"}},
                {"id": "2", "parent": "1", "role": "assistant", "message": {"content": "Light."}, "cost": "0.01"},
            ],
        }
    ],
}
CHATGPT: list[dict[str, Any]] = [
    {
        "title": "Tree",
        "create_time": 1700000000.5,
        "update_time": 1700000100,
        "current_node": "d",
        "mapping": {
            "root": {"id": "root", "message": None, "parent": None, "children": ["s"]},
            "s": {"message": {"author": {"role": "system"}, "content": {"parts": [""]}}, "parent": "root"},
            "a": {
                "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Question"]}},
                "parent": "s",
            },
            "b": {
                "message": {
                    "author": {"role": "assistant"},
                    "create_time": 1700000050,
                    "content": {"content_type": "text", "parts": ["First answer"]},
                    "metadata": {"model_slug": "gpt-4o"},
                },
                "parent": "a",
            },
            "t": {"message": {"author": {"role": "tool"}, "content": {"parts": ["work"]}}, "parent": "a"},
            "d": {
                "message": {
                    "author": {"role": "assistant"},
                    "content": {"content_type": "multimodal_text", "parts": ["Second", {"content_type": "image"}]},
                },
                "parent": "t",
            },
        },
    }
]
CLAUDE: list[dict[str, Any]] = [
    {
        "uuid": "u",
        "name": "Row",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
        "chat_messages": [
            {
                "sender": "human",
                "text": "Question",
                "attachments": [{"file_name": "a.txt", "extracted_content": "In it"}],
            },
            {
                "sender": "assistant",
                "text": "old",
                "content": [{"type": "text", "text": "Answer"}, {"type": "tool_use"}],
            },
        ],
    }
]
CHATROOM_1: dict[str, Any] = {
    "version": "orpg.1.0",
    "title": "Room",
    "characters": {"c": {"modelInfo": {"slug": "maker/model"}}},
    "messages": {
        "2": {"characterId": "c", "content": "Answer", "updatedAt": "2026-01-01T00:00:02Z"},
        "1": {"characterId": "USER", "content": "Question", "updatedAt": "2026-01-01T00:00:01Z"},
    },
}
CHATROOM_3: dict[str, Any] = {
    "version": "orpg.3.0",
    "title": "Room",
    "characters": {"c": {"model": "maker/model"}},
    "messages": {
        "1": {
            "characterId": "USER",
            "parentMessageId": "gone",
            "createdAt": "2026-01-01T00:00:01Z",
            "items": [{"id": "i"}],
        },
        "2": {
            "characterId": "c",
            "parentMessageId": "1",
            "createdAt": "2026-01-01T00:00:02Z",
            "items": [{"id": "k", "sequenceIndex": 1}, {"id": "j", "sequenceIndex": 0}],
        },
    },
    "items": {
        "i": {"data": {"type": "message", "content": [{"type": "input_text", "text": "Question"}]}},
        "j": {"data": {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "Hm"}]}},
        "k": {"data": {"type": "message", "content": [{"type": "output_text", "text": "Answer"}]}},
    },
}
ALL = {"own": OWN, "chatgpt": CHATGPT, "claude": CLAUDE, "chatroom 1": CHATROOM_1, "chatroom 3": CHATROOM_3}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('archive')}/orchat.db") as store:
        yield store


def taken_in(store: Store, value: Any, owner: str = "ann") -> list[str]:
    return import_file(store, owner, json.dumps(value).encode())


def texts(store: Store, chat: str) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in store.branch("ann", chat)]


def test_everything_of_a_conversation_comes_back_under_new_ids(store: Store):
    chat = store.create_conversation("ann", kind="agent", settings={"model": "a/b", "zdr": True})
    store.rename("ann", chat.id, "Umlauts: ü, 😀")
    first = store.add_message("ann", chat.id, role="user", wire={"role": "user", "content": "Hi"}, parent_id=None)
    wire = {"role": "assistant", "content": "Answer", "reasoning_details": [{"type": "x", "signature": "s"}]}
    known = {"cost": Decimal("0.000012"), "zdr": True, "model_answered": "a/b", "prompt_tokens": 3, "state": "stopped"}
    shown = store.add_message("ann", chat.id, role="assistant", wire=wire, parent_id=first.id, **known)
    store.add_message(
        "ann", chat.id, role="assistant", wire={"role": "assistant", "content": "other"}, parent_id=first.id
    )
    store.set_leaf("ann", chat.id, shown.id)
    file = store.add_file("ann", chat.id, name="a.png", mime="image/png", kind="image", data=b"\x89PNG")
    store.set_tags("ann", chat.id, ["work", "Garden"])
    store.set_pinned("ann", chat.id, pinned=True)
    store.rate("ann", shown.id, "down", "Too short: ü")
    chat = store.set_archived("ann", chat.id, archived=True)
    [copy] = import_file(store, "bob", as_json(store, "ann", [chat]).encode())

    def content(message: Message) -> Message:
        return replace(message, id="", conversation_id="", parent_id=None, saved_at=message.created_at)

    assert copy != chat.id
    kept = store.conversation("bob", copy)
    assert (kept.title, kept.kind, kept.settings, kept.created_at) == (
        chat.title,
        "agent",
        chat.settings,
        chat.created_at,
    )
    assert list(map(content, store.all_messages("bob", copy))) == list(map(content, store.all_messages("ann", chat.id)))
    assert [message.text for message in store.branch("bob", copy)] == ["Hi", "Answer"]
    assert (kept.pinned_at, kept.archived_at) == (chat.pinned_at, chat.archived_at)
    assert store.tags("bob", copy) == ["Garden", "work"]
    assert list(store.ratings("bob", copy).values()) == list(store.ratings("ann", chat.id).values()) != []
    assert store.file_data("bob", file.sha256) == b"\x89PNG"
    assert store.calls_of("bob", copy) == []
    assert store.search("bob", "answer")


def test_importing_twice_gives_two_and_overwrites_nothing(store: Store):
    [first], [second] = taken_in(store, OWN), taken_in(store, OWN)
    assert first != second
    assert texts(store, first) == texts(store, second) == [("user", "Why?"), ("assistant", "Light.")]


def test_what_was_streaming_or_waiting_elsewhere_is_cut_off_here(store: Store):
    value = json.loads(json.dumps(OWN))
    value["conversations"][0]["messages"][1]["state"] = "waiting"
    [chat] = taken_in(store, value)
    assert store.branch("ann", chat)[-1].state == "cut_off"


def test_chatgpts_tree_comes_with_its_branches_and_without_what_it_hides(store: Store):
    [chat] = taken_in(store, CHATGPT)
    assert texts(store, chat) == [("user", "Question"), ("assistant", "Second\n[image]")]
    answers = store.siblings("ann", store.branch("ann", chat)[-1].id)
    assert [(answer.text, answer.model_answered) for answer in answers] == [
        ("First answer", "gpt-4o"),
        ("Second\n[image]", None),
    ]
    assert store.conversation("ann", chat).created_at.year == 2023


def test_claudes_export_comes_as_a_row_with_what_was_attached(store: Store):
    [chat] = taken_in(store, CLAUDE)
    assert texts(store, chat) == [("user", "Question\n\na.txt:\n\nIn it"), ("assistant", "Answer")]


def chatgpt_chat(*messages: dict[str, Any]) -> dict[str, Any]:
    """A chat of nodes in a row, below a root that says nothing."""
    nodes: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None}}
    for number, message in enumerate(messages):
        nodes[str(number)] = {"id": str(number), "message": message, "parent": str(number - 1) if number else "root"}
    return {"title": None, "mapping": nodes, "current_node": str(len(messages) - 1)}


def chatgpt_message(role: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"author": {"role": role}, "content": content, "create_time": 1_760_000_000.0, **more}


def test_chatgpts_thoughts_tools_and_memories_are_left_out_and_its_citations_too(store: Store):
    def text(words: str) -> dict[str, Any]:
        return {"content_type": "text", "parts": [words]}

    profile = {"content_type": "user_editable_context", "user_profile": "likes herons", "user_instructions": ""}
    voice = {"content_type": "audio_transcription", "text": "What flies?"}
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1", "width": 1}
    chat = chatgpt_chat(
        chatgpt_message("system", text(""), metadata={"is_visually_hidden_from_conversation": True}),
        chatgpt_message("user", profile, metadata={"is_user_system_message": True}),
        chatgpt_message("user", {"content_type": "multimodal_text", "parts": [voice, picture]}),
        chatgpt_message("assistant", {"content_type": "thoughts", "thoughts": [{"summary": "Birds"}]}),
        chatgpt_message("assistant", {"content_type": "code", "text": "search('herons')"}, recipient="web"),
        chatgpt_message(
            "tool", {"content_type": "tether_quote", "text": "a page"}, author={"role": "tool", "name": "web"}
        ),
        chatgpt_message("assistant", {"content_type": "reasoning_recap", "content": "Thought for 5s"}),
        chatgpt_message("assistant", text("Herons fly.\ue200cite\ue202turn0search0\ue201 Often."), weight=1.0),
    )
    [kept] = taken_in(store, [chat])
    assert texts(store, kept) == [
        ("user", "What flies?\n[image]"),
        ("assistant", "```\nsearch('herons')\n```"),
        ("assistant", "Herons fly. Often."),
    ]


def test_claudes_thoughts_are_kept_as_reasoning_and_its_files_by_name(store: Store):
    blocks = [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "A heron.", "citations": []}]
    messages = [
        {"sender": "human", "text": "", "content": [], "files": [{"file_name": "bird.png"}], "attachments": []},
        {"sender": "assistant", "text": "A heron.", "content": blocks, "files": [], "attachments": []},
        {"sender": "human", "text": "", "content": [], "files": [], "attachments": []},
    ]
    [kept] = taken_in(store, [{"uuid": "u", "name": "", "account": {"uuid": "a"}, "chat_messages": messages}])
    assert texts(store, kept) == [("user", "[bird.png]"), ("assistant", "A heron.")]
    assert store.branch("ann", kept)[-1].wire["reasoning"] == "Hm."


@pytest.mark.parametrize("second", [{"title": "x"}, {"title": "x", "mapping": []}, {"mapping": {"a": None}}])
def test_a_chat_of_chatgpts_without_its_tree_is_named_and_nothing_is_taken_in(store: Store, second: Any):
    before = store.conversation_ids("ann")
    with pytest.raises(ImportFailedError, match=r"^Chat 2: "):
        taken_in(store, [CHATGPT[0], second])
    assert store.conversation_ids("ann") == before


@pytest.mark.parametrize("room", [CHATROOM_1, CHATROOM_3], ids=["orpg.1", "orpg.3"])
def test_openrouters_chatroom_comes_in_order_with_its_models(store: Store, room: Any):
    [chat] = taken_in(store, room)
    assert texts(store, chat) == [("user", "Question"), ("assistant", "Answer")]
    answer = store.branch("ann", chat)[-1]
    assert answer.model_answered == "maker/model"
    assert answer.wire.get("reasoning") == ("Hm" if room is CHATROOM_3 else None)


def test_an_archive_as_chatgpt_and_claude_send_it_is_opened(store: Store):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("export/conversations.json", json.dumps(CLAUDE))
    assert len(import_file(store, "ann", packed.getvalue())) == 1


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"{\n  oops", "Line 2, column 3"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"PK\x03\x04broken", "archive cannot be opened"),
        (b"[]", "no conversation in this file"),
        (b'{"a": 1}', "none of what can be read"),
        (b'"\\ud800"', "no text in UTF-8"),
        (b'{"format": "orchat", "version": 9}', "version 9"),
    ],
)
def test_a_broken_file_says_what_is_wrong(store: Store, broken: bytes, said: str):
    with pytest.raises(ImportFailedError, match=said):
        import_file(store, "ann", broken)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("messages", 1, "parent"), "nowhere", "Chat 2: message “2” follows “nowhere”"),
        (("messages", 1, "parent"), "2", "Chat 2: message “2” follows “2”"),
        (("messages", 1, "id"), "1", "Chat 2: message 2 has the id of another one"),
        (("messages", 1, "role"), "judge", "Chat 2, message 2: “role” is none that there is"),
        (("messages", 1, "cost"), "NaN", "Chat 2, message 2: “cost” is no amount"),
        (("messages", 1, "prompt_tokens"), -1, "Chat 2, message 2: “prompt_tokens” is no whole number"),
        (("messages", 0, "created_at"), "yesterday", "Chat 2, message 1: “created_at” is no time"),
        (("messages",), None, "Chat 2: “messages” is missing and no list"),
        (("leaf",), "7", "Chat 2: “leaf” names no message"),
        (("tags",), [1], "Chat 2: a tag is a number and no text"),
        (("archived_at",), "once", "Chat 2: “archived_at” is no time"),
        (("messages", 1, "rating"), {"thumb": "sideways"}, "Chat 2, message 2: “rating” is neither up nor down"),
        (("files",), [{"name": "a", "mime": "b", "kind": "c", "data": "?"}], "Chat 2, file 1: “data” is no Base64"),
    ],
)
def test_a_broken_entry_is_named_and_nothing_is_taken_in(store: Store, path: Any, value: object, said: str):
    file = json.loads(json.dumps(OWN))
    file["conversations"].append(json.loads(json.dumps(OWN["conversations"][0])))
    place = file["conversations"][1]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    before = store.conversations("eve", limit=1000)
    with pytest.raises(ImportFailedError, match=said):
        taken_in(store, file, owner="eve")
    assert store.conversations("eve", limit=1000) == before == []


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from leaves(child, (*path, key))


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_whatever_is_wrong_with_a_file_is_an_error_of_ours_or_is_taken_in(
    store: Store, kind: str, data: some.DataObject
):
    value = json.loads(json.dumps(ALL[kind]))
    path = data.draw(some.sampled_from([path for path in leaves(value) if path]))
    place = value
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, dict) and data.draw(some.booleans()):
        del place[path[-1]]
    else:
        place[path[-1]] = data.draw(ANYTHING)
    before = len(store.conversations("fuzz", limit=10**6))
    ids: list[str] = []
    with suppress(ImportFailedError):
        ids = taken_in(store, value, owner="fuzz")
    assert len(store.conversations("fuzz", limit=10**6)) == before + len(ids)
    for chat in ids:
        store.branch("fuzz", chat)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.binary(max_size=200))
def test_any_bytes_are_refused_with_a_reason(store: Store, data: bytes):
    with pytest.raises(ImportFailedError):
        import_file(store, "fuzz", data)


def test_markdown_and_html_show_the_branch_that_is_shown(store: Store):
    [chat] = taken_in(store, OWN)
    kept = store.conversation("ann", chat)
    markdown = as_markdown(store, "ann", [kept])
    assert markdown.startswith("# Rainbows\n")
    assert "**You**\n\nWhy?" in markdown
    page = as_html(store, "ann", [kept])
    assert "<h1>Rainbows</h1>" in page
    assert "<pre>Light.</pre>" in page
    assert "$0.01" in page


def test_nothing_in_an_exported_page_runs_or_loads(store: Store, tmp_path: Path):
    chat = store.create_conversation("ann")
    said = "<script>alert(1)</script><img src=http://evil.example/x>"
    store.rename("ann", chat.id, said)
    store.add_message("ann", chat.id, role="user", wire={"content": said}, parent_id=None)
    page = as_html(store, "ann", [store.conversation("ann", chat.id)])
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("content", [[1.5], [None, {"type": "text"}], [{"type": "text", "text": 5}], {"x": 1}, 7])
def test_content_that_no_application_writes_is_taken_in_and_shown_as_far_as_it_is_text(store: Store, content: object):
    value = json.loads(json.dumps(OWN))
    value["conversations"][0]["messages"][0]["message"]["content"] = content
    [chat] = taken_in(store, value, "odd")
    assert store.branch("odd", chat)[0].text == ""
    assert as_markdown(store, "odd", [store.conversation("odd", chat)])


def test_an_archive_whose_compressed_data_is_broken_is_refused_with_a_reason(store: Store):
    packed = bytearray(package({"conversations.json": json.dumps(CHATGPT) * 9}))
    at = packed.index(b"conversations.json") + len(b"conversations.json")
    packed[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(ImportFailedError, match="cannot be opened"):
        import_file(store, "ann", bytes(packed))
