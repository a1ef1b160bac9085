"""What a list of wire messages says: its texts, its pictures, its tool results, its size."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

# One token is four characters, coming and going: rough, but the count, the chunks and the bill agree.
CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_ATTACHMENT = 256
_TOKENS_PER_MESSAGE = 3

Message = Mapping[str, Any]


def count_tokens(text: str) -> int:
    """Tokens of a text, roughly."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def text_of(message: Message) -> str:
    """The text of a message, its text parts joined by line ends."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in parts_of(message) if part.get("type") == "text")


def parts_of(message: Message) -> list[Mapping[str, Any]]:
    """The parts of a message whose content is a list."""
    content = message.get("content")
    return [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []


@dataclass(frozen=True)
class Prompt:
    """A conversation, read for what the simulated models need to know about it."""

    messages: Sequence[Message]
    tools: Sequence[Mapping[str, Any]] = ()
    seed: int | None = None

    @cached_property
    def question(self) -> str:
        """The last thing that the user said; what stands before it, in parts of their own, is what to say it about."""
        return self._said[-1].strip()

    @cached_property
    def excerpts(self) -> str:
        """The text that was given to answer from: results of tools, and what stands before the question."""
        return "\n\n".join([*self._said[:-1], *map(text_of, self.tool_results)])

    @cached_property
    def _said(self) -> list[str]:
        """The parts of the last user message that are text."""
        asked = next((m for m in reversed(self.messages) if m.get("role") == "user"), {})
        texts = [str(part.get("text", "")) for part in parts_of(asked) if part.get("type") == "text"]
        return texts or [text_of(asked)]

    @cached_property
    def earlier_questions(self) -> list[str]:
        """What the user said before that, oldest first."""
        return [text_of(m).strip() for m in self.messages if m.get("role") == "user"][:-1]

    @cached_property
    def system(self) -> str:
        """The instructions, joined."""
        return "\n".join(text_of(m) for m in self.messages if m.get("role") in {"system", "developer"})

    @cached_property
    def tool_results(self) -> list[Message]:
        """The results at the very end of the conversation, which the next answer has to use."""
        results: list[Message] = []
        for message in reversed(self.messages):
            if message.get("role") != "tool":
                break
            results.insert(0, message)
        return results

    @cached_property
    def has_images(self) -> bool:
        """Whether a picture is anywhere in the conversation: endpoints look at all of it."""
        drawn = any(message.get("images") for message in self.messages)
        return drawn or self.has("image_url")

    def has(self, kind: str) -> bool:
        """Whether a part of a kind is anywhere in the conversation."""
        return any(part.get("type") == kind for message in self.messages for part in parts_of(message))

    @cached_property
    def attachments(self) -> list[Mapping[str, Any]]:
        """Pictures and files of the last user message."""
        last = next((m for m in reversed(self.messages) if m.get("role") == "user"), {})
        return [part for part in parts_of(last) if part.get("type") != "text"]

    @cached_property
    def tokens(self) -> int:
        """Tokens of everything that goes in, tools excluded."""
        return sum(_message_tokens(message) for message in self.messages)

    @cached_property
    def tool_tokens(self) -> int:
        """Tokens of the tool definitions."""
        return count_tokens(json.dumps(list(self.tools))) if self.tools else 0

    def random(self) -> Random:
        """Randomness that is the same for the same messages and seed, so that answers can be repeated."""
        seeded = "" if self.seed is None else str(self.seed)
        return Random(json.dumps(list(self.messages), sort_keys=True) + seeded)  # noqa: S311 - variety, not secrecy


def words_of(text: str) -> list[str]:
    """Lower-case words, identifiers taken apart."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.findall(r"[a-zà-ÿ]+|\d+", spaced.lower())


def _message_tokens(message: Message) -> int:
    attached = len([part for part in parts_of(message) if part.get("type") != "text"])
    calls = sum(count_tokens(str(call)) for call in message.get("tool_calls") or ())
    return _TOKENS_PER_MESSAGE + count_tokens(text_of(message)) + attached * _TOKENS_PER_ATTACHMENT + calls
