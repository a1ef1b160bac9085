"""Every sentence is cited from the place where it stands: five hundred of them, in documents of every kind."""

from collections.abc import Iterator

import pytest

from orchat.search.chunking import chunks
from orchat.search.document import Place
from orchat.search.parsing import parse
from tests.search import made_files

ANIMALS = ["otter", "heron", "badger", "lynx", "marten", "ibex", "adder", "grebe", "vole", "stoat"]
PLACES, SENTENCES = 25, 5
Cases = Iterator[tuple[str, Place]]


def sentence(place: int, number: int) -> str:
    animal = ANIMALS[(place * 7 + number) % len(ANIMALS)]
    count = place * SENTENCES + number
    mark = "".join("bdfgklmnprstvz"[digit % 14] + "aeiou"[digit % 5] for digit in (count % 14, count // 14, place % 5))
    return f"On day {number} the {animal} of valley {place} was seen {count} times <by us> & noted as {mark}x."


def page(place: int) -> list[str]:
    """What stands in one place: enough for several chunks, so that the edges are met too."""
    filler = f"Nothing else happened in valley {place} for a while, and nobody wrote it down. "
    return [f"{sentence(place, number)} {filler * 3}" for number in range(SENTENCES)]


def in_pdf() -> tuple[bytes, Cases]:
    pages = ["\n".join(line for text in page(place) for line in text.split(". ")) for place in range(PLACES)]
    cases = (
        (sentence(place, number).removesuffix("."), Place("page", place + 1, str(place + 1)))
        for place in range(PLACES)
        for number in range(SENTENCES)
    )
    return made_files.pdf(pages, labels="0 << /S /D >>"), cases


def in_slides() -> tuple[bytes, Cases]:
    shown = [(f"Valley {place}", "\n".join(page(place)[:-1]), page(place)[-1]) for place in range(PLACES)]
    cases = (
        (sentence(place, number), Place("slide", place + 1, heading=(f"Valley {place}",)))
        for place in range(PLACES)
        for number in range(SENTENCES)
    )
    return made_files.slides(shown), cases


def in_sheets() -> tuple[bytes, Cases]:
    sheets = {f"Valley {place}": [["Day", "Note"], *enumerate(page(place))] for place in range(PLACES)}
    cases = (
        (sentence(place, number), Place("sheet", place + 1, f"Valley {place}"))
        for place in range(PLACES)
        for number in range(SENTENCES)
    )
    return made_files.workbook(sheets), cases


def in_word() -> tuple[bytes, Cases]:
    blocks = [("Heading 1", "Valleys")]
    for place in range(PLACES):
        blocks += [("Heading 2", f"Valley {place}"), *(("Normal", text) for text in page(place))]
    cases = (
        (sentence(place, number), Place("section", heading=("Valleys", f"Valley {place}")))
        for place in range(PLACES)
        for number in range(SENTENCES)
    )
    return made_files.word(blocks), cases


@pytest.mark.parametrize("make", [in_pdf, in_slides, in_sheets, in_word])
def test_every_sentence_is_cited_from_where_it_stands(make):  # noqa: ANN001 - one of the functions above
    data, cases = make()
    found = chunks(parse(data))
    counted = 0
    for wanted, place in cases:
        places = {chunk.place for chunk in found if wanted in chunk.text}
        assert places == {place}, wanted
        counted += 1
    assert counted == PLACES * SENTENCES == 125


def test_a_line_of_code_is_cited_by_its_number():
    lines = [f"value_{number} = compute({number});" if number % 9 else "" for number in range(1, 400)]
    for chunk in chunks(parse("\n".join(lines).encode())):
        assert lines[(chunk.place.line or 0) - 1] == chunk.text.split("\n")[0]
