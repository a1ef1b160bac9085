"""Which parts of a request zero data retention does not cover."""

from typing import Any

import pytest

from orchat.errors import ZDRConflictError
from orchat.openrouter import Routing, uncovered
from orchat.openrouter.request import chat_request, inference_request
from tests.openrouter.chunks import QUESTION

FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}


@pytest.mark.parametrize(
    "body, kind, name",
    [
        ({"plugins": [{"id": "web"}]}, "plugin", "web"),
        ({"plugins": ({"id": "web-fetch"},)}, "plugin", "web-fetch"),
        ({"plugins": [{"id": "file-parser"}]}, "plugin", "file-parser"),
        ({"plugins": [{"id": "plugin-of-next-year"}]}, "plugin", "plugin-of-next-year"),
        ({"tools": [{"type": "openrouter:image_generation"}]}, "server_tool", "openrouter:image_generation"),
        ({"tools": [{"type": "openrouter:datetime"}]}, "server_tool", "openrouter:datetime"),
        ({"model": "a/b:online"}, "web_search", "a/b:online"),
        ({"model": "a/b", "models": ["a/b", "c/d:online"]}, "web_search", "c/d:online"),
        ({"web_search_options": {"search_context_size": "low"}}, "web_search", "web_search_options"),
        ({"model": "a/b@preset/mine"}, "preset", "a/b@preset/mine"),
        ({"preset": "mine"}, "preset", "mine"),
        ({"model": "openrouter/fusion"}, "router", "openrouter/fusion"),
        ({"messages": [{"content": [{"type": "file", "file": {"file_id": "file-1"}}]}]}, "file", "file-1"),
    ],
)
def test_what_third_parties_see_is_named_with_its_reason(body: dict[str, Any], kind: str, name: str):
    [part] = uncovered(body)
    assert (part.kind, part.name) == (kind, name)
    assert part.reason.startswith("Zero data retention")


@pytest.mark.parametrize("path", ["/images", "/videos", "/batches", "/files", "/route-of-next-year"])
def test_a_route_without_the_switch_is_not_covered(path: str):
    assert [part.kind for part in uncovered({"model": "a/b"}, path=path)] == ["route"]
    with pytest.raises(ZDRConflictError):
        inference_request(path, {"model": "a/b"}, Routing(zdr=True))
    assert inference_request(path, {"model": "a/b"}, Routing()).path == path


@pytest.mark.parametrize("path", ["/chat/completions", "/embeddings", "/rerank", "/audio/speech"])
def test_a_plain_request_is_covered_wherever_there_is_the_switch(path: str):
    body = {"model": "openrouter/auto", "modalities": ["text", "image"], "plugins": [{"id": "auto-router"}]}
    assert uncovered(body, path=path, headers={"X-OpenRouter-Cache": "false"}) == ()


def test_the_response_cache_is_not_covered():
    assert [part.kind for part in uncovered({}, headers={"X-OpenRouter-Cache": "true"})] == ["cache"]


def test_every_part_is_named_once_in_the_refusal():
    given = {"tools": [{"type": "openrouter:web_search"}, {"type": "openrouter:datetime"}]}
    with pytest.raises(ZDRConflictError) as caught:
        chat_request(QUESTION, model="a/b", routing=Routing(zdr=True), parameters=given)
    assert caught.value.message.count("openrouter:web_search") == 1
    assert "openrouter:datetime" in caught.value.message


@pytest.mark.parametrize("given", [None, [], [{"id": "file-parser", "enabled": False}]])
def test_a_pdf_goes_to_the_model_itself_whatever_was_said_of_the_parser(given: Any):
    messages = [{"role": "user", "content": [FILE]}]
    sent = chat_request(messages, model="a/b", routing=Routing(zdr=True), parameters={"plugins": given})
    assert sent.body is not None
    assert sent.body["plugins"] == [{"id": "file-parser", "pdf": {"engine": "native"}}]
