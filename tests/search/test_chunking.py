"""Chunks: exact, complete, in order, and divided where people would."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchat.search.chunking import OVERLAP, SIZE, chunks
from orchat.search.document import Parsed, Part, Place

MIMES = ("text/plain", "text/markdown", "text/csv", "text/x-source")
WORDS = st.text(st.sampled_from("ab .\n|-,\"'#é中。！🙂\t"), max_size=400) | st.text(max_size=200)
TABLE = st.lists(st.lists(st.text("xy 1", max_size=9), min_size=2, max_size=2), max_size=40).map(
    lambda rows: "| a | b |\n| --- | --- |\n" + "".join(f"| {row[0]} | {row[1]} |\n" for row in rows)
)
SIZES = st.integers(20, 300).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size // 2)))
TEXTS = st.lists(WORDS | TABLE, max_size=4).map("\n\n".join)


def parsed(*texts: str, mime: str = "text/plain", line: int | None = 1) -> Parsed:
    return Parsed(mime, tuple(Part(text, Place("lines", line=line)) for text in texts))


@given(TEXTS, st.sampled_from(MIMES), SIZES)
@example("a" * 1_000, "text/plain", (100, 10))
@example("0" * 18 + " " * 5 + "0" * 7, "text/plain", (20, 9))
def test_chunks_are_what_they_say_and_leave_nothing_out(text: str, mime: str, sizes: tuple[int, int]):
    size, overlap = sizes
    document = parsed("first part", text, mime=mime)
    found = chunks(document, size=size, overlap=overlap)
    covered: set[int] = set()
    for chunk in found:
        part = document.parts[chunk.part]
        body = part.text[chunk.start : chunk.end]
        assert 0 < len(body) <= size
        assert body == body.rstrip()
        assert chunk.text == body or (chunk.text.endswith(f"\n{body}") and chunk.text[: -len(body) - 1] in part.text)
        assert chunk.place.line == 1 + part.text.count("\n", 0, chunk.start)
        covered |= set(range(chunk.start, chunk.end)) if chunk.part else set()
    assert {place for place, letter in enumerate(text) if not letter.isspace()} <= covered
    starts = [(chunk.part, chunk.start) for chunk in found]
    assert starts == sorted(set(starts))
    ends = [(chunk.part, chunk.end) for chunk in found]
    assert ends == sorted(set(ends))


@given(TABLE, st.integers(60, 300))
def test_rows_of_a_table_stay_whole_and_have_their_header(text: str, size: int):
    for chunk in chunks(parsed(text), size=size, overlap=size // 6):
        lines = chunk.text.split("\n")
        assert lines[0] == "| a | b |"
        assert set(lines) <= {line.rstrip() for line in text.split("\n")}


def test_a_row_is_said_once():
    text = "| a | b |\n| --- | --- |\n" + "".join(f"| row {number} | x |\n" for number in range(300))
    rows = [line for chunk in chunks(parsed(text)) for line in chunk.text.split("\n")[2:]]
    assert rows == [f"| row {number} | x |" for number in range(300)]


def test_a_csv_repeats_its_header_and_keeps_records_with_line_breaks_whole():
    text = "name,note\n" + "".join(f'person {number},"two\nlines"\n' for number in range(200))
    found = chunks(parsed(text, mime="text/csv"))
    assert len(found) > 3
    for chunk in found:
        assert chunk.text.startswith("name,note\nperson")
        assert chunk.text.endswith('lines"')


def test_prose_is_divided_between_sentences_with_an_overlap_of_whole_sentences():
    text = " ".join(f"This is sentence number {number} of the text." for number in range(200))
    found = chunks(parsed(text))
    for chunk in found:
        assert chunk.text.startswith("This")
        assert chunk.text.endswith("text.")
        assert len(chunk.text) <= SIZE
    for one, other in pairwise(found):
        assert 0 < one.end - other.start <= OVERLAP


def test_paragraphs_are_better_places_to_divide_than_sentences():
    paragraph = "Some words here. " * 30
    found = chunks(parsed("\n\n".join([paragraph.strip()] * 8)), overlap=0)
    assert {chunk.text.count("\n\n") for chunk in found} == {1}
    assert all(chunk.text.endswith("here.") for chunk in found)


def test_text_without_blanks_is_divided_at_its_own_full_stops():
    found = chunks(parsed("这是一个没有空格的句子。它继续下去！" * 300))
    assert all(chunk.text[-1] in "。！" for chunk in found)
    assert max(len(chunk.text) for chunk in found) <= SIZE


def test_code_is_divided_at_blank_lines_and_keeps_its_indentation():
    function = "def f():\n    a = 1\n    return a.b.c\n"
    found = chunks(parsed("\n\n".join([function] * 100), mime="text/x-source"), overlap=0)
    assert len(found) > 2
    for chunk in found:
        assert chunk.text.startswith("def f():")
        assert chunk.text.endswith("return a.b.c")


def test_no_chunk_reaches_beyond_its_part():
    found = chunks(parsed("one", "two", "", "  ", "three"))
    assert [(chunk.text, chunk.part) for chunk in found] == [("one", 0), ("two", 1), ("three", 4)]


def test_an_overlap_of_more_than_half_is_refused():
    with pytest.raises(ValueError, match="half"):
        chunks(parsed("a"), size=100, overlap=51)


@pytest.mark.parametrize(
    "text", [" " * 400_000, "|" * 400_000, ". " * 200_000, '."' * 200_000, "|\n" * 200_000, "x," * 200_000]
)
def test_texts_made_to_be_slow_are_not(text: str):
    # Ten seconds of CPU would be a thousand times what these take: this is no measurement.
    from time import process_time

    began = process_time()
    for mime in MIMES:
        chunks(parsed(text, mime=mime))
    assert process_time() - began < 10
