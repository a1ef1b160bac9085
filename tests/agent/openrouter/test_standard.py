"""LangChain's own suites for chat models, every capability switched on, against the embedded OpenRouter."""

import base64
from typing import Any

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from orchat import ChatOpenRouter
from orchat.demo import DemoServer

MODEL = "anthropic/claude-sonnet-4.6"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SERDES = "LangChain loads classes of its own list only; test_model round trips with the class allowed"


@pytest.fixture(autouse=True)
def _downloads_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suites download a picture, a sound and a document from the internet; here they come from memory."""

    def get(url: str, **_: Any) -> httpx.Response:
        return httpx.Response(200, content=PIXEL, request=httpx.Request("GET", url))

    monkeypatch.setattr("langchain_tests.integration_tests.chat_models.httpx.get", get)


pytestmark = [
    pytest.mark.filterwarnings("ignore:LANGCHAIN_TESTS_USER_AGENT:UserWarning"),
]


class TestUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenRouter

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": MODEL, "api_key": "sk-or-test"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return {"OPENROUTER_API_KEY": "sk-or-env"}, {"model": MODEL}, {"openai_api_key": "sk-or-env"}

    @pytest.mark.xfail(reason=SERDES, strict=True)
    def test_serdes(self, *arguments: Any, **more: Any) -> None:
        super().test_serdes(*arguments, **more)


class TestIntegration(ChatModelIntegrationTests):
    supports_image_inputs = True
    supports_image_urls = True
    supports_pdf_inputs = True
    supports_audio_inputs = True
    supports_anthropic_inputs = True
    supports_image_tool_message = True
    supports_pdf_tool_message = True
    supports_json_mode = True
    supports_model_override = True
    returns_usage_metadata = True

    @pytest.fixture(autouse=True)
    def _server(self, demo: DemoServer) -> None:
        type(self).base_url, type(self).key = demo.base_url, demo.api_key

    base_url, key = "", ""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenRouter

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": MODEL, "api_key": self.key, "base_url": self.base_url}

    @pytest.fixture
    def model(self, request: Any, _server: None) -> BaseChatModel:
        # Not every model hears.
        hearing = {"model": "openai/gpt-4o-audio-preview"} if "audio" in request.node.name else {}
        return self.a_model(**hearing, **(getattr(request, "param", None) or {}))

    def a_model(self, **more: Any) -> ChatOpenRouter:
        return ChatOpenRouter(**{"model": MODEL, "api_key": self.key, "base_url": self.base_url, **more})

    @property
    def model_override_value(self) -> str:
        return "demo/fast"

    @property
    def supported_usage_metadata_details(self) -> dict[str, list[str]]:
        return {"invoke": ["reasoning_output", "cache_read_input"], "stream": ["reasoning_output", "cache_read_input"]}

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return _asked(self.a_model(reasoning={"effort": "low"}), [("user", "Explain gravity.")], stream=stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        messages = [("system", "Be brief. " * 2_000), ("user", "Explain gravity.")]
        model = self.a_model(session_id=f"cache-{stream}")
        model.invoke(messages)
        return _asked(model, messages, stream=stream)


def _asked(model: ChatOpenRouter, messages: list[tuple[str, str]], *, stream: bool) -> AIMessage:
    if not stream:
        return model.invoke(messages)
    chunks = list(model.stream(messages))
    return sum(chunks[1:], chunks[0])
