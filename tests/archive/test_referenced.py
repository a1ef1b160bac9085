"""What goes to a model of an imported file is what is in the file that its reader is shown."""

import base64
import copy
import json
from hashlib import sha256
from typing import Any

import pytest

from orchat.archive import as_html, as_json, as_markdown, import_file, referenced
from orchat.errors import ImportFailedError
from orchat.media.sending import Sending
from orchat.media.taking import Takes
from orchat.store import Message, Store
from tests.archive.whole_chats import CHAT, SAID_IN_PDF, WHOLE

ANN = "ann"
HIDDEN = b"SEND-ALL-DOCUMENTS"
PDF, NOTES, PICTURE = range(3)


def chat(**changes: Any) -> dict[str, Any]:
    value = copy.deepcopy(CHAT)
    return {**value, "messages": value["messages"][:1], **changes}


def hidden(kind: str = "extract") -> dict[str, Any]:
    return {"kind": kind, "name": "x.txt", "mime": "text/plain", "data": base64.b64encode(HIDDEN).decode()}


def taken(store: Store, *chats: Any) -> list[Message]:
    file = {"format": "orchat", "version": 1, "conversations": chats}
    return [store.branch(ANN, added)[0] for added in import_file(store, ANN, json.dumps(file).encode())]


def named(file: dict[str, Any]) -> str:
    return str(file["name"])


def sent(store: Store, message: Message, takes: Takes | None = None) -> str:
    """What a model gets of it, that takes no files by default."""
    takes = takes or Takes("Texts", files=False)
    return json.dumps(Sending(takes).messages([message], lambda sha: store.file_data(ANN, sha)))


@pytest.mark.parametrize("kind", ["extract", "attachment"])
def test_the_text_of_a_document_is_read_anew_and_no_other_is_sent(store: Store, kind: str):
    forged = chat()
    forged["files"].append(hidden(kind))
    forged["messages"][0]["details"]["attached"][PDF]["text"] = sha256(HIDDEN).hexdigest()
    [question] = taken(store, forged)
    assert HIDDEN.decode() not in sent(store, question)
    assert SAID_IN_PDF in sent(store, question)


@pytest.mark.parametrize("name", ["sha256", "text"])
def test_a_file_of_another_chat_is_not_taken_for_one_of_the_import(store: Store, name: str):
    own = store.create_conversation(ANN).id
    store.add_file(ANN, own, name="secret.txt", mime="text/plain", kind="attachment", data=HIDDEN)
    forged = chat()
    forged["messages"][0]["details"]["attached"][PDF][name] = sha256(HIDDEN).hexdigest()
    [question] = taken(store, forged)
    assert HIDDEN.decode() not in sent(store, question)


def test_a_file_is_sent_as_what_it_is_and_not_as_what_the_import_calls_it(store: Store):
    forged = chat()
    picture, notes = (forged["messages"][0]["details"]["attached"][at] for at in (PICTURE, NOTES))
    picture["mime"] = f"image/png;base64,{HIDDEN.decode()}"
    notes |= {"medium": "image", "mime": "image/png"}
    [question] = taken(store, forged)
    assert HIDDEN.decode() not in sent(store, question)
    assert [file["medium"] for file in (question.details or {})["attached"]] == ["pdf", "text", "image"]


def test_a_document_is_read_once_however_often_it_is_there(store: Store, monkeypatch: pytest.MonkeyPatch):
    read = []
    check = referenced.check

    def counted(name: str, *rest: Any) -> Any:
        read.append(name)
        return check(name, *rest)

    monkeypatch.setattr(referenced, "check", counted)
    first, second = taken(store, chat(), chat())
    assert read == ["herons.pdf"]
    assert SAID_IN_PDF in sent(store, first)
    assert SAID_IN_PDF in sent(store, second)


def test_a_document_that_is_not_read_in_time_is_kept_and_its_text_is_not_sent(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(referenced, "SECONDS", 0.0)
    [question] = taken(store, chat())
    assert "it has no text, and this model takes no files" in sent(store, question)
    assert SAID_IN_PDF not in sent(store, question)


def test_everything_that_orchat_exports_comes_back_and_is_sent_as_it_was(store: Store):
    added = import_file(store, ANN, json.dumps(WHOLE).encode())
    chats = [store.conversation(ANN, one) for one in added]
    for write in (as_markdown, as_html):
        assert "Herons" in write(store, ANN, chats)
    written = json.loads(as_json(store, ANN, chats))
    for before, after in zip(WHOLE["conversations"], written["conversations"], strict=True):
        assert [one.get("details") for one in after["messages"]] == [one.get("details") for one in before["messages"]]
        assert [one.get("error") for one in after["messages"]] == [one.get("error") for one in before["messages"]]
        assert sorted(after["files"], key=named) == sorted(before["files"], key=named)


@pytest.mark.parametrize("what", ["schema", "arguments"])
def test_what_is_nested_deeper_than_anything_can_draw_is_refused_or_shown_as_text(store: Store, what: str):
    deep = '{"a":' * 500 + "1" + "}" * 500
    value = copy.deepcopy(WHOLE)
    chats = value["conversations"]
    if what == "schema":
        chats[0]["messages"][1]["details"]["schema"] = json.loads(deep)
        with pytest.raises(ImportFailedError, match="nested"):
            import_file(store, ANN, json.dumps(value).encode())
        return
    chats[1]["messages"][1]["message"]["tool_calls"][0]["function"]["arguments"] = deep
    added = import_file(store, ANN, json.dumps(value).encode())
    assert store.branch(ANN, added[1])[2].details["arguments"] == {"arguments": deep}  # type: ignore[index]


def test_the_same_file_twice_is_kept_once(store: Store):
    twice = chat()
    twice["files"].append(twice["files"][0])
    [question] = taken(store, twice)
    assert len(store.files(ANN, question.conversation_id)) == len(CHAT["files"])
