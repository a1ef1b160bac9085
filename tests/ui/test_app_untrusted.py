"""Nothing that a model, a server or a person wrote is drawn unescaped."""

import re
from dataclasses import replace

import pytest

from orchat.store import Message
from tests.ui.chat_app import OWNER, ChatApp, words


def with_answer(app: ChatApp, **wire: object) -> ChatApp:
    """A chat whose answer says this."""
    answer: Message = app.send("Hello")
    app.store.save_message(OWNER, replace(answer, wire={**answer.wire, **wire}))
    app.run()
    return app


@pytest.mark.parametrize(
    "said, drawn",
    [
        ("It costs $5 and $10.", r"It costs \$5 and \$10."),
        (":red[alarm]", r"\:red[alarm]"),
        (r"Euler: \(e^{i\pi}\)", r"$e^{i\pi}$"),
    ],
)
def test_streamlits_own_markup_in_an_answer_is_text(app: ChatApp, said: str, drawn: str):
    shown = words(with_answer(app, content=said).answers[0])
    assert drawn in shown


@pytest.mark.parametrize("part", ["content", "reasoning", "refusal"])
def test_no_image_in_any_part_of_an_answer_is_loaded(app: ChatApp, part: str):
    shown = words(with_answer(app, **{part: "Look: ![x](https://evil.example/leak?q=1)"}).answers[0])
    assert "evil.example" in shown
    assert "![" not in shown


def test_no_image_in_a_question_is_loaded(app: ChatApp):
    app.send("Look: ![x](https://evil.example/leak)")
    assert "![" not in words(app.questions[0])


def test_an_image_that_is_only_an_address_is_not_fetched(app: ChatApp):
    remote = {"type": "image_url", "image_url": {"url": "https://evil.example/leak.png"}}
    with_answer(app, images=[remote])
    assert list(app.page.get("image")) + list(app.page.get("imgs")) == []


def test_the_title_and_address_of_a_source_cannot_break_out(app: ChatApp):
    sources = [
        {"type": "url_citation", "url_citation": {"url": "https://a.example/x", "title": "](javascript:alert(1))"}},
        {"type": "url_citation", "url_citation": {"url": "javascript:alert(1)", "title": "dead"}},
        {"type": "url_citation", "url_citation": {"url": "https://b.example/>) ![x](https://evil.example/leak)"}},
    ]
    shown = words(with_answer(app, annotations=sources).answers[0])
    assert "Sources" in shown
    assert not re.search(r"(?<!\\)\]\(<?javascript:", shown)
    assert "![" not in shown
    assert "dead" not in shown


def test_words_of_a_server_in_an_error_card_are_no_markdown(app: ChatApp):
    answer = app.send("Hello")
    error = {"kind": "OpenRouterError", "message": "![x](https://evil.example/leak) **$1 $2**", "advice": "a <b>b</b>"}
    app.store.save_message(OWNER, replace(answer, state="failed", error=error))
    app.run()
    shown = words(app.answers[0])
    assert "![x](" not in shown
    assert r"\*\*" in shown
    assert "<b>" not in shown.replace(r"\<", "")


def test_nothing_on_the_page_allows_html(app: ChatApp):
    with_answer(app, content="<script>alert(1)</script><b>x</b>")
    assert [markdown for markdown in app.page.main.markdown if markdown.proto.allow_html] == []


def test_a_model_whose_name_is_markup_is_named_as_text(app: ChatApp):
    answer = app.send("Hello")
    app.store.save_message(OWNER, replace(answer, model_answered="evil/**x** ![i](https://evil.example/leak)"))
    app.run()
    assert "![i](" not in app.quiet_line
    assert "![i](" not in app.sidebar
