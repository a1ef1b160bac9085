"""Before anything is sent, what goes along with the words is counted: the tools of the agent, passages of documents."""

from collections.abc import Callable

import pytest

from orchat.library import Shelf
from orchat.openrouter.estimate import tokens_in
from orchat.sources import MOST_TOKENS
from tests.test_library import put
from tests.ui.chat_app import OWNER, ChatApp
from tests.ui.test_app_budgets import OPUS, gauge, held


def test_the_tools_that_are_on_are_counted_as_they_will_be_sent(agent: ChatApp):
    counted = gauge(agent)["tokens"]
    assert gauge(agent)["said"].startswith("about ")
    agent.ask_agent("say Hello.")
    assert counted == pytest.approx(tokens_in(str(agent.asked()[-1]["tools"])), rel=0.02)


def test_a_tool_that_is_switched_off_is_not_counted(agent: ChatApp):
    with_all = gauge(agent)["tokens"]
    agent.switch("tool-send_mail", False)
    assert 0 < gauge(agent)["tokens"] < with_all
    agent.press("no-tools")
    assert gauge(agent)["tokens"] == 0


def test_once_openrouter_has_counted_the_tools_they_are_not_counted_again(agent: ChatApp):
    agent.ask_agent("say Hello.")
    answer = agent.branch[-1]
    assert gauge(agent)["tokens"] == (answer.prompt_tokens or 0) + (answer.completion_tokens or 0)


def test_passages_that_may_stand_before_a_question_are_counted_before_it_is_sent(start: Callable[..., ChatApp]):
    app = start(ORCHAT_DEFAULT_MODEL=OPUS, ORCHAT_CONFIRM_ABOVE="0.01", ORCHAT_TITLE_MODEL="none")
    put(app.services.library.of(Shelf.OWN, OWNER), "birds.md", "# Herons\n\nThe heron waits in shallow water.")
    app.open()
    held(app, "Where does the heron wait?")
    without = app.session.held_back.forecast.tokens
    app.press("confirm-cancel")
    app.switch("documents", on=True)
    held(app, "Where does the heron wait?")
    assert app.session.held_back.forecast.tokens == without + MOST_TOKENS
    app.press("confirm-send")
    answer = app.settled()
    # OpenRouter has counted the passages of this one; the next question has others in their place.
    held(app, "And the stork?")
    assert app.session.held_back.forecast.tokens < (answer.prompt_tokens or 0) + (answer.completion_tokens or 0) + 100
