"""One question to several models at once: answers side by side, each with a run and an end of its own."""

from collections.abc import Callable, Sequence

from orchat.store import Message
from orchat.turn import Ask
from tests.ui.chat_app import OWNER, ChatApp, words

Start = Callable[..., ChatApp]
THREE = ("demo/fast", "demo/mid-stream-error", "openrouter/auto")


def compare(app: ChatApp, models: Sequence[str] = THREE) -> None:
    app.page.multiselect(key="compared").set_value(list(models))
    app.run()


def ask_all(app: ChatApp, text: str, models: Sequence[str] = THREE) -> list[Message]:
    """Ask several models, wait for all, and return their answers."""
    compare(app, models)
    app.send(text)
    assert all(run.settled.wait(20) for run in app.services.runs.together(OWNER, app.chat))
    app.run()
    question = app.branch[-2]
    return [message for message in app.store.all_messages(OWNER, app.chat) if message.parent_id == question.id]


def column(app: ChatApp, answer: Message) -> str:
    [place] = [place for place in app.page.columns if f"go-on-{answer.id}" in {b.key for b in place.button}]
    return words(place)


def test_each_model_answers_the_same_question_and_an_error_leaves_the_others(app: ChatApp):
    answers = ask_all(app, "Explain rainbows")
    assert [(answer.model_asked, answer.state) for answer in answers] == list(
        zip(THREE, ("done", "failed", "done"), strict=True)
    )
    bodies = {body["model"]: body["messages"] for body in app.asked()}
    assert set(bodies) == set(THREE)
    assert all(messages == [{"role": "user", "content": "Explain rainbows"}] for messages in bodies.values())
    shown = [column(app, answer) for answer in answers]
    assert answers[0].text.split("\n")[0] in shown[0]
    assert "$" in shown[0]
    assert " s" in shown[0]
    assert "⚠️" in shown[1]
    assert "via auto-router" in shown[2]


def test_each_is_counted_and_the_chat_is_titled_once(app: ChatApp):
    answers = ask_all(app, "Explain rainbows", ("demo/fast", "openai/gpt-4.1-mini"))
    calls = app.store.calls_of(OWNER, app.chat)
    assert sorted(call.message_id for call in calls if call.kind == "chat") == sorted(answer.id for answer in answers)
    assert [call.kind for call in calls].count("title") == 1
    assert all(answer.cost for answer in answers)


def test_the_first_is_gone_on_with_unless_another_one_is_chosen(app: ChatApp):
    answers = ask_all(app, "Explain rainbows", ("demo/fast", "openrouter/auto"))
    assert app.branch[-1].id == answers[0].id
    app.press(f"go-on-{answers[1].id}")
    assert app.branch[-1].id == answers[1].id
    assert "2 of 2" in words(app.answers[-1])
    compare(app, [])
    app.choose_model("demo/fast")
    app.send("And thunder?")
    assert [message["content"] for message in app.asked()[-1]["messages"]][:2] == ["Explain rainbows", answers[1].text]


def test_the_answers_can_be_shown_side_by_side_again(app: ChatApp):
    answers = ask_all(app, "Explain rainbows", ("demo/fast", "openrouter/auto"))
    app.press(f"go-on-{answers[0].id}")
    assert [button for button in app.page.button if str(button.key).startswith("go-on-")] == []
    app.press(f"beside-{answers[0].id}")
    assert column(app, answers[1])


def test_a_reload_shows_them_side_by_side_and_the_models_stay_chosen(app: ChatApp):
    answers = ask_all(app, "Explain rainbows", ("demo/fast", "openrouter/auto"))
    app.open(chat=app.chat)
    assert [column(app, answer) != "" for answer in answers] == [True, True]
    assert app.page.multiselect(key="compared").value == ["demo/fast", "openrouter/auto"]


def test_one_is_stopped_and_the_others_go_on_then_all_are(start: Start):
    app = start(ORCHAT_TITLE_MODEL="none")
    chat = app.store.create_conversation(OWNER)
    question = app.services.chats.say(OWNER, chat.id, "Wait for it", None)
    connection = app.services.connection()
    asks = [Ask("demo/silent"), Ask("demo/silent"), Ask("demo/silent")]
    runs = app.services.ask_several(OWNER, question, asks, connection)
    runs[1].stop()
    assert runs[1].settled.wait(5)
    assert [run.active for run in runs] == [True, False, True]
    for run in runs:
        run.stop()
    assert all(run.settled.wait(5) for run in runs)
    states = [message.state for message in app.store.all_messages(OWNER, chat.id)[1:]]
    assert states == ["stopped", "stopped", "stopped"]


def test_a_new_version_of_one_answer_asks_its_model_alone(app: ChatApp):
    first, second = ask_all(app, "Explain rainbows", ("demo/fast", "openrouter/auto"))
    app.press(f"go-on-{second.id}")
    app.press(f"retry-{second.id}")
    again = app.settled()
    answers = [message for message in app.store.all_messages(OWNER, app.chat) if message.parent_id == first.parent_id]
    assert [answer.model_asked for answer in answers] == ["demo/fast", "openrouter/auto", "openrouter/auto"]
    assert again.id == answers[-1].id
    assert again.auto


def test_one_alone_is_nothing_to_compare(app: ChatApp):
    compare(app, ["demo/fast"])
    app.choose_model("demo/script")
    app.send("say Alone")
    assert [message.model_asked for message in app.branch[1:]] == ["demo/script"]


def test_the_choice_is_kept_while_the_list_of_models_is_still_on_its_way(start: Start):
    app = start(OPENROUTER_BASE_URL="http://127.0.0.1:9/api/v1")
    settings = {"compared": ["demo/fast", "openrouter/auto"]}
    app.open(chat=app.store.create_conversation(OWNER, settings=settings).id)
    assert app.session.compared == ("demo/fast", "openrouter/auto")


def test_a_model_that_is_not_offered_any_more_is_left_out(app: ChatApp):
    compare(app, ("demo/fast", "openrouter/auto"))
    app.send("Explain rainbows")
    app.store.update_settings(OWNER, app.chat, {"compared": ["demo/fast", "gone/model"]})
    app.open(chat=app.chat)
    assert app.page.multiselect(key="compared").value == ["demo/fast"]
