"""The receipt of an answer on the page, and the switch that an operator has locked."""

import json
from collections.abc import Callable
from dataclasses import replace

from orchat.errors import ZDRConflictError
from orchat.receipts import receipts_of, to_json
from orchat.turn import describe
from tests.ui.chat_app import OWNER, ChatApp, words


def opened(app: ChatApp) -> str:
    app.press(f"receipt-{app.branch[-1].id}")
    # AppTest has no name for where dialogs are: beside the page and the sidebar.
    return "\n".join(map(words, app.page._tree.children.values())).replace("\\", "")


def test_each_answer_has_a_receipt_that_can_be_taken_along(app: ChatApp):
    app.switch("zdr", True)
    answer = app.send("Hello")
    shown = opened(app)
    assert "Zero data retention: asked for" in shown
    assert "Training on it: forbidden" in shown
    assert "1 message with 5 characters" in shown
    assert str(answer.generation_id) in shown
    assert answer.provider in shown


def test_without_zdr_the_receipt_does_not_claim_it(app: ChatApp):
    app.send("Hello")
    shown = opened(app)
    assert "Zero data retention: not asked for" in shown
    assert "left to the settings of the account" in shown


def test_an_agents_turn_has_one_of_each_request(agent: ChatApp):
    agent.ask_agent('call measure {"seconds": 0}', "say Done.")
    first, *_, final = [message for message in agent.branch if message.role == "assistant"]
    agent.press(f"receipt-{first.id}")
    shown = "\n".join(map(words, agent.page._tree.children.values())).replace("\\", "")
    assert "2 requests to models" in shown
    assert str(first.generation_id) in shown
    assert str(final.generation_id) in shown
    receipts = receipts_of(agent.store, OWNER, agent.branch[1:])
    taken = to_json(receipts)["requests"]
    assert [receipt["request_for"] for receipt in taken] == ["agent", "agent"]
    calls = [call for call in agent.store.calls_of(OWNER, agent.chat) if call.kind == "agent"]
    assert [receipt["generation_id"] for receipt in taken] == [call.generation_id for call in calls]
    assert taken[0]["left_the_machine"]["messages"] < taken[1]["left_the_machine"]["messages"]


def test_a_turn_that_was_copied_shows_those_of_the_original(agent: ChatApp):
    agent.ask_agent('call measure {"seconds": 0}', "say Done.")
    fork = agent.services.chats.fork(OWNER, agent.branch[-1].id)
    turn = agent.store.branch(OWNER, fork.id)[1:]
    assert [receipt.call.kind for receipt in receipts_of(agent.store, OWNER, turn)] == ["agent", "agent"]


def test_an_imported_answer_has_none_and_the_page_says_so(app: ChatApp):
    chat = app.store.create_conversation(OWNER).id
    app.store.add_message(OWNER, chat, role="assistant", wire={"content": "From elsewhere"}, parent_id=None)
    app.open(chat=chat)
    assert "There is no receipt" in opened(app)


def test_where_the_operator_requires_zdr_the_switch_is_on_and_locked_and_says_by_whom(start: Callable[..., ChatApp]):
    app = start(ORCHAT_REQUIRE_ZDR="true", ORCHAT_DEFAULT_MODEL="anthropic/claude-haiku-4.5")
    switch = app.page.toggle(key="zdr")
    assert (switch.value, switch.disabled) == (True, True)
    assert "required by whoever runs this orchat" in app.sidebar
    app.send("Hello")
    assert all(body["provider"]["zdr"] is True for body in app.inferences())
    assert json.dumps(app.branch[-1].zdr) == "true"


def test_an_error_offers_no_way_round_what_the_operator_requires(start: Callable[..., ChatApp]):
    app = start(ORCHAT_REQUIRE_ZDR="true", ORCHAT_DEFAULT_MODEL="openai/o3-pro", ORCHAT_TITLE_MODEL="none")
    app.page.toggle(key="auto").set_value(False)
    app.send("Hello")
    app.store.save_message(OWNER, replace(app.branch[-1], state="failed", error=describe(ZDRConflictError("No."))))
    app.run()
    assert any("Regenerate" in button.label for button in app.page.button)
    assert not any("Turn ZDR off" in button.label for button in app.page.button)
