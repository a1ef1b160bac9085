"""What can be done with an answer: continued, forked, rated, had from another model."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from orchat.continuing import INSTRUCTION
from orchat.errors import RunInProgressError
from orchat.store import Message
from orchat.ui import removing
from tests.ui.chat_app import OWNER, ChatApp, words

QUESTION = "Explain rainbows"


def choose(app: ChatApp, answer: Message, entry: str) -> None:
    """Choose of the menu of an answer."""
    app.page.menu_button(key=f"more-{answer.id}").set_value(entry)
    app.run()


def rate(app: ChatApp, answer: Message, thumb: int | None) -> None:
    next(one for one in app.page.feedback if one.key == f"rate-{answer.id}").set_value(thumb)
    app.run()


def cut(app: ChatApp, answer: Message, characters: int, *, reason: str | None = "length", state: str = "done") -> str:
    """Make it an answer that was cut so early, and open its chat anew; returns what is left out."""
    from dataclasses import replace

    text = answer.text
    wire = {**answer.wire, "content": text[:characters]}
    app.store.save_message(OWNER, replace(answer, wire=wire, finish_reason=reason, state=state))  # type: ignore[arg-type]
    app.open(chat=answer.conversation_id)
    return text[characters:]


@pytest.mark.parametrize(
    ("reason", "state"), [("length", "done"), (None, "stopped"), (None, "cut_off"), (None, "failed")]
)
def test_a_cut_answer_goes_on_in_a_message_below_it(app: ChatApp, reason: str | None, state: str):
    app.choose_model("openai/gpt-4.1-nano")
    answer = app.send(QUESTION)
    rest = cut(app, answer, 60, reason=reason, state=state)
    app.press(f"continue-{answer.id}")
    more = app.settled()
    assert more.text == rest
    assert [message.role for message in app.branch] == ["user", "assistant", "user", "assistant"]
    assert [words(question).split("\n")[0] for question in app.questions] == [QUESTION]
    assert len(app.answers) == 1
    assert f"continue-{answer.id}" not in [str(button.key) for button in app.page.button]
    sent = app.asked()[-1]["messages"]
    assert [message["content"] for message in sent] == [QUESTION, answer.text[:60], INSTRUCTION]
    assert [call.state for call in app.store.calls_of(OWNER, app.chat) if call.kind == "chat"] == ["done", "done"]
    assert more.cost is not None


def test_a_whole_answer_is_not_continued(app: ChatApp):
    app.send(QUESTION)
    assert not [button for button in app.page.button if str(button.key).startswith("continue-")]


def test_a_model_that_takes_the_beginning_of_an_answer_gets_it_as_the_end(app: ChatApp):
    app.choose_model("anthropic/claude-haiku-4.5")
    answer = app.send(QUESTION)
    assert "reasoning" not in answer.wire
    rest = cut(app, answer, 60)
    app.press(f"continue-{answer.id}")
    more = app.settled()
    assert [message["role"] for message in app.asked()[-1]["messages"]] == ["user", "assistant"]
    assert more.text.strip() == rest.strip()
    # Afterwards each part is a message of its own again, whoever answers.
    app.send("And thunder?")
    assert [message["content"] for message in app.asked()[-1]["messages"]][:3] == [
        QUESTION,
        answer.text[:60],
        INSTRUCTION,
    ]


def test_what_goes_on_is_not_found_and_not_exported_as_somebodys_words(app: ChatApp):
    from orchat.archive import as_html, as_json, as_markdown, import_file

    answer = app.send(QUESTION)
    cut(app, answer, 60)
    app.press(f"continue-{answer.id}")
    app.settled()
    assert [hit.role for hit in app.store.search(OWNER, "exactly where it stopped")] == []
    chat = app.store.conversation(OWNER, app.chat)
    assert INSTRUCTION not in as_markdown(app.store, OWNER, [chat])
    assert INSTRUCTION not in as_html(app.store, OWNER, [chat])
    [copy] = import_file(app.store, OWNER, as_json(app.store, OWNER, [chat]).encode())
    assert [message.is_instruction for message in app.store.branch(OWNER, copy)] == [False, False, True, False]


def test_a_fork_is_another_chat_with_what_was_said_until_then(app: ChatApp):
    first = app.send(QUESTION)
    app.send("And thunder?")
    original = app.chat
    spent = app.store.cost_of(OWNER, original)
    choose(app, first, "Fork from here")
    assert app.chat != original
    assert [message.text for message in app.branch] == [QUESTION, first.text]
    assert "copied from" in app.quiet_line
    app.press(f"receipt-{app.branch[-1].id}")
    assert "Copied from another chat" in "\n".join(str(element.value) for element in app.page.markdown)
    assert app.store.cost_of(OWNER, app.chat).cost == Decimal(0)
    assert app.store.cost_of(OWNER, original) == spent
    assert app.send("And snow?").state == "done"
    assert [message["content"] for message in app.asked()[-1]["messages"]] == [QUESTION, first.text, "And snow?"]
    assert len(app.store.branch(OWNER, original)) == 4


def test_an_attached_file_can_be_read_and_searched_in_a_fork(start: Callable[..., ChatApp]):
    app = start()
    chat = app.store.create_conversation(OWNER, kind="agent").id
    attached = app.services.chats.attach(OWNER, chat, "birds.txt", b"The hoopoe wears a crest. " * 20)
    question = app.services.chats.say(OWNER, chat, "Look", None, [attached])
    wire = {"role": "assistant", "content": "Seen."}
    answer = app.store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=question.id)
    fork = app.services.chats.fork(OWNER, answer.id)
    from orchat.library import Shelf
    from tests.ui.chat_app import until

    shelf = app.services.library.of(Shelf.CHAT, OWNER, fork.id)
    until(lambda: shelf.search("hoopoe crest"))
    assert [file.name for file in app.store.files(OWNER, fork.id)] == ["birds.txt"]


def test_no_model_that_the_operator_forbids_is_offered_for_another_answer(start: Callable[..., ChatApp]):
    app = start(ORCHAT_FORBIDDEN_MODELS="openai/*", ORCHAT_DEFAULT_MODEL="mistralai/mistral-nemo")
    choose(app, app.send(QUESTION), "Regenerate with another model")
    offered = app.page.selectbox(key="other-model").options
    assert offered
    assert not [label for label in offered if "OpenAI" in label]


def test_another_model_answers_beside_the_first_and_the_chosen_one_stays(app: ChatApp):
    app.choose_model("openai/gpt-4.1-nano")
    first = app.send(QUESTION)
    choose(app, first, "Regenerate with another model")
    app.page.selectbox(key="other-model").set_value("mistralai/mistral-nemo")
    app.press("regenerate-with")
    second = app.settled()
    assert (second.parent_id, second.model_asked) == (first.parent_id, "mistralai/mistral-nemo")
    assert "2 of 2" in words(app.answers[0])
    assert app.page.selectbox(key="model").value == "openai/gpt-4.1-nano"
    app.send("And thunder?")
    assert app.asked()[-1]["model"] == "openai/gpt-4.1-nano"


def test_a_rating_is_kept_with_its_note_and_nothing_is_sent(app: ChatApp):
    answer = app.send(QUESTION)
    sent = len(app.demo.requests)
    rate(app, answer, 1)
    assert app.store.ratings(OWNER, app.chat)[answer.id].thumb == "up"
    assert "Nothing is sent anywhere" in words(app.page.main)
    app.page.text_input(key="rating-note").set_value("Short and right")
    app.submit("Keep note")
    rating = app.store.ratings(OWNER, app.chat)[answer.id]
    assert (rating.thumb, rating.note) == ("up", "Short and right")
    app.open(chat=app.chat)
    assert "Your note: Short and right" in words(app.page.main)
    assert next(one.value for one in app.page.feedback if one.key == f"rate-{answer.id}") == 1
    rate(app, answer, None)
    assert app.store.ratings(OWNER, app.chat) == {}
    assert all(request.path.endswith(("/key", "/models", "/credits", "/zdr")) for request in app.demo.requests[sent:])


def test_an_answer_is_deleted_and_brought_back(app: ChatApp):
    answer = app.send(QUESTION)
    app.send("And at night?")
    choose(app, answer, removing.ANSWER)
    assert [message.role for message in app.branch] == ["user"]
    assert app.answers == []
    assert "Deleted, with all that followed." in words(app.page.main)
    app.press("undo-removal")
    assert [message.text for message in app.branch][::2] == [QUESTION, "And at night?"]
    assert len(app.answers) == 2
    assert "undo-removal" not in [str(button.key) for button in app.page.button]


def test_a_deleted_answer_can_be_asked_for_again_and_its_cost_still_counts(app: ChatApp):
    answer = app.send(QUESTION)
    spent = app.store.cost_of(OWNER, app.chat).cost
    choose(app, answer, removing.ANSWER)
    assert app.store.cost_of(OWNER, app.chat).cost == spent
    [question] = app.branch
    app.press(f"send-{question.id}")
    again = app.settled()
    assert again.id != answer.id
    assert app.store.siblings(OWNER, again.id) == [again]
    assert "undo-removal" not in [str(button.key) for button in app.page.button]


def test_a_question_is_deleted_with_its_answer_and_the_chat_before_it_stays(app: ChatApp):
    first = app.send(QUESTION)
    second = app.send("And at night?")
    choose(app, second, removing.BOTH)
    assert app.branch[-1].id == first.id
    choose(app, app.branch[-1], removing.BOTH)
    assert app.branch == []
    app.press("undo-removal")
    assert app.branch[-1].id == first.id


def test_a_question_without_an_answer_has_a_button_of_its_own_to_delete_it(app: ChatApp):
    choose(app, app.send(QUESTION), removing.ANSWER)
    app.press(f"delete-{app.branch[0].id}")
    assert app.branch == []
    assert "Deleted, with all that followed." in words(app.page.main)


def test_nothing_is_deleted_from_a_chat_that_is_being_answered(start: Callable[..., ChatApp]):
    app = start(ORCHAT_DEFAULT_MODEL="demo/silent")
    chat = app.store.create_conversation(OWNER)
    question = app.services.chats.say(OWNER, chat.id, "Wait", None)
    run = app.services.ask(OWNER, question, app.session.ask, app.services.connection())
    with pytest.raises(RunInProgressError):
        app.services.chats.remove(OWNER, question.id)
    run.stop()


def test_what_is_deleted_in_a_temporary_chat_goes_with_it(app: ChatApp):
    app.switch("temporary", on=True)
    answer = app.send(QUESTION)
    chat = app.chat
    choose(app, answer, removing.ANSWER)
    memory = app.services.store.temporary
    assert len(app.branch) == 1
    memory.forget(OWNER, chat)
    with memory._reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM messages").scalar_one() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM conversations").scalar_one() == 0
