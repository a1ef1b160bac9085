"""Bytes as text, in whatever encoding they were written."""

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from orchat.errors import UnknownFormatError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?i)(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""")
_USUAL = "cp1252"
_SIGN_IN_A_WORD = re.compile(r"[^\W\d_][^\w\s\x00-\x7f’–—…·][^\W\d_]")
_SAMPLE = 65_536
_HARDLY_A_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes, *, markup: bool = False) -> str:
    """Text with line feeds only: by its mark, as UTF-8, as `markup` declares, or by what is likely.

    Raises:
        UnknownFormatError: it is no text.
    """
    text = _decoded(data, markup=markup).replace("\r\n", "\n").replace("\r", "\n")
    if not markup and _HARDLY_A_TEXT.search(text[:_SAMPLE]):
        raise UnknownFormatError("This is a binary file of a kind that orchat does not read.")
    return text


def _decoded(data: bytes, *, markup: bool) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:2048]) if markup else None
    try:
        if declared:
            return data.decode(declared[1].decode("ascii"))
    except (LookupError, UnicodeDecodeError):
        pass
    # A sample that begins where a line does, and holds what is not ASCII.
    first = next(place for place, byte in enumerate(data) if byte > 127)
    start = data.rfind(b"\n", max(0, first - _SAMPLE // 2), first) + 1
    return data.decode(_likely(data[start : start + _SAMPLE]), "replace")


def _likely(sample: bytes) -> str:
    best = from_bytes(sample).best()
    if best is None:
        return _USUAL
    # Between Latin alphabets it guesses wildly, from a few words above all: take the usual one unless it puts signs
    # into words.
    letters = {letter for letter in str(best) if ord(letter) > 127 and letter.isalpha()}
    latin = all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return _USUAL if latin and not _SIGN_IN_A_WORD.search(sample.decode(_USUAL, "replace")) else best.encoding
