"""Streaming Markdown cut into blocks that are finished, so that only the open tail has to be drawn again."""

import re

_MIN_BLOCK = 300
"""Characters a block has before it may end: shorter ones would make more elements than they save bytes."""

_MAX_MATHS = 4_000
"""Characters after which unclosed display maths is taken for a stray delimiter, so that it cannot stop all cutting."""

_MAX_START = 16
"""Characters of a line that `_starts_block` may need: nine digits of a list number, its mark and a space."""

# Not splitlines(): form feeds, U+2028 and others end no line in Markdown.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r"[ \t]*(?:(?:>|[-+*]|[0-9]{1,9}[.)])[ \t]*)*(?P<marks>`{3,}|~{3,})(?P<info>.*)")
_FENCE_END = re.compile(r"[ \t>]*(?P<marks>`{3,}|~{3,})[ \t]*")
_BULLET = re.compile(r"[-+*](?P<next>.)?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}(?:[.)](?P<next>.)?|(?P<other>[^0-9.)])|$)", re.DOTALL)


class BlockSplitter:
    """Text fed in any pieces, handed back in blocks that later text cannot change.

    A block ends before a line that follows a blank line, stands in column 0 and cannot belong to what is above
    it (no list item, table row, quote, definition, footnote, underline of a heading), outside code fences and
    display maths. How the text was cut into pieces never changes the blocks; the work is linear in the text.
    """

    def __init__(self) -> None:
        self._block: list[str] = []  # finished lines of the open block
        self._block_size = 0
        self._line: list[str] = []  # pieces of the line that is still arriving
        self._start = ""  # its first characters, until they have told whether a block starts here
        self._undecided = False
        self._fence = ""
        self._maths = ""
        self._maths_size = 0

    @property
    def tail(self) -> str:
        """The text after the last finished block."""
        return "".join(self._block) + "".join(self._line)

    @property
    def open_fence(self) -> bool:
        """Whether the tail ends inside a fenced code block."""
        return bool(self._fence)

    def feed(self, text: str) -> list[str]:
        """Take the next piece of text; return the blocks that it finished, most often none."""
        finished: list[str] = []
        for piece in _LINE.findall(text):
            self._line.append(piece)
            if self._undecided:
                self._start += piece[:_MAX_START]
                self._decide(finished)
            if piece.endswith("\n"):
                self._end_line()
        return finished

    def _decide(self, finished: list[str]) -> None:
        """Cut before the arriving line as soon as its first characters say whether that is right."""
        starts = _starts_block(self._start)
        if starts is None:
            return
        self._undecided = False
        if starts:
            finished.append("".join(self._block))
            self._block.clear()
            self._block_size = 0

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        self._start = ""
        self._block.append(line)
        self._block_size += len(line)
        self._follow(line[:-1])
        blank = not line.strip(" \t\r\n")
        self._undecided = blank and not self._fence and not self._maths and self._block_size >= _MIN_BLOCK

    def _follow(self, line: str) -> None:
        """Keep track of the code fence or display maths that the finished line opens, goes on with or closes."""
        if self._fence:
            end = _FENCE_END.fullmatch(line.rstrip("\r"))
            if end and end["marks"].startswith(self._fence):
                self._fence = ""
        elif self._maths:
            self._maths_size += len(line)
            if self._maths in line or self._maths_size > _MAX_MATHS:
                self._maths = ""
        elif fence := _opening_fence(line):
            self._fence = fence
        else:
            self._maths, self._maths_size = _opening_maths(line), 0


def blocks(text: str) -> list[str]:
    """Cut a finished answer exactly as a `BlockSplitter` cut it while it arrived; joined, they are the text."""
    splitter = BlockSplitter()
    finished = splitter.feed(text)
    return [*finished, splitter.tail] if splitter.tail else finished


def _starts_block(start: str) -> bool | None:
    """Whether a line after a blank one starts a block of its own; None while `start` is too short to tell."""
    first = start[0]
    if first in " \t\r\n>|=[":
        return False
    if bullet := _BULLET.match(start):
        return None if bullet["next"] is None else bullet["next"] not in " \t\r\n"
    if number := _NUMBER.match(start):
        if number["other"] is not None:
            return True
        return None if number["next"] is None else number["next"] not in " \t\r\n"
    return True


def _opening_fence(line: str) -> str:
    """The marks of the code fence that `line` opens, or nothing. A backtick fence has no backtick in its info."""
    fence = _FENCE.match(line)
    if not fence or (fence["marks"][0] == "`" and "`" in fence["info"]):
        return ""
    return fence["marks"]


def _opening_maths(line: str) -> str:
    """The delimiter that will close the display maths which `line` opens, or nothing."""
    text = line.strip(" \t\r>")
    if text.startswith("\\[") and "\\]" not in text:
        return "\\]"
    opens = text.startswith("$$") and text.count("$$") % 2 == 1
    return "$$" if opens else ""
