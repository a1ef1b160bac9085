"""The last look before text reaches a browser: no reader of Markdown may find an image in it."""

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MAX_READ = 16_000
"""Characters of a text that is read in full; reading many brackets takes time in the square of their number."""

_READERS = [MarkdownIt("commonmark", {"maxNesting": 100}).enable(tables) for tables in ([], ["table"])]


def shows_no_image(text: str) -> bool:
    """Whether readers of CommonMark, with GFM tables or without, find no image in `text` (when long: no trace of one).

    Only code may still hold the syntax of images when this is asked, so that the answer is nearly always quick.
    """
    if "![" not in text or not ("](" in text or "]:" in text):
        return True
    if len(text) > _MAX_READ:
        return not any(token.type == "inline" and "![" in token.content for token in _blocks(text))
    return not any(
        inside.type == "image" for reader in _READERS for token in reader.parse(text) for inside in token.children or ()
    )


def _blocks(text: str) -> list[Token]:
    tokens: list[Token] = []
    for reader in _READERS:
        reader.block.parse(text, reader, {}, tokens)
    return tokens
