"""Short titles, for the cheap request with which a chat page names a conversation."""

from __future__ import annotations

import re

from orchat.demo.kinds import capitalised, topic_of
from orchat.demo.prompt import Prompt
from orchat.demo.writing.starters import find_starter

_WORDS_IN_TITLE = 6
_SPEAKER = re.compile(r"^\W*(?:user|human|question)\W*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
# A star between spaces is a product and stays.
_MARKUP = re.compile(r"[_`#\"]|\*(?=\S)|(?<=\S)\*")
_VERBS = "answer|create|generate|give|make|provide|reply|respond|return|suggest|word|write"
_ASKED_FOR = re.compile(
    rf"\b(?:{_VERBS})\b(?=[^.\n]{{0,80}}\btitles?\b)(?=[^.\n]{{0,80}}\b(?:chat|conversation|dialogue)\b)", re.IGNORECASE
)
# What a title that was cut must not end with.
_LEFT_HANGING = re.compile(
    r"(?:\W+(?:an?|the|my|your|our|its?|this|that|of|in|on|at|to|for|from|with|by|as|and|or|about|is|are|does|not))+\W*$",
    re.IGNORECASE,
)


def wants_title(prompt: Prompt) -> bool:
    """Whether the request is not a question but asks for a title of a conversation.

    Instructions that only mention titles, of books or of sections, are those of somebody who wants answers.
    """
    return any(_ASKED_FOR.search(text) for text in (prompt.system, prompt.question[:400]))


def write_title(prompt: Prompt) -> str:
    """A few words on what the user asked first."""
    first = next((text for text in [*prompt.earlier_questions, prompt.question] if text), "")
    spoken = _SPEAKER.search(first)
    asked = spoken[1] if spoken else first
    if starter := find_starter(asked):
        return starter.title
    words = _MARKUP.sub("", topic_of(asked)).removesuffix(" …").split()
    title = " ".join(words[:_WORDS_IN_TITLE])
    if len(words) > _WORDS_IN_TITLE:
        title = _LEFT_HANGING.sub("", title)
    return capitalised(title) or "New conversation"
