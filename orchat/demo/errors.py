"""How OpenRouter says no: an error body, its machine-readable reasons, its headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ROUTING_DOCS = "https://openrouter.ai/docs/guides/routing/provider-selection"
PRIVACY_SETTINGS = "https://openrouter.ai/settings/privacy"


class APIError(Exception):
    """An answer with an error status, raised anywhere and rendered once."""

    def __init__(
        self,
        status: int,
        message: str,
        error_type: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        availability: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata: dict[str, Any] = {"error_type": error_type, **(metadata or {})}
        self.availability = availability
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON object that OpenRouter sends."""
        error: dict[str, Any] = {"code": self.status, "message": self.message, "metadata": self.metadata}
        if self.availability is not None:
            error["availability"] = dict(self.availability)
        return {"error": error, "user_id": "user_demo"}


def bad_request(message: str, error_type: str = "invalid_request") -> APIError:
    """400: the request contradicts itself or the model."""
    return APIError(400, message, error_type)


def unknown_model(model: str) -> APIError:
    """400: no model goes by that id."""
    return APIError(
        400,
        f"{model} is not a valid model ID",
        "invalid_request",
        availability=_availability("model_not_found", [model]),
    )


def no_endpoints(message: str, model: str) -> APIError:
    """404: the model exists, but no endpoint of it can do what was asked."""
    return APIError(404, message, "not_found", availability=_availability("no_endpoints", [model]))


def privacy_restricted(message: str, model: str, providers: Sequence[str], excluded_by: str) -> APIError:
    """404: the model exists, but not under this data policy."""
    availability = _availability(
        "privacy_restricted", [model], affected_providers=list(providers), excluded_by=[excluded_by]
    )
    return APIError(404, message, "not_found", availability=availability)


def constraint_filtered(
    message: str, model: str, excluded_by: str, *, metadata: Mapping[str, Any] | None = None
) -> APIError:
    """404: the provider preferences leave no endpoint."""
    availability = _availability(
        "constraint_filtered",
        [model],
        excluded_by=[excluded_by],
        constraint={"field": f"provider.{excluded_by}", "detail": message},
    )
    return APIError(404, message, "not_found", metadata=metadata, availability=availability)


def insufficient_credits() -> APIError:
    """402: nothing is left on the account."""
    message = "Insufficient credits. Add more using https://openrouter.ai/credits"
    return APIError(402, message, "payment_required", metadata={"limit_source": "openrouter_credits"})


def upstream_error(
    status: int, provider: str, raw: str, error_type: str, *, headers: Mapping[str, str] | None = None
) -> APIError:
    """The useless sentence that hides a provider's own error, which is in `metadata.raw`."""
    metadata = {"provider_name": provider, "raw": raw, "is_byok": False}
    return APIError(status, "Provider returned error", error_type, metadata=metadata, headers=headers)


def _availability(code: str, models: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "retryable": False,
        "requested_models": list(models),
        **more,
        "docs_url": f"https://openrouter.ai/docs/errors#{code}",
    }
