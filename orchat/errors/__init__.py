"""Everything that can go wrong, as one tree, each with what the person can do about it.

OrchatError
├── SettingsError
├── StoreError
│   └── NotFoundError
├── ImportFailedError
├── RunInProgressError
├── ClosingError
├── AskedTooOftenError
├── QuotaExceededError
├── NotAdmittedError
├── SealError
├── KeyNotMadeError
├── ToolError
│   └── ToolStoppedError
├── PluginError
├── SandboxError
│   ├── SandboxUnavailableError
│   ├── SandboxBusyError
│   └── SandboxProtocolError
├── AgentLimitError
│   ├── SpendingLimitError
│   └── StepLimitError
├── BudgetReachedError
├── ApprovalExpiredError
├── DocumentError
│   ├── EncryptedDocumentError
│   ├── EmptyDocumentError
│   ├── NoTextError
│   ├── CorruptDocumentError
│   ├── UnknownFormatError
│   ├── DocumentTooLargeError
│   └── ParsingTimeoutError
├── AttachmentError
├── SearchError
│   ├── CollectionFullError
│   └── EmbedderMissingError
└── OpenRouterError
    ├── InvalidRequestError
    │   ├── ZDRConflictError
    │   ├── ForbiddenByOperatorError
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

from orchat.errors.base import (
    Action,
    Actions,
    AgentLimitError,
    ApprovalExpiredError,
    AskedTooOftenError,
    BudgetReachedError,
    ClosingError,
    CollectionFullError,
    EmbedderMissingError,
    ImportFailedError,
    KeyNotMadeError,
    NotAdmittedError,
    NotFoundError,
    OpenRouterError,
    OrchatError,
    PluginError,
    QuotaExceededError,
    RunInProgressError,
    SandboxBusyError,
    SandboxError,
    SandboxProtocolError,
    SandboxUnavailableError,
    SealError,
    SearchError,
    SettingsError,
    SpendingLimitError,
    StepLimitError,
    StoreError,
    ToolError,
    ToolStoppedError,
)
from orchat.errors.documents import (
    AttachmentError,
    CorruptDocumentError,
    DocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    NoTextError,
    ParsingTimeoutError,
    UnknownFormatError,
)
from orchat.errors.failures import (
    AutoRouterExhaustedError,
    ConnectionFailedError,
    DailyFreeLimitError,
    EmptyReplyError,
    IdleTimeoutError,
    ImagesUnsupportedError,
    MalformedResponseError,
    ModelRetiredError,
    NoEndpointError,
    ParametersUnsupportedError,
    PrivacyRestrictedError,
    ProviderOverloadedError,
    ProvidersExcludedError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    StreamError,
    StreamTruncatedError,
    ToolsUnsupportedError,
    UpstreamError,
)
from orchat.errors.refusals import (
    AuthenticationError,
    BudgetBusyError,
    BudgetLimitError,
    ContextLengthError,
    ForbiddenByOperatorError,
    GuardrailError,
    InsufficientCreditsError,
    InvalidRequestError,
    KeyLimitError,
    ManagementKeyRequiredError,
    MaxTokensUnaffordableError,
    ModerationError,
    PaymentRequiredError,
    PermissionDeniedError,
    ReasoningMandatoryError,
    RegionRestrictedError,
    UnknownModelError,
    ZDRConflictError,
)

__all__ = [
    "Action",
    "Actions",
    "AgentLimitError",
    "ApprovalExpiredError",
    "AskedTooOftenError",
    "AttachmentError",
    "AuthenticationError",
    "AutoRouterExhaustedError",
    "BudgetBusyError",
    "BudgetLimitError",
    "BudgetReachedError",
    "ClosingError",
    "CollectionFullError",
    "ConnectionFailedError",
    "ContextLengthError",
    "CorruptDocumentError",
    "DailyFreeLimitError",
    "DocumentError",
    "DocumentTooLargeError",
    "EmbedderMissingError",
    "EmptyDocumentError",
    "EmptyReplyError",
    "EncryptedDocumentError",
    "ForbiddenByOperatorError",
    "GuardrailError",
    "IdleTimeoutError",
    "ImagesUnsupportedError",
    "ImportFailedError",
    "InsufficientCreditsError",
    "InvalidRequestError",
    "KeyLimitError",
    "KeyNotMadeError",
    "MalformedResponseError",
    "ManagementKeyRequiredError",
    "MaxTokensUnaffordableError",
    "ModelRetiredError",
    "ModerationError",
    "NoEndpointError",
    "NoTextError",
    "NotAdmittedError",
    "NotFoundError",
    "OpenRouterError",
    "OrchatError",
    "ParametersUnsupportedError",
    "ParsingTimeoutError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PluginError",
    "PrivacyRestrictedError",
    "ProviderOverloadedError",
    "ProvidersExcludedError",
    "QuotaExceededError",
    "RateLimitedError",
    "ReasoningMandatoryError",
    "RegionRestrictedError",
    "RequestTimeoutError",
    "RunInProgressError",
    "SandboxBusyError",
    "SandboxError",
    "SandboxProtocolError",
    "SandboxUnavailableError",
    "SealError",
    "SearchError",
    "ServerError",
    "SettingsError",
    "SpendingLimitError",
    "StepLimitError",
    "StoreError",
    "StreamError",
    "StreamTruncatedError",
    "ToolError",
    "ToolStoppedError",
    "ToolsUnsupportedError",
    "UnknownFormatError",
    "UnknownModelError",
    "UpstreamError",
    "ZDRConflictError",
]

for _error in [value for value in globals().values() if isinstance(value, type)]:
    # Tracebacks and pickles name the public module.
    _error.__module__ = __name__
