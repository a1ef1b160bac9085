"""The trunk of the tree: what every error has."""

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


class ImportFailedError(OrchatError):
    """A file of conversations cannot be taken in."""

    advice = "Nothing was imported. Export the file once more, or correct the entry named above."


class RunInProgressError(OrchatError):
    """This conversation is still being answered."""

    advice = "Wait for the answer, or stop it first."


class ClosingError(OrchatError):
    """orchat is ending, and begins no answer any more."""

    advice = "Nothing that you wrote is lost. Send it again when orchat is back."


class AskedTooOftenError(OrchatError):
    """A person asks more often than this orchat allows."""

    advice = "Try again in a moment."


class QuotaExceededError(OrchatError):
    """A person would keep more than this orchat allows."""

    advice = "Delete chats or files that you no longer need, then try again."


class NotAdmittedError(OrchatError):
    """Whoever is there may not come in.

    For the audit log: `who` is what their things would be kept under, `called` what they are said to be called, both as
    far as that is known, and `why` the reason in a few words that quote nobody.
    """

    advice = "Ask whoever runs this orchat to let you in."

    def __init__(
        self, message: str, *, advice: str | None = None, who: str = "", called: str = "", why: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.who = who
        self.called = called
        self.why = why


class SealError(OrchatError):
    """What is kept encrypted cannot be read."""

    advice = "Enter your key again. Whoever runs this orchat can bring the earlier ORCHAT_SECRET back, after a comma."


class KeyNotMadeError(OrchatError):
    """OpenRouter has made no key for a person, or does not take one back."""

    advice = "Try again in a moment. If it stays so, whoever runs this orchat has to look at OPENROUTER_MANAGEMENT_KEY."


class ToolError(OrchatError):
    """A tool could not do what it was called for; its message is also what the model reads."""

    advice = "Look at the tool's message. Say what you need in other words, or switch the tool off for this chat."


class ToolStoppedError(ToolError):
    """A tool was stopped, or took longer than it may."""


class PluginError(OrchatError):
    """A module in `tools/`, or a package that brings tools, cannot be used; the other tools can."""

    advice = "Correct the plugin: it is loaded again as soon as its file changes. The Tools section of docs/ says how."


class SandboxError(OrchatError):
    """Code could not be run in the sandbox."""

    advice = "Run it again. If that does not help: python -m orchat.sandbox doctor says what this machine can do."


class SandboxUnavailableError(SandboxError):
    """Nothing on this machine isolates code well enough, or the way that was asked for does not."""

    advice = "python -m orchat.sandbox doctor shows what is missing; docs/sandbox.md says how to add it."


class SandboxBusyError(SandboxError):
    """Too many interpreters are at work, and none became free in time."""

    advice = "Try again in a moment, or stop code of yours that is still running."


class SandboxProtocolError(SandboxError):
    """The interpreter said something that it may not say; it is ended, since its code has tampered with it."""

    advice = "The variables are gone, the files are there. Run the code again."


class AgentLimitError(OrchatError):
    """The agent has used up what a turn may take."""

    advice = "What it found so far is kept. Raise the limit in the agent's options, and write “go on”."


class SpendingLimitError(AgentLimitError):
    """The turn has cost as much as it may."""


class StepLimitError(AgentLimitError):
    """The model was asked as often as it may be in a turn."""


class BudgetReachedError(OrchatError):
    """A budget of this orchat does not cover the request; it was not sent.

    `budget` is which one and how it stands, as JSON: whose, how long, how much, spent, reserved, when it begins anew.
    """

    advice = "Nothing was sent. Wait until the budget begins anew, or ask whoever runs this orchat to raise it."
    actions: ClassVar[Actions] = (Action.RETRY, Action.CHOOSE_MODEL, Action.ENTER_KEY)
    budget: Mapping[str, Any] | None = None


class ApprovalExpiredError(OrchatError):
    """What waited for approval cannot go on any more."""

    advice = "Ask again: the agent starts anew from your question."


class SearchError(OrchatError):
    """A collection of documents cannot be opened, read or written."""

    advice = "Check that the folder of the collection exists and can be written, or that PostgreSQL can be reached."


class CollectionFullError(SearchError):
    """A collection in a file has as many chunks as it may have."""

    advice = (
        "Remove files that are not needed, or divide them among several collections. "
        "For more than that, keep collections in PostgreSQL: it has no such limit."
    )


class EmbedderMissingError(SearchError):
    """What computes vectors is not installed, or its files are not what they should be; search by words works."""

    advice = "Install it with: pip install -r requirements-search.txt"


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
