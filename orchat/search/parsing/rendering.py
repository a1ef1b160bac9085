"""A page of a PDF as a picture, with a passage marked in it."""

import io
from collections.abc import Iterator
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

from orchat.errors import DocumentError, UnknownFormatError
from orchat.search.parsing.detection import detect
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.readers.pdf import document

MARK = (255, 232, 120)
TALLEST = 4
"""How many times its width a picture may be high; a page of one character's width would be."""
_LEAST = 24
"""Letters and digits that a piece of a passage needs to be looked for by itself."""
_SENTENCES = ".!?。！？\n"

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


def render(data: bytes, limits: ParseLimits, *, number: int, highlight: str | None, width: int) -> bytes:
    """Draw page `number` (from 1), `width` pixels wide, as PNG.

    Raises:
        DocumentError: it is no PDF, or has no such page.
    """
    if detect(data, limits)[0] != "pdf":
        raise UnknownFormatError("Only pages of PDF files can be shown as pictures.")
    with document(data) as pdf:
        if not 1 <= number <= len(pdf):
            raise DocumentError(f"The document has no page {number}: it has {len(pdf)}.", advice="Choose another page.")
        page = pdf[number - 1]
        scale = min(width / page.get_width(), TALLEST * width / page.get_height())
        picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        boxes = list(_boxes(page, highlight, picture.size)) if highlight else []
        page.close()
    if boxes:
        marks = Image.new("RGB", picture.size, "white")
        draw = ImageDraw.Draw(marks)
        for box in boxes:
            draw.rectangle(box, fill=MARK)
        picture = ImageChops.multiply(picture, marks)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _boxes(page: pypdfium2.PdfPage, passage: str, size: tuple[int, int]) -> Iterator[Box]:
    text_page = page.get_textpage()
    for start, count in _found(text_page, passage):
        for index in range(text_page.count_rects(start, count)):
            left, bottom, right, top = text_page.get_rect(index)
            yield _in_pixels(page, size, (left, top), (right, bottom))
    text_page.close()


def _in_pixels(
    page: pypdfium2.PdfPage, size: tuple[int, int], one: tuple[float, float], other: tuple[float, float]
) -> Box:
    converter = pypdfium2.PdfPosConv(page, (0, 0, *size, 0))
    (x1, y1), (x2, y2) = converter.to_bitmap(*one), converter.to_bitmap(*other)
    return min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1


def _found(text_page: pypdfium2.PdfTextPage, passage: str) -> list[tuple[int, int]]:
    """Runs of characters of the page (first, how many) that are the passage, or the sentences of it that are there."""
    letters: list[str] = []
    places: list[int] = []
    for index in range(text_page.count_chars()):
        for letter in _letters(chr(pdfium.FPDFText_GetUnicode(text_page, index))):
            letters.append(letter)
            places.append(index)
    page = "".join(letters)
    runs = [run] if (run := _run(page, places, _letters(passage))) else []
    if not runs:
        pieces = ("".join(piece) for ends, piece in groupby(passage, _SENTENCES.__contains__) if not ends)
        wanted = (found for piece in pieces if len(found := _letters(piece)) >= _LEAST)
        runs = [run for found in wanted if (run := _run(page, places, found))]
    return runs


def _letters(text: str) -> str:
    """Letters and digits only: blanks, line ends and hyphens differ between a passage and its page."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _run(page: str, places: list[int], wanted: str) -> tuple[int, int] | None:
    at = page.find(wanted) if wanted else -1
    if at < 0:
        return None
    return places[at], places[at + len(wanted) - 1] - places[at] + 1
