"""Files and pictures, simulated: taken where a model takes them, read by a plugin once, drawn where one draws."""

import base64
from typing import Any

import pytest

from tests.demo.conftest import Client

PDF = b"%PDF-1.4\n1 0 obj <</Type /Page>> endobj\n2 0 obj <</Type /Page>> endobj"
READS_FILES, READS_NONE, DRAWS = "anthropic/claude-haiku-4.5", "qwen/qwen3-max", "google/gemini-2.5-flash-image"
HEARS = "openai/gpt-4o-audio-preview"


def said(text: str, *parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "text", "text": text}, *parts]}]


def pdf() -> dict[str, Any]:
    data = f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}"
    return {"type": "file", "file": {"filename": "a.pdf", "file_data": data}}


def audio() -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}


def parser(engine: str) -> list[dict[str, Any]]:
    return [{"id": "file-parser", "pdf": {"engine": engine}}]


def message(answer: dict[str, Any]) -> dict[str, Any]:
    return answer["choices"][0]["message"]


@pytest.mark.parametrize(
    "model, engine, cost",
    [(READS_NONE, None, 0.004), (READS_NONE, "cloudflare-ai", 0), (READS_FILES, "mistral-ocr", 0.004)],
)
def test_a_plugin_reads_a_file_for_its_price(client: Client, model: str, engine: str | None, cost: float):
    plain = client.answer(model, said("Read it"))["usage"]["cost"]
    extra = {"plugins": parser(engine)} if engine else {}
    answer = client.answer(model, said("Read it", pdf()), **extra)
    (annotation,) = message(answer)["annotations"]
    assert annotation["file"]["name"] == "a.pdf"
    assert "2 page(s)" in annotation["file"]["content"][0]["text"]
    assert answer["usage"]["cost"] == pytest.approx(plain + cost, abs=0.002)


def test_a_file_whose_annotation_comes_back_is_not_read_again(client: Client):
    question = said("Read it", pdf())
    first = client.answer(READS_NONE, question)
    later = [*question, {"role": "assistant", "content": "I did", "annotations": message(first)["annotations"]}]
    again = client.answer(READS_NONE, [*later, {"role": "user", "content": "And then?"}])
    assert "annotations" not in message(again)
    assert again["usage"]["cost"] < first["usage"]["cost"]


def test_a_model_that_reads_files_itself_needs_no_plugin(client: Client):
    assert "annotations" not in message(client.answer(READS_FILES, said("Read it", pdf())))


@pytest.mark.parametrize(
    "model, question, extra, told",
    [
        (READS_NONE, said("Hear", audio()), {}, "No endpoints found that support input audio"),
        (READS_NONE, said("Read", pdf()), {"plugins": parser("native")}, "No endpoints found that support file input"),
        (READS_NONE, said("Draw"), {"modalities": ["image", "text"]}, "support the requested output modalities"),
        (READS_NONE, [{"role": "assistant", "content": "", "images": [{"type": "image_url"}]}], {}, "image input"),
    ],
)
def test_what_a_model_cannot_take_or_give_is_refused(
    client: Client, model: str, question: Any, extra: dict[str, Any], told: str
):
    status, error = client.error(model, question, **extra)
    assert (status, told in error["message"]) == (404, True)


def test_an_address_that_leads_nowhere_is_refused(client: Client):
    part = {"type": "image_url", "image_url": {"url": "orchat-file:abc"}}
    assert client.error("openai/gpt-4o", said("Look", part))[0] == 400


def test_sound_is_heard_where_a_model_hears(client: Client):
    assert "You sent a recording (wav" in client.text(HEARS, said("What do you hear?", audio()))


def test_a_picture_comes_where_it_is_asked_for_whole_and_streamed_alike(client: Client):
    wanted = {"modalities": ["image", "text"]}
    (whole,) = message(client.answer(DRAWS, "Draw a sloth", **wanted))["images"]
    chunks = client.chunks(DRAWS, "Draw a sloth", **wanted)
    (streamed,) = (i for chunk in chunks for c in chunk["choices"] for i in c["delta"].get("images") or ())
    assert whole == streamed
    assert base64.b64decode(whole["image_url"]["url"].partition(",")[2]).startswith(b"\x89PNG")


@pytest.mark.parametrize("question, extra", [("Draw a sloth", {}), ("Hello", {"modalities": ["image", "text"]})])
def test_no_picture_comes_unasked(client: Client, question: str, extra: dict[str, Any]):
    assert "images" not in message(client.answer(DRAWS, question, **extra))


def test_what_a_search_finds_is_said_with_links(client: Client):
    text = client.text(READS_FILES, "Search the web for sloths", tools=[{"type": "openrouter:web_search"}])
    assert "([example.com](https://example.com/1))" in text
