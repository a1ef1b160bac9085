"""What of a chat's files leaves, and how: as the model takes them, or as words in their place."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchat.media.intake import check, keep
from orchat.media.kept import ADDRESS, Kept
from orchat.media.sending import WEB_SEARCH, Sending
from orchat.media.taking import Reading, Takes
from orchat.store import Message, Store
from orchat.turn import say
from tests.media.made import bomb, picture, sound
from tests.search.made_files import pdf

ALL, NONE = Takes("All"), Takes("None", images=False, audio=False, files=False, tools=False)
FILES = {"a.png": picture(), "a.wav": sound(), "a.pdf": pdf(["Words of a page."]), "a.csv": b"x,y\n1,2\n"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        yield store


@pytest.fixture
def question(store: Store) -> Message:
    chat = store.create_conversation("ann").id
    kept = [keep(store, "ann", chat, check(name, data, ALL, Reading.HERE)) for name, data in FILES.items()]
    return say(store, "ann", chat, "What is all this?", None, kept)


def parts(store: Store, message: Message, sending: Sending) -> list[dict[str, Any]]:
    ((wire, _),) = sending.messages([message], lambda sha256: store.file_data("ann", sha256))
    return wire["content"]


def test_files_go_where_models_look_for_them_and_text_stands_before_the_question(store: Store, question: Message):
    found = parts(store, question, Sending(ALL))
    assert [part["type"] for part in found] == ["text", "text", "text", "image_url", "input_audio"]
    assert [part.get("text") for part in found[:3]] == [
        '<file "a.pdf">\n[Page 1]\nWords of a page.\n</file>',
        '<file "a.csv">\nx,y\n1,2\n\n</file>',
        "What is all this?",
    ]
    assert found[3]["image_url"]["url"].startswith("data:image/png;base64,")
    assert found[4]["input_audio"] == {"data": base64.b64encode(FILES["a.wav"]).decode(), "format": "wav"}


def test_a_model_that_takes_less_gets_words_in_their_place(store: Store, question: Message):
    found = parts(store, question, Sending(NONE, Reading.MODEL))
    assert [part["type"] for part in found] == ["text"] * 5
    assert found[0]["text"] == '[image "a.png" removed: this model takes no images]'
    assert found[1]["text"] == '[audio "a.wav" removed: this model takes no audio]'
    assert "Words of a page." in found[2]["text"]


@pytest.mark.parametrize("reading", [Reading.MODEL, Reading.MISTRAL, Reading.CLOUDFLARE])
def test_a_whole_pdf_names_who_reads_it(store: Store, question: Message, reading: Reading):
    sending = Sending(ALL, reading)
    found = parts(store, question, sending)
    (file,) = (part["file"] for part in found if part["type"] == "file")
    assert file["filename"] == "a.pdf"
    assert base64.b64decode(file["file_data"].partition(",")[2]) == FILES["a.pdf"]
    assert not any("Words of a page" in str(part.get("text")) for part in found)
    wanted = sending.parameters({"plugins": [{"id": "moderation"}]}, [{"content": found}])
    assert wanted["plugins"] == [{"id": "moderation"}, {"id": "file-parser", "pdf": {"engine": str(reading)}}]


def test_without_a_whole_file_no_plugin_is_asked_for(store: Store, question: Message):
    sending = Sending(ALL)
    assert sending.parameters({}, [{"content": parts(store, question, sending)}]) == {}


def test_a_search_is_added_to_the_tools_and_pictures_are_asked_for_where_they_are_drawn():
    sending = Sending(Takes("Draws", draws=("image", "text")), web=True)
    wanted = sending.parameters({"temperature": 0.5, "tools": [{"type": "function"}]}, [])
    assert wanted == {
        "temperature": 0.5,
        "tools": [{"type": "function"}, WEB_SEARCH],
        "modalities": ["image", "text"],
    }


def test_a_file_that_is_gone_is_told_as_gone(store: Store, question: Message):
    assert question.details is not None
    lost = [{**file, "sha256": "0" * 64, "text": "0" * 64} for file in question.details["attached"]]
    message = store.add_message("ann", question.conversation_id, role="user", wire={"role": "user", "content": "?"},
                                parent_id=None, details={"said": "?", "attached": lost})  # fmt: skip
    found = parts(store, message, Sending(ALL))
    assert [part["type"] for part in found] == ["text"] * 5
    assert all("it is not kept any more" in part["text"] for part in found[:4])


def drawn(data: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(data).decode()}"}}


def test_pictures_of_an_answer_are_files_and_come_back_as_they_were(store: Store):
    chat = store.create_conversation("ann").id
    wire = {"role": "assistant", "content": "Here", "images": [drawn(picture())]}
    stored = Kept(store, "ann", chat).put_away(wire)
    assert stored["images"][0]["image_url"]["url"].startswith(ADDRESS)
    assert "base64" not in str(stored)
    assert [(file.kind, file.name) for file in store.files("ann", chat)] == [("image", "picture.png")]
    answer = store.add_message("ann", chat, role="assistant", wire=stored, parent_id=None)
    ((sent, _),) = Sending(ALL).messages([answer], lambda sha256: store.file_data("ann", sha256))
    assert sent == wire
    ((sent, _),) = Sending(NONE).messages([answer], lambda sha256: store.file_data("ann", sha256))
    assert sent == {"role": "assistant", "content": "Here\n\n[image removed: this model takes no images]"}


@pytest.mark.parametrize(
    "url", [drawn(bomb())["image_url"]["url"], "https://example.com/a.png", "data:image/png;base64,!", ""]
)
def test_a_picture_that_is_none_is_neither_kept_nor_sent_again(store: Store, url: str):
    chat = store.create_conversation("ann").id
    stored = Kept(store, "ann", chat).put_away({"role": "assistant", "images": [{"image_url": {"url": url}}]})
    assert stored["images"][0]["problem"]
    assert store.files("ann", chat) == []
    answer = store.add_message("ann", chat, role="assistant", wire=stored, parent_id=None)
    ((sent, _),) = Sending(ALL).messages([answer], lambda sha256: store.file_data("ann", sha256))
    assert not sent.get("images")


def test_a_parsed_file_comes_back_with_its_pictures_which_are_no_base64_in_the_message(store: Store):
    chat = store.create_conversation("ann").id
    content = [{"type": "text", "text": "Words"}, drawn(picture())]
    wire = {
        "role": "assistant",
        "content": "Read",
        "annotations": [{"type": "file", "file": {"hash": "1", "content": content}}],
    }
    stored = Kept(store, "ann", chat).put_away(wire)
    assert "base64" not in str(stored)
    answer = store.add_message("ann", chat, role="assistant", wire=stored, parent_id=None)
    ((sent, _),) = Sending(ALL).messages([answer], lambda sha256: store.file_data("ann", sha256))
    assert sent == wire
