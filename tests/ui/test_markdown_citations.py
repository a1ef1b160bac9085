"""Citations: numbers in brackets that are badges where a source has them, and that nobody sees otherwise."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.ui.markdown import BlockSplitter, badges_in, blocks, closed, presentable, without_open_citation

SOURCES = frozenset({1, 2, 7, 12})
JOINER = "\N{WORD JOINER}"
BADGE = re.compile(r":blue-badge\[(\d+)\]")


def shown(text: str) -> str:
    """An answer as it is drawn, each badge as `<7>`."""
    written = "".join(presentable(block, sources=SOURCES) for block in blocks(text))
    return BADGE.sub(r"<\1>", written).replace(JOINER, "")


@pytest.mark.parametrize(
    "answer, drawn",
    [
        ("Revenue rose [7].", "Revenue rose <7>."),
        ("Revenue rose[7]", "Revenue rose<7>"),
        ("Both [1, 2] and [1][2]; [7;12]", "Both <1><2> and <1><2>; <7><12>"),
        ("Made up [3], and half of it [7, 99].", "Made up, and half of it <7>."),
        ("**Bold [7]** and *[9]*", "**Bold <7>** and **"),
        ("| a | b |\n|---|---|\n| x [7] | y [9] |", "| a | b |\n|---|---|\n| x <7> | y |"),
        ("- one [7]\n- two [8]", "- one <7>\n- two"),
        ("# Head [7]", "# Head <7>"),
        ("Wow![7] Oh![9]", "Wow!<7> Oh!"),
        ("over two [7,\n12] lines", "over two <7><12> lines"),
    ],
)
def test_a_number_in_brackets_is_a_badge_or_nothing(answer: str, drawn: str):
    assert shown(answer) == drawn


@pytest.mark.parametrize(
    "answer",
    [
        "`rows[99]`",
        "```py\nrows[99] = rows[7]\n```",
        "text\n\n    rows[99]",
        "[99](https://example.org/)",
        "[7](https://example.org/)",
        "[0, 1] and [x] and [^1] and [12a] and [1.5] and []",
        "- [x] done\n- [ ] open",
        "$x[99]$",
    ],
)
def test_code_links_maths_and_other_brackets_are_left_alone(answer: str):
    assert presentable(answer, sources=SOURCES) == presentable(answer)


def test_a_defined_number_is_a_link_and_one_that_leads_nowhere_is_not():
    assert "[99](https://example.org/" in shown("See [99].\n\n[99]: https://example.org/")
    assert "99" not in shown("See [99].\n\n[99]: report.pdf")


def test_without_sources_brackets_are_brackets():
    assert presentable("Smith [3]") == "Smith [3]"


def test_what_is_left_out_does_not_make_syntax_of_its_neighbours():
    assert presentable("[9]# no heading", sources=()).startswith(JOINER)
    assert "](" not in presentable("[x][9](bad target", sources=())


def test_the_badges_of_a_text_are_told_in_their_order():
    assert badges_in(presentable("a [7] b [2, 7] `[1]`", sources=SOURCES)) == [7, 2]


BRACKETS = ["[7]", "[99]", "[7, 99]", "[", "]", "(", ")", "[99", "[7,", "https://a.example/", "[a](https://a.example/)"]
SIGNS = [
    "!",
    "`",
    "```\n",
    "\n",
    "\n\n",
    " ",
    "a",
    "$",
    "**",
    "|",
    "- ",
    "#",
    "\\",
    "<",
    ":",
    "{",
    "    ",
    "~~~\n",
    ">",
]
PIECES = st.sampled_from([*BRACKETS, *SIGNS])
ANSWERS = st.lists(PIECES, max_size=24).map("".join)


@given(ANSWERS)
def test_only_known_numbers_get_a_badge(answer: str):
    for block in blocks(answer):
        assert set(BADGE.findall(presentable(block, sources={7}))) <= {"7"}


@given(st.lists(st.sampled_from(["[7]", "[99]", "[7, 99]", " ", "a", "b ", ".", "\n", "**"]), max_size=16).map("".join))
def test_a_made_up_number_is_never_shown_nor_what_is_left_of_it(answer: str):
    written = "".join(presentable(block, sources={7}) for block in blocks(answer))
    assert "9" not in written
    assert written.count("[") == written.count(":blue-badge[7]") == answer.count("[7")


@given(ANSWERS)
def test_no_link_comes_to_be_that_was_not_written(answer: str):
    for block in blocks(answer):
        written = presentable(block, sources={7})
        assert written.count("](") <= presentable(block).count("](")


@given(st.lists(st.sampled_from(["[7]", "[99]", "[7, 12]", "some words ", "more.", "\n\n"]), max_size=12).map("".join))
def test_nothing_of_a_citation_flashes_while_it_arrives(answer: str):
    for end in range(len(answer) + 1):
        splitter = BlockSplitter()
        finished = splitter.feed(answer[:end])
        drawn = [presentable(block, sources=SOURCES) for block in finished]
        tail = closed(without_open_citation(splitter.tail))
        drawn.append(presentable(tail, open=True, sources=SOURCES))
        left = BADGE.sub("", "".join(drawn))
        assert not re.search(r"[\[\]0-9]", left)
