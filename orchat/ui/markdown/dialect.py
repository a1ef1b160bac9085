"""Model text as Markdown that Streamlit shows as it was meant, and that loads nothing from anywhere."""

import re
from collections.abc import Collection, Iterator, Mapping
from textwrap import wrap
from typing import TypedDict

from markdown_it.common.utils import unescapeAll

from orchat.ui.markdown import diagrams, maths, targets
from orchat.ui.markdown.images import shows_no_image
from orchat.ui.markdown.inline import MERGED_LINE, Inline
from orchat.ui.markdown.lexing import JOINER
from orchat.ui.markdown.structure import TABLE_RULE, Leaf, leaves

COMMENT_WIDTH = 26
"""Characters of a comment in code that a phone shows beside its mark, in a list, too."""
_SPECIAL = re.compile(r"[\[\]<`$~:\\]|www\.", re.IGNORECASE)
"""What prose must hold for `Inline` to write it differently."""

_LINE_END = re.compile(rf"[\n{MERGED_LINE}]")
_CELL = re.compile(r"(?:[^\\|]|\\.|\\$)+|\|", re.DOTALL)
_SHORTCODE = re.compile(r":(?!material/|streamlit:)[A-Za-z0-9_+-]+:")
_FENCE = re.compile(r"(?P<before>.*?)(?P<marks>`{3,}|~{3,})")
_LIST_IGNORED_AFTER_CODE = re.compile(
    r"[ \t>]*(?:(?:[-+*]|[0-9]+[.)])[ \t]*)+$|[ \t>*+-]*(?!1[.)])[0-9]+[.)](?:[ \t]|$)"
)
"""Items that are empty or not numbered 1: browsers begin no list with them after indented code, CommonMark does."""


def presentable(
    block: str,
    *,
    open: bool = False,  # noqa: A002 - reads well where it is called
    sources: Collection[int] | None = None,
    pages: Mapping[str, int] | None = None,
) -> str:
    r"""`block`, Markdown written by a model, as Markdown for `st.markdown`.

    Images become links that name their host; links other than http, https and mailto, HTML, and Streamlit's own
    directives, icons and emoji shortcodes become the text they are written as; `\(…\)` and `\[…\]` become maths and
    amounts of money do not. Code stays as it is, except that a Mermaid diagram that could fetch something is shown
    as its source, with the reason. `open` says that more text will follow: what is unfinished at the end may then look
    unfinished. With `sources`, numbers in brackets are citations: those in it become badges, and others are left out.
    Links to `pages` (addresses as `safety.safe_url` gives them) carry their numbers.
    """
    # The same strip() as in st.markdown: code made by the indentation of the first line would not survive it.
    text = re.sub(r"\r\n?", "\n", block).replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    document = _Document(text, unfinished=open, sources=sources, pages=pages)
    written = document.written()
    if _SHORTCODE.search(written):
        # The browser looks for emoji shortcodes in all of the text, code included, before it replaces any.
        written = _Document(text, unfinished=open, shortcodes=True, sources=sources, pages=pages).written()
    if document.contested or not shows_no_image(written):
        return written.replace("![", f"!{JOINER}[")
    return written


class _Cited(TypedDict):
    sources: Collection[int] | None
    pages: Mapping[str, int]


class _Document:
    """A text of which each leaf is written anew and everything between them is kept.

    Once written, `contested` tells whether readers may differ on which lines of it are code.
    """

    def __init__(
        self,
        text: str,
        *,
        unfinished: bool,
        shortcodes: bool = False,
        sources: Collection[int] | None = None,
        pages: Mapping[str, int] | None = None,
    ) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._definitions = targets.definitions(self._lines) if "]:" in text else {}
        self._unfinished = unfinished
        self._shortcodes = shortcodes
        self._cited = _Cited(sources=sources, pages=pages or {})
        self._has_table = False
        self.contested = False

    def written(self) -> str:
        return "\n".join(self._written_lines())

    def _written_lines(self) -> Iterator[str]:
        done = 0
        for leaf in leaves(self._text, unfinished=self._unfinished):
            yield from map(self._line, self._lines[done : leaf.first])
            done = leaf.last
            source = self._lines[leaf.first : done]
            match leaf.kind:
                case "prose":
                    yield from self._prose(source, leaf)
                case "table":
                    yield from self._table(source)
                case "maths":
                    yield from self._display_maths(source, leaf)
                case "fence":
                    yield from _fence(source, leaf.content)
                case "indented":
                    yield from self._indented_code(source, leaf)
        yield from map(self._line, self._lines[done:])

    def _line(self, line: str) -> str:
        """A line, or a cell of one, by itself: no code in it is trusted."""
        if not _SPECIAL.search(line):
            return line
        return Inline(line, self._definitions, trusted=False, shortcodes=self._shortcodes, **self._cited).written()

    def _prose(self, source: list[str], leaf: Leaf) -> Iterator[str]:
        """A paragraph or heading, written anew between the marks and the trailing space of its lines."""
        if not (_SPECIAL.search(leaf.content) or "|" in leaf.content):
            yield from source
            return
        texts = [line.strip(" \t") for line in leaf.content.split("\n")]
        around = [_around(line, text) for line, text in zip(source, texts, strict=False)]
        if len(texts) > len(source) or None in around:
            yield from map(self._line, source)
            return
        # What is no table here may be one elsewhere, and its cells would end code.
        texts = [JOINER + text if TABLE_RULE.fullmatch(text) else text for text in texts]
        inline = Inline(
            "\n".join(texts),
            self._definitions,
            # Streamlit closes what is unfinished by rules of its own, which can end or open other code.
            trusted=not self._unfinished,
            unfinished=self._unfinished and not self._text_after(leaf),
            shortcodes=self._shortcodes,
            **self._cited,
        )
        yield from _between([marks for marks in around if marks], inline.written())
        yield from source[len(texts) :]

    def _table(self, source: list[str]) -> Iterator[str]:
        self._has_table = True
        for number, line in enumerate(source):
            rule_under_the_head = number == 1
            # Bars after two backslashes end a cell, and with it code, for some readers only.
            cells = [line] if rule_under_the_head or r"\\|" in line else _CELL.findall(line)
            yield line if rule_under_the_head else "".join(map(self._line, cells))

    def _display_maths(self, source: list[str], leaf: Leaf) -> Iterator[str]:
        """Display maths between dollars on lines of their own, the one form of it that Streamlit knows."""
        first = source[0][: leaf.column]
        further = _further(first)
        yield f"{first}$$"
        yield from (further + line for line in maths.display_lines(leaf.content))
        if leaf.closed:
            yield f"{further}$$"
            if any(line.strip(" \t>") for line in self._lines[leaf.last : leaf.last + 1]):
                yield further.rstrip()

    def _indented_code(self, source: list[str], leaf: Leaf) -> Iterator[str]:
        following = next(filter(str.strip, self._lines[leaf.last :]), "")
        self.contested = self.contested or bool(_LIST_IGNORED_AFTER_CODE.match(following))
        # What is a table here may be a paragraph elsewhere, which indented lines go on with.
        yield from map(self._line, source) if self._has_table else source

    def _text_after(self, leaf: Leaf) -> bool:
        return any(line.strip() for line in self._lines[leaf.last :])


def _further(marks: str) -> str:
    """What stands before the next line in the lists and quotes that these marks begin."""
    return re.sub(r"[^>\t ]", " ", marks)


def _around(line: str, text: str) -> tuple[str, str] | None:
    """What stands before and after `text` in its line, or None if it is not there."""
    start = line.rfind(text)
    return (line[:start], line[start + len(text) :]) if start >= 0 else None


def _between(around: list[tuple[str, str]], written: str) -> Iterator[str]:
    """The lines of `written`, each between what stood round the line of the source that it begins and ends with."""
    number, line = 0, around[0][0]
    position = 0
    for end in _LINE_END.finditer(written):
        line += written[position : end.start()]
        position = end.end()
        if end[0] == "\n":
            yield line + around[number][1]
            line = around[number + 1][0]
        number += 1
    yield line + written[position:] + around[number][1]


def _fence(source: list[str], info: str) -> Iterator[str]:
    reason = diagrams.refusal("\n".join(source[1:])) if "mermaid" in unescapeAll(info).lower() else None
    fence = _FENCE.match(source[0])
    if reason is None or fence is None:
        yield from source
        return
    yield f"{fence['before']}{fence['marks']}text"
    # A comment of Mermaid's, so that what is copied from here stays a diagram. Code is not wrapped.
    for line in wrap(f"Shown as its source, since {reason}.", COMMENT_WIDTH):
        yield f"{_further(fence['before'])}%% {line}"
    yield from source[1:]
