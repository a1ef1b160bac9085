"""Citations in model text: `[7]` becomes a badge where the answer was given a source with that number, else nothing."""

import re
from collections.abc import Collection

from orchat.ui.markdown.lexing import JOINER

_NUMBER = r"[1-9][0-9]{0,5}"
_BETWEEN = r"\s*[,;]\s*"
_LABEL = re.compile(rf"\s*{_NUMBER}(?:{_BETWEEN}{_NUMBER})*\s*")
_OPEN = re.compile(rf"[ \t]*\[\s*(?:{_NUMBER}{_BETWEEN})*(?:{_NUMBER}\s*)?\Z")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BADGE = re.compile(rf"{JOINER}:blue-badge\[([0-9]+)\]{JOINER}")


def written(label: str, known: Collection[int]) -> str | None:
    """Return the Markdown of a citation, of which `label` is what stands in its brackets; None if it is no citation.

    That is a badge for each number that is known, and nothing to see for the others. A joiner takes the place of what
    is left out: what stood apart must not become syntax together.
    """
    if not _LABEL.fullmatch(label):
        return None
    numbers = map(int, re.findall(r"[0-9]+", label))
    return "".join(f"{JOINER}:blue-badge[{number}]{JOINER}" for number in numbers if number in known) or JOINER


def raised(number: int | None) -> str:
    """Return the number of a web page as it stands behind a link to it: raised, and syntax nowhere."""
    return "" if number is None else str(number).translate(_RAISED)


def badges_in(drawn: str) -> list[int]:
    """Return the numbers that have a badge in a text that `presentable` wrote, each once, in their order."""
    return list(dict.fromkeys(int(number) for number in _BADGE.findall(drawn)))


def without_open_citation(text: str) -> str:
    """Return a growing text without the bracket at its end that may become a citation."""
    return _OPEN.sub("", text)
