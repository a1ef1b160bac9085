"""Answers that were asked for in a form: read as JSON, and checked against the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from orchat.errors import InvalidRequestError
from orchat.presets.schemas import read_schema
from orchat.wire import JSON

MOST_PROBLEMS = 5
MOST_REFERENCES = 20_000
"""How often references may be followed in one check: a schema of a few lines can ask for a billion times."""
PATTERN_SECONDS = 0.1
"""What one pattern may take with one text: some take for ever."""
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?```\s*", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as JSON; `problems` say where it does not satisfy its schema."""

    is_json: bool
    value: Any = None
    problems: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it is what was asked for."""
        return self.is_json and not self.problems


class TooCostlyError(Exception):
    """The schema asks for more than can be checked."""


def check_answer(schema: JSON, text: str, *, keep: bool = True) -> Checked:
    """Read an answer, and compare it with the schema that it was asked to satisfy; `keep` what was found for later."""
    check = _checked if keep else _checked.__wrapped__
    return check(json.dumps(schema, sort_keys=True), text)


# Kept, since the same messages are drawn with every click.
@lru_cache(maxsize=256)
def _checked(schema: str, text: str) -> Checked:
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text)
    except json.JSONDecodeError as error:
        return Checked(is_json=False, problems=(f"line {error.lineno}: {error.msg.lower()}",))
    except (ValueError, RecursionError):
        return Checked(is_json=False, problems=("it is nested too deep, or a number in it is too long",))
    try:
        # An imported chat brings schemas along that nobody has looked at.
        problems = tuple(islice(_problems(read_schema(schema), value), MOST_PROBLEMS))
    except InvalidRequestError as error:
        problems = (f"the schema cannot be used: {error.message}",)
    except (TooCostlyError, RecursionError):
        problems = ("the schema asks for more than can be checked here",)
    return Checked(is_json=True, value=value, problems=problems)


def _problems(schema: JSON, value: Any) -> Iterator[str]:
    for error in _validator(schema).iter_errors(value):
        where = " → ".join(map(str, error.absolute_path))
        yield f"{where}: {_short(error.message)}" if where else _short(error.message)


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} … {message[-60:]}"


def _validator(schema: JSON) -> Any:
    """The validator of a schema, which fetches nothing, and ends."""
    import regex
    from jsonschema import Draft202012Validator, validators
    from jsonschema.exceptions import ValidationError
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import EMPTY_REGISTRY

    followed, follow = 0, Draft202012Validator.VALIDATORS["$ref"]

    def reference(validator: Any, target: Any, instance: Any, part: Any) -> Iterator[Any]:
        nonlocal followed
        followed += 1
        if followed > MOST_REFERENCES:
            raise TooCostlyError
        try:
            yield from follow(validator, target, instance, part)
        except Unresolvable:
            yield ValidationError(f"the schema refers to {target!r}, which it does not have")

    def pattern(_validator: Any, wanted: str, instance: Any, _part: Any) -> Iterator[Any]:
        if not isinstance(instance, str):
            return
        try:
            if regex.search(wanted, instance, timeout=PATTERN_SECONDS, concurrent=True) is None:
                yield ValidationError(f"{instance!r} does not match {wanted!r}")
        except TimeoutError:
            raise TooCostlyError from None
        except regex.error:
            yield ValidationError(f"the pattern {wanted!r} cannot be checked here")

    rules = {"$ref": reference, "pattern": pattern, "uniqueItems": _unique}
    bounded = validators.extend(Draft202012Validator, rules)
    return bounded(schema, registry=EMPTY_REGISTRY)


def _unique(_validator: Any, wanted: Any, instance: Any, _part: Any) -> Iterator[Any]:
    """Look for doubles: the library compares each element with each."""
    from jsonschema.exceptions import ValidationError

    if wanted and isinstance(instance, list) and len(set(map(_canonical, instance))) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


def _canonical(value: Any) -> str:
    """Return a value as text that is the same for equal ones: for JSON Schema 1 is 1.0, and true is neither."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
