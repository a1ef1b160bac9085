"""Schemas of answers: the JSON schema that a person pastes, read and refused with the line, and as it is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchat.errors import InvalidRequestError
from orchat.wire import JSON, fields, words

LONGEST = 50_000
"""Characters of a schema; it goes with every question."""
DEEPEST = 40
REFUSED = {
    "$dynamicRef": "references that depend on where they are used from",
    "patternProperties": "properties by pattern",
    "unevaluatedProperties": "properties that nothing has looked at",
}
"""Keywords that no provider follows, or that would cost without bound to check."""
_ADVICE = "Correct it in the options above the box."


def read_schema(text: str) -> JSON:
    """Return the schema that a text holds.

    Raises:
        InvalidRequestError: it is no JSON, no schema, or none that a model can be held to; the message names the line.
    """
    if len(text) > LONGEST:
        raise _refused(f"The schema is longer than {LONGEST:,} characters.")
    try:
        schema = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _refused(f"Line {error.lineno}, column {error.colno} is not JSON: {error.msg.lower()}.") from None
    except (ValueError, RecursionError) as error:
        raise _refused(f"This is not JSON that can be used: {error}.") from None
    for path, part in _parts(schema):
        if len(path) > DEEPEST:
            raise _refused(_at(text, path, f"it is nested more than {DEEPEST} levels deep"))
        if problem := _problem(part):
            raise _refused(_at(text, path, problem))
    _check(schema, text)
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise _refused('Line 1: the outermost schema has to describe an object: {"type": "object", …}.')
    return schema


def _check(schema: Any, text: str) -> None:
    # Here, since loading it takes as long as drawing a page.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise _refused(_at(text, list(error.absolute_path), error.message)) from None


def _parts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield path, value
    inner: Any = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _parts(each, (*path, key))


def _problem(part: Mapping[str, Any]) -> str | None:
    for name, what in REFUSED.items():
        # A property may have that name: only a keyword holds what the keyword needs.
        if name in part and not isinstance(part.get("type"), Mapping):
            return f"{what} ({name}) cannot be used here"
    reference = part.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        return f"the reference {reference!r} leads out of this schema"
    return None


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _refused(message: str) -> InvalidRequestError:
    return InvalidRequestError(message, advice=_ADVICE)


def _at(text: str, path: Sequence[str | int], problem: str) -> str:
    where = " → ".join(map(str, path))
    return f"Line {_line(text, path)}{f' ({where})' if where else ''}: {problem}."


def _line(text: str, path: Sequence[str | int]) -> int:
    """The line on which the value at a path begins."""
    at = _blank(text, 0)
    for step in path:
        at = _inside(text, at, step)
    return text.count("\n", 0, at) + 1


def _inside(text: str, at: int, step: str | int) -> int:
    """Where the member of an object or a list begins; the container's own place when it has none of that name."""
    decoder, start, number = json.JSONDecoder(), at, 0
    at = _blank(text, at + 1)
    while text[at] not in "]}":
        name: Any = number
        if text[start] == "{":
            name, at = decoder.raw_decode(text, at)
            at = _blank(text, _blank(text, at) + 1)
        if name == step:
            return at
        _, at = decoder.raw_decode(text, at)
        at = _blank(text, at)
        at, number = _blank(text, at + 1) if text[at] == "," else at, number + 1
    return start


def _blank(text: str, at: int) -> int:
    """Where the white space ends that begins here, if any does."""
    found = re.compile(r"[ \t\n\r]*").match(text, at)
    return found.end() if found else at


def tightened(schema: Any) -> Any:
    """Return a schema with its open objects closed: what satisfies it satisfies both."""
    if isinstance(schema, list):
        return [tightened(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {name: _tightened_value(name, value) for name, value in schema.items()}
    # Parts of allOf are held to the same object: closed, each would forbid what the others ask for.
    if isinstance(kept.get("properties"), Mapping) and kept.get("type") == "object" and "allOf" not in kept:
        kept.setdefault("additionalProperties", False)
    return kept


def _tightened_value(name: str, value: Any) -> Any:
    if name in ("properties", "$defs", "definitions") and isinstance(value, Mapping):
        return {key: tightened(each) for key, each in value.items()}
    return tightened(value) if name in ("items", "prefixItems", "anyOf", "oneOf") else value


def is_strict(schema: JSON) -> bool:
    """Whether providers can enforce it word by word: each object closed, and none of its properties optional.

    Source: https://openrouter.ai/docs/guides/features/structured-outputs.
    """
    for path, part in _parts(schema):
        if path and path[-1] in ("properties", "$defs", "definitions"):
            continue
        if part.get("type") == "object" or isinstance(part.get("properties"), Mapping):
            names = set(fields(part.get("properties")))
            if part.get("additionalProperties") is not False or set(part.get("required") or ()) != names:
                return False
    return True


def response_format(schema: JSON) -> JSON:
    """Return the parameter `response_format` for a model that has structured output."""
    sent = tightened(schema)
    named = re.sub(r"[^A-Za-z0-9_-]+", "_", words(schema.get("title")) or "").strip("_")[:64]
    described = {"name": named or "answer", "strict": is_strict(sent), "schema": sent}
    return {"type": "json_schema", "json_schema": described}


def instruction(schema: JSON) -> str:
    """Return what a model is told that can answer in JSON, but cannot be held to a schema."""
    written = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It has to satisfy this JSON schema:\n{written}"
