r"""The inside of one paragraph, heading or table cell, written anew so that every Markdown reader agrees on it.

A browser's Markdown (remark with GFM, maths and directives) and CommonMark differ on what is a link, maths or code.
Nothing is left to differ on: the text is lexed once, and the result holds no link that was not written here, no
HTML, no dollar outside maths and no directive. Then no image can exist either, whoever reads it: an image needs `](`
or a definition, and outside trusted code only links written here have `](`, with no `!` before them.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping

from orchat.ui.markdown import citations, lexing, maths, targets
from orchat.ui.markdown.lexing import JOINER, TOKEN, Opening
from orchat.ui.markdown.safety import PICTURE, literal, named_link, picture, safe_url

MERGED_LINE = "\0"
"""Stands for a line end of the source that the written text does not have (NUL never occurs in the source)."""

_MAX_MATHS = 2_000
"""Characters searched for the end of inline maths, so that many unclosed openings stay cheap."""


class Inline:
    """One text written anew.

    `definitions` are those of `targets.definitions`. With `trusted` off, code that holds link syntax counts as text.
    `unfinished` says that more may follow, `shortcodes` that the browser would draw emoji shortcodes, and `sources`,
    where there are any, which numbers in brackets cite something; links to `pages` carry their numbers.
    """

    def __init__(
        self,
        text: str,
        definitions: Mapping[str, str],
        *,
        trusted: bool = True,
        unfinished: bool = False,
        shortcodes: bool = False,
        sources: Collection[int] | None = None,
        pages: Mapping[str, int] | None = None,
    ) -> None:
        self._text = text
        self._definitions = definitions
        self._trusted = trusted
        self._unfinished = unfinished
        self._shortcodes = shortcodes
        self._sources = sources
        self._pages = pages or {}
        self._position = 0
        self._pieces: list[str] = []
        self._openings: list[Opening] = []
        self._enclosing = 0  # how many openings stand before the last link, and so can only begin an image
        self._links: dict[int, str] = {}  # pieces that are links, and what they are inside another link
        self._untrusted_end = -1  # where the backticks stand that end code which is written as text
        self._runs: dict[int, list[int]] | None = None

    def written(self) -> str:
        """The whole text in its new form; its line ends are line feeds or `MERGED_LINE`."""
        text, pieces = self._text, self._pieces
        writers: dict[str, Callable[[re.Match[str]], None]] = {
            "escape": self._escape,
            "ticks": self._ticks,
            "dollars": self._dollars,
            "tildes": self._tildes,
            "opening": self._opening,
            "closing": self._closing,
            "angle": self._angle,
            "colon": self._colons,
            "address": self._address,
        }
        while token := TOKEN.search(text, self._position):
            pieces.append(text[self._position : token.start()])
            self._position = token.end()
            assert token.lastgroup is not None
            writers[token.lastgroup](token)
        pieces.append(text[self._position :])
        if self._unfinished:
            self._hide_unfinished_pictures()
        return "".join(pieces)

    def _skip_to(self, end: int, *, kept: str = "") -> None:
        """Go on at `end`; line ends that `kept`, what was written instead, does not have are marked as merged."""
        merged = self._text.count("\n", self._position, end) - kept.count("\n") - kept.count(MERGED_LINE)
        self._pieces.append(MERGED_LINE * merged)
        self._position = end

    def _escape(self, token: re.Match[str]) -> None:
        escaped = token[0][1]
        if escaped in "([" and self._bracketed_maths(token):
            return
        if escaped == ":":
            self._position -= 1  # a shortcode is drawn in spite of a backslash
        elif escaped == "<":
            self._pieces.append("&lt;")
        elif escaped == "[" and self._unfinished:
            self._pieces.append("&#91;")  # Streamlit would complete `\[` as an unfinished link
        else:
            self._pieces.append(token[0])

    def _bracketed_maths(self, token: re.Match[str]) -> bool:
        closer, dollars = ("\\)", "$") if token[0] == "\\(" else ("\\]", "$$")
        end = self._text.find(closer, token.end(), token.end() + _MAX_MATHS)
        content = maths.inline(self._text[token.end() : end]) if end >= 0 else None
        if content is None:
            return False
        self._maths(f"{dollars}{content}{dollars}", end + 2)
        return True

    def _dollars(self, token: re.Match[str]) -> None:
        size = len(token[0])
        end = self._text.find("$", token.end(), token.end() + _MAX_MATHS)
        after = end + size
        closed = size <= 2 and end >= 0 and self._text[end:after] == token[0] and self._text[after : after + 1] != "$"
        inside = self._text[token.end() : end] if closed else ""
        priced = size == 1 and not maths.is_dollar_maths(inside, following=self._text[after : after + 1])
        content = None if priced else maths.inline(inside)
        if content is None:
            self._pieces.append("\\$" * size)
        else:
            self._maths(f"{token[0]}{content}{token[0]}", after)

    def _maths(self, written: str, end: int) -> None:
        if self._ends_with("$"):
            self._pieces.append(JOINER)
        self._pieces.append(written)
        self._skip_to(end)

    def _ticks(self, token: re.Match[str]) -> None:
        end = self._closing_run(token)
        if token.start() == self._untrusted_end:
            self._pieces.append(token[0])
        elif end is None:
            rest = self._text[token.end() :]
            self._pieces.append(token[0])
            if self._unfinished and not lexing.NOT_ONLY_CODE.search(rest):
                self._pieces.append(rest)  # Streamlit completes it as code, where nothing may be escaped
                self._position = len(self._text)
        elif not self._trusted and "](" in self._text[token.end() : end]:
            self._pieces.append(token[0])
            self._untrusted_end = end - len(token[0])
        else:
            self._pieces.append(lexing.BLOCK_START.sub(f"\n{JOINER}", self._text[token.start() : end]))
            self._position = end

    def _closing_run(self, token: re.Match[str]) -> int | None:
        """Where the code ends that this run of backticks begins: after the next run of the same length."""
        if self._runs is None:
            self._runs = {}
            for run in lexing.TICKS.finditer(self._text):
                self._runs.setdefault(len(run[0]), []).append(run.start())
        starts = self._runs.get(len(token[0]), [])
        index = bisect_left(starts, token.end())
        return starts[index] + len(token[0]) if index < len(starts) else None

    def _tildes(self, token: re.Match[str]) -> None:
        self._pieces.append("\\~" if token[0] == "~" else token[0])

    def _angle(self, token: re.Match[str]) -> None:
        web = lexing.AUTOLINK.match(self._text, token.start())
        if web and (url := safe_url(web[1])):
            self._link_itself(url)
            self._position = web.end()
        elif mail := lexing.MAIL_AUTOLINK.match(self._text, token.start()):
            self._pieces.append(mail[0])
            self._links[len(self._pieces) - 1] = literal(mail[0][1:-1])
            self._position = mail.end()
        else:
            self._pieces.append("&lt;" if re.match(r"[A-Za-z/!?]", self._text[self._position :][:1]) else "<")

    def _link_itself(self, url: str) -> None:
        if self._ends_with("\\"):
            self._pieces.append(JOINER)  # a backslash before a bare link escapes nothing, before `<` it would
        self._pieces.append(f"<{url}>{citations.raised(self._pages.get(url))}")
        self._links[len(self._pieces) - 1] = literal(url)

    def _address(self, token: re.Match[str]) -> None:
        """A bare link. A browser takes everything up to the next space into it, code and links of ours included."""
        contested = lexing.CONTESTED.search(token[0])
        if contested is None and self._text[token.end() : token.end() + 1] != "<":
            self._pieces.append(token[0])
            return
        clean = token[0][: contested.start()] if contested else token[0]
        clean = clean.rstrip("!\"'*,.:;?_~&") if "(" in clean else clean.rstrip("!\"'()*,.:;?_~&")
        url = safe_url(clean)
        if url is not None:
            self._link_itself(url)
            self._position = token.start() + len(clean)
        else:
            scheme = re.match(r"(?i)www\.|https?://", token[0])
            assert scheme is not None
            self._pieces.append(scheme[0].replace(":", "\\:").replace(".", "\\."))
            self._position = token.start() + scheme.end()

    def _colons(self, token: re.Match[str]) -> None:
        shortcode = lexing.SHORTCODE.match(self._text, token.start())
        if shortcode:
            drawn = self._shortcodes or lexing.ICON.search(shortcode[0])
            colon = "\\:" + JOINER if drawn else "\\:"
            self._pieces.append(shortcode[0].replace("\\:", ":").replace(":", colon))
            self._position = shortcode.end()
        else:
            definition = self._text.startswith("]", max(token.start() - 1, 0))
            self._pieces.append("\\:" if definition or lexing.DIRECTIVE.match(self._text, token.start()) else ":")
        if self._text.startswith("material/", self._position):
            # Streamlit looks for `:material/` before it reads any Markdown.
            self._pieces.append("material&#47;")
            self._position += len("material/")

    def _opening(self, token: re.Match[str]) -> None:
        image = len(token[0]) == 2
        self._openings.append(Opening(len(self._pieces), token.end(), image))
        self._pieces.append("!\\[" if image else "[")

    def _closing(self, token: re.Match[str]) -> None:
        opening = self._last_opening()
        label = slice(opening.inside, token.start()) if opening else slice(0)
        target = targets.after_brackets(self._text, label, self._definitions) if opening else None
        if opening and target and self._replace(opening, token.start(), *target):
            return
        unfinished = opening is not None and self._unfinished_target()
        if opening and opening.image and unfinished:
            self._drop_from(opening.piece)
            self._pieces.append(picture(self._text[opening.inside : token.start()], None).written)
            self._skip_to(len(self._text))
        elif opening and not unfinished and self._cite(opening, token):
            return
        elif self._text.startswith("(", token.end()) and not unfinished:
            self._pieces.append("]\\(")
            self._position += 1
        else:
            self._pieces.append("]")

    def _cite(self, opening: Opening, closing: re.Match[str]) -> bool:
        """Write what stands in brackets as a citation, if it is one."""
        label = self._text[opening.inside : closing.start()]
        written = citations.written(label, self._sources) if self._sources is not None else None
        defined = self._text.startswith(":", closing.end()) and safe_url(self._definitions.get(label, ""))
        if written is None or defined:
            return False
        self._drop_from(opening.piece)
        if written == JOINER and self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip(" \t")
        self._pieces.append(f"!{written}" if opening.image else written)
        self._position = opening.inside
        self._skip_to(closing.end())
        return True

    def _last_opening(self) -> Opening | None:
        """The bracket that a closing one belongs to, if the two may make a link or an image."""
        if not self._openings:
            return None
        opening = self._openings.pop()
        inside_link = len(self._openings) < self._enclosing
        self._enclosing = min(self._enclosing, len(self._openings))
        return opening if opening.image or not inside_link else None

    def _unfinished_target(self) -> bool:
        """Whether the address of a link is still arriving; Streamlit completes such a link itself."""
        return self._unfinished and bool(lexing.ARRIVING_TARGET.fullmatch(self._text, self._position))

    def _replace(self, opening: Opening, closing: int, url: str, end: int) -> bool:
        """Write the link or image between `opening` and `end`; False if it must stay text."""
        label, alone = "", None
        if opening.image:
            image = picture(self._text[opening.inside : closing], url)
            written, alone = image.written, image.label
        elif target := safe_url(url):
            label = self._label(opening.piece + 1)
            written = named_link(label, target) + citations.raised(self._pages.get(target))
            self._enclosing = len(self._openings)
        else:
            return False
        self._drop_from(opening.piece)
        if self._ends_with("!"):
            self._pieces.append(JOINER)
        self._pieces.append(written)
        if alone is not None:
            self._links[len(self._pieces) - 1] = alone
        self._position = opening.inside
        self._skip_to(end, kept=label)
        return True

    def _drop_from(self, piece: int) -> None:
        del self._pieces[piece:]
        while self._links and next(reversed(self._links)) >= piece:
            self._links.popitem()

    def _label(self, first: int) -> str:
        """What was written from piece `first` on, without links of its own."""
        return "".join(self._links.get(index, piece) for index, piece in enumerate(self._pieces[first:], first))

    def _ends_with(self, character: str) -> bool:
        return next((piece for piece in reversed(self._pieces) if piece), "").endswith(character)

    def _hide_unfinished_pictures(self) -> None:
        """Show `![descr` as a picture: Streamlit would complete it as one, with an address that leads nowhere."""
        for opening in self._openings:
            if opening.image:
                self._pieces[opening.piece] = f"{PICTURE} "
