from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from orchat.ui.markdown import BlockSplitter, blocks

PARAGRAPH = "A sentence that is repeated until the block is long enough to end. " * 5 + "\n\n"
LINES = st.sampled_from(
    [
        *(
            "\n",
            "a\n",
            "- b\n",
            "1. c\n",
            "1",
            "> d\n",
            "| e | f |\n",
            "|---|---|\n",
            "```\n",
            "~~~\n",
            "$$\n",
            "\\[\n",
            "\\]\n",
        ),
        *(
            "    g\n",
            "# h\n",
            "===\n",
            "---\n",
            "[^1]: i\n",
            "[j]: k\n",
            "**l**\n",
            " \t\n",
            "\r\n",
            "\u2028",
            PARAGRAPH,
            PARAGRAPH,
        ),
    ]
)
texts = st.lists(LINES, max_size=30).map("".join)


@given(text=texts, cuts=st.lists(st.integers(min_value=0, max_value=3_000)))
def test_the_pieces_a_text_arrives_in_do_not_change_its_blocks(text: str, cuts: list[int]):
    splitter = BlockSplitter()
    arrived = []
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in pairwise(edges):
        arrived += splitter.feed(text[start:end])
    assert [*arrived, *filter(None, [splitter.tail])] == blocks(text)


@given(text=texts)
def test_one_character_at_a_time_gives_the_same_blocks(text: str):
    splitter = BlockSplitter()
    arrived = [block for character in text for block in splitter.feed(character)]
    assert [*arrived, *filter(None, [splitter.tail])] == blocks(text)


@given(text=texts)
def test_the_blocks_joined_are_the_text(text: str):
    assert "".join(blocks(text)) == text


@given(text=texts, more=texts)
def test_a_finished_block_is_never_changed_by_later_text(text: str, more: str):
    finished = BlockSplitter().feed(text)
    assert blocks(text + more)[: len(finished)] == finished


@pytest.mark.parametrize(
    "start", ["Next", "**bold**", "# Heading", "```py\n", "$5", "2024 was", "12345678901. x", "*it*", "--"]
)
def test_a_block_ends_as_soon_as_the_next_one_is_seen_to_start(start: str):
    assert BlockSplitter().feed(PARAGRAPH + start) == [PARAGRAPH]


@pytest.mark.parametrize(
    "start",
    [
        "- item",
        "* item",
        "+",
        "1. item",
        "2)",
        "> quote",
        "| a |",
        "    code",
        "\tcode",
        "===",
        "[^1]: a",
        "[r]: b",
    ],
)
def test_a_block_goes_on_before_what_may_belong_to_it(start: str):
    assert blocks(PARAGRAPH + start + "\n") == [PARAGRAPH + start + "\n"]


def test_a_short_block_is_joined_to_the_next():
    assert blocks("Short.\n\nNext.") == ["Short.\n\nNext."]


@pytest.mark.parametrize(
    "opening, closing", [("```py", "```"), ("~~~", "~~~~"), ("$$", "$$"), ("\\[", "\\]"), ("- ```", "  ```")]
)
def test_fences_and_mathematics_are_not_cut(opening: str, closing: str):
    inside = f"{opening}\nx\n\n{PARAGRAPH}y\n\n"
    splitter = BlockSplitter()
    assert splitter.feed(f"{inside}z") == []
    assert splitter.open_fence == (opening not in {"$$", "\\["})
    assert splitter.feed(f"\n{closing}\n\nAfter") == [f"{inside}z\n{closing}\n\n"]
    assert not splitter.open_fence


def test_a_stray_delimiter_of_mathematics_does_not_stop_the_cutting_for_ever():
    assert len(blocks("$$\n\n" + PARAGRAPH * 50)) > 10


def test_a_line_that_only_looks_like_a_fence_opens_none():
    splitter = BlockSplitter()
    splitter.feed("```not`a fence\n")
    assert not splitter.open_fence


def test_a_cut_answer_is_drawn_like_the_whole_one():
    answer = (
        PARAGRAPH
        + "## Heading\n\n"
        + PARAGRAPH
        + "- a\n\n- b\n\n  more of b\n\n"
        + "```py\nx = 1\n\ny = 2\n```\n\n"
        + PARAGRAPH
        + "> quote\n\n> another\n\n| a | b |\n|---|---|\n| c | d |\n\n"
        + PARAGRAPH
        + "1. x\n\n   y\n\n2. z\n\nEnd.\n"
    )
    render = MarkdownIt("commonmark").enable("table").render
    cut = blocks(answer)
    assert len(cut) > 4
    assert "".join(map(render, cut)) == render(answer)
