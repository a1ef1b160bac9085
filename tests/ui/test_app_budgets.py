"""Budgets and estimates on the page: what a message costs is said before, and what stops one is explained."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from orchat.budgets import Period
from orchat.presets.options import RequestOptions
from orchat.ui import budget_admin
from orchat.ui.confirming import ABOVE
from orchat.ui.wording import money
from tests.ui.chat_app import OWNER, ChatApp, words
from tests.ui.test_app_admin import at_admin, call
from tests.ui.test_app_media import put
from tests.ui.test_app_people import ANN, BOB, as_, owner, say

Start = Callable[..., ChatApp]
OPUS = "anthropic/claude-opus-4.6"


def gauge(app: ChatApp) -> dict[str, Any]:
    """What the gauge is told."""
    [component] = [one for one in app.page.get("bidi_component") if one.proto.component_name == "orchat_gauge"]
    return json.loads(component.proto.json)


def card_of(app: ChatApp) -> str:
    """What the card above the box says; the bottom of the page is no part of its main block."""
    page = app.page
    said = [str(element.value) for found in (page.markdown, page.caption, page.text) for element in found]
    return "\n".join(said).replace("\\", "")


def held(app: ChatApp, text: str) -> None:
    """Say something that is expected to wait for a second click."""
    app.page.chat_input(key="prompt").set_value(text)
    app.run()
    assert app.session.held_back is not None


@pytest.fixture
def dear(start: Start) -> ChatApp:
    """A chat whose every message may cost more than is asked before."""
    return start(ORCHAT_DEFAULT_MODEL=OPUS, ORCHAT_CONFIRM_ABOVE="0.30", ORCHAT_TITLE_MODEL="none")


def test_the_gauge_knows_the_context_as_openrouter_has_counted_it(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL=OPUS, ORCHAT_TITLE_MODEL="none")
    assert (gauge(app)["tokens"], gauge(app)["said"]) == (0, "")
    answer = app.send("Explain rainbows")
    told = gauge(app)
    assert answer.prompt_tokens
    assert answer.completion_tokens
    assert told["tokens"] == answer.prompt_tokens + answer.completion_tokens
    assert told["window"] == 1_000_000
    assert told["said"].startswith(f"{told['tokens']} of 1M tokens · about $0.00")


def test_with_the_auto_router_the_price_is_said_to_be_unknown(app: ChatApp):
    app.send("Explain rainbows")
    assert gauge(app)["window"] is None
    assert "price known when the auto-router has chosen" in gauge(app)["said"]


def test_what_may_cost_much_waits_for_a_second_click(dear: ChatApp):
    held(dear, "Explain rainbows")
    assert dear.asked() == []
    assert dear.page.chat_input(key="prompt").disabled
    card = card_of(dear)
    assert "This may cost up to $0.40." in card
    assert "Explain rainbows" in card
    assert "Nothing has been sent yet." in card
    dear.press("confirm-send")
    assert dear.settled().state == "done"
    assert [body["messages"][-1]["content"] for body in dear.asked()] == ["Explain rainbows"]
    held(dear, "And again")


def test_a_long_system_prompt_counts_before_it_is_sent(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL=OPUS, ORCHAT_CONFIRM_ABOVE="0.45", ORCHAT_TITLE_MODEL="none")
    app.session.set_request(RequestOptions(system_prompt="x" * 80_000))
    held(app, "Explain rainbows")
    assert "up to $0.50" in card_of(app)


def test_a_file_that_goes_along_counts_before_it_is_sent(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL=OPUS, ORCHAT_CONFIRM_ABOVE="0.45", ORCHAT_TITLE_MODEL="none")
    put(app, "What is it?", ("numbers.csv", b"1,2\n" * 20_000))
    assert app.session.held_back is not None
    assert app.asked() == []
    app.press("confirm-send")
    assert app.settled().state == "done"
    # The file has been counted, and counts with the next question.
    assert gauge(app)["tokens"] > 20_000


def test_an_answer_that_is_kept_short_may_cost_less(dear: ChatApp):
    dear.session.set_request(RequestOptions(parameters={"max_tokens": 200}))
    dear.send("Explain rainbows")
    assert dear.session.held_back is None


def test_with_the_auto_router_as_much_is_expected_as_budgets_reserve(start: Start):
    app = start(ORCHAT_CONFIRM_ABOVE="0.20", ORCHAT_TITLE_MODEL="none")
    held(app, "Explain rainbows")
    assert "up to $0.25" in card_of(app)
    assert "when the auto-router has chosen" in card_of(app)


def test_cancelling_gives_the_words_back(dear: ChatApp):
    held(dear, "Explain rainbows")
    dear.press("confirm-cancel")
    assert dear.asked() == []
    assert dear.page.chat_input(key="prompt").value == "Explain rainbows"
    assert dear.session.held_back is None
    assert dear.store.conversations(OWNER) == []


def test_going_elsewhere_gives_the_words_back_too(dear: ChatApp):
    dear.store.save_preference(OWNER, ABOVE, 100)
    dear.send("Hello")
    dear.store.save_preference(OWNER, ABOVE, None)
    held(dear, "Explain rainbows")
    dear.press("new-chat")
    assert dear.session.held_back is None
    assert dear.page.chat_input(key="prompt").value == "Explain rainbows"


def test_an_answer_is_asked_for_again_only_after_a_second_click(dear: ChatApp):
    dear.store.save_preference(OWNER, ABOVE, 100)
    answer = dear.send("Hello")
    dear.store.save_preference(OWNER, ABOVE, 0.1)
    dear.press(f"retry-{answer.id}")
    assert len(dear.asked()) == 1
    dear.press("confirm-send")
    dear.settled()
    assert len(dear.asked()) == 2


def test_the_person_s_own_amount_counts_before_the_operator_s(dear: ChatApp):
    dear.store.save_preference(OWNER, ABOVE, 1)
    assert dear.send("Explain rainbows").state == "done"


def test_a_budget_that_stops_a_message_is_a_card_that_says_all_of_it(start: Start):
    app = start(ORCHAT_BUDGET="user: 0.0001/day", ORCHAT_DEFAULT_MODEL=OPUS)
    assert app.send("Explain rainbows").state == "failed"
    card = words(app.answers[0]).replace("\\", "")
    assert "This may cost up to $0.40, and your budget for today has $0.0001 left." in card
    assert "Nothing was sent." in card
    assert "It begins anew on" in card
    assert "Whoever runs this orchat can raise it." in card
    [bar] = app.answers[0].get("progress")
    assert "of \\$0.00010 spent" in bar.proto.text
    assert {"Try again", "Let the auto-router choose", "Enter a key"} <= {b.label for b in app.answers[0].button}
    assert app.asked() == []


def test_a_person_limits_a_chat_of_theirs_beside_the_box(app: ChatApp):
    app.send("Hello")
    app.page.session_state["money"] = True
    app.run()
    app.page.number_input(key=f"chat-limit-{app.chat}").set_value(0.0)
    app.run()
    assert app.store.chat_limits(OWNER, app.chat) == "0.0"
    assert app.send("Hello again").state == "failed"
    assert "You have set it yourself" in words(app.answers[-1])
    assert "Enter a key" not in {button.label for button in app.answers[-1].button}
    app.page.selectbox(key=f"chat-period-{app.chat}").set_value(Period.WEEK)
    app.run()
    assert app.store.chat_limits(OWNER, app.chat) == "0.0/week"
    app.run()
    assert app.page.selectbox(key=f"chat-period-{app.chat}").value is Period.WEEK
    app.page.number_input(key=f"chat-limit-{app.chat}").set_value(None)
    app.run()
    assert app.store.chat_limits(OWNER, app.chat) == ""


def test_what_the_open_chat_has_cost_stands_beside_its_budget(app: ChatApp):
    app.page.session_state["money"] = True
    app.run()
    assert "This chat has cost" not in card_of(app)
    app.send("Hello")
    app.send("Hello again")
    spent = app.store.cost_of(OWNER, app.chat)
    # Two answers and a title.
    assert spent.requests == 3
    assert f"This chat has cost **{money(spent.cost)}** for 3 requests." in card_of(app)


def test_a_key_of_one_s_own_is_not_stopped_by_the_operator_s_budgets(start: Start):
    app = start(ORCHAT_BUDGET="user: 0, total: 0")
    assert app.send("Hello").state == "failed"
    app.session.key = app.demo.api_key
    app.run()
    assert app.send("Hello").state == "done"
    assert [call.personal_key for call in app.store.calls_of(OWNER, app.chat)] == [True]


def test_the_usage_page_shows_how_a_person_s_budgets_stand(start: Start):
    app = start(ORCHAT_BUDGET="user: 5/day, total: 100/month, chat: 2")
    app.send("Hello")
    app.open(page="pages/usage.py")
    bars = [bar.proto.text.replace("\\", "") for bar in app.page.get("progress")]
    assert [bar.partition(":**")[0] for bar in bars] == [
        "**Your budget for today",
        "**Everybody's budget for this month",
    ]
    assert "of $5.00 spent" in bars[0]


@pytest.fixture
def team(start: Start) -> ChatApp:
    return start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com", ORCHAT_DEFAULT_MODEL="demo/fast")


def test_an_operator_sees_what_everybody_has_spent_and_nobody_else_does(team: ChatApp):
    bob = as_(team, BOB)
    say(bob, "A secret question")
    bob.page.switch_page("pages/usage.py")
    bob.run()
    assert [one.key for one in bob.page.segmented_control] == ["usage-period"]
    ann = as_(team, ANN)
    ann.page.switch_page("pages/usage.py")
    ann.run()
    ann.page.segmented_control(key="usage-whose").set_value("Everybody's")
    ann.run()
    assert [tab.label for tab in ann.page.tabs] == ["Models", "What for", "People"]
    people = ann.page.dataframe[2].value
    assert list(people["Person"]) == ["Bob"]
    assert "secret" not in words(ann.page.main)


def test_an_operator_sees_and_sets_everybody_s_budget(team: ChatApp):
    say(as_(team, BOB), "Hello")
    bob, ann = owner(BOB), owner(ANN)
    app = at_admin(as_(team, ANN))
    app.page.session_state["admin"] = "Budgets"
    app.run()
    [table] = app.page.dataframe
    assert set(table.value["Name"]) >= {"Ann", "Bob"}
    assert set(table.value["Budget"]) == {budget_admin.STANDING}
    call(team, ANN, f"budget_admin.set_limits({bob!r}, '1/day')")
    assert team.store.all_user_limits() == {bob: "1/day"}
    assert (team.store.audited()[0].action, team.store.audited()[0].subject) == ("set a budget", bob)
    assert call(team, BOB, f"budget_admin.set_limits({bob!r}, '')") == "refused"
    call(team, ANN, f"budget_admin.set_limits({bob!r}, 'plenty')")
    assert team.store.all_user_limits() == {bob: "1/day"}
    call(team, ANN, f"budget_admin.set_limits({ann!r}, '0')")
    stopped = as_(team, ANN)
    say(stopped, "Hello")
    assert "Your budget is used up." in words(stopped.page.main)
    assert [state.spent for state in team.store.budget_states(bob)] != [Decimal(0)]
