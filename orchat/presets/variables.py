"""Variables of a system prompt: `{{name}}` and `{{name|default}}`, filled before anything is sent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from orchat.errors import InvalidRequestError

_VARIABLE = re.compile(r"(?P<kept>\\?)\{\{\s*(?P<name>[^\W\d][\w .-]*?)\s*(?:\|(?P<default>[^{}]*))?\}\}")
BUILT_IN = ("date", "time", "weekday", "user", "model")
"""Names that are known without being asked for."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a text; `default` is what it is without a value, None where it needs one."""

    name: str
    default: str | None = None


def known_values(now: datetime, *, user: str = "", model: str = "") -> dict[str, str]:
    """Return the values of the built-in variables; one that is not known at the moment is asked for like any other."""
    values = {
        "date": f"{now:%Y-%m-%d}",
        "time": f"{now:%H:%M}",
        "weekday": f"{now:%A}",
        "user": user,
        "model": model,
    }
    return {name: value for name, value in values.items() if value}


def variables(text: str) -> list[Variable]:
    """Return the variables of a text, each once, in the order in which they come; its first default counts."""
    found: dict[str, Variable] = {}
    for name, default in _found(text):
        earlier = found.get(name)
        if earlier is None or earlier.default is None:
            found[name] = Variable(name, default)
    return list(found.values())


def missing(text: str, values: Mapping[str, str]) -> list[str]:
    """Return the names of the variables that have neither a value nor a default."""
    return [each.name for each in variables(text) if not values.get(each.name) and each.default is None]


def filled(text: str, values: Mapping[str, str]) -> str:
    r"""Return a text with its variables filled. What is written `\{{name}}` stays, as `{{name}}`.

    A value is put in as it is: what looks like a variable in it is none.

    Raises:
        InvalidRequestError: a variable has neither a value nor a default.
    """
    if names := missing(text, values):
        raise InvalidRequestError(
            f"The system prompt needs a value for “{'”, “'.join(names)}”.",
            advice="Enter it in the options above the box, then send again.",
        )
    defaults = {each.name: each.default or "" for each in variables(text)}

    def value_of(found: re.Match[str]) -> str:
        if found["kept"]:
            return found[0].removeprefix("\\")
        return values.get(found["name"]) or defaults[found["name"]]

    return _VARIABLE.sub(value_of, text)


def _found(text: str) -> Iterator[tuple[str, str | None]]:
    for found in _VARIABLE.finditer(text):
        if not found["kept"]:
            default = found["default"]
            yield found["name"], None if default is None else default.strip()
