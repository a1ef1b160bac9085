"""What OpenRouter refuses: the request, the key, the payment, the permission."""

from typing import ClassVar

from orchat.errors.base import Action, Actions, OpenRouterError


class InvalidRequestError(OpenRouterError):
    """OpenRouter, or orchat before it, refuses the request as it stands (400, 413, 422)."""

    advice = "Something in the request cannot be served as it is: the details name it. Change it and send again."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


class ZDRConflictError(InvalidRequestError):
    """Zero data retention is on, and the request asks for something that it cannot cover."""

    advice = "Leave that feature out, or turn zero data retention off for this message."
    actions: ClassVar[Actions] = (Action.ZDR_OFF,)


class ForbiddenByOperatorError(InvalidRequestError):
    """Whoever runs this orchat forbids it for everybody; nothing was sent."""

    advice = "Whoever runs this orchat has decided so for everybody. Choose something else, or ask them."
    actions: ClassVar[Actions] = (Action.CHOOSE_MODEL,)


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
