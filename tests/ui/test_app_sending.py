"""A message is sent, answered, drawn and kept."""

from collections.abc import Callable

import pytest

from tests.ui.chat_app import OWNER, ChatApp, words

Start = Callable[..., ChatApp]


def test_a_message_and_its_answer_are_drawn_and_kept(app: ChatApp):
    answer = app.send("Explain rainbows")
    assert [message.role for message in app.branch] == ["user", "assistant"]
    assert answer.state == "done"
    assert "Explain rainbows" in words(app.questions[0])
    assert answer.text[:40] in words(app.answers[0])


def test_under_an_answer_one_quiet_line_says_who_tokens_cost_and_time(app: ChatApp):
    answer = app.send("Explain rainbows")
    line = app.quiet_line
    assert "Claude Haiku 4.5" in line
    assert str(answer.provider) in line
    assert f"→ {answer.completion_tokens} tokens" in line
    assert r"\$0.00" in line
    assert "first token after" in line


def test_the_conversation_so_far_is_sent_with_each_message(app: ChatApp):
    first = app.send("Explain rainbows")
    app.send("And now in French")
    sent = app.asked()[-1]["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert sent[1]["content"] == first.text
    assert sent[2]["content"] == "And now in French"


def test_all_messages_of_a_chat_carry_its_id_as_the_session(app: ChatApp):
    app.send("One")
    app.send("Two")
    assert [body["session_id"] for body in app.asked()] == [app.chat, app.chat]


def test_reasoning_is_folded_above_the_answer_with_its_time(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="openai/o4-mini")
    answer = app.send("Compute 17 * 23")
    assert answer.wire["reasoning"]
    [expander] = app.answers[0].expander
    assert expander.label.startswith("Thought for")
    assert not expander.proto.expanded


def test_a_starter_is_sent_as_a_message(app: ChatApp):
    starter = next(button for button in app.page.button if str(button.key).startswith("starter-"))
    app.press(str(starter.key))
    assert app.settled().state == "done"
    assert app.branch[0].text == starter.help


def test_an_empty_chat_invites_with_three_starters(app: ChatApp):
    assert app.page.title[0].value == "What is on your mind?"
    assert len([button for button in app.page.button if str(button.key).startswith("starter-")]) == 3


def test_the_invitation_is_gone_once_something_was_said(app: ChatApp):
    app.send("Hello")
    assert len(app.page.title) == 0
    assert [button for button in app.page.button if str(button.key).startswith("starter-")] == []


def test_the_address_names_the_chat_once_something_was_said(app: ChatApp):
    assert "chat" not in app.page.query_params
    app.send("Hello")
    assert app.page.query_params["chat"] == app.chat


def test_nothing_is_kept_of_a_chat_in_which_nothing_was_said(app: ChatApp):
    app.press("new-chat")
    assert app.store.conversations(OWNER) == []


def test_without_a_key_replies_are_simulated_and_the_page_says_so(start: Start):
    app = start(OPENROUTER_API_KEY=None)
    assert "Replies are simulated" in app.page.info[0].value
    assert "OPENROUTER_API_KEY" in app.page.info[0].value
    answer = app.send("Hello")
    assert answer.simulated
    assert "simulated" in app.quiet_line


def test_with_a_key_nothing_is_said_about_simulation(app: ChatApp):
    answer = app.send("Hello")
    assert not answer.simulated
    assert len(app.page.info) == 0
    assert app.demo.requests[-1].headers["authorization"] == f"Bearer {app.demo.api_key}"


@pytest.mark.parametrize("text", ["$5 and $10", ":red[alarm]", "a ~ b ~ c", "<b>bold</b>", "1 * 2 * 3"])
def test_what_a_person_writes_is_kept_as_written(app: ChatApp, text: str):
    app.send(text)
    assert app.branch[0].text == text
    assert app.asked()[0]["messages"][0]["content"] == text
