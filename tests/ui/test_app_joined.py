"""An answer that was cut and what continues it are read as one, and stay two messages with a cost each."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from orchat.archive import as_html, as_json, as_markdown, import_file
from orchat.store import Message
from orchat.ui.wording import plain
from tests.ui.chat_app import OWNER, ChatApp, words

QUESTION = "Explain rainbows"
FIRST, REST = "**In one sente", "nce:** light is bent."
WHOLE = FIRST + REST


def kept(app: ChatApp, message: Message, text: str, **values: Any) -> Message:
    wire = {**message.wire, "content": text}
    return app.store.save_message(OWNER, replace(message, wire=wire, **values))


def joined(app: ChatApp, first: str = FIRST, rest: str = REST, **values: Any) -> list[Message]:
    """Ask, cut the answer, continue it, and let both say what is wanted; returns the two."""
    answer = kept(app, app.send(QUESTION), first, finish_reason="length")
    app.open(chat=answer.conversation_id)
    app.press(f"continue-{answer.id}")
    more = kept(app, app.settled(), rest, **values)
    app.open(chat=answer.conversation_id)
    return [answer, more]


def blocks(app: ChatApp) -> list[str]:
    return [str(element.value) for element in app.answers[-1].markdown]


def test_markup_that_was_cut_in_the_middle_is_whole(app: ChatApp):
    joined(app)
    assert len(app.answers) == 1
    assert blocks(app) == [WHOLE]


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        ("```python\nx = 1\n", "y = 2\n```"),
        ("| a | b |\n|---|---|\n| 1 | 2", " |\n| 3 | 4 |"),
        ("See [the", " sun](https://example.org)"),
    ],
)
def test_a_code_block_a_table_and_a_link_that_were_cut_are_drawn_as_one(app: ChatApp, first: str, rest: str):
    joined(app, first, rest)
    drawn = blocks(app)
    whole = kept(app, app.send("Say it at once"), first + rest)
    app.open(chat=whole.conversation_id)
    assert blocks(app) == drawn


def test_each_part_has_its_line_with_its_cost_and_the_one_dialog_has_both_receipts(app: ChatApp):
    answer, more = joined(app)
    kept(app, answer, FIRST, finish_reason="length", cost=Decimal("0.01"))
    kept(app, more, REST, cost=Decimal("0.02"))
    app.open(chat=answer.conversation_id)
    lines = [line for line in words(app.answers[-1]).split("\n") if " · " in line]
    assert [line.partition(" · ")[0] for line in lines] == ["**Cut** at the token limit", "Continued"]
    assert ["$0.01" in lines[0], "$0.02" in lines[1]] == [True, True]
    app.press(f"receipt-{more.id}")
    drawn = "\n".join(str(element.value) for element in app.page.markdown)
    calls = [call for call in app.store.calls_of(OWNER, app.chat) if call.kind == "chat"]
    assert len(calls) == 2
    assert all(plain(str(call.generation_id)) in drawn for call in calls)


def test_a_failure_that_was_continued_is_said_in_a_line_and_no_card_offers_to_try_again(app: ChatApp):
    answer, _ = joined(app)
    error = {"code": 502, "message": "The provider broke off.", "advice": "Try again.", "actions": ["retry"]}
    kept(app, answer, FIRST, state="failed", finish_reason=None, error=error)
    app.open(chat=answer.conversation_id)
    assert "**Failed**: The provider broke off. · " in words(app.answers[-1])
    assert not [button for button in app.page.button if str(button.key).startswith("card-")]


def test_the_copy_button_copies_all_of_it(app: ChatApp, monkeypatch: pytest.MonkeyPatch):
    from orchat.ui import components

    copied: list[str] = []
    monkeypatch.setattr(components, "copy_button", lambda text, **_: copied.append(text))
    joined(app)
    assert copied[-1] == WHOLE


def test_what_continues_a_continuation_is_the_same_answer(app: ChatApp):
    _, second = joined(app, FIRST, "nce:** li", finish_reason="length")
    app.press(f"continue-{second.id}")
    kept(app, app.settled(), "ght is bent.")
    app.open(chat=second.conversation_id)
    assert blocks(app) == [WHOLE]


def test_space_that_a_model_was_not_sent_and_wrote_anew_stands_there_once(app: ChatApp):
    # The beginning that ends a request may not end with space.
    app.choose_model("anthropic/claude-haiku-4.5")
    joined(app, "| a | b |\n|---|---|\n| 1 | 2 |\n", "\n| 3 | 4 |")
    assert blocks(app) == ["| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"]


def test_space_that_a_model_was_sent_stays_as_it_is(app: ChatApp):
    app.choose_model("openai/gpt-4.1-nano")
    joined(app, "One.\n", "\nTwo.")
    assert blocks(app) == ["One.\n\nTwo."]


def test_regenerating_puts_a_version_beside_all_of_it(app: ChatApp):
    answer, more = joined(app)
    app.press(f"retry-{more.id}")
    again = app.settled()
    assert [message.id for message in app.branch] == [answer.parent_id, again.id]
    assert app.session.notice is None
    app.press(f"switch-{again.id}-0")
    assert blocks(app) == [WHOLE]
    assert [message.id for message in app.branch][1::2] == [answer.id, more.id]


def test_versions_of_the_continuation_stay_within_reach(app: ChatApp):
    _, more = joined(app)
    wire = {"role": "assistant", "content": "nce:** it rains."}
    other = app.store.add_message(OWNER, app.chat, role="assistant", wire=wire, parent_id=more.parent_id)
    app.open(chat=app.chat)
    assert blocks(app) == ["**In one sentence:** it rains."]
    app.press(f"switch-{other.id}-0")
    assert blocks(app) == [WHOLE]


def menu(app: ChatApp, answer: Message, entry: str) -> None:
    app.page.menu_button(key=f"more-{answer.id}").set_value(entry)
    app.run()


def test_the_continuation_alone_can_be_deleted_and_asked_for_anew(app: ChatApp):
    answer, more = joined(app)
    menu(app, more, "Delete the continuation")
    assert app.branch[-1].id == answer.id
    assert f"continue-{answer.id}" in [str(button.key) for button in app.page.button]
    app.press("undo-removal")
    assert app.branch[-1].id == more.id


def test_deleting_the_answer_takes_all_of_it_and_an_answer_in_one_part_has_no_continuation_to_delete(app: ChatApp):
    answer, more = joined(app)
    menu(app, more, "Delete this answer")
    assert [message.id for message in app.branch] == [answer.parent_id]
    whole = app.send("And thunder?")
    assert "Delete the continuation" not in app.page.menu_button(key=f"more-{whole.id}").options


def test_a_fork_has_both_parts_and_is_read_as_one(app: ChatApp):
    answer, more = joined(app)
    menu(app, more, "Fork from here")
    assert app.chat != answer.conversation_id
    assert blocks(app) == [WHOLE]
    assert [message.role for message in app.branch] == ["user", "assistant", "user", "assistant"]


def test_a_thumb_that_was_given_before_it_went_on_is_still_shown(app: ChatApp):
    answer, _ = joined(app)
    app.store.rate(OWNER, answer.id, "up")
    app.open(chat=answer.conversation_id)
    assert [one.value for one in app.page.feedback if one.key == f"rate-{answer.id}"] == [1]


def test_json_that_was_cut_is_looked_at_as_a_whole(app: ChatApp):
    schema = {"schema": {"type": "object", "properties": {"colours": {"type": "integer"}}}}
    answer, _ = joined(app, '{"colours":', " 7}")
    kept(app, answer, '{"colours":', details={"schema": schema["schema"]})
    app.open(chat=answer.conversation_id)
    assert "Satisfies its schema" in words(app.answers[-1])


def test_to_read_it_is_exported_as_one_and_to_bring_back_as_it_is_kept(app: ChatApp):
    parts = joined(app)
    chats = [app.store.conversation(OWNER, app.chat)]
    for made in (as_markdown(app.store, OWNER, chats), as_html(app.store, OWNER, chats)):
        assert WHOLE in made
        assert made.count("Answer") == 1
        assert all(f"{message.cost.normalize():f}" in made for message in parts if message.cost)
    [copy] = import_file(app.store, OWNER, as_json(app.store, OWNER, chats).encode())
    assert [message.text for message in app.store.branch(OWNER, copy)][1::2] == [FIRST, REST]


def test_a_hit_in_either_part_leads_to_the_answer(app: ChatApp, monkeypatch: pytest.MonkeyPatch):
    from orchat.ui import search_box, session

    answer, more = joined(app)
    shown: list[str] = []
    monkeypatch.setattr(search_box, "_scroll_to", lambda **options: shown.append(options["data"]["message"]))
    for part in (answer, more):
        app.session.found = session.visit(part.id)
        app.run()
    assert set(shown) == {more.id}
