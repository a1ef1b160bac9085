"""A schema built from rows: one for each field of the answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchat.wire import JSON, words

KINDS: dict[str, JSON] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole number": {"type": "integer"},
    "yes or no": {"type": "boolean"},
    "list of texts": {"type": "array", "items": {"type": "string"}},
    "list of numbers": {"type": "array", "items": {"type": "number"}},
}
"""What a field can hold."""
CHOICE = "one of"
"""The kind whose values the row names."""


def schema_of(rows: Iterable[Mapping[str, Any]]) -> JSON:
    """Return the schema of an object with these fields; rows without a name are left out.

    A row has `name`, `kind` (of `KINDS`, or `CHOICE`), `about` and `values`, the choices separated by commas. Every
    field is required, and nothing else is allowed: what providers call strict.
    """
    properties: JSON = {}
    for row in rows:
        if name := (words(row.get("name")) or "").strip():
            properties[name] = _field(row)
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _field(row: Mapping[str, Any]) -> JSON:
    about = (words(row.get("about")) or "").strip()
    values = [value.strip() for value in (words(row.get("values")) or "").split(",") if value.strip()]
    if row.get("kind") == CHOICE and values:
        field: JSON = {"type": "string", "enum": list(dict.fromkeys(values))}
    else:
        field = dict(KINDS.get(str(row.get("kind")), KINDS["text"]))
    return {**field, "description": about} if about else field
