"""What a preset holds: choices as they stand in the settings of a chat, and the file in which it travels."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from orchat.errors import ImportFailedError
from orchat.presets import routes
from orchat.presets.options import PARAMETERS, ROUTE, SCHEMA, SYSTEM
from orchat.presets.parameters import cleaned
from orchat.presets.schemas import LONGEST
from orchat.wire import JSON, fields, words

if TYPE_CHECKING:
    from orchat.store import Preset

FORMAT = "orchat_preset"
VERSION = 1
LARGEST_FILE = 1_000_000
LONGEST_NAME = 80
LONGEST_ICON = 8
LONGEST_PROMPT = 400_000
"""Characters, but for the file's bytes."""
_TIERS = ("", "low", "medium", "high", "xhigh", "max")
_ADVICE = "Nothing was added. Export the preset once more, or correct the entry named above."


def _text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= longest


def _number(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 1000 and all(isinstance(name, str) for name in value)


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "model": _text(300),
    "auto": _switch,
    "cost_tier": lambda value: value in _TIERS,
    "zdr": _switch,
    "documents": _switch,
    "web": _switch,
    "pdf_reading": _text(40),
    "compared": _names,
    # None: all of them.
    "tools": lambda value: value is None or _names(value),
    "server_tools": _names,
    "max_cost": _number(0, 100_000),
    "max_steps": lambda value: isinstance(value, int) and _number(1, 200)(value),
    SYSTEM: _text(LONGEST_PROMPT),
    PARAMETERS: lambda value: isinstance(value, dict),
    SCHEMA: _text(LONGEST),
    ROUTE: lambda value: isinstance(value, dict),
}
"""The choices that a preset may hold. Values of variables are not among them: they are asked for anew."""


_CLEANERS: dict[str, Callable[[Any], JSON]] = {PARAMETERS: cleaned, ROUTE: routes.cleaned}
"""Of choices that are objects: what can be used of them."""


def content_of(settings: Mapping[str, Any]) -> JSON:
    """Return what a preset keeps of the settings of a chat, or of a preset that anybody may have written."""
    kept = {name: settings[name] for name, fits in _CHECKS.items() if name in settings and fits(settings[name])}
    kept |= {name: clean(kept[name]) for name, clean in _CLEANERS.items() if name in kept}
    if "max_cost" in kept:
        kept["max_cost"] = float(kept["max_cost"])
    # An empty text says no more than none.
    return {name: value for name, value in kept.items() if value not in ("", {}) or name == "cost_tier"}


def same(content: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether everything that a preset holds is still chosen."""
    chosen = content_of(settings)
    held = content_of(content)
    texts = {name: held.get(name) for name in (SYSTEM, PARAMETERS, SCHEMA, ROUTE)}
    return all(chosen.get(name) == value for name, value in (held | texts).items())


def to_file(preset: Preset) -> str:
    """Return a preset as it is exported: without owner, and without a word on who may use it."""
    written = {
        FORMAT: VERSION,
        "name": preset.name,
        "icon": preset.icon,
        "content": content_of(preset.content),
    }
    return json.dumps(written, ensure_ascii=False, indent=2)


def from_file(data: bytes) -> tuple[str, str, JSON]:
    """Return name, icon and content of a preset that somebody has exported.

    Raises:
        ImportFailedError: it is none, or one of its entries cannot be what it says; the message names it.
    """
    if len(data) > LARGEST_FILE:
        raise _refused(f"The file is larger than {LARGEST_FILE // 1_000_000} MB.")
    read = _json(data)
    if not isinstance(read, dict) or FORMAT not in read:
        raise _refused(f"The file is no preset: it has no “{FORMAT}”.")
    if read[FORMAT] != VERSION:
        raise _refused("The preset was written by a newer orchat.")
    name = (words(read.get("name")) or "").strip()
    if not name:
        raise _refused("The preset has no name.")
    content = fields(read.get("content"))
    _check(content)
    return name[:LONGEST_NAME], (words(read.get("icon")) or "").strip()[:LONGEST_ICON], content_of(content)


def _check(content: Mapping[str, Any]) -> None:
    for entry, value in content.items():
        if entry not in _CHECKS or not _CHECKS[entry](value):
            raise _refused(f"The preset's entry “{entry[:60]}” is none that orchat knows, or cannot be used.")
    for name, clean in _CLEANERS.items():
        known = clean(content.get(name))
        for entry in fields(content.get(name)):
            if entry not in known:
                what = name.removesuffix("s")
                raise _refused(f"The preset's {what} “{entry[:60]}” is none that orchat knows, or is out of range.")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise _refused(f"Line {error.lineno} of the file is not JSON: {error.msg.lower()}.") from None
    except (ValueError, RecursionError):
        raise _refused("The file is not JSON in UTF-8.") from None


def _refused(message: str) -> ImportFailedError:
    return ImportFailedError(message, advice=_ADVICE)
