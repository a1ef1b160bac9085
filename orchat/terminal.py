"""A program's output as its terminal would show it, without colours: what was written over is gone."""

import re

_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, movements
    r"|\x1b[\]PX^_][^\n]*?(?:\x07|\x1b\\|$)"  # titles, links and other strings
    r"|\x1b(?:\[[0-?]*[ -/]*)?\Z"  # cut off at the end
    r"|\x1b[ -/]*[0-~]",
    re.MULTILINE,
)
_UNSEEN = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn text around."""


def readable(text: str) -> str:
    """Return output as text to read: escape sequences left out, carriage returns and backspaces done."""
    if not _UNSEEN.search(text) and "\r" not in text and "\b" not in text:
        return text
    text = _UNSEEN.sub("", _SEQUENCES.sub("", text)).replace("\r\n", "\n")
    return "\n".join(map(_written, text.split("\n"))) if "\r" in text or "\b" in text else text


def _written(line: str) -> str:
    """Return a line as it stands after all that was written over it."""
    shown = ""
    for part in line.split("\r"):
        typed = _typed(part)
        shown = typed + shown[len(typed) :]
    return shown


def _typed(part: str) -> str:
    if "\b" not in part:
        return part
    kept: list[str] = []
    for character in part:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
