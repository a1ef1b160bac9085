"""Short titles, for the cheap request with which a chat page names a conversation."""

from __future__ import annotations

import re

from orchat.demo.kinds import capitalised, topic_of
from orchat.demo.prompt import Prompt

_WORDS_IN_TITLE = 6
_SPEAKER = re.compile(r"^\W*(?:user|human|question)\W*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)


def wants_title(prompt: Prompt) -> bool:
    """Whether the request is not a question but asks for a title of a conversation."""
    if re.search(r"\btitles?\b", prompt.system, re.IGNORECASE):
        return True
    return bool(re.search(r"\btitle\b.*\b(conversation|chat|dialogue)\b", prompt.question[:400], re.IGNORECASE))


def write_title(prompt: Prompt) -> str:
    """A few words on what the user asked first."""
    first = next((text for text in [*prompt.earlier_questions, prompt.question] if text), "")
    spoken = _SPEAKER.search(first)
    topic = topic_of(spoken[1] if spoken else first)
    words = re.sub(r"[*_`#\"]", "", topic).removesuffix(" …").split()[:_WORDS_IN_TITLE]
    return capitalised(" ".join(words)) or "New conversation"
