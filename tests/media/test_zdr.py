"""With zero data retention on, every body with files asks for it, and what it does not cover is never sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchat.demo import DemoServer
from orchat.media.intake import check, keep
from orchat.media.taking import Reading, Takes
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Message
from orchat.turn import Ask
from tests.media.made import picture, sound
from tests.search.made_files import pdf

OWNER = "ann"
EVERYTHING = {"a.png": picture(), "a.wav": sound(), "a.pdf": pdf(["Words."]), "a.csv": b"x,y\n1,2\n"}
TAKES_ALL, DRAWS = "google/gemini-2.5-flash", "google/gemini-2.5-flash-image"


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as server:
        yield server


@pytest.fixture
def services(demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.chdir(tmp_path)
    given = {"OPENROUTER_API_KEY": demo.api_key, "OPENROUTER_BASE_URL": demo.base_url, "ORCHAT_DATA_DIR": tmp_path}
    services = Services(Settings(**given, ORCHAT_REQUIRE_ZDR="true", ORCHAT_TITLE_MODEL="none"))
    services.connection().catalogue.current(wait=10)
    yield services
    services.close()


def asked(
    services: Services, model: str, files: dict[str, bytes], text: str = "What is this?", **choices: Any
) -> Message:
    """Ask with files, and return the answer. Nobody has switched zero data retention on: the operator requires it."""
    chat = services.store.create_conversation(OWNER).id
    reading = choices.get("reading", Reading.HERE)
    kept = [keep(services.store, OWNER, chat, check(name, data, Takes(), reading)) for name, data in files.items()]
    question = services.chats.say(OWNER, chat, text, None, kept)
    run = services.ask(OWNER, question, Ask(model, **choices), services.connection())
    assert run.settled.wait(30)
    return services.store.message(OWNER, run.turn.message_id)


def bodies(demo: DemoServer) -> list[dict[str, Any]]:
    return [request.body for request in demo.requests if request.path.endswith("/chat/completions")]


@pytest.mark.parametrize("reading", [Reading.HERE, Reading.MODEL])
def test_files_of_every_kind_go_to_endpoints_that_keep_nothing(services: Services, demo: DemoServer, reading: Reading):
    answer = asked(services, TAKES_ALL, EVERYTHING, reading=reading)
    assert (answer.state, answer.zdr) == ("done", True)
    (body,) = bodies(demo)
    assert body["provider"] == {"zdr": True, "data_collection": "deny"}
    assert "tools" not in body
    kinds = [part["type"] for part in body["messages"][0]["content"]]
    if reading is Reading.HERE:
        assert kinds == ["text", "text", "text", "image_url", "input_audio"]
        assert "plugins" not in body
    else:
        assert kinds == ["text", "text", "image_url", "input_audio", "file"]
        assert body["plugins"] == [{"id": "file-parser", "pdf": {"engine": "native"}}]


def test_where_the_model_takes_no_files_a_pdf_goes_as_text_and_never_to_a_third_party(
    services: Services, demo: DemoServer
):
    asked(services, "qwen/qwen3-max", {"a.pdf": EVERYTHING["a.pdf"]}, reading=Reading.MODEL)
    # Whoever answers, or that nobody does: what left was text.
    for body in bodies(demo):
        assert body["provider"]["zdr"] is True
        assert [part["type"] for part in body["messages"][0]["content"]] == ["text", "text"]
        assert "plugins" not in body


@pytest.mark.parametrize("choices", [{"reading": Reading.MISTRAL}, {"reading": Reading.CLOUDFLARE}, {"web": True}])
def test_a_third_party_is_refused_with_the_reason_and_nothing_is_sent(
    services: Services, demo: DemoServer, choices: dict[str, Any]
):
    answer = asked(services, TAKES_ALL, {"a.pdf": EVERYTHING["a.pdf"]}, **choices)
    assert answer.state == "failed"
    assert answer.error is not None
    assert answer.error["kind"] == "ZDRConflictError"
    assert "does not cover" in answer.error["message"]
    assert bodies(demo) == []


def test_pictures_are_drawn_by_endpoints_that_keep_nothing_or_by_nobody(services: Services, demo: DemoServer):
    answer = asked(services, DRAWS, {}, "Draw a sloth")
    assert all(body["provider"]["zdr"] is True for body in bodies(demo))
    # The simulated one has no such endpoint.
    assert answer.error is not None
    assert answer.error["kind"] == "PrivacyRestrictedError"
