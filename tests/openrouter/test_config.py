import dataclasses
import logging
from typing import Any

import httpx
import pytest
import respx

from orchat.errors import AuthenticationError, OpenRouterError, SettingsError
from orchat.openrouter import App, AsyncOpenRouterClient, OpenRouterClient
from orchat.openrouter.config import ChangedOptions, ClientConfig, ClientOptions
from tests.openrouter.chunks import ANSWER, QUESTION
from tests.openrouter.upstream import Upstream

SECRET = "sk-or-v1-0123456789abcdef"
MANAGEMENT = "sk-or-v1-fedcba9876543210"


@pytest.mark.parametrize(
    "base_url",
    ["https://eu.openrouter.ai/api/v1", "https://eu.openrouter.ai/api/v1/", "http://gateway.example:8080/a/b/c"],
)
def test_any_base_url_with_any_path_is_kept(base_url: str):
    with respx.mock as router, OpenRouterClient("key", base_url=base_url) as client:
        route = router.get(base_url.rstrip("/") + "/models").respond(json={"data": []})
        assert client.models() == []
    assert route.called


@pytest.mark.parametrize(
    "base_url",
    ["", "openrouter.ai/api/v1", "ftp://openrouter.ai", "https://", "http://a.example/v1?key=1", "https://[::1"],
)
def test_what_is_no_address_is_refused_by_the_name_of_the_setting(base_url: str):
    with pytest.raises(SettingsError, match="OPENROUTER_BASE_URL"):
        ClientConfig("key", base_url=base_url)


@pytest.mark.parametrize("base_url", ["https://ann:hidden@a.example/v1", "https://ann:hidden@a.example:99999/v1"])
def test_a_password_in_the_address_is_refused_and_not_repeated(base_url: str):
    with pytest.raises(SettingsError) as caught:
        ClientConfig("key", base_url=base_url)
    assert "hidden" not in repr(caught.value)


@pytest.mark.parametrize("client", [OpenRouterClient, AsyncOpenRouterClient])
def test_a_key_that_cannot_be_one_is_refused_at_once(client: Any):
    with pytest.raises(AuthenticationError):
        client("sk-or v1")
    with pytest.raises(AuthenticationError):
        client("key", management_key="sk-or\nv1")


@pytest.mark.parametrize("client", [OpenRouterClient, AsyncOpenRouterClient])
def test_an_option_that_does_not_exist_is_named_beside_those_that_do(client: Any):
    said = rf"^{client.__name__} has no option `time_out`\. There are api_key, .*, timeout, .*; a new client"
    with pytest.raises(TypeError, match=said):
        client("key", time_out=5)
    with pytest.raises(TypeError, match=said):
        client("key").with_options(time_out=5)


def test_the_typed_options_are_those_of_the_configuration():
    configured = {option.name for option in dataclasses.fields(ClientConfig)}
    assert set(ChangedOptions.__annotations__) == configured
    assert set(ClientOptions.__annotations__) == configured - {"api_key"}


def test_every_request_names_the_key_and_the_app(upstream: Upstream):
    with OpenRouterClient(SECRET, base_url=upstream.url, app=App("https://chat.example", "Chat")) as client:
        client.complete(QUESTION, model="a/b", extra_headers={"X-OpenRouter-Metadata": "enabled"})
    headers = upstream.requests[0].headers
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert (headers["http-referer"], headers["x-openrouter-title"]) == ("https://chat.example", "Chat")
    assert headers["x-openrouter-metadata"] == "enabled"


def test_a_header_of_the_call_replaces_the_clients_whatever_its_case():
    with respx.mock as router, OpenRouterClient("key", app=App(title="Chat")) as client:
        route = router.post(path="/api/v1/chat/completions").respond(content=ANSWER)
        client.complete(QUESTION, model="a/b", extra_headers={"x-openrouter-TITLE": "Other"})
    assert route.calls.last.request.headers.get_list("x-openrouter-title") == ["Other"]


def test_without_a_key_no_authorization_is_sent():
    with respx.mock as router, OpenRouterClient() as client:
        route = router.get(path="/api/v1/models").respond(json={"data": []})
        client.models()
    assert "authorization" not in route.calls.last.request.headers


def test_keys_stay_out_of_reprs_errors_and_logs(upstream: Upstream, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with OpenRouterClient(SECRET, management_key=MANAGEMENT, base_url=upstream.url) as client:
        stream = client.stream(QUESTION, model="a/b")
        list(stream)
        with pytest.raises(OpenRouterError) as caught:
            client.account()
        seen = [repr(client), repr(client.config), repr(stream), repr(stream.request), caplog.text]
        seen += [repr(caught.value), str(caught.value.detail), repr(caught.value.__cause__), caught.value.advice]
    assert caplog.records
    for key in (SECRET, MANAGEMENT):
        assert not any(key in text for text in seen)


@pytest.mark.parametrize("content", [b"bytes", float("nan"), "half \ud83d"])
def test_a_body_that_json_cannot_hold_is_named(content: Any):
    with OpenRouterClient("key") as client, pytest.raises(OpenRouterError, match="JSON"):
        client.complete([{"role": "user", "content": content}], model="a/b")


def test_a_client_may_bring_its_own_http_client():
    with respx.mock as router, httpx.Client() as http:
        router.get(path="/api/v1/models").respond(json={"data": []})
        assert OpenRouterClient("key", http=http).models() == []
