"""Edits and new answers stand beside what they replace."""

from tests.ui.chat_app import ChatApp, words


def edit(app: ChatApp, message_id: str, text: str) -> None:
    app.press(f"edit-{message_id}")
    app.page.text_area(key=f"text-{message_id}").set_value(text)
    [send] = [button for button in app.page.main.button if button.label == "Send"]
    send.click()
    app.run()


def test_an_edited_message_is_sent_as_another_version_of_it(app: ChatApp):
    app.send("Explain rainbows")
    first = app.branch[0]
    edit(app, first.id, "Explain thunder")
    app.settled()
    assert [message.text for message in app.store.siblings("local", first.id)] == [
        "Explain rainbows",
        "Explain thunder",
    ]
    assert "Explain thunder" in words(app.questions[0])
    assert [message["content"] for message in app.asked()[-1]["messages"]] == ["Explain thunder"]


def test_cancelling_an_edit_changes_nothing(app: ChatApp):
    app.send("Explain rainbows")
    first = app.branch[0]
    app.press(f"edit-{first.id}")
    app.page.text_area(key=f"text-{first.id}").set_value("Something else")
    [cancel] = [button for button in app.page.main.button if button.label == "Cancel"]
    cancel.click()
    app.run()
    assert len(app.store.siblings("local", first.id)) == 1
    assert "Explain rainbows" in words(app.questions[0])
    assert len(app.asked()) == 1


def test_regenerating_puts_a_second_answer_beside_the_first(app: ChatApp):
    first = app.send("Explain rainbows")
    app.press(f"retry-{first.id}")
    second = app.settled()
    assert second.id != first.id
    assert second.parent_id == first.parent_id
    assert "2 of 2" in words(app.answers[0])


def test_a_new_version_of_an_earlier_answer_says_where_the_rest_is(app: ChatApp):
    app.send("Explain rainbows")
    answer = app.branch[1]
    app.press(f"retry-{answer.id}")
    assert [toast.value for toast in app.page.toast] == []
    app.settled()
    later = app.send("And thunder")
    app.press(f"retry-{app.branch[1].id}")
    assert ["‹ leads back" in toast.value for toast in app.page.toast] == [True]
    app.settled()
    assert len(app.branch) == 2
    app.press(f"switch-{app.branch[1].id}-1")
    assert app.branch[-1].id == later.id


def test_the_first_version_can_be_shown_again_and_be_gone_on_from(app: ChatApp):
    first = app.send("Explain rainbows")
    app.press(f"retry-{first.id}")
    second = app.settled()
    app.press(f"switch-{second.id}-0")
    assert app.branch[-1].id == first.id
    assert "1 of 2" in words(app.answers[0])
    app.send("Go on")
    assert [message.id for message in app.branch][1] == first.id


def test_switching_between_questions_shows_what_followed_each(app: ChatApp):
    app.send("Explain rainbows")
    app.send("And double ones?")
    first = app.branch[0]
    edit(app, first.id, "Explain thunder")
    app.settled()
    assert len(app.questions) == 1
    app.press(f"switch-{app.branch[0].id}-0")
    assert [words(question).split("\n")[0] for question in app.questions] == ["Explain rainbows", "And double ones?"]


def test_an_answer_without_alternatives_has_no_switch(app: ChatApp):
    app.send("Hello")
    assert app.buttons("‹") == []


def test_the_ends_of_the_row_of_versions_lead_nowhere(app: ChatApp):
    first = app.send("Explain rainbows")
    app.press(f"retry-{first.id}")
    second = app.settled()
    assert not app.page.button(key=f"switch-{second.id}-0").disabled
    assert app.page.button(key=f"switch-{second.id}-2").disabled
