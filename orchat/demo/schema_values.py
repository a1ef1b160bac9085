"""A value that satisfies a JSON schema, made from what a prompt says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orchat.demo.kinds import kind_of, topic_of
from orchat.demo.prompt import words_of
from orchat.demo.python_code import python_for
from orchat.demo.writing.maths import find_expression

Schema = Mapping[str, Any]

_DEEPEST = 12
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "mira@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


class SchemaValues:
    """Makes values for one schema, whose definitions it looks up, out of one text."""

    def __init__(self, schema: Schema, text: str, *, optional: bool) -> None:
        self._root = schema
        self._text = text
        self._optional = optional

    def value(self) -> Any:
        """A value for the whole schema; `optional` decides whether optional properties are there."""
        return self._make(self._root, "", 0)

    def _make(self, schema: Any, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return None
        schema = self._resolved(schema)
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        if schema.get("enum"):
            return self._mentioned(schema["enum"])
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                return self._make(_simplest(schema[key]), name, depth + 1)
        return self._make_typed(schema, name, depth)

    def _make_typed(self, schema: Schema, name: str, depth: int) -> Any:
        match _type_of(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number":
                return self._number(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return _fitted(self._string(schema, name), schema)

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target: Any = self._root
            for step in reference.removeprefix("#").strip("/").split("/"):
                target = target.get(step.replace("~1", "/").replace("~0", "~"), {}) if step else target
            schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        for part in schema.get("allOf") or ():
            schema = _joined(schema, self._resolved(part))
        return schema

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        required = set(schema.get("required") or ())
        properties = schema.get("properties") or {}
        # Beyond a few levels only what must be there: a schema may contain itself.
        optional = self._optional and depth < 4
        value = {
            key: self._make(each, key, depth + 1) for key, each in properties.items() if optional or key in required
        }
        return value | {key: self._string({}, key) for key in required - set(properties)}

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        first = [self._make(each, name, depth + 1) for each in schema.get("prefixItems") or ()]
        least = int(schema.get("minItems", 0 if depth > 6 else 2))
        count = min(max(least, 0 if depth > 6 else 1), int(schema.get("maxItems", 5)))
        items = schema.get("items") or {"type": "string"}
        rest = [self._make(items, name, depth + 1) for _ in range(count - len(first))]
        if schema.get("uniqueItems"):
            rest = [
                f"{each} {number}" if isinstance(each, str) and number else each for number, each in enumerate(rest)
            ]
        return [*first, *rest]

    def _number(self, schema: Schema) -> float:
        mentioned = re.search(r"-?\d+(?:\.\d+)?", self._text)
        value = float(mentioned[0]) if mentioned else 3.0
        whole = _type_of(schema) == "integer"
        margin = 1 if whole else 0.01
        low = max(schema.get("minimum", value), schema.get("exclusiveMinimum", value - margin) + margin)
        high = min(schema.get("maximum", low), schema.get("exclusiveMaximum", low + margin) - margin)
        value = min(max(value, low), high)
        step = schema.get("multipleOf")
        if step:
            value = -(-low // step) * step
        return int(value) if whole else value

    def _mentioned(self, choices: Sequence[Any]) -> Any:
        said = set(words_of(self._text))
        return next((choice for choice in choices if said & set(words_of(str(choice)))), choices[0])

    def _string(self, schema: Schema, name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        return argument_text(name, self._text)


def argument_text(name: str, text: str) -> str:
    """What a string called `name` is most likely to hold, given the prompt."""
    words = set(words_of(name))
    if words & {"code", "source", "script", "program"}:
        return python_for(text)
    if words & {"expression", "formula", "calculation", "equation"}:
        return find_expression(text) or text
    if words & {"city", "place", "location", "country", "town"}:
        places = re.findall(r"\b(?:in|for|at|near|of)\s+((?:[A-ZÄÖÜ][\w'-]+\s?)+)", text)
        return places[-1].strip() if places else "Berlin"
    if words & {"url", "uri", "link", "address"}:
        found = re.search(r"https?://\S+", text)
        return found[0].rstrip(").,") if found else "https://example.com/"
    if words & {"path", "file", "filename"}:
        found = re.search(r"[\w./-]+\.\w{1,5}\b", text)
        return found[0] if found else "notes.txt"
    if words & {"timezone", "tz"}:
        return "UTC"
    if words & {"kind", "type", "category"}:
        return kind_of(text)
    return topic_of(text) if words & {"topic", "title", "subject", "name", "label", "keyword"} else text or "anything"


def _type_of(schema: Schema) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(kind)


def _simplest(choices: Sequence[Any]) -> Any:
    """The first branch that is not null."""
    return next((c for c in choices if isinstance(c, Mapping) and c.get("type") != "null"), choices[0])


def _joined(schema: Schema, part: Schema) -> Schema:
    joined = {**part, **schema}
    joined["properties"] = {**(part.get("properties") or {}), **(schema.get("properties") or {})}
    joined["required"] = [*(part.get("required") or ()), *(schema.get("required") or ())]
    return {key: value for key, value in joined.items() if value or key not in {"properties", "required"}}


def _fitted(text: str, schema: Schema) -> str:
    text = text[: schema.get("maxLength", len(text))]
    text = text.ljust(schema.get("minLength", 0), ".")
    pattern = schema.get("pattern")
    if not isinstance(pattern, str) or re.search(pattern, text):
        return text
    tries = (
        "A",
        "a",
        "1",
        "AB",
        "ab",
        "AAA",
        "abc",
        "123",
        "1234",
        "12345",
        "A1",
        "a-1",
        "ABC-123",
        "2026-01-31",
        "1.0.0",
    )
    return next((each for each in tries if re.search(pattern, each)), text)
