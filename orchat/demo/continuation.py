"""Continuing: a request that asks for the rest of an answer, by ending with it or by saying so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchat.demo.chat_request import ChatRequest
from orchat.demo.errors import bad_request
from orchat.demo.models import Model
from orchat.demo.prompt import text_of

_GO_ON = re.compile(r"\bcontinue\b[^.]{0,40}\bwhere\b", re.IGNORECASE)
_SHORT = 300
_NO_PREFILL = re.compile(r"anthropic/claude-(?:opus|sonnet)-4\.6")
_LIMITS = ("max_tokens", "max_completion_tokens")


def unfinished(request: ChatRequest) -> tuple[ChatRequest, str]:
    """The request that was answered in part, without its limits, and what there is of the answer; "" for any other."""
    messages, said = list(request.body["messages"]), ""
    while len(messages) > 1 and (messages[-1].get("role") == "assistant" or _says_so(messages)):
        message = messages.pop()
        if message.get("role") == "assistant":
            said = text_of(message) + said
    if not said or messages[-1].get("role") != "user":
        return request, ""
    body = {key: value for key, value in request.body.items() if key not in _LIMITS}
    return replace(request, body={**body, "messages": messages}), said


def _says_so(messages: list[Mapping[str, Any]]) -> bool:
    last, before = messages[-1], messages[-2]
    told = last.get("role") == "user" and len(text_of(last)) < _SHORT and _GO_ON.search(text_of(last))
    return bool(told) and before.get("role") == "assistant" and not before.get("tool_calls")


def check_prefill(model: Model, request: ChatRequest) -> None:
    """Refuse a conversation that ends with an answer, for a model that goes on with none.

    Raises:
        APIError: 400, in the words of the provider.
    """
    if request.body["messages"][-1].get("role") == "assistant" and _NO_PREFILL.match(model.id):
        raise bad_request(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
