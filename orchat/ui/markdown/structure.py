"""Which lines of a Markdown text are prose, table, code or display maths, as CommonMark with GFM tables sees them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token

from orchat.ui.markdown import maths

_LEAVES = {"table_open", "inline", "fence", "code_block", "maths"}

Kind = Literal["prose", "table", "fence", "indented", "maths"]

_MAX_NESTING = 100
"""Lists and quotes inside each other that are followed; the rest is treated as text whose code is not trusted."""

_MAX_MATHS_LINES = 100
"""Lines of the longest display maths: bounds the search for its end where there is none."""

_MAX_MATHS = 4_000
"""Characters of the longest display maths, for the same reason."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The lines `first` to `last` (exclusive) of one block that holds no other blocks."""

    kind: Kind
    first: int
    last: int
    content: str
    """Prose without the marks of its containers; the inside of maths; the info string of a fence."""
    column: int = 0
    """Where maths starts in its first line, after the marks of its containers."""
    closed: bool = True
    """False for display maths whose end has not arrived."""


def leaves(text: str, *, unfinished: bool) -> Iterator[Leaf]:
    """The leaves of `text` (lines ended by a line feed only) in their order; lines outside them are blank or marks.

    `unfinished` says that more text may follow, so that display maths may run to the end without being closed.
    """
    tokens: list[Token] = []
    _PARSER.block.parse(text, _PARSER, {"unfinished": unfinished}, tokens)
    done, end = 0, text.count("\n") + 1
    for token in tokens:
        if token.map is None or token.map[0] < done:
            continue
        first, last = token.map[0], min(token.map[1], end)
        if token.type in _LEAVES:
            done = last
        match token.type:
            case "table_open":
                yield Leaf("table", first, last, "")
            case "inline":
                yield Leaf("prose", first, last, token.content)
            case "fence":
                yield Leaf("fence", first, last, token.info)
            case "code_block":
                yield Leaf("indented", first, last, "")
            case "maths":
                yield Leaf("maths", first, last, token.content, token.meta["column"], token.meta["closed"])


def _display_maths(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""A block rule: `$$ … $$` and `\[ … \]` that fill whole lines, in any container."""
    position = state.bMarks[start] + state.tShift[start]
    closer = maths.CLOSERS.get(state.src[position : position + 2])
    if closer is None or state.is_code_block(start):
        return False
    found = _maths_lines(state, start, end, closer)
    if found is None or not maths.is_display(content := "\n".join(found[0])):
        return False
    if silent:
        return True
    lines, closed = found
    token = state.push("maths", "math", 0)
    token.map = [start, start + len(lines)]
    token.content = content
    token.meta = {"column": position - (state.src.rfind("\n", 0, position) + 1), "closed": closed}
    state.line = start + len(lines)
    return True


def _maths_lines(state: StateBlock, start: int, end: int, closer: str) -> tuple[list[str], bool] | None:
    """The lines between the delimiters and whether the closing one is there; None if this is no display maths."""
    begin = state.bMarks[start] + state.tShift[start] + 2
    arriving = state.env["unfinished"] and len(state.src) - begin < _MAX_MATHS
    if not arriving and state.src.find(closer, begin, begin + _MAX_MATHS) < 0:
        return None
    lines: list[str] = []
    for number in range(start, min(end, start + _MAX_MATHS_LINES)):
        if number > start and state.sCount[number] < state.blkIndent and not state.isEmpty(number):
            return None
        begin = state.bMarks[number] + state.tShift[number] + (2 if number == start else 0)
        line, closing, rest = state.src[begin : state.eMarks[number]].partition(closer)
        lines.append(line)
        if closing:
            return (lines, True) if not rest.strip() else None
    at_end = start + len(lines) == state.lineMax == len(state.bMarks) - 1
    return (lines, False) if arriving and at_end else None


def _parser() -> MarkdownIt:
    # Without html_block and reference: what is written afterwards contains neither HTML nor definitions,
    # so that a browser, which knows both, sees the same blocks as this parser.
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).disable(["html_block", "reference"])
    # After lists and quotes, as browsers do; markdown-it takes `- a | b` for the head of a table first.
    parser.block.ruler.before("lheading", "table", table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("fence", "display_maths", _display_maths, {"alt": ["paragraph", "blockquote", "list"]})
    return parser


_PARSER = _parser()

TABLE_RULE = re.compile(r"(?=.*[|:])[\s|:-]*-[\s|:-]*")
"""A line that a browser might take for the rule under a table's head."""
