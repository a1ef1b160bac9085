"""What is drawn is kept for the next click, except for what is temporary."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

from orchat.presets import answers
from orchat.ui import transcript
from tests.ui.chat_app import ChatApp

Start = Callable[..., ChatApp]


@pytest.mark.parametrize("temporary", [False, True], ids=["kept", "temporary"])
def test_only_of_a_chat_that_is_kept_is_the_drawn_text_kept(
    start: Start, monkeypatch: pytest.MonkeyPatch, temporary: bool
):
    drawn: list[str] = []

    def draw(text: str, *_: Any) -> tuple[str, ...]:
        drawn.append(text)
        return (text,)

    cached = lru_cache(draw)
    monkeypatch.setattr(transcript, "_drawn", cached)
    app = start(ORCHAT_TITLE_MODEL="none").open()
    if temporary:
        app.switch("temporary", True)
    app.send("What is a quagga?")
    app.run()
    assert drawn
    assert (cached.cache_info().currsize == 0) is temporary


def test_an_answer_in_a_form_is_checked_without_being_kept_where_that_is_asked():
    answers._checked.cache_clear()
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert answers.check_answer(schema, '{"name": "quagga"}', keep=False).valid
    assert answers._checked.cache_info().currsize == 0
