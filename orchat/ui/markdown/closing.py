"""Emphasis and code that are still open at the end of a growing text, closed for the moment."""

import re

_MARK = re.compile(r"\\.|`+|\*{1,3}|~~", re.DOTALL)


def closed(text: str) -> str:
    """Return the beginning of a Markdown text so that `**bol` is already drawn bold, and not with two stars.

    Only the last paragraph can be open. A mark at the very end, of which nobody knows yet what it begins, is left out.
    """
    paragraph = text[text.rfind("\n\n") + 1 :]
    open_marks: list[str] = []
    for found in _MARK.finditer(paragraph):
        mark = found[0]
        in_code = bool(open_marks) and open_marks[-1][0] == "`"
        if mark[0] == "\\" or (in_code and mark != open_marks[-1]):
            continue
        if mark in open_marks:
            del open_marks[open_marks.index(mark) :]
        elif found.end() == len(paragraph):
            text = text[: -len(mark)]
        elif not paragraph[found.end()].isspace():
            open_marks.append(mark)
    return text.rstrip() + "".join(reversed(open_marks)) if open_marks else text
