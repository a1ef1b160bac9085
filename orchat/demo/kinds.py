"""What kind of answer a prompt wants, and what it is about."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["greeting", "code", "comparison", "maths", "writing", "explanation", "conversation"]

_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("greeting", r"^\W*(hi|hello|hey|good (morning|day|evening)|hallo|bonjour|hola|thanks|thank you)\b.{0,24}$"),
    (
        "code",
        r"```|\b(code|function|script|program|regex|python|javascript|typescript|java|rust|golang|sql|bash|shell|"
        r"html|css|react|api|class|unit tests?|debug|refactor|algorithm|fizzbuzz|fibonacci|dockerfile)\b",
    ),
    ("comparison", r"\b(compare|comparison|versus|vs\.?|differences?|table|pros and cons|better than|or better)\b"),
    (
        "maths",
        r"\b(calculate|compute|solve|integral|integrate|derivative|equation|prove|proof|probability|matrix|maths?|"
        r"mathematics|theorem|sum of|square root|percent(age)?)\b|\d\s*[-+*/^×÷]\s*\d|\bx\^?2\b|=\s*0\b",
    ),
    (
        "writing",
        r"\b(write|draft|compose|poem|story|haiku|e-?mail|letter|essay|blog|tweet|slogan|speech|rewrite|invite)\b",
    ),
    (
        "explanation",
        r"\b(explain|how (do|does|is|are|can|to)|why|what (is|are|does)|teach|describe|tell me about)\b",
    ),
)

_FORMS = r"(?:essay|text|article|poem|haiku|story|speech|report|post|guide|introduction|summary)"
_LEAD_IN = re.compile(
    r"^(?:(?:hi|hello|hey|please|kindly|now|so|ok|and|just)\b[\s,!.]*|(?:can|could|would|will) you\b\s*|"
    r"i (?:want|need|would like|'d like)(?: you)?(?: to)?\b\s*|(?:help me(?: to)?|tell me|show me|give me|let's)\b\s*|"
    r"(?:explain|describe|write|draft|compose|compare|create|make|generate|build|implement|calculate|compute|solve|"
    r"summari[sz]e|translate|what(?:'s| is| are| does)?|why (?:is|are|do|does)?|"
    r"how (?:do|does|is|are|can|to)(?: i| you)?|who is|"
    rf"about|between|to me|me)\b\s*|(?:an?|the|some|short|simple|small|brief)\s+|"
    rf"(?:very |really |quite )?(?:long|longer|detailed|good|nice|funny)\s+(?={_FORMS}\b)|"
    rf"(?:{_FORMS}(?: of \d+ words)?|\d+ words)\s+(?:about|on)\s+)+",
    re.IGNORECASE,
)
# What comes after says how the answer should look, or goes on to another thought.
_NEXT_CLAUSE = re.compile(r",\s+(?:with|as|in|and|but|so|it|please|using|including)\b.*$", re.IGNORECASE)
_LONGEST_TOPIC = 60


def kind_of(question: str) -> Kind:
    """The kind of answer that suits a question; the first sign found decides."""
    return next((kind for kind, signs in _SIGNS if re.search(signs, question, re.IGNORECASE)), "conversation")


def first_sentence(question: str) -> str:
    """The first sentence of a question, without wishes for the form of the answer that come last in it."""
    line = next((line.strip() for line in question.splitlines() if line.strip()), "")
    return _NEXT_CLAUSE.sub("", re.split(r"(?<=[.?!])\s", line)[0])


def topic_of(question: str) -> str:
    """What a question is about, as a short phrase that fits into a sentence."""
    sentence = first_sentence(question)
    topic = _LEAD_IN.sub("", sentence).strip(" .?!:;,\"'`*#") or sentence.strip(" .?!:") or "nothing in particular"
    if len(topic) > _LONGEST_TOPIC:
        topic = topic[:_LONGEST_TOPIC].rsplit(" ", 1)[0] + " …"
    return topic


def capitalised(topic: str) -> str:
    """A topic as it stands at the start of a heading."""
    return topic[:1].upper() + topic[1:]
