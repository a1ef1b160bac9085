"""A growing text is drawn as what it is going to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.ui.markdown.closing import closed


@pytest.mark.parametrize(
    ("growing", "drawn"),
    [
        ("some **bol", "some **bol**"),
        ("some *ital", "some *ital*"),
        ("***both", "***both***"),
        ("**bold with *both", "**bold with *both***"),
        ("see `cod", "see `cod`"),
        ("see ``co`de", "see ``co`de``"),
        ("~~gon", "~~gon~~"),
        ("**two words ", "**two words**"),
    ],
)
def test_an_open_mark_is_closed(growing: str, drawn: str) -> None:
    assert closed(growing) == drawn


@pytest.mark.parametrize("growing", ["a **", "a *", "a `", "a ~~"])
def test_a_mark_of_which_nothing_has_come_yet_is_not_drawn(growing: str) -> None:
    assert closed(growing) == "a "


@pytest.mark.parametrize(
    "finished",
    [
        "plain",
        "**bold** and *ital* and `code`",
        "* a list item",
        "2 * 3 = 6",
        r"\*escaped",
        "`**` is bold",
        "**open\n\nbut that was another paragraph",
        "",
    ],
)
def test_what_is_finished_stays_as_it_is(finished: str) -> None:
    assert closed(finished) == finished


@given(st.text(alphabet="a *`~\\\n"))
def test_nothing_but_marks_and_white_space_at_the_end_is_changed(text: str) -> None:
    assert closed(text).rstrip("*`~ \n").startswith(text.rstrip("*`~ \n")[:-1])
