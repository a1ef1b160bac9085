"""What fails behind OpenRouter, or on the way to it: no endpoint, limits, providers, connections, streams."""

from typing import Any, ClassVar

from orchat.errors.base import Action, Actions, OpenRouterError


class NoEndpointError(OpenRouterError):
    """No provider can serve this request as it is (404)."""

    advice = "The request narrows the choice of providers too far. Loosen it, or choose another model."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


class PrivacyRestrictedError(NoEndpointError):
    """Privacy settings exclude every provider of this model."""

    advice = (
        "Choose a model that has a provider without data retention, turn zero data retention off for this chat, "
        "or loosen the account's settings at https://openrouter.ai/settings/privacy."
    )
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.ZDR_OFF, Action.PRIVACY_SETTINGS)


class ToolsUnsupportedError(NoEndpointError):
    """No provider of this model can call tools."""

    advice = "Choose a model that supports tools, or send without them."


class ImagesUnsupportedError(NoEndpointError):
    """No provider of this model reads images."""

    advice = "Choose a model that reads images, or start a chat without them."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.NEW_CHAT)


class ParametersUnsupportedError(NoEndpointError):
    """No provider of this model takes all of the parameters, and they were required."""

    advice = "Drop a parameter (the details name it where OpenRouter says which), or choose another model."


class ProvidersExcludedError(NoEndpointError):
    """The list of allowed providers leaves none for this model."""

    advice = "Allow one of the model's providers in the request or in the OpenRouter account, or choose another model."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.PRIVACY_SETTINGS)


class AutoRouterExhaustedError(NoEndpointError):
    """The auto-router finds no model that fits the request and the restrictions."""

    advice = "Turn the auto-router off and choose a model, or loosen the models, cost tier or privacy it may use."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.ZDR_OFF)


class ModelRetiredError(NoEndpointError):
    """The model, or its free variant, is no longer offered."""

    advice = "Choose another model."


class RateLimitedError(OpenRouterError):
    """Too many requests for now (429). `retry_after` says how many seconds to wait, where it is known."""

    advice = "Wait a moment and try again, or choose another model."
    actions: ClassVar[Actions] = (Action.RETRY, Action.CHOOSE_MODEL)
    retryable = True

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        if self.retry_after and details.get("advice") is None:
            self.advice = f"Wait {self.retry_after:.0f} s and try again, or choose another model."


class DailyFreeLimitError(RateLimitedError):
    """The day's allowance of requests to free models is used up."""

    advice = (
        "Free models are available again after midnight UTC. Until then choose a paid model; "
        "an account that has bought 10 credits gets 1,000 free requests a day."
    )
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.ADD_CREDITS)
    retryable = False

    def __init__(self, message: str, **details: Any) -> None:
        details.setdefault("advice", type(self).advice)
        super().__init__(message, **details)


class UpstreamError(OpenRouterError):
    """The provider behind OpenRouter failed (502)."""

    advice = "Try again: another provider may answer. Or choose another model."
    actions: ClassVar[Actions] = (Action.RETRY, Action.CHOOSE_MODEL)
    retryable = True


class ProviderOverloadedError(UpstreamError):
    """No provider has room for the request right now (503, 529)."""

    advice = "Try again in a moment, or choose another model."


class RequestTimeoutError(UpstreamError):
    """OpenRouter or the provider gave up waiting (408, 504, 524)."""


class ServerError(UpstreamError):
    """OpenRouter itself failed (500)."""

    advice = "Try again in a moment; https://status.openrouter.ai tells whether others are affected."


class ConnectionFailedError(OpenRouterError):
    """OpenRouter cannot be reached, or does not answer.

    `sent` is True when the request may have reached OpenRouter, and so may have been billed: it is not repeated then.
    """

    advice = "Check the network, a proxy or OPENROUTER_BASE_URL, then try again."
    sent: bool = False


class StreamError(OpenRouterError):
    """The answer broke off while it was arriving. What had arrived is kept."""

    advice = "What had arrived is kept. Try again, or ask to go on."
    actions: ClassVar[Actions] = (Action.RETRY, Action.CHOOSE_MODEL)


class StreamTruncatedError(StreamError):
    """The connection closed before the answer was finished."""


class EmptyReplyError(StreamError):
    """The stream ended without any answer."""

    advice = "Nothing was written, and OpenRouter does not charge for that. Try again, or choose another model."


class IdleTimeoutError(StreamError):
    """The model sent nothing for too long."""

    advice = "The model went silent. Try again, or choose another model or provider."


class MalformedResponseError(StreamError):
    """What arrived is not what OpenRouter sends: a proxy or another server may have answered."""

    advice = "Check OPENROUTER_BASE_URL and any proxy in between; the details show what was received."
