"""Fragments of a streamed message, joined: tool calls, reasoning details, and fields nobody knows yet."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchat.wire import JSON, ToolCall

JOINED = ("text", "summary")
WHOLE = ("reasoning.encrypted", "reasoning.server_tool_call")
JOINED_AT = 32
"""So many pieces of text stand by themselves at most: a small string takes ten times the memory of what is in it."""


class TextPieces:
    """Text gathered from fragments of a few letters; read on any thread while one adds to it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._loose = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __str__(self) -> str:
        return "".join(self._pieces)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextPieces) and str(self) == str(other)

    __hash__ = None  # type: ignore[assignment] # it changes

    def add(self, text: str) -> None:
        """Take the next fragment."""
        self._pieces.append(text)
        self._loose += 1
        if self._loose == JOINED_AT:
            # In one step: who reads meanwhile sees all of them, one way or the other.
            self._pieces[-JOINED_AT:] = ["".join(self._pieces[-JOINED_AT:])]
            self._loose = 0


class ToolCalls:
    """Tool calls gathered from fragments.

    A fragment belongs to the call with its id; without an id to the latest call with its index; without either to the
    latest call. Some upstreams number all parallel calls 0 or leave the index out, so a new id always begins a new
    call, and so does a new name where there is no id.
    """

    def __init__(self) -> None:
        self.calls: list[JSON] = []
        self._by_id: dict[str, int] = {}
        self._by_index: dict[int | None, int] = {}

    def add(self, fragments: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str, str, str]]:
        """Take fragments; yield (position, id, name, arguments) for each that belongs to a call."""
        for fragment in fragments:
            function = fragment.get("function") or {}
            name, arguments = function.get("name") or "", _json_text(function.get("arguments"))
            position = self._position(fragment.get("id") or "", fragment.get("index"), name, arguments)
            if position is None:
                continue
            call = self.calls[position]
            call["name"] = call["name"] or name
            call["arguments"].append(arguments)
            yield position, call["id"], call["name"], arguments

    def _position(self, call_id: str, index: int | None, name: str, arguments: str) -> int | None:
        known = self._by_id.get(call_id) if call_id else self._by_index.get(index)
        if known is not None and (call_id or self._continues(known, index, name)):
            return known
        # Blank arguments after the last call are noise of some providers, not the beginning of another call.
        if not (call_id or name or arguments.strip()):
            return None
        position = len(self.calls)
        self.calls.append({"id": call_id or f"call_{position}", "name": "", "arguments": []})
        if call_id:
            self._by_id[call_id] = position
        self._by_index[index] = self._by_index[None] = position
        return position

    def _continues(self, position: int, index: int | None, name: str) -> bool:
        """Whether a fragment without an id goes on with a call; some upstreams repeat the name beside the index."""
        before = self.calls[position]["name"]
        return not (name and before) or (index is not None and name == before)

    def finished(self) -> list[ToolCall]:
        """Return the calls as they stand in a message."""
        return [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": "".join(call["arguments"])},
            }
            for call in self.calls
        ]


def _json_text(arguments: Any) -> str:
    """Arguments are JSON text, kept byte for byte; an upstream that sends an object means its text."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""


class ReasoningDetails:
    """The `reasoning_details` of a message, gathered from fragments.

    Consecutive fragments of the same (type, index) are one block: text and summary are concatenated, of everything
    else the first non-empty value counts (a signature comes in a last fragment without text; a second one is another
    block's). Encrypted blocks are whole and never joined, and neither are entries without an index. Source:
    https://openrouter.ai/docs/guides/best-practices/reasoning-tokens and recorded streams (Gemini sends text and
    encrypted blocks under the same index, hence the pair as the key).
    """

    def __init__(self) -> None:
        self.entries: list[JSON] | None = None
        """None until a chunk had the field; an empty list is kept, since DeepSeek wants it back."""

    def add(self, fragments: Sequence[JSON]) -> None:
        """Take the fragments of one chunk."""
        entries = self.entries = [] if self.entries is None else self.entries
        for fragment in fragments:
            if entries and _same_block(entries[-1], fragment):
                _extend(entries[-1], fragment)
            elif not _already_there(entries, fragment):
                entries.append(dict(fragment))


def _same_block(block: JSON, fragment: JSON) -> bool:
    if fragment.get("type") in WHOLE or fragment.get("index") is None:
        return False
    signatures = {entry["signature"] for entry in (block, fragment) if entry.get("signature")}
    same_place = (block.get("type"), block.get("index")) == (fragment.get("type"), fragment["index"])
    return same_place and len(signatures) < 2


def _extend(block: JSON, fragment: JSON) -> None:
    for key, value in fragment.items():
        if key in JOINED and value:
            block[key] = (block.get(key) or "") + value
        elif block.get(key) in (None, ""):
            block[key] = value


def _already_there(entries: list[JSON], fragment: JSON) -> bool:
    return fragment.get("type") in WHOLE and bool(fragment.get("id")) and fragment in entries


def merge_unknown(known: JSON, new: JSON) -> JSON:
    """Join pieces of fields nobody knows: strings and lists grow, objects merge, of other values the latest counts."""
    merged = dict(known)
    for key, value in new.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = merge_unknown(old, value)
        elif isinstance(old, str) and isinstance(value, str):
            merged[key] = old + value
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = [*old, *value]
        elif value is not None or key not in merged:
            merged[key] = value
    return merged
