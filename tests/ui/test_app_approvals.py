"""Approvals: what a person can say about a call that waits, and what comes of it."""

from tests.laboratory import MAIL
from tests.ui.chat_app import ChatApp, words

TWO = f'{MAIL} && send_mail {{"to": "bob@example.org", "body": "Hello"}}'


def results(agent: ChatApp) -> list[str]:
    """What the model reads as the results of the calls."""
    return [str(message.wire["content"]) for message in agent.branch if message.role == "tool"]


def test_a_tool_that_asks_waits_with_its_arguments_in_sight(agent: ChatApp):
    agent.ask_agent(MAIL, "say Done.")
    shown = words(agent.answers[-1])
    assert "**Send mail** would like to run" in shown
    assert "Send a mail." in shown
    assert '"to": "ann@example.org"' in shown
    assert results(agent) == []


def test_allowed_once_it_runs_and_asks_again_the_next_time(agent: ChatApp):
    agent.ask_agent(MAIL, MAIL, "say Done.")
    agent.press(f"once-{agent.waiting}-0")
    agent.settled()
    assert results(agent) == ["sent to ann@example.org: Hello"]
    agent.press(f"once-{agent.waiting}-0")
    assert agent.settled().text == "Done."
    assert len(results(agent)) == 2


def test_allowed_for_the_chat_it_does_not_ask_again_until_that_is_taken_back(agent: ChatApp):
    agent.ask_agent(MAIL, MAIL, "say Done.")
    agent.press(f"always-{agent.waiting}-0")
    assert agent.settled().text == "Done."
    assert agent.ask_agent(MAIL, "say Again.").text == "Again."
    agent.press("ask-send_mail")
    assert agent.ask_agent(MAIL, "say Never said.").state == "waiting"


def test_allowed_for_one_chat_it_asks_in_another(agent: ChatApp):
    agent.ask_agent(MAIL, "say Done.")
    agent.press(f"always-{agent.waiting}-0")
    agent.settled()
    agent.press("new-chat")
    assert agent.ask_agent(MAIL, "say Never said.").state == "waiting"


def test_a_denial_tells_the_model_why(agent: ChatApp):
    agent.ask_agent(MAIL, "say Then not.")
    waiting = agent.waiting
    agent.press(f"deny-{waiting}-0")
    agent.page.text_input(key=f"reason-{waiting}-0").set_value("Not before Monday.")
    agent.submit("Deny")
    assert agent.settled().text == "Then not."
    assert "Not before Monday." in results(agent)[0]
    [status] = agent.answers[-1].get("status")
    assert status.label == ":material/science: Send mail · denied"  # type: ignore[union-attr] # a Status


def test_a_denial_can_be_thought_better_of(agent: ChatApp):
    agent.ask_agent(MAIL, "say Done.")
    agent.press(f"deny-{agent.waiting}-0")
    agent.submit("Cancel")
    agent.press(f"once-{agent.waiting}-0")
    assert agent.settled().text == "Done."


def test_edited_arguments_are_what_runs_and_what_is_shown(agent: ChatApp):
    agent.ask_agent(MAIL, "say Done.")
    waiting = agent.waiting
    agent.press(f"edit-{waiting}-0")
    agent.page.text_input(key=f"argument-{waiting}-0-to").set_value("carl@example.org")
    agent.submit("Run with these")
    agent.settled()
    assert "sent to carl@example.org: Hello" in results(agent)[0]
    shown = [code.value for code in agent.answers[-1].get("code")]  # type: ignore[union-attr] # Code
    assert "carl@example.org" in shown[0]
    assert shown[1] == "sent to carl@example.org: Hello"


def test_an_edit_that_is_no_json_is_said_and_nothing_runs(agent: ChatApp):
    agent.ask_agent('call send_mail {"to": "ann@example.org", "body": ["a", "b"]}')
    waiting = agent.waiting
    agent.press(f"edit-{waiting}-0")
    agent.page.text_area(key=f"argument-{waiting}-0-body").set_value("[")
    agent.submit("Run with these")
    assert "body is no JSON" in agent.page.toast[0].value
    assert agent.waiting == waiting


def test_of_several_calls_each_is_decided_by_itself_and_the_turn_waits_for_all(agent: ChatApp):
    agent.ask_agent(TWO, "say Done.")
    waiting = agent.waiting
    agent.press(f"once-{waiting}-0")
    assert agent.waiting == waiting
    assert "Allowed. Decide about the others too." in words(agent.answers[-1])
    agent.press(f"deny-{waiting}-1")
    agent.submit("Deny")
    assert agent.settled().text == "Done."
    assert results(agent)[0] == "sent to ann@example.org: Hello"
    assert not results(agent)[1].startswith("sent to")


def test_a_decision_can_be_changed_while_the_others_wait(agent: ChatApp):
    agent.ask_agent(TWO, "say Done.")
    waiting = agent.waiting
    agent.press(f"once-{waiting}-0")
    agent.press(f"change-{waiting}-0")
    agent.press(f"once-{waiting}-1")
    assert agent.waiting == waiting


def test_all_calls_can_be_allowed_at_once(agent: ChatApp):
    agent.ask_agent(TWO, "say Done.")
    agent.press(f"allow-all-{agent.waiting}")
    assert agent.settled().text == "Done."
    assert len(results(agent)) == 2


def test_a_waiting_approval_is_there_in_a_new_tab(agent: ChatApp):
    agent.ask_agent(MAIL, "say Done.")
    agent.open(chat=agent.chat)
    agent.press(f"once-{agent.waiting}-0")
    assert agent.settled().text == "Done."


def test_a_question_asked_instead_of_a_decision_leaves_a_valid_conversation(agent: ChatApp):
    agent.ask_agent(MAIL, "say Never said.")
    assert agent.ask_agent("say Something else.").text == "Something else."
    assert "was not carried out" in words(agent.answers[0])
    roles = [message["role"] for message in agent.asked()[-1]["messages"]]
    assert roles == ["user", "assistant", "tool", "user"]


def test_long_texts_in_arguments_keep_their_lines(agent: ChatApp):
    agent.ask_agent('call send_mail {"to": "ann@example.org", "body": "Dear Ann,\\n\\nall is well."}')
    assert "Dear Ann,\n\nall is well." in [code.value for code in agent.answers[-1].get("code")]  # type: ignore[union-attr]
