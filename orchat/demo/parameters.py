"""The parameters of a request, refused where they are out of range or contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchat.demo.errors import bad_request

_EFFORTS = frozenset({"max", "xhigh", "high", "medium", "low", "minimal", "none"})
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
}
_VERBOSITIES = frozenset({"low", "medium", "high", "xhigh", "max"})
_MOST_STOPS = 4


def check_parameters(body: Mapping[str, Any]) -> None:
    """Refuse what no endpoint takes.

    Raises:
        APIError: 400, which names the parameter.
    """
    for key in ("max_tokens", "max_completion_tokens"):
        if body.get(key) is not None and body[key] < 1:
            raise bad_request(f"Invalid input: expected a positive integer at {key}")
    for name, (least, most) in _RANGES.items():
        if body.get(name) is not None and not least <= body[name] <= most:
            raise bad_request(f"Invalid input: expected a number from {least} to {most} at {name}")
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > _MOST_STOPS:
        raise bad_request(f"Invalid input: expected at most {_MOST_STOPS} texts at stop")
    if body.get("verbosity") is not None and body["verbosity"] not in _VERBOSITIES:
        raise bad_request(f"Invalid input: expected one of {', '.join(sorted(_VERBOSITIES))} at verbosity")
    _check_format(body.get("response_format") or {})
    _check_reasoning(body)


def _check_format(wanted: Mapping[str, Any]) -> None:
    if wanted.get("type") != "json_schema":
        return
    described = wanted.get("json_schema") or {}
    if not described.get("name"):
        raise bad_request("Invalid input: response_format.json_schema.name is missing")
    if described.get("strict"):
        _check_strict(described.get("schema"), described["name"], ())


def _check_strict(schema: Any, name: str, place: tuple[str, ...]) -> None:
    """As OpenAI refuses a strict schema that leaves open what else may be in an object."""
    if isinstance(schema, list):
        for number, each in enumerate(schema):
            _check_strict(each, name, (*place, str(number)))
    if not isinstance(schema, Mapping):
        return
    if problem := _open_end(schema):
        raise bad_request(f"Invalid schema for response_format '{name}': In context={place}, {problem}")
    for key in ("items", "anyOf"):
        _check_strict(schema.get(key), name, (*place, key))
    for key in ("properties", "$defs"):
        for inner, each in (schema.get(key) or {}).items():
            _check_strict(each, name, (*place, key, inner))


def _open_end(schema: Mapping[str, Any]) -> str | None:
    if "properties" not in schema and schema.get("type") != "object":
        return None
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    if set(schema.get("required") or ()) != set(schema.get("properties") or ()):
        return "'required' is required to be supplied and to be an array including every key in properties."
    return None


def _check_reasoning(body: Mapping[str, Any]) -> None:
    reasoning = body.get("reasoning")
    if reasoning is not None and body.get("reasoning_effort") is not None:
        raise bad_request('Only one of "reasoning" and "reasoning_effort" may be provided')
    if reasoning and reasoning.get("effort") is not None and reasoning.get("max_tokens") is not None:
        raise bad_request('Only one of "reasoning.effort" and "reasoning.max_tokens" can be specified')
    effort = body.get("reasoning_effort") or (reasoning or {}).get("effort")
    if effort is not None and effort not in _EFFORTS:
        raise bad_request(f"Invalid reasoning effort {effort!r}: expected one of {', '.join(sorted(_EFFORTS))}")
    budget, limit = (reasoning or {}).get("max_tokens"), body.get("max_completion_tokens") or body.get("max_tokens")
    if budget and limit and budget >= limit:
        raise bad_request("max_tokens must be greater than reasoning.max_tokens")
