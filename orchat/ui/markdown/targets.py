"""Where the brackets of a Markdown link or image lead."""

import re
from collections.abc import Iterable, Mapping

from markdown_it.common.utils import unescapeAll
from markdown_it.helpers import parseLinkDestination, parseLinkTitle

_DEFINITION = re.compile(r"[ \t>*+-]*\[((?:[^\[\]\\\n]|\\.){1,999})\]:[ \t]*(<[^<>\n]*>|[^\s<]\S*)")
_REFERENCE = re.compile(r"\[((?:[^\[\]\\]|\\.){0,999})\]", re.DOTALL)
_MAX_LABEL = 1_000
"""Characters of a reference label, as CommonMark limits it."""


def definitions(lines: Iterable[str]) -> dict[str, str]:
    """The addresses of reference labels. One seen where none is meant does no harm: links are checked anyway."""
    found: dict[str, str] = {}
    for line in lines:
        if definition := _DEFINITION.match(line):
            found.setdefault(_key(definition[1]), unescapeAll(definition[2].strip("<>")))
    return found


def after_brackets(text: str, label: slice, definitions: Mapping[str, str]) -> tuple[str, int] | None:
    """The address for the brackets round `label`, and the index after its text; None if they are only brackets.

    It may be written `(address "title")`, `[reference]`, or be that of the label itself.
    """
    after = label.stop + 1
    if text.startswith("(", after) and (target := _inline(text, after + 1)):
        return target
    reference = _REFERENCE.match(text, after)
    if not definitions or (reference is None and text.startswith(":", after)):
        return None
    key = reference[1] if reference and reference[1].strip() else text[label][:_MAX_LABEL]
    url = definitions.get(_key(key))
    return None if url is None else (url, reference.end() if reference else after)


def _key(label: str) -> str:
    """What is compared of a reference label: case and the amount of white space do not count."""
    return " ".join(label.split()).casefold()


def _inline(text: str, position: int) -> tuple[str, int] | None:
    """The address in `(address "title")` whose inside starts at `position`, and the index after it."""
    position = _after_space(text, position)
    destination = parseLinkDestination(text, position, len(text))
    if not destination.ok:
        return ("", position + 1) if text.startswith(")", position) else None
    end = _after_space(text, destination.pos)
    if end > destination.pos and not text.startswith(")", end):
        title = parseLinkTitle(text, end, len(text))
        if not title.ok:
            return None
        end = _after_space(text, title.pos)
    return (destination.str, end + 1) if text.startswith(")", end) else None


def _after_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\n":
        position += 1
    return position
