"""ChatOpenRouter: a LangChain chat model over orchat's own clients."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar, Literal, Self, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams, LanguageModelInput, ModelProfile
from langchain_core.load.serializable import SerializedConstructor, SerializedNotImplemented
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils import from_env, get_pydantic_field_names, secret_from_env
from langchain_openai import ChatOpenAI
from pydantic import Field, PrivateAttr, SecretStr, model_validator

from orchat.agent.openrouter.answers import Chunks, generation_chunk, result
from orchat.agent.openrouter.binding import StaysPrivate, adopted
from orchat.agent.openrouter.clients import Clients
from orchat.agent.openrouter.errors import translated
from orchat.agent.openrouter.parameters import checked_provider, merged, wants_zdr
from orchat.agent.openrouter.profile import profile_of
from orchat.agent.openrouter.request import client_options, request_of
from orchat.agent.openrouter.structured import structured_output
from orchat.openrouter import AsyncOpenRouterClient, Model, OpenRouterClient
from orchat.openrouter.config import IDLE_TIMEOUT
from orchat.openrouter.request import BASE_URL
from orchat.openrouter.routing import CostTier
from orchat.wire import JSON, base_id

CHARACTERS_PER_TOKEN = 4
SERVER_TOOL = "openrouter:"
SENT = ("models", "route", "plugins", "session_id", "trace", "user")
"""Own fields that are parameters of a request by the same name."""
RENAMED = {"openrouter_api_key": "api_key", "openrouter_api_base": "base_url"}
"""Names of langchain-openrouter's for what has another one in LangChain."""
NOT_SENT = ("openai_proxy", "openai_organization", "organization", "default_query")
"""Options of ChatOpenAI's that would do nothing here: said rather than ignored."""


class ChatOpenRouter(StaysPrivate, ChatOpenAI):
    """OpenRouter as a LangChain chat model, on orchat's own client: its parser, retries, errors and privacy.

    Parameters that it does not know go to OpenRouter untouched, in the constructor as in a call. Zero data retention
    that the model was made with (`zdr=True`, or `openrouter_provider={"zdr": True}`) cannot be switched off by a call.
    Errors are orchat's and LangChain's at once (`RateLimitedError` and `ModelRateLimitError`); those of a broken
    stream carry `partial_text`.
    """

    openai_api_key: SecretStr | Callable[..., Any] | None = Field(
        alias="api_key", default_factory=secret_from_env("OPENROUTER_API_KEY", default=None)
    )
    openai_api_base: str | None = Field(
        alias="base_url", default_factory=from_env(["OPENROUTER_BASE_URL", "OPENROUTER_API_BASE"], default=BASE_URL)
    )
    openrouter_provider: dict[str, Any] | None = None
    """Provider preferences, as https://openrouter.ai/docs/guides/routing/provider-selection lists them."""
    zdr: bool = False
    """Whether only endpoints with zero data retention may answer."""
    models: list[str] | None = None
    """Models that are tried in this order when the first one fails."""
    route: str | None = None
    plugins: list[dict[str, Any]] | None = None
    session_id: str | None = None
    trace: dict[str, Any] | None = None
    user: str | None = None
    app_url: str | None = None
    app_title: str | None = None
    app_categories: list[str] | None = None
    allowed_models: list[str] | None = None
    """What the auto-router may choose from; wildcards such as `anthropic/*` are allowed."""
    excluded_models: list[str] | None = None
    cost_tier: CostTier | None = None
    """The band of prices that the auto-router chooses from."""
    idle_timeout: float = IDLE_TIMEOUT
    """Seconds without data (keep-alive comments do not count) after which a stream counts as failed."""
    max_retries: int | None = 2
    openai_proxy: None = None
    stream_usage: bool | None = True
    openrouter_client: OpenRouterClient | None = Field(default=None, exclude=True, repr=False)
    """A client to use in place of one of its own; its key, address and routing count then."""
    openrouter_async_client: AsyncOpenRouterClient | None = Field(default=None, exclude=True, repr=False)

    model_config: ClassVar[Any] = {"arbitrary_types_allowed": True, "populate_by_name": True}
    _clients: Clients = PrivateAttr()

    @model_validator(mode="before")
    @classmethod
    def build_extra(cls, values: dict[str, Any]) -> Any:
        """Take unknown parameters as ones of OpenRouter's. Replaces ChatOpenAI's, which warns of each."""
        known = get_pydantic_field_names(cls)
        values = {RENAMED.get(name, name): value for name, value in values.items()}
        for name in NOT_SENT:
            if values.get(name):
                raise ValueError(f"ChatOpenRouter has no use for `{name}`.")
        unknown = {name: values[name] for name in values.keys() - known}
        kept = {name: value for name, value in values.items() if name in known}
        if kept.get("model") is None and kept.get("model_name") is None:
            raise ValueError("ChatOpenRouter needs a model, such as model='openrouter/auto'.")
        if unknown:
            kept["model_kwargs"] = {**(kept.get("model_kwargs") or {}), **unknown}
        return kept

    @model_validator(mode="before")
    @classmethod
    def validate_temperature(cls, values: Any) -> Any:
        """Leave the temperature alone. Replaces ChatOpenAI's, which changes it for some of OpenAI's models."""
        return values

    @model_validator(mode="after")
    def validate_environment(self) -> Self:
        """Make the clients. Replaces ChatOpenAI's, which reads OPENAI_* and LANGSMITH_GATEWAY and makes OpenAI's."""
        self.use_responses_api = False
        if self.openrouter_provider is not None:
            self.openrouter_provider = checked_provider(self.openrouter_provider)
        # Wherever it was asked for, it is the model's own from now on.
        self.zdr = wants_zdr(self.__dict__)
        self._clients = Clients(
            client_options(self),
            self.openrouter_client,
            self.openrouter_async_client,
            http=self.http_client,
            http_async=self.http_async_client,
        )
        return self

    def _request(self, messages: Sequence[BaseMessage], stop: list[str] | None, call: dict[str, Any]) -> JSON:
        return request_of(self, self._default_params, messages, stop, call)

    @property
    def _default_params(self) -> dict[str, Any]:
        parameters = super()._default_params
        if "max_completion_tokens" in parameters:
            parameters["max_tokens"] = parameters.pop("max_completion_tokens")
        own = {name: value for name in SENT if (value := getattr(self, name)) is not None}
        return merged(parameters, own, {"provider": self.openrouter_provider} if self.openrouter_provider else {})

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        chunks = Chunks()
        with translated(), self._clients.sync.stream(**self._request(messages, stop, kwargs)) as stream:
            for event in stream:
                if (message := chunks.take(event)) is not None:
                    chunk = generation_chunk(message)
                    if run_manager:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk
            last = generation_chunk(chunks.last(stream.reply))
        if run_manager:
            run_manager.on_llm_new_token("", chunk=last)
        yield last

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        chunks = Chunks()
        with translated():
            stream = self._clients.of_this_loop.stream(**self._request(messages, stop, kwargs))
            async with aclosing(stream):
                async for event in stream:
                    if (message := chunks.take(event)) is not None:
                        chunk = generation_chunk(message)
                        if run_manager:
                            await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                        yield chunk
            last = generation_chunk(chunks.last(stream.reply))
        if run_manager:
            await run_manager.on_llm_new_token("", chunk=last)
        yield last

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's face
        **kwargs: Any,
    ) -> ChatResult:
        with translated():
            return result(self._clients.sync.complete(**self._request(messages, stop, kwargs)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's face
        **kwargs: Any,
    ) -> ChatResult:
        with translated():
            return result(await self._clients.of_this_loop.complete(**self._request(messages, stop, kwargs)))

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: dict[str, Any] | str | bool | None = None, **options: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return a model that may call tools; OpenRouter's own (`{"type": "openrouter:web_search"}`) are sent as is."""
        own = [tool for tool in tools if isinstance(tool, Mapping) and str(tool.get("type")).startswith(SERVER_TOOL)]
        others = [tool for tool in tools if tool not in own]
        bound: Any = self.bind(**options)
        if others:
            bound = adopted(super().bind_tools(others, tool_choice=tool_choice, **options))
        with_own: Runnable[LanguageModelInput, AIMessage] = bound
        if own:
            with_own = bound.bind(tools=[*bound.kwargs.get("tools", ()), *own])
        return with_own

    def with_structured_output(
        self,
        schema: Any = None,
        *,
        method: Literal["function_calling", "json_mode", "json_schema"] = "function_calling",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a model that answers in the shape of `schema`, as LangChain's models do.

        By default through a tool call, which most of OpenRouter's models can make; `json_schema` where a model has it.
        """
        if method == "json_schema" and schema is not None:
            return structured_output(self, schema, include_raw=include_raw, strict=strict, **kwargs)
        return super().with_structured_output(schema, method=method, include_raw=include_raw, strict=strict, **kwargs)

    def load_profile(self) -> ModelProfile | None:
        """Look the model up in OpenRouter's catalogue (a request), and keep what it can do as `profile`."""
        with translated():
            return self._take_profile(self._clients.sync.models())

    async def aload_profile(self) -> ModelProfile | None:
        """As `load_profile`, without blocking the event loop."""
        with translated():
            return self._take_profile(await self._clients.of_this_loop.models())

    def _take_profile(self, models: Sequence[Model]) -> ModelProfile | None:
        found = next((model for model in models if model.id == base_id(self.model_name)), None)
        self.profile = profile_of(found) if found else None
        return self.profile

    def get_num_tokens(self, text: str) -> int:
        """Return about how many tokens a text has: tokenizers differ, and OpenRouter offers none."""
        return -(-len(text) // CHARACTERS_PER_TOKEN)

    def get_num_tokens_from_messages(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[Any] | None = None,
        **_: Any,
    ) -> int:
        """Return about how many tokens messages have."""
        return count_tokens_approximately(messages, tools=list(tools) if tools else None)

    def get_token_ids(self, text: str) -> list[int]:
        """Raise: there is no tokenizer that would be right for more than one model."""
        raise NotImplementedError("OpenRouter has no tokenizer. `get_num_tokens` counts approximately.")

    def _use_responses_api(self, payload: dict[str, Any]) -> bool:  # noqa: ARG002 - LangChain's face
        return False

    def _resolve_model_profile(self) -> ModelProfile | None:
        return None

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(**{**super()._get_ls_params(stop=stop, **kwargs), "ls_provider": "openrouter"})

    @property
    def _llm_type(self) -> str:
        return "openrouter-chat"

    @property
    def lc_secrets(self) -> dict[str, str]:
        """Which fields are secrets, and the variables that they can be read from."""
        return {"openai_api_key": "OPENROUTER_API_KEY"}

    def to_json(self) -> SerializedConstructor | SerializedNotImplemented:
        """Return LangChain's serialization. It would name OPENAI_API_KEY as where the key comes from: an ancestor's."""
        kept: Any = super().to_json()
        if "openai_api_key" in kept.get("kwargs", {}):
            kept["kwargs"]["openai_api_key"] = {"lc": 1, "type": "secret", "id": ["OPENROUTER_API_KEY"]}
        return cast("SerializedConstructor | SerializedNotImplemented", kept)

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Return where LangChain's serialization finds the class."""
        return ["orchat", "agent", "openrouter"]
