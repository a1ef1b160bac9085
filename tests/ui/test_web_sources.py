"""Pages that an answer cites: numbered behind their links, listed with their hosts, and never anything but links."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.ui.markdown import presentable
from orchat.ui.web_sources import numbered
from tests.ui.markdown_corpus import NASTY

PAGES = {"https://a.org/1": 1, "https://b.org/2": 12}
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def cited(*urls: Any) -> list[dict[str, Any]]:
    return [{"type": "url_citation", "url_citation": {"url": url, "title": "A page"}} for url in urls]


def test_pages_are_numbered_as_they_are_cited_and_each_once():
    assert numbered(cited("https://a.org/1", "https://b.org", "https://a.org/1")) == {
        "https://a.org/1": 1,
        "https://b.org": 2,
    }


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//a.org", "", None, 7, "http://", "ftp://a.org/x"]
)
def test_what_is_no_page_has_no_number(url: Any):
    assert numbered(cited(url, "https://a.org/1")) == {"https://a.org/1": 1}


@pytest.mark.parametrize("annotation", [{}, {"url_citation": None}, {"type": "file", "file": {"hash": "1"}}])
def test_other_annotations_have_none(annotation: dict[str, Any]):
    assert numbered([annotation]) == {}


@pytest.mark.parametrize(
    "text, drawn",
    [
        ("See [a](https://a.org/1).", "See [a](https://a.org/1) (a.org)¹."),
        ("([b](https://b.org/2))", "([b](https://b.org/2) (b.org)¹²)"),
        ("<https://a.org/1>", "<https://a.org/1>¹"),
        ("[a][1]\n\n[1]: https://a.org/1", "[a](https://a.org/1) (a.org)¹\n\n[1]\\: https://a.org/1"),
        ("[c.org](https://c.org/)", "[c.org](https://c.org/)"),
        ("`[a](https://a.org/1)`", "`[a](https://a.org/1)`"),
    ],
)
def test_a_link_to_a_page_carries_its_number(text: str, drawn: str):
    assert presentable(text, pages=PAGES) == drawn


def without_numbers(text: str) -> str:
    return text.translate({ord(digit): None for digit in RAISED})


@given(st.lists(st.sampled_from([*"[]()<>!`\\\n *|$:", "[a](https://a.org/1)", "<https://b.org/2>", "a", "  "])))
def test_nothing_but_the_numbers_is_added(pieces: list[str]):
    text = "".join(pieces)
    assert without_numbers(presentable(text, pages=PAGES)) == presentable(text)


@pytest.mark.parametrize("text", NASTY)
def test_what_would_load_something_still_does_not(text: str):
    text = text.format(base="https://a.org")
    found = presentable(text, pages={f"https://a.org/leak-{number}": 1 for number in range(len(NASTY))})
    assert without_numbers(found) == presentable(text)
