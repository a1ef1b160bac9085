"""The options above the box: system prompt, variables, parameters and the form of the answer."""

import json
from collections.abc import Callable

import pytest

from tests.ui.chat_app import OWNER, ChatApp, words

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"title": {"type": "string"}, "score": {"type": "integer", "minimum": 1, "maximum": 5}},
        "required": ["title", "score"],
    }
)


@pytest.fixture
def chat(start: Callable[..., ChatApp]) -> ChatApp:
    """A chat whose model is chosen, with titles that cost no request."""
    return start(ORCHAT_DEFAULT_MODEL="openai/gpt-4.1", ORCHAT_TITLE_MODEL="none")


def write(app: ChatApp, key: str, text: str) -> None:
    app.page.text_area(key=app.field(key)).set_value(text)
    app.run()


def number(app: ChatApp, name: str, value: float | None) -> None:
    app.page.number_input(key=app.field(f"parameter-{name}")).set_value(value)
    app.run()


def offered(app: ChatApp) -> set[str]:
    fields = [*app.page.number_input, *app.page.selectbox, *app.page.multiselect]
    keys = [str(field.key) for field in fields if str(field.key).startswith("parameter-")]
    return {key.removeprefix("parameter-").rpartition("-")[0] for key in keys}


def everything(app: ChatApp) -> str:
    """All words on the page, those of dialogs among them."""
    return "\n".join(map(words, app.page._tree.children.values())).replace("\\", "")


def test_what_is_set_goes_with_every_question_and_comes_back_with_the_chat(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    number(chat, "temperature", 0.5)
    chat.send("Hello")
    chat.send("And now?")
    for body in chat.asked():
        assert body["messages"][0] == {"role": "system", "content": "Be brief."}
        assert body["temperature"] == 0.5
        assert "seed" not in body
    assert "2 set" in everything(chat)
    kept = chat.chat
    chat.press("new-chat")
    assert chat.page.text_area(key=chat.field("system_prompt")).value == ""
    chat.open(chat=kept)
    assert chat.page.text_area(key=chat.field("system_prompt")).value == "Be brief."
    assert chat.page.number_input(key=chat.field("parameter-temperature")).value == 0.5


def test_what_is_taken_back_stays_taken_back(chat: ChatApp):
    number(chat, "seed", 7)
    chat.send("Hello")
    chat.press("clear-parameters")
    chat.send("And now?")
    assert [body.get("seed") for body in chat.asked()] == [7, None]
    chat.open(chat=chat.chat)
    assert chat.page.number_input(key=chat.field("parameter-seed")).value is None


def test_fields_are_those_of_the_model_and_what_it_does_not_take_is_kept_and_not_sent(chat: ChatApp):
    assert offered(chat) == {
        "temperature", "top_p", "max_tokens", "seed", "frequency_penalty", "presence_penalty", "stop",
    }  # fmt: skip
    number(chat, "seed", 7)
    chat.choose_model("anthropic/claude-sonnet-4.6")
    assert {"reasoning", "temperature"} <= offered(chat)
    assert not {"seed", "verbosity"} & offered(chat)
    assert "Kept, but not sent: Seed" in everything(chat)
    chat.send("Hello")
    assert "seed" not in chat.asked()[-1]
    chat.choose_model("openai/gpt-4.1")
    assert chat.page.number_input(key=chat.field("parameter-seed")).value == 7


def test_reasoning_can_be_switched_off_where_the_model_allows_it(chat: ChatApp):
    chat.choose_model("openai/gpt-5.2")
    assert chat.page.selectbox(key=chat.field("parameter-reasoning")).options == ["Off", "Low", "Medium", "High"]
    chat.page.selectbox(key=chat.field("parameter-reasoning")).set_value("off")
    chat.run()
    assert not chat.send("Why?").wire.get("reasoning")
    assert chat.asked()[-1]["reasoning"] == {"enabled": False}
    chat.choose_model("openai/o3")
    assert chat.page.selectbox(key=chat.field("parameter-reasoning")).options == ["Low", "Medium", "High"]
    assert "Kept, but not sent: Reasoning" in everything(chat)


def test_no_more_tokens_can_be_asked_for_than_the_model_gives(chat: ChatApp):
    assert chat.page.number_input(key=chat.field("parameter-max_tokens")).max == 32_768
    number(chat, "max_tokens", 20)
    assert chat.send("Explain rainbows").finish_reason == "length"


def test_a_variable_without_a_value_is_asked_for_and_nothing_is_sent_before(chat: ChatApp):
    write(chat, "system_prompt", "For {{audience}}, {{tone|friendly}}, on {{weekday}}.")
    chat.page.chat_input(key="prompt").set_value("Explain rainbows")
    chat.run()
    assert "places to fill" in everything(chat)
    assert chat.inferences() == []
    assert chat.store.conversations(OWNER) == []
    chat.page.text_input(key="asked-variable-audience").set_value("children")
    chat.submit("Send")
    chat.settled()
    told = chat.asked()[-1]["messages"][0]["content"]
    assert told.startswith("For children, friendly, on ")
    assert "{{" not in told
    # Once given, it is not asked for again.
    chat.send("And snow?")
    assert chat.asked()[-1]["messages"][0]["content"] == told


def test_an_answer_in_a_form_is_shown_as_a_tree_with_what_its_schema_says(chat: ChatApp):
    write(chat, "answer-schema", SCHEMA)
    assert "2 fields, which the provider enforces" in everything(chat)
    answer = chat.send("Rate the film Alien")
    assert chat.asked()[-1]["provider"] == {"require_parameters": True}
    assert json.loads(chat.page.json[0].value) == json.loads(answer.text)
    assert "Satisfies its schema" in words(chat.answers[-1])
    assert answer.text in words(chat.answers[-1])
    # It is drawn by what it was asked for, whatever is set now.
    write(chat, "answer-schema", "")
    assert len(chat.page.json) == 1
    assert chat.send("And in words?").text.startswith("*Simulated")
    assert len(chat.page.json) == 1


def test_a_model_that_is_only_told_the_schema_may_differ_and_the_page_says_where(chat: ChatApp):
    chat.choose_model("openai/gpt-4-turbo")
    write(chat, "answer-schema", SCHEMA)
    assert "it may differ" in everything(chat)
    chat.send("Rate the film Alien")
    assert "Does not satisfy its schema" in words(chat.answers[-1])
    assert "'title' is a required property" in words(chat.answers[-1])


def test_a_model_without_json_is_refused_before_anything_is_said(chat: ChatApp):
    chat.choose_model("perplexity/sonar")
    write(chat, "answer-schema", SCHEMA)
    chat.page.chat_input(key="prompt").set_value("Rate it")
    chat.run()
    assert "Sonar cannot answer in JSON" in everything(chat)
    assert chat.inferences() == []
    assert chat.store.conversations(OWNER) == []
    assert chat.page.chat_input(key="prompt").value == "Rate it"


def test_a_text_that_is_no_schema_is_told_with_its_line_and_nothing_is_sent(chat: ChatApp):
    write(chat, "answer-schema", '{"type": "object",\n"properties": {"a": {"type": "text"}}}')
    assert "Line 2" in everything(chat)
    chat.page.chat_input(key="prompt").set_value("Rate it")
    chat.run()
    assert chat.inferences() == []
    chat.press("remove-schema")
    assert chat.send("Rate it").state == "done"


def test_the_receipt_counts_the_system_prompt_and_names_the_parameters(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    number(chat, "temperature", 0.5)
    chat.send("Hello")
    chat.press(f"receipt-{chat.branch[-1].id}")
    shown = everything(chat)
    assert "2 messages with 14 characters" in shown
    assert "system prompt of 9 characters" in shown
    assert "Parameters: temperature 0.5" in shown


def test_the_agent_has_the_same_options(agent: ChatApp):
    agent.page.number_input(key=agent.field("parameter-seed")).set_value(5)
    agent.page.text_area(key=agent.field("answer-schema")).set_value(SCHEMA)
    agent.run()
    agent.ask_agent('say {"title": "Alien", "score": 9}')
    body = agent.asked()[-1]
    assert body["seed"] == 5
    assert body["response_format"]["json_schema"]["strict"] is True
    assert "9 is greater than the maximum of 5" in words(agent.answers[-1])


def test_what_is_behind_a_closed_button_is_not_drawn_and_holds_all_the_same(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    number(chat, "temperature", 0.2)
    chat.panels_open = False
    chat.run()
    assert not [field for field in chat.page.number_input if "temperature" in str(field.key)]
    chat.send("Hello")
    body = chat.asked()[-1]
    assert body["temperature"] == 0.2
    assert body["messages"][0]["content"] == "Be brief."
    chat.panels_open = True
    chat.run()
    assert chat.page.number_input(key=chat.field("parameter-temperature")).value == 0.2
