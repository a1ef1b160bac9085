"""Keys by OAuth with PKCE: a code from OpenRouter's page becomes a key of that account.

Source: https://openrouter.ai/docs/guides/overview/auth/oauth.
"""

from collections.abc import Mapping
from typing import Any

from orchat.errors import MalformedResponseError
from orchat.openrouter.request import Request
from orchat.wire import words


def exchange_request(code: str, verifier: str) -> Request:
    """Return the request for the key behind a code; it is sent without any key."""
    body = {"code": code, "code_verifier": verifier, "code_challenge_method": "S256"}
    return Request("POST", "/auth/keys", body)


def key_of(answer: Mapping[str, Any]) -> str:
    """Return the key of an answer.

    Raises:
        MalformedResponseError: there is none in it.
    """
    key = words(answer.get("key"))
    if not key:
        raise MalformedResponseError("OpenRouter has sent no key.")
    return key
