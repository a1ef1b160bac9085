"""Files on the chat page: offered as the model takes them, sent, shown, kept with an edit; pictures and the web too."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from orchat.store import Message
from tests.media.made import bomb, picture, sound
from tests.search.made_files import pdf
from tests.ui.chat_app import OWNER, ChatApp, words

Start = Callable[..., ChatApp]
SEES, BLIND = "anthropic/claude-haiku-4.5", "qwen/qwen3-max"
HEARS, DRAWS = "openai/gpt-4o-audio-preview", "google/gemini-2.5-flash-image"


def send(app: ChatApp, text: str, *files: tuple[str, bytes]) -> Message:
    put(app, text, *files)
    return app.settled()


def put(app: ChatApp, text: str, *files: tuple[str, bytes]) -> None:
    box = app.page.chat_input(key="prompt").set_value(text)
    for name, data in files:
        box.upload(name, data)
    app.run()


def shown(app: ChatApp) -> str:
    """What is written on the page, the places above the box included."""
    return "\n".join(str(element.value) for kind in ("markdown", "caption") for element in app.page.get(kind))


def content(app: ChatApp, at: int = -1) -> list[dict[str, Any]]:
    """The parts of the last message of a request."""
    return app.asked()[at]["messages"][-1]["content"]


def test_a_picture_goes_along_and_is_shown_with_its_question(app: ChatApp):
    app.choose_model(SEES)
    answer = send(app, "What is this?", ("photo.png", picture()))
    assert "You sent an image (image/png" in answer.text
    text, image = content(app)
    assert text == {"type": "text", "text": "What is this?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert "What is this?" in words(app.questions[0])
    assert "attached" not in words(app.questions[0])
    assert len(app.questions[0].get("image")) == 1


def test_the_receipt_counts_what_left(app: ChatApp):
    app.choose_model(SEES)
    answer = send(app, "What is this?", ("photo.png", picture()), ("a.csv", b"x,y\n1,2\n"))
    (call,) = [call for call in app.store.calls_of(OWNER, app.chat) if call.message_id == answer.id]
    assert call.sent is not None
    assert call.sent["parts"] == {"text_file": 1, "image_url": 1}


def test_an_edited_question_keeps_its_files(app: ChatApp):
    app.choose_model(SEES)
    send(app, "What is this?", ("photo.png", picture()))
    app.press(f"edit-{app.branch[0].id}")
    app.page.text_area(key=f"text-{app.branch[0].id}").set_value("And now?")
    app.submit("Send")
    app.settled()
    assert [part["type"] for part in content(app)] == ["text", "image_url"]
    assert content(app)[0]["text"] == "And now?"


def test_a_later_model_that_sees_nothing_gets_words_in_its_place(app: ChatApp):
    app.choose_model(SEES)
    send(app, "What is this?", ("photo.png", picture()))
    app.choose_model(BLIND)
    app.send("And what of it?")
    first = app.asked()[-1]["messages"][0]["content"]
    assert [part["type"] for part in first] == ["text", "text"]
    assert "removed: this model takes no images" in first[0]["text"]


def test_the_box_says_where_the_model_takes_no_pictures(app: ChatApp):
    app.choose_model(BLIND)
    assert app.page.chat_input(key="prompt").placeholder == "Write a message · no pictures for this model"
    app.choose_model(SEES)
    assert app.page.chat_input(key="prompt").placeholder == "Write a message"


def test_what_the_model_does_not_take_goes_back_into_the_box_with_the_words(app: ChatApp):
    app.choose_model(BLIND)
    put(app, "What is this?", ("photo.png", picture()))
    assert app.asked() == []
    assert app.session.conversation_id is None
    said = shown(app)
    assert "“photo.png” cannot go along. Qwen3 Max takes no pictures." in said
    assert "With the next message: photo.png" in said.replace("\\", "")
    app.press("held-out")
    app.send("Just words then")
    assert content(app) == "Just words then"


def test_a_hostile_picture_is_refused_and_nothing_is_sent(app: ChatApp):
    app.choose_model(SEES)
    put(app, "Look", ("a.png", bomb()))
    assert "more than 64 million pixels" in shown(app)
    assert app.asked() == []


def test_sound_is_heard_and_has_a_player(app: ChatApp):
    app.choose_model(HEARS)
    answer = send(app, "What do you hear?", ("talk.wav", sound()))
    assert "You sent a recording (wav" in answer.text
    assert content(app)[1]["input_audio"]["format"] == "wav"
    assert len(app.questions[0].get("audio")) == 1


def test_of_a_pdf_the_text_goes_along_and_no_plugin_reads_it(app: ChatApp):
    app.choose_model(SEES)
    send(app, "Sum it up", ("a.pdf", pdf(["Sloths are slow."])))
    assert "Sloths are slow." in content(app)[0]["text"]
    assert "plugins" not in app.asked()[-1]


def test_openrouters_reader_is_paid_once_since_its_reading_goes_back(app: ChatApp):
    app.choose_model(BLIND)
    app.page.radio(key="pdf_reading").set_value("mistral-ocr")
    app.run()
    answer = send(app, "Sum it up", ("a.pdf", pdf(["Sloths are slow."])))
    assert app.asked()[-1]["plugins"] == [{"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}]
    assert "base64" not in str(answer.wire)
    assert answer.cost is not None
    later = app.send("And then?")
    earlier = app.asked()[-1]["messages"][1]
    assert earlier["annotations"][0]["file"]["content"][1]["image_url"]["url"].startswith("data:image/gif;base64,")
    assert later.cost is not None
    assert later.cost < answer.cost


def test_with_zero_data_retention_on_no_third_party_reads_or_searches(app: ChatApp):
    app.choose_model(SEES)
    app.page.radio(key="pdf_reading").set_value("mistral-ocr")
    app.switch("web", True)
    app.switch("zdr", True)
    assert app.page.toggle(key="web").disabled
    assert app.page.radio(key="pdf_reading").value == "here"
    assert len(app.page.radio(key="pdf_reading").options) == 2
    assert "Zero data retention does not cover it" in shown(app)
    send(app, "Search the web for this", ("a.pdf", pdf(["Sloths are slow."])), ("photo.png", picture()))
    body = app.asked()[-1]
    assert body["provider"]["zdr"] is True
    assert "tools" not in body
    assert "plugins" not in body


def test_the_web_is_searched_and_the_answer_lists_its_sources(app: ChatApp):
    app.choose_model(SEES)
    app.switch("web", True)
    answer = app.send("Search the web for sloths")
    assert app.asked()[-1]["tools"][0]["type"] == "openrouter:web_search"
    said = words(app.answers[-1])
    assert "[example.com](https://example.com/1)¹" in said
    assert "Sources" in said
    assert "](https://example.com/1) (example.com)\n2. [News" in said
    assert answer.cost is not None
    assert answer.cost > answer.cost.from_float(0.0069)


def test_a_search_is_not_offered_for_a_model_without_tools(app: ChatApp):
    app.choose_model("microsoft/phi-4")
    assert app.page.toggle(key="web").disabled
    assert "uses no tools" in str(app.page.toggle(key="web").help)


def test_what_is_chosen_is_kept_with_the_chat(app: ChatApp):
    app.choose_model(SEES)
    app.switch("web", True)
    app.page.radio(key="pdf_reading").set_value("native")
    app.run()
    app.send("Hello")
    chat = app.chat
    app.open(chat=chat)
    assert app.page.toggle(key="web").value is True
    assert app.page.radio(key="pdf_reading").value == "native"


def test_a_picture_that_a_model_draws_is_a_file_of_the_chat_and_goes_back_with_the_next_question(app: ChatApp):
    app.choose_model(DRAWS)
    answer = app.send("Draw a sloth")
    assert app.asked()[-1]["modalities"] == ["image", "text"]
    assert "base64" not in str(answer.wire)
    (file,) = app.store.files(OWNER, app.chat)
    data = app.store.file_data(OWNER, file.sha256)
    assert data.startswith(b"\x89PNG")
    assert len(app.answers[-1].get("image")) == 1
    assert len(app.answers[-1].get("download_button")) == 1
    app.send("Draw it larger")
    earlier = app.asked()[-1]["messages"][1]
    assert base64.b64decode(earlier["images"][0]["image_url"]["url"].partition(",")[2]) == data


def test_the_names_of_files_are_found_by_search(app: ChatApp):
    app.choose_model(SEES)
    send(app, "What is this?", ("quarterly-figures.png", picture()))
    (hit,) = app.store.search(OWNER, "quarterly")
    assert hit.conversation_id == app.chat


@pytest.mark.parametrize("model, offered", [(HEARS, True), (BLIND, False)])
def test_the_box_records_where_the_model_hears(app: ChatApp, model: str, offered: bool):
    app.choose_model(model)
    assert app.page.chat_input(key="prompt").proto.accept_audio is offered


def test_what_the_operator_forbids_is_locked_and_says_so(start: Start):
    app = start(ORCHAT_FORBIDDEN_FEATURES="web_search, file-parser")
    app.choose_model(SEES)
    assert app.page.toggle(key="web").disabled
    assert "Whoever runs this orchat" in str(app.page.toggle(key="web").help)
    assert len(app.page.radio(key="pdf_reading").options) == 2
