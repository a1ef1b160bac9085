"""Files of messages in an export: whole in JSON, pictures in HTML, names in Markdown; and back again."""

import base64

import pytest

from orchat.archive.exporting import as_html, as_json, as_markdown
from orchat.archive.importing import import_file
from orchat.media.intake import check, keep
from orchat.media.kept import Kept
from orchat.media.sending import Sending
from orchat.media.taking import Reading, Takes
from orchat.store import Conversation, Store
from orchat.turn import say
from tests.media.made import picture
from tests.search.made_files import pdf

ALL = Takes("All")


@pytest.fixture
def chat(store: Store) -> Conversation:
    chat = store.create_conversation("ann").id
    files = {"photo.png": picture(), "<b>.pdf": pdf(["Words."])}
    kept = [keep(store, "ann", chat, check(name, data, ALL, Reading.HERE)) for name, data in files.items()]
    question = say(store, "ann", chat, "What is this?", None, kept)
    drawn = base64.b64encode(picture(30, 30)).decode()
    wire = {"role": "assistant", "content": "", "images": [{"image_url": {"url": f"data:image/png;base64,{drawn}"}}]}
    stored = Kept(store, "ann", chat).put_away(wire)
    store.add_message("ann", chat, role="assistant", wire=stored, parent_id=question.id)
    return store.conversation("ann", chat)


def test_markdown_names_them_and_says_where_they_are(store: Store, chat: Conversation):
    text = as_markdown(store, "ann", [chat])
    assert "**You**\n\nWhat is this?\n\n📎 photo.png (not in this file; the JSON export has it)" in text
    assert "**Answer**\n\n📎 picture.png" in text
    assert "[Files attached" not in text


def test_html_shows_pictures_and_loads_nothing(store: Store, chat: Conversation):
    page = as_html(store, "ann", [chat])
    assert page.count('<img src="data:image/png;base64,') == 2
    assert "default-src 'none'; img-src data:;" in page
    assert "📎 _b_.pdf (not in this file" in page
    assert "<b>" not in page


def test_json_brings_them_back_so_that_they_can_be_sent_again(store: Store, chat: Conversation):
    (imported,) = import_file(store, "bob", as_json(store, "ann", [chat]).encode())
    branch = store.branch("bob", imported)
    sent = Sending(ALL).messages(branch, lambda sha256: store.file_data("bob", sha256))
    original = Sending(ALL).messages(store.branch("ann", chat.id), lambda sha256: store.file_data("ann", sha256))
    assert sent == original
    assert [part["type"] for part in sent[0][0]["content"]] == ["text", "text", "image_url"]
    assert sent[1][0]["images"][0]["image_url"]["url"].startswith("data:image/png;base64,")
