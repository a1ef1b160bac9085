"""The agent's page: a task is given, its steps are drawn and kept."""

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.elements.lib.mutable_status_container import StatusContainer

from orchat.continuing import INSTRUCTION
from tests.laboratory import MAIL
from tests.ui.chat_app import OWNER, ChatApp, words

MEASURED = 'call measure {"seconds": 0}'


def labels(app: ChatApp) -> list[str]:
    """The lines of the calls."""
    return [status.label for status in app.answers[-1].get("status")]  # type: ignore[attr-defined] # Status


def test_a_step_shows_its_tool_arguments_result_time_and_cost(agent: ChatApp):
    agent.ask_agent('call sales {"year": 2025}', "say It was **good**.")
    [label] = labels(agent)
    assert label.startswith(":material/science: Sales · ")
    assert label.endswith(" ms")
    shown = words(agent.answers[-1])
    assert '"year": 2025' in shown
    assert "3 months of 2025" in shown
    assert "Model call · " in shown
    assert "It was **good**." in shown


def test_calls_made_at_once_have_a_line_each(agent: ChatApp):
    agent.ask_agent(f'{MEASURED} && sales {{"year": 1}}', "say Done.")
    assert [label.split(" · ")[0].split(": ")[1] for label in labels(agent)] == ["Measure", "Sales"]


def test_below_a_turn_one_line_sums_up_what_all_its_steps_took(agent: ChatApp):
    agent.ask_agent(MEASURED, MEASURED, "say Done.")
    answers = [message for message in agent.branch if message.role == "assistant"]
    assert len(answers) == 3
    line = next(line for line in words(agent.answers[-1]).split("\n") if "tokens" in line)
    assert "3 model calls · 2 tool calls · " in line
    assert f"→ {sum(message.completion_tokens or 0 for message in answers)} tokens" in line


def test_a_tool_that_fails_says_why_on_its_line_and_the_turn_goes_on(agent: ChatApp):
    last = agent.ask_agent("call explode", "say I tried.")
    assert labels(agent)[0].startswith(r":material/science: Explode · failed: RuntimeError\: the disk is on fire · ")
    assert last.text == "I tried."


def test_the_thinking_of_each_step_is_folded(agent: ChatApp):
    agent.ask_agent("think First the sales.", MEASURED, "say Done.")
    folded = [expander for expander in agent.answers[-1].expander if "First the sales." in words(expander)]
    assert len(folded) == 1


def test_an_agent_conversation_is_reopened_with_its_steps_and_what_they_made(agent: ChatApp):
    agent.ask_agent('call sales {"year": 2025}', "say Done.")
    drawn, conversation = labels(agent), agent.chat
    agent.open(page="pages/agent.py", chat=conversation)
    assert labels(agent) == drawn
    assert len(agent.page.dataframe) == 1
    assert {button.label.split(" · ")[0] for button in agent.page.get("download_button")} == {"sales.csv", "bars.json"}  # type: ignore[attr-defined]


def test_an_agent_conversation_is_in_the_same_list_and_opens_on_its_page(agent: ChatApp):
    agent.ask_agent("say Hello.")
    conversation = agent.chat
    agent.open(chat=conversation)
    assert agent.session.kind == "agent"
    assert "Hello." in words(agent.answers[-1])


def test_the_system_prompt_goes_out_and_is_kept_with_the_conversation(agent: ChatApp):
    agent.page.text_area(key=agent.field("system_prompt")).set_value("Answer in rhymes.")
    agent.run()
    agent.ask_agent("say Hello.")
    assert agent.asked()[-1]["messages"][0] == {"role": "system", "content": "Answer in rhymes."}
    agent.open(page="pages/agent.py", chat=agent.chat)
    assert agent.page.text_area(key=agent.field("system_prompt")).value == "Answer in rhymes."


def test_a_turn_that_reaches_its_limit_of_dollars_says_so_on_a_card_with_what_it_cost(agent: ChatApp):
    agent.page.number_input(key="max_cost").set_value(0.0001)
    agent.run()
    last = agent.ask_agent(MEASURED, "say Never said.")
    assert last.error is not None
    assert last.error["kind"] == "SpendingLimitError"
    shown = words(agent.answers[-1])
    assert r"its limit for one turn is \$0.0001" in shown
    assert "go on" in shown
    assert r" · \$0.0" in next(line for line in shown.split("\n") if "1 model call · 1 tool call" in line)
    agent.page.number_input(key="max_cost").set_value(0.5)
    agent.run()
    assert agent.ask_agent("say Going on.").text == "Going on."


def test_a_turn_that_reaches_its_limit_of_steps_says_so_on_a_card(agent: ChatApp):
    agent.page.number_input(key="max_steps").set_value(1)
    agent.run()
    last = agent.ask_agent(MEASURED, "say Never said.")
    assert last.error is not None
    assert last.error["kind"] == "StepLimitError"


def test_only_models_with_tools_are_offered_and_the_others_are_counted(agent: ChatApp):
    catalogue = agent.services.connection().catalogue.current()
    without = [model for model in catalogue.models if not model.supports("tools")]
    assert without
    assert len(agent.page.selectbox(key="model").options) == len(catalogue) - len(without)
    assert f"{len(without)} models without tools are not offered." in agent.sidebar


def test_a_conversation_whose_model_has_no_tools_gets_another_and_says_so(agent: ChatApp):
    settings = {"model": "perplexity/sonar", "auto": False}
    conversation = agent.store.create_conversation("local", kind="agent", settings=settings)
    agent.open(chat=conversation.id)
    assert "cannot use tools" in agent.sidebar
    assert agent.page.selectbox(key="model").value != "perplexity/sonar"


def test_the_auto_router_can_choose_the_agents_model(agent: ChatApp):
    agent.switch("auto", True)
    answer = agent.send("What time is it in Lima?")
    assert agent.asked()[0]["model"] == "openrouter/auto"
    assert answer.auto
    assert "via auto-router" in words(agent.answers[-1])


def test_a_model_that_refuses_is_told_on_a_card_and_can_be_asked_again(agent: ChatApp):
    agent.choose_model("demo/flaky")
    agent.choose_model("demo/overloaded")
    last = agent.send("Hello")
    assert last.error is not None
    assert last.state == "failed"
    [retry] = agent.buttons("Try again")
    agent.choose_model("demo/script")
    agent.press(retry)
    assert agent.settled().state == "done"


def test_a_turn_that_goes_on_after_an_approval_keeps_the_steps_before_it(agent: ChatApp):
    agent.ask_agent(MEASURED, MAIL)
    agent.press(f"once-{agent.waiting}-0")
    assert agent.settled().state == "done"
    assert [message.role for message in agent.branch].count("tool") == 2


def test_regenerating_a_turn_begins_at_its_question(agent: ChatApp):
    first = agent.ask_agent(MEASURED, "say Done.")
    [regenerate] = agent.buttons("Regenerate")
    agent.press(regenerate)
    again = agent.settled()
    assert again.id != first.id
    assert again.text == "Done."
    assert [message.role for message in agent.branch] == ["user", "assistant", "tool", "assistant"]
    assert "2 of 2" in words(agent.answers[-1])
    [previous] = agent.buttons("‹")
    agent.press(previous)
    assert agent.branch[-1].id == first.id
    assert "1 of 2" in words(agent.answers[-1])


def test_with_zero_data_retention_every_request_of_the_agent_asks_for_it(agent: ChatApp):
    agent.switch("zdr", True)
    agent.ask_agent(MEASURED, "say Done.")
    assert len(agent.asked()) == 2
    assert all(body["provider"]["zdr"] is True for body in agent.asked())


def test_what_openrouters_web_search_found_is_cited_below_the_answer(agent: ChatApp):
    agent.switch("tool-openrouter:web_search", True)
    agent.ask_agent("say The web search found it.")
    shown = words(agent.answers[-1])
    assert "Sources" in shown
    assert "](https://example.com/1)" in shown
    assert agent.branch[-1].cost is not None
    assert agent.branch[-1].cost > 0.007


def test_a_step_that_is_over_is_sent_with_its_last_label_alone(agent: ChatApp, monkeypatch: pytest.MonkeyPatch):
    agent.ask_agent('call sales {"year": 2025}', "say Done.")
    sent: list[str] = []
    status = st.status
    monkeypatch.setattr(st, "status", lambda label, **options: sent.append(label) or status(label, **options))
    monkeypatch.setattr(StatusContainer, "update", lambda *_, **options: sent.append(options["label"]))
    agent.open(page="pages/agent.py", chat=agent.chat)
    # A browser folds what gets another label, and under load it sees each.
    assert {label.partition(" · ")[0] for label in sent} == {":material/science: Sales"}


def test_a_turn_that_was_cut_off_goes_on_below_with_its_steps_in_sight(agent: ChatApp):
    last = agent.ask_agent(MEASURED, "say The sea is deep and blue.")
    kept = replace(last, wire={**last.wire, "content": "The sea is"}, state="cut_off", finish_reason=None)
    agent.store.save_message(OWNER, kept)
    agent.open(page="pages/agent.py", chat=agent.chat)
    agent.press(f"continue-{last.id}")
    more = agent.settled()
    assert more.state == "done"
    # The scripted model does the last thing that it was told: the instruction is no line of a script.
    roles = [message.role for message in agent.branch]
    assert roles == ["user", "assistant", "tool", "assistant", "user", "assistant"]
    assert len(agent.questions) == 1
    assert len(agent.answers) == 2
    sent = agent.inferences()[-1]["messages"]
    assert [message["role"] for message in sent] == roles[:-1]
    assert sent[-2]["content"] == "The sea is"
    assert sent[-1]["content"] == INSTRUCTION
    assert f"continue-{last.id}" not in [str(button.key) for button in agent.page.button]


def test_a_turn_that_was_stopped_before_it_said_anything_is_not_continued(agent: ChatApp):
    last = agent.ask_agent(MEASURED, "say Done.")
    agent.store.save_message(OWNER, replace(last, wire={**last.wire, "content": ""}, state="stopped"))
    agent.open(page="pages/agent.py", chat=agent.chat)
    assert not [button for button in agent.page.button if str(button.key).startswith("continue-")]
