import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchat.ui.markdown import presentable


@pytest.mark.parametrize(
    "answer, shown",
    [
        (r"so \(x^2\) grows", "so $x^2$ grows"),
        (r"so \( x \) and \(y\)", "so $x$ and $y$"),
        (r"inline \[x\] display", "inline $$x$$ display"),
        (r"\[x = 1\]", "$$\nx = 1\n$$"),
        ("before\n\\[\nx\n\\]\nafter", "before\n$$\nx\n$$\n\nafter"),
        ("\\[\na\n\n= b\n- c\n\\]", "$$\na\n{}= b\n{}- c\n$$"),
        ("- item\n  \\[\n  x\n  \\]", "- item\n  $$\n  x\n  $$"),
        ("- \\[x\\]", "- $$\n  x\n  $$"),
        ("> \\[x\\]", "> $$\n> x\n> $$"),
        ("$$x$$", "$$\nx\n$$"),
        ("$$\nx\n$$", "$$\nx\n$$"),
        ("so $x^2$ stays", "so $x^2$ stays"),
        ("$[0, 1)$", r"$\lbrack 0, 1)$"),
        (r"$\sqrt[3]{x}$", r"$\sqrt[3]{x}$"),
        ("$a<b$", "$a< b$"),
        ("$1/2$ and $3x + 2$", "$1/2$ and $3x + 2$"),
    ],
)
def test_mathematics_is_written_as_streamlit_knows_it(answer: str, shown: str):
    assert presentable(answer) == shown


@pytest.mark.parametrize(
    "answer",
    [
        "$5 and $10",
        "from $5 to 10$ each",
        "US$5, CA$6",
        "$5-$10",
        "$1,000.50",
        "costs $20",
        "$HOME/$USER",
        "$ x $",
        "$$ and more",
        "$$$",
    ],
)
def test_dollars_that_are_no_mathematics_stay_dollars(answer: str):
    assert presentable(answer) == answer.replace("$", r"\$")


def test_an_unclosed_delimiter_is_text():
    assert presentable(r"\(x and \[y") == r"\(x and \[y"
    assert presentable("\\[\nx") == "\\[\nx"


def test_display_mathematics_that_is_still_arriving_is_drawn_as_far_as_it_goes():
    assert presentable("\\[\nx^2 +", open=True) == "$$\nx^2 +"


@pytest.mark.parametrize(
    "answer, shown",
    [
        ("~5 to ~10", r"\~5 to \~10"),
        ("~~gone~~", "~~gone~~"),
        (":red[x]", r"\:red[x]"),
        (":color-badge[x]", r"\:color-badge[x]"),
        (":small[x] :shimmer[y]", r"\:small[x] \:shimmer[y]"),
        (":smile:", r"\:smile\:"),
        (r"\:smile:", r"\:smile\:"),
        (":material/home:", r"\:material&#47;home:"),
        ("::note[x]", r"\:\:note[x]"),
        (":::note", r"\:\:\:note"),
        ("std::vector", r"std\:\:vector"),
    ],
)
def test_streamlit_s_own_markup_is_literal(answer: str, shown: str):
    assert presentable(answer) == shown


def test_shortcodes_are_literal_even_where_code_makes_the_browser_look_for_them():
    shown = presentable("`a[::2]` `x:y:z` and :smile:")
    assert shown.endswith("\\:\u2060smile\\:\u2060")


@pytest.mark.parametrize(
    "answer",
    [
        "Note: at 10:30, see https://example.org/a:b/~c?d=1#e (or www.example.org).",
        "# Heading\n\n- a\n- b\n\n1. c\n2. d\n\n> quote\n\n---\n\n**bold** *it* and `code`",
        "| a | b |\n|:--|--:|\n| `x` | *y* |",
        "- [ ] open\n- [x] done",
        "Use arr[0] or f(x)[1] where a < b and c > d.  \nA hard break.",
        "[example.org](https://example.org) and <https://example.org/b> and <a@example.org>",
        "> nested\n>\n> - list\n>   with more",
    ],
)
def test_plain_markdown_stays_as_it_is(answer: str):
    assert presentable(answer) == answer


CODE = r"\(x\) ~ :red[y] :material/home: $5 ![x](http://evil.example/leak) <img src=x> [j](javascript:0) \[z\]"


@pytest.mark.parametrize(
    "answer",
    [
        f"```\n{CODE}\n```",
        f"~~~python\n{CODE}\n~~~",
        f"text\n\n````md\n```\n{CODE}\n```\n````\n\nmore",
        f"text\n\n    {CODE}\n\nmore",
        f"text `{CODE}` more",
        f"text `` ` {CODE} `` more",
        f"- item\n\n  ```\n  {CODE}\n  ```",
        f"1. a\n\n       {CODE}",
        f"> ```\n> {CODE}\n> ```",
        f"# `{CODE}`",
        "`a\nb` c",
    ],
)
def test_nothing_changes_inside_code(answer: str):
    assert presentable(answer) == answer


def test_nothing_changes_inside_a_fence_that_is_still_open():
    answer = f"text\n\n```\n{CODE}"
    assert presentable(answer, open=True) == answer


def test_code_that_is_still_open_is_left_for_streamlit_to_complete():
    assert presentable("run `a:b ~ c", open=True) == "run `a:b ~ c"


def test_line_ends_of_every_kind_are_line_feeds():
    assert presentable("a\r\nb\rc") == "a\nb\nc"


@given(words=st.lists(st.text(alphabet="abc .,!?_#=\n", max_size=20), max_size=20))
def test_text_without_anything_special_stays_as_it_is(words: list[str]):
    text = " ".join(words).strip()
    assert presentable(text) == text
