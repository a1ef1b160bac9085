r"""What is mathematics in model text: `\(…\)`, `\[…\]`, `$…$`, `$$…$$`, and not the price of anything.

Streamlit knows only the dollar forms, `$$` as display maths only on lines of its own, and switches its maths parser on
by looking at the whole text. What is written here must therefore be harmless as plain Markdown, too.
"""

import re

CLOSERS = {"$$": "$$", "\\[": "\\]"}
"""The delimiters of display maths and what closes them."""

_NOT_MATHS = re.compile(r"`|~~|://|www\.|(?<!\\)(?:\\\\)*\\[()\[\]]", re.IGNORECASE)
"""What would be code or a link if the browser's maths parser stayed off, or is a delimiter, and never mathematics."""

_PRICE = re.compile(r"[0-9].*[^\W\d_]{2,}", re.DOTALL)
_LATEX = re.compile(r"[\\^_={}]")
_BLOCK_MARK = re.compile(r"[-#>+*=~0-9:|_<!\[]")
_BRACKET = re.compile(r"[\[\]]")
_LINKISH = re.compile(r"\](?=[(:])")
_TAGISH = re.compile(r"<(?=[A-Za-z/!?])")


def inline(content: str) -> str | None:
    r"""The inside of `$…$` or `\(…\)` as one line without link or tag syntax, or None if it is no maths."""
    line = " ".join(content.split())
    if not line or "$" in line or line.endswith("\\") or _NOT_MATHS.search(line):
        return None
    return _harmless(line)


def is_dollar_maths(content: str, *, following: str) -> bool:
    """Whether single dollars round `content` mean maths and not money; `following` comes after the second one."""
    padded = content != content.strip() or not content
    priced = _PRICE.match(content) and not _LATEX.search(content)
    return not (padded or priced or following.isalnum())


def is_display(content: str) -> bool:
    """Whether what stands between display delimiters can be drawn as maths."""
    return bool(content.strip()) and "$$" not in content and not _NOT_MATHS.search(content)


def display_lines(content: str) -> list[str]:
    """Display maths as lines none of which starts a Markdown block or is blank (LaTeX reads `{}` as nothing)."""
    lines = [line.strip() for line in _harmless(content).split("\n") if line.strip()]
    return ["{}" + line if _BLOCK_MARK.match(line) else line for line in lines]


def _harmless(content: str) -> str:
    """`content` without what would be a tag or part of a link, should the browser not read it as maths."""
    return _TAGISH.sub("< ", _LINKISH.sub("] ", _name_lone_brackets(content)))


def _name_lone_brackets(content: str) -> str:
    """Write brackets that have no partner by name, as in `[0, 1)`: elsewhere they would pair with brackets of links."""
    lone: list[int] = []
    opening: list[int] = []
    for bracket in _BRACKET.finditer(content):
        if bracket[0] == "[":
            opening.append(bracket.start())
        elif opening:
            opening.pop()
        else:
            lone.append(bracket.start())
    for index in sorted(lone + opening, reverse=True):
        name = "\\lbrack " if content[index] == "[" else "\\rbrack "
        content = content[:index] + name + content[index + 1 :]
    return content
