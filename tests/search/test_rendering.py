"""A page as a picture, with the passage that was cited marked."""

import io

import pytest
from PIL import Image

from orchat.errors import DocumentError, UnknownFormatError
from orchat.search.parsing import render_page
from orchat.search.parsing.rendering import MARK
from tests.search import made_files

LINES = [f"Line {number} says something about animal {number}." for number in range(30)]


@pytest.fixture(scope="module")
def data() -> bytes:
    return made_files.pdf(["another page", "\n".join(LINES)])


def marked(picture: bytes) -> list[int]:
    """The rows of the picture in which something is marked."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    width, height = image.size
    return [y for y in range(height) if any(image.getpixel((x, y)) == MARK for x in range(0, width, 2))]


def test_a_page_is_drawn_in_the_width_that_is_asked_for(data: bytes):
    image = Image.open(io.BytesIO(render_page(data, 2, width=612)))
    assert image.size == (612, 792)
    assert marked(render_page(data, 2, width=612)) == []


def test_a_passage_is_marked_where_it_stands(data: bytes):
    rows = marked(render_page(data, 2, highlight=LINES[10], width=612))
    # The tenth line below the first one: 14 points each, from 52 below the upper edge.
    baseline = 792 - 740 + 10 * 14
    assert rows
    assert baseline - 14 <= rows[0] <= rows[-1] <= baseline + 6


def test_a_passage_over_several_lines_is_marked_whatever_its_blanks(data: bytes):
    one = marked(render_page(data, 2, highlight=LINES[3], width=612))
    passage = f"  {LINES[3]}   {LINES[4]}\n\n{LINES[5]}".upper()
    three = marked(render_page(data, 2, highlight=passage, width=612))
    assert len(three) >= 2.5 * len(one)


def test_of_a_passage_that_is_not_all_there_the_sentences_are_marked_that_are(data: bytes):
    passage = f"This is nowhere on the page at all. {LINES[7]}"
    assert marked(render_page(data, 2, highlight=passage, width=612)) == marked(
        render_page(data, 2, highlight=LINES[7], width=612)
    )


def test_a_passage_that_is_not_there_marks_nothing(data: bytes):
    assert marked(render_page(data, 1, highlight=LINES[0], width=612)) == []


def test_only_pages_that_there_are_can_be_drawn(data: bytes):
    with pytest.raises(DocumentError, match="no page 3: it has 2"):
        render_page(data, 3)
    with pytest.raises(UnknownFormatError):
        render_page(b"just text", 1)
