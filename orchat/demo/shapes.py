"""The types that a request must have, as far as the demo reads it; what it does not read may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Any

from orchat.demo.errors import bad_request

# A type, an object of named shapes, or a list of one shape. Fields are optional and may be null.
Shape = type | UnionType | dict[str, Any] | list[Any]

_SLUGS = [str]
_PRICE = int | float | str
PROVIDER: Shape = {
    "order": _SLUGS,
    "only": _SLUGS,
    "ignore": _SLUGS,
    "quantizations": _SLUGS,
    "max_price": {"prompt": _PRICE, "completion": _PRICE},
    "zdr": bool,
    "allow_fallbacks": bool,
    "require_parameters": bool,
    "data_collection": str,
}
_FUNCTION_CALL: Shape = {"id": str, "function": {"name": str, "arguments": str}}
_PART: Shape = {
    "type": str,
    "text": str,
    "image_url": {"url": str},
    "file": {"filename": str, "file_data": str},
    "input_audio": {"data": str, "format": str},
}
_MESSAGE: Shape = {
    "role": str,
    "name": str,
    "model": str,
    "tool_call_id": str,
    "tool_calls": [_FUNCTION_CALL],
    "images": [{"type": str, "image_url": {"url": str}}],
    "annotations": [{"type": str}],
}
CHAT_REQUEST: Shape = {
    "model": str,
    "models": [str],
    "messages": [_MESSAGE],
    "provider": PROVIDER,
    "reasoning": {"effort": str, "max_tokens": int, "enabled": bool, "exclude": bool},
    "reasoning_effort": str,
    "include_reasoning": bool,
    "max_tokens": int,
    "max_completion_tokens": int,
    "temperature": int | float,
    "top_p": int | float,
    "frequency_penalty": int | float,
    "presence_penalty": int | float,
    "seed": int,
    "verbosity": str,
    "session_id": str,
    "stream": bool,
    "tools": [{"type": str, "function": {"name": str, "description": str, "parameters": {"properties": {}}}}],
    "parallel_tool_calls": bool,
    "modalities": [str],
    "tool_choice": str | dict,
    "response_format": {"type": str, "json_schema": {"name": str, "schema": {"properties": {}}}},
    "plugins": [
        {
            "id": str,
            "pdf": {"engine": str},
            "allowed_models": [str],
            "excluded_models": [str],
            "cost_tier": str,
            "cost_quality_tradeoff": int | float,
            "pin_model": bool,
        }
    ],
}
MESSAGE_PARTS: Shape = [_PART]


def check_shape(value: Any, shape: Shape, path: str = "") -> None:
    """Compare a JSON value with a shape.

    Raises:
        APIError: 400, which names the place.
    """
    if value is None:
        return
    if isinstance(shape, dict):
        _expect(isinstance(value, Mapping), "object", path)
        for key, inner in shape.items():
            check_shape(value.get(key), inner, f"{path}.{key}".removeprefix("."))
    elif isinstance(shape, list):
        _expect(isinstance(value, list) and None not in value, "array", path)
        for place, each in enumerate(value):
            check_shape(each, shape[0], f"{path}[{place}]")
    else:
        # In JSON true is no number, though Python calls it one.
        fits = isinstance(value, shape) and not (isinstance(value, bool) and shape is not bool)
        _expect(fits, getattr(shape, "__name__", str(shape)), path)


def _expect(fits: bool, expected: str, path: str) -> None:
    if not fits:
        raise bad_request(f"Invalid input: expected {expected} at {path or 'the top level'}")
