"""Everything that can go wrong, as one tree, each with what the person can do about it.

OrchatError
├── SettingsError
├── StoreError
│   └── NotFoundError
├── RunInProgressError
└── OpenRouterError
    ├── InvalidRequestError
    │   ├── ZDRConflictError
    │   ├── UnknownModelError
    │   ├── ContextLengthError
    │   └── ReasoningMandatoryError
    ├── AuthenticationError
    ├── PaymentRequiredError
    │   ├── InsufficientCreditsError
    │   ├── MaxTokensUnaffordableError
    │   └── BudgetBusyError
    ├── PermissionDeniedError
    │   ├── KeyLimitError
    │   ├── BudgetLimitError
    │   ├── ModerationError
    │   ├── GuardrailError
    │   ├── ManagementKeyRequiredError
    │   └── RegionRestrictedError
    ├── NoEndpointError
    │   ├── PrivacyRestrictedError
    │   ├── ToolsUnsupportedError
    │   ├── ImagesUnsupportedError
    │   ├── ParametersUnsupportedError
    │   ├── ProvidersExcludedError
    │   ├── AutoRouterExhaustedError
    │   └── ModelRetiredError
    ├── RateLimitedError
    │   └── DailyFreeLimitError
    ├── UpstreamError
    │   ├── ProviderOverloadedError
    │   ├── RequestTimeoutError
    │   └── ServerError
    ├── ConnectionFailedError
    └── StreamError
        ├── StreamTruncatedError
        ├── EmptyReplyError
        ├── IdleTimeoutError
        └── MalformedResponseError

A `message` says what happened, `advice` what to do now, `actions` which buttons a page can offer for it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar


class Action(StrEnum):
    """Something a page can offer as a button or a link beside an error."""

    RETRY = "retry"
    ADD_CREDITS = "add_credits"
    KEY_SETTINGS = "key_settings"
    PRIVACY_SETTINGS = "privacy_settings"
    ENTER_KEY = "enter_key"
    ZDR_OFF = "zdr_off"
    CHOOSE_MODEL = "choose_model"
    NEW_CHAT = "new_chat"


Actions = tuple[Action, ...]


class OrchatError(Exception):
    """The base of all of them: its text is fit to show to a person."""

    advice: str = ""
    actions: ClassVar[Actions] = ()

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if advice is not None:
            self.advice = advice


class SettingsError(OrchatError):
    """The environment, `.env` or a settings file holds something that cannot be used."""

    advice = "Correct the setting named above and start orchat again."


class StoreError(OrchatError):
    """The database cannot be opened, read or written."""

    advice = "Check ORCHAT_DATA_DIR or ORCHAT_DATABASE_URL, free disk space and permissions."


class NotFoundError(StoreError):
    """There is no such conversation or message, or it is somebody else's."""

    advice = "It may have been deleted. Choose another one from the list, or start a new chat."


class RunInProgressError(OrchatError):
    """This conversation is still being answered."""

    advice = "Wait for the answer, or stop it first."


class OpenRouterError(OrchatError):
    """A request to OpenRouter failed: the base of all that OpenRouter or the way to it can do to us.

    `status` is the HTTP status (None where there was no response), `code` the machine-readable cause where OpenRouter
    names one (`error.availability.code`, `limit_source` or `error_type`), `provider` the upstream provider, `detail`
    the provider's own words, `retry_after` seconds, `partial_text` what had arrived of the answer, `reply` the partial
    `orchat.reply.Reply` itself.
    """

    advice = "Try again. If it happens again, the details below say what OpenRouter answered."
    actions: ClassVar[Actions] = (Action.RETRY,)
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        advice: str | None = None,
        status: int | None = None,
        code: str | None = None,
        provider: str | None = None,
        detail: str | None = None,
        retry_after: float | None = None,
        generation_id: str | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.code = code
        self.provider = provider
        self.detail = detail
        self.retry_after = retry_after
        self.generation_id = generation_id
        self.body = body
        self.partial_text = ""
        self.reply: Any = None


class InvalidRequestError(OpenRouterError):
    """OpenRouter, or orchat before it, refuses the request as it stands (400, 413, 422)."""

    advice = "Something in the request cannot be served as it is: the details name it. Change it and send again."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


class ZDRConflictError(InvalidRequestError):
    """Zero data retention is on, and the request asks for something that it cannot cover."""

    advice = "Leave that feature out, or turn zero data retention off for this message."
    actions: ClassVar[Actions] = (Action.ZDR_OFF,)


class UnknownModelError(InvalidRequestError):
    """OpenRouter does not know this model id."""

    advice = "It may have been renamed or removed. Choose another model."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


class ContextLengthError(InvalidRequestError):
    """The conversation is longer than this model can read."""

    advice = "Start a new chat, shorten the message, or choose a model with a larger context."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.NEW_CHAT)


class ReasoningMandatoryError(InvalidRequestError):
    """This model always reasons; it cannot be switched off."""

    advice = "Leave reasoning on for this model, or choose another one."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


class AuthenticationError(OpenRouterError):
    """OpenRouter does not accept the API key (401)."""

    advice = "Enter a valid OpenRouter API key. Keys are made at https://openrouter.ai/settings/keys."
    actions: ClassVar[Actions] = (Action.ENTER_KEY,)


class PaymentRequiredError(OpenRouterError):
    """OpenRouter wants money first (402)."""

    advice = "Add credits at https://openrouter.ai/settings/credits, then send again."
    actions: ClassVar[Actions] = (Action.ADD_CREDITS, Action.RETRY)


class InsufficientCreditsError(PaymentRequiredError):
    """The account has no credits left."""


class MaxTokensUnaffordableError(PaymentRequiredError):
    """The account cannot pay for the longest answer this model could give; a shorter one it can.

    `affordable_tokens` is how many it can pay for, where OpenRouter says so.
    """

    advice = "Ask for a shorter answer (max tokens), choose a cheaper model, or add credits."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL, Action.ADD_CREDITS, Action.RETRY)
    affordable_tokens: int | None = None


class BudgetBusyError(PaymentRequiredError):
    """Requests that are still running hold all of the budget; it frees itself when they end."""

    advice = "Other requests of this account are using the whole budget right now. Try again in a moment."
    actions: ClassVar[Actions] = (Action.RETRY, Action.ADD_CREDITS)
    retryable = True


class PermissionDeniedError(OpenRouterError):
    """The key is valid, but this is not allowed to it (403)."""

    advice = "The account or the key does not allow this. The details say what; its owner can change it."
    actions: ClassVar[Actions] = (Action.KEY_SETTINGS,)


class KeyLimitError(PermissionDeniedError):
    """This key has spent the limit that its owner set. The account may well have credits."""

    advice = "Raise or remove the key's limit at https://openrouter.ai/settings/keys, or use another key."
    actions: ClassVar[Actions] = (Action.KEY_SETTINGS, Action.ENTER_KEY)


class BudgetLimitError(PermissionDeniedError):
    """A budget of the workspace or a guardrail is used up."""

    advice = "Ask whoever runs the OpenRouter workspace to raise the budget, or wait until it resets."
    actions: ClassVar[Actions] = (Action.KEY_SETTINGS, Action.RETRY)


class ModerationError(PermissionDeniedError):
    """The provider's moderation refused the message."""

    advice = "Rephrase the message, or choose a model that is not moderated."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


class GuardrailError(PermissionDeniedError):
    """A guardrail of the OpenRouter account blocked the message."""

    advice = "Rephrase the message, or ask whoever runs the OpenRouter account to look at its guardrails."
    actions: ClassVar[Actions] = (Action.PRIVACY_SETTINGS,)


class ManagementKeyRequiredError(PermissionDeniedError):
    """Only a management key can read this."""

    advice = "Set OPENROUTER_MANAGEMENT_KEY (it is used for reading the balance only), or do without."


class RegionRestrictedError(PermissionDeniedError):
    """The model is not offered in this region."""

    advice = "Choose another model."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


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
