"""Model text as Markdown that Streamlit shows as it was meant, and that loads nothing from anywhere."""

import re
from collections.abc import Iterator, Mapping

from markdown_it.common.utils import unescapeAll

from orchat.ui.markdown import maths, targets
from orchat.ui.markdown.images import shows_no_image
from orchat.ui.markdown.inline import JOINER, MERGED_LINE, Inline
from orchat.ui.markdown.safety import is_local_diagram
from orchat.ui.markdown.structure import TABLE_RULE, Leaf, leaves

_LINE_END = re.compile(rf"[\n{MERGED_LINE}]")
_CELL = re.compile(r"(?:[^\\|]|\\.|\\$)+|\|", re.DOTALL)
_SHORTCODE = re.compile(r":(?!material/|streamlit:)[A-Za-z0-9_+-]+:")
_FENCE = re.compile(r"(?P<before>.*?)(?P<marks>`{3,}|~{3,})")
_SPECIAL = re.compile(r"[\[\]<`$~:\\]|www\.", re.IGNORECASE)


def presentable(block: str, *, open: bool = False) -> str:  # noqa: A002 - reads well where it is called
    r"""`block`, Markdown written by a model, as Markdown for `st.markdown`.

    Images become links that name their host; links other than http, https and mailto, HTML, and Streamlit's own
    directives, icons and emoji shortcodes become the text they are written as; `\(…\)` and `\[…\]` become maths and
    amounts of money do not. Code stays as it is, except that a Mermaid diagram that could fetch something is shown
    as its source. `open` says that more text will follow: what is unfinished at the end may then look unfinished.
    """
    # The same strip() as in st.markdown: code made by the indentation of the first line would not survive it.
    text = re.sub(r"\r\n?", "\n", block).replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    written = "\n".join(_written_lines(text, unfinished=open, shortcodes=False))
    if _SHORTCODE.search(written):
        # The browser looks for emoji shortcodes in all of the text, code included, before it replaces any.
        written = "\n".join(_written_lines(text, unfinished=open, shortcodes=True))
    return written if shows_no_image(written) else written.replace("![", f"!{JOINER}[")


def _written_lines(text: str, *, unfinished: bool, shortcodes: bool) -> Iterator[str]:
    lines = text.split("\n")
    definitions = targets.definitions(lines) if "]:" in text else {}
    done = 0
    tables = False
    for leaf in leaves(text, unfinished=unfinished):
        if leaf.first < done:
            continue
        yield from (_unowned(line) for line in lines[done : leaf.first])
        done = min(leaf.last, len(lines))
        source = lines[leaf.first : done]
        match leaf.kind:
            case "prose":
                last = unfinished and not any(line.strip() for line in lines[done:])
                yield from _prose(source, leaf.content, definitions, unfinished=last, shortcodes=shortcodes)
            case "table":
                tables = True
                yield from _table(source, definitions, shortcodes=shortcodes)
            case "maths":
                yield from _display_maths(source, leaf, following=lines[done : done + 1])
            case "fence":
                yield from _fence(source, leaf.content)
            case "indented":
                # What is no table elsewhere is a paragraph, which indented lines go on with.
                yield from (_unowned(line) for line in source) if tables else source
    yield from (_unowned(line) for line in lines[done:])


def _prose(
    source: list[str], content: str, definitions: Mapping[str, str], *, unfinished: bool, shortcodes: bool
) -> Iterator[str]:
    """A paragraph or heading: `content` written anew between the marks and the trailing space of its lines."""
    if not (_SPECIAL.search(content) or "|" in content):
        yield from source
        return
    texts = [line.strip(" \t") for line in content.split("\n")]
    marks = [_around(line, text) for line, text in zip(source, texts, strict=False)]
    if len(texts) > len(source) or None in marks:
        yield from (_unowned(line) for line in source)
        return
    around = [mark for mark in marks if mark is not None]
    # What is no table here may be one elsewhere, and its cells would end code.
    texts = [JOINER + text if TABLE_RULE.fullmatch(text) else text for text in texts]
    writer = Inline("\n".join(texts), definitions, unfinished=unfinished, shortcodes=shortcodes)
    yield from _between(around, writer.written())
    yield from source[len(texts) :]


def _around(line: str, text: str) -> tuple[str, str] | None:
    """What stands before and after `text` in its line, or None if it is not there."""
    start = line.rfind(text)
    return (line[:start], line[start + len(text) :]) if start >= 0 else None


def _between(around: list[tuple[str, str]], written: str) -> Iterator[str]:
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


def _table(source: list[str], definitions: Mapping[str, str], *, shortcodes: bool) -> Iterator[str]:
    for number, line in enumerate(source):
        if number == 1:
            yield line  # the rule under the head
            continue
        # Bars that two backslashes stand before end a cell in some readers only, and with it code.
        cells = [line] if r"\\|" in line else _CELL.findall(line)
        yield "".join(
            cell
            if not _SPECIAL.search(cell)
            else Inline(cell, definitions, trusted=False, shortcodes=shortcodes).written()
            for cell in cells
        )


def _display_maths(source: list[str], leaf: Leaf, *, following: list[str]) -> Iterator[str]:
    """Display maths between dollars on lines of their own, the one form of it that Streamlit knows."""
    first = source[0][: leaf.column]
    further = re.sub(r"[^>\t ]", " ", first)
    yield f"{first}$$"
    yield from (further + line for line in maths.display_lines(leaf.content))
    if leaf.closed:
        yield f"{further}$$"
        if following and following[0].strip(" \t>"):
            yield further.rstrip()


def _fence(source: list[str], info: str) -> Iterator[str]:
    mermaid = "mermaid" in unescapeAll(info).lower()
    if mermaid and not is_local_diagram("\n".join(source[1:])):
        fence = _FENCE.match(source[0])
        yield f"{fence['before']}{fence['marks']}text" if fence else source[0]
        yield from source[1:]
    else:
        yield from source


def _unowned(line: str) -> str:
    """A line that is no leaf: blank, a rule, the mark of an empty container, or nested too deeply to tell."""
    return Inline(line, {}, trusted=False).written() if _SPECIAL.search(line) else line
