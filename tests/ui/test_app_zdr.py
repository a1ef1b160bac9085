"""With zero data retention on, every way of asking on the pages asks for it."""

from collections.abc import Callable
from typing import Any

from orchat.presets.options import RequestOptions
from tests.laboratory import MAIL
from tests.ui.chat_app import ChatApp
from tests.ui.test_app_answers import choose, cut
from tests.ui.test_app_beside import ask_all

ONE, OTHER = "anthropic/claude-haiku-4.5", "anthropic/claude-sonnet-4.6"


def kept_nothing(app: ChatApp, *, asked: int) -> list[dict[str, Any]]:
    """Assert that all requests have asked for it, and that there were at least so many; return them."""
    bodies = app.inferences()
    assert len(bodies) >= asked
    assert [body["model"] for body in bodies if body["provider"].get("zdr") is not True] == []
    assert {body["provider"]["data_collection"] for body in bodies} == {"deny"}
    return bodies


def test_edited_regenerated_continued_and_side_by_side_answers(app: ChatApp):
    app.choose_model(OTHER)
    app.switch("zdr", True)
    app.session.set_request(RequestOptions(route={"models": [ONE]}))
    answer = app.send("Explain rainbows")
    app.press(f"retry-{answer.id}")
    again = app.settled()
    choose(app, again, "Regenerate with another model")
    app.page.selectbox(key="other-model").set_value(ONE)
    app.press("regenerate-with")
    app.settled()
    cut(app, app.branch[-1], 60)
    app.press(f"continue-{app.branch[-1].id}")
    app.settled()
    ask_all(app, "And thunder?", (OTHER, "openrouter/auto"))
    bodies = kept_nothing(app, asked=6)
    assert bodies[0]["models"] == [OTHER, ONE]
    assert {body["model"] for body in bodies} >= {OTHER, "openrouter/auto"}


def test_a_temporary_chat(app: ChatApp):
    app.switch("temporary", on=True)
    app.switch("zdr", True)
    app.send("Explain rainbows")
    kept_nothing(app, asked=1)


def test_an_agent_that_goes_on_after_an_approval(agent: ChatApp):
    agent.switch("zdr", True)
    agent.ask_agent(MAIL, "say Done.")
    before = len(agent.inferences())
    agent.press(f"once-{agent.waiting}-0")
    agent.settled()
    kept_nothing(agent, asked=before + 1)


def test_who_forces_it_forces_it_in_each_of_them(start: Callable[..., ChatApp]):
    app = start(ORCHAT_REQUIRE_ZDR="true")
    ask_all(app, "Explain rainbows", (OTHER, "openrouter/auto"))
    kept_nothing(app, asked=3)
