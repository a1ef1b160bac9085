"""The tools panel: what the agent may use, what is broken, and the settings of a plugin."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchat.workshop import tool_settings_name
from tests.laboratory import MAIL, TOOLS
from tests.ui.chat_app import ChatApp, words
from tests.ui.test_app_people import ANN, as_, owner

Start = Callable[..., ChatApp]
GREETER = '''
"""Greets."""
PLUGIN = {"approval": "auto"}
def greet(name: str) -> str:
    """Greet somebody."""
    return "Hello, " + name
TOOLS = [greet]
'''


def offered(agent: ChatApp) -> set[str]:
    """The tools that the last request offered to the model."""
    return {tool["function"]["name"] for tool in agent.asked()[-1].get("tools", ()) if "function" in tool}


def toggle(agent: ChatApp, name: str) -> Any:
    return agent.page.toggle(key=f"tool-{name}")


def shown(agent: ChatApp) -> str:
    return words(agent.page)  # type: ignore[arg-type] # it has the same get


def test_each_tool_has_its_icon_description_and_whether_it_asks(agent: ChatApp):
    assert toggle(agent, "sales").label == ":material/science: **Sales** :gray-badge[runs by itself]"
    assert toggle(agent, "send_mail").label == ":material/science: **Send mail** :violet-badge[asks first]"
    assert "The sales of a year, as a table and a chart." in shown(agent)


def test_all_tools_are_in_use_at_first(agent: ChatApp):
    agent.ask_agent("say Hello.")
    assert {"clock", "sales", "send_mail"} <= offered(agent)


def test_a_tool_that_is_switched_off_is_not_offered_to_the_model_and_stays_off(agent: ChatApp):
    agent.switch("tool-send_mail", False)
    agent.ask_agent("say Hello.")
    assert "send_mail" not in offered(agent)
    agent.open(chat=agent.chat)
    assert toggle(agent, "send_mail").value is False
    agent.ask_agent(MAIL, "say Done.")
    assert "send_mail" not in offered(agent)


def test_all_tools_switched_on_again_are_all_of_them_after_a_reload_too(agent: ChatApp):
    agent.ask_agent("say Hello.")
    agent.press("no-tools")
    agent.ask_agent("say Hello.")
    assert offered(agent) == set()
    agent.press("all-tools")
    agent.open(chat=agent.chat)
    assert toggle(agent, "sales").value is True


def test_the_choice_of_one_chat_is_not_that_of_another(agent: ChatApp):
    agent.ask_agent("say Hello.")
    first = agent.chat
    agent.press("new-chat")
    agent.press("no-tools")
    agent.ask_agent("say Hello.")
    agent.press(f"open-{first}")
    assert toggle(agent, "sales").value is True


def test_a_module_dropped_into_the_folder_is_used_without_a_restart(agent: ChatApp, tools: Path):
    agent.ask_agent("say Hello.")
    (tools / "greeter.py").write_text(GREETER)
    last = agent.ask_agent('call greet {"name": "Ann"}', "say Done.")
    assert last.text == "Done."
    assert "Hello, Ann" in words(agent.answers[-1])
    assert toggle(agent, "greet").value is True


def test_a_broken_module_is_reported_with_its_traceback_folded_and_the_last_good_version_works(
    agent: ChatApp, tools: Path
):
    (tools / "laboratory.py").write_text(TOOLS + "\nimport nowhere_to_be_found\n")
    agent.run()
    assert "1 broken" in shown(agent)
    assert "No module named 'nowhere" in shown(agent)
    assert "The last version that worked is still in use." in shown(agent)
    [traceback] = [expander for expander in agent.page.expander if expander.label == "Traceback"]
    assert not traceback.proto.expanded
    assert "import nowhere_to_be_found" in words(traceback)
    assert agent.ask_agent('call sales {"year": 1}', "say Done.").text == "Done."


def test_the_settings_of_a_plugin_are_a_form_and_reach_its_tools(agent: ChatApp):
    unit = next(box for box in agent.page.selectbox if box.label == "Unit")
    assert unit.help == "What temperatures are told in."
    assert "ORCHAT_TOOL_SETTINGS" in shown(agent)
    unit.set_value("kelvin")
    agent.press("save-laboratory")
    agent.ask_agent('call measure {"seconds": 0}')
    assert "42 kelvin" in words(agent.answers[-1])


def test_where_people_log_in_an_operators_key_goes_to_no_address_that_somebody_else_sets(start: Start, tools: Path):
    team = start(ORCHAT_LOGIN="oidc", ORCHAT_TOOLS_DIR=str(tools), ORCHAT_TOOL_SETTINGS='{"laboratory": {"most": 7}}')
    tab = as_(team, ANN)
    tab.store.save_preference(owner(ANN), tool_settings_name("laboratory"), {"unit": "kelvin"})
    tab.page.switch_page("pages/agent.py")
    tab.run()
    assert "Laboratory is set up by whoever runs this orchat" in shown(tab)
    assert [box for box in tab.page.selectbox if box.label == "Unit"] == []
    settings = team.services.toolbox()._settings(owner(ANN), "laboratory")
    assert settings == {"most": 7}


def test_settings_that_cannot_be_used_are_said(agent: ChatApp):
    next(box for box in agent.page.number_input if box.label == "Most samples").set_value(0)
    agent.press("save-laboratory")
    assert "most" in agent.page.toast[0].value


def test_openrouters_own_tools_are_switches_that_zero_data_retention_turns_off(agent: ChatApp):
    agent.switch("tool-openrouter:web_search", True)
    agent.ask_agent("say Hello.")
    assert {"type": "openrouter:web_search"} in agent.asked()[-1]["tools"]
    agent.switch("zdr", True)
    assert toggle(agent, "openrouter:web_search").disabled
    assert toggle(agent, "openrouter:web_search").value is False
    agent.ask_agent("say Hello.")
    assert {"type": "openrouter:web_search"} not in agent.asked()[-1]["tools"]


def test_what_the_operator_forbids_is_locked_says_by_whom_and_reaches_no_model(agent: ChatApp):
    agent.switch("tool-openrouter:web_search", True)
    agent.services.live.change("ops", "forbidden_tools", ["send_mail"])
    agent.services.live.change("ops", "forbidden_features", ["web_search"])
    agent.run()
    for name in ("send_mail", "openrouter:web_search"):
        switch = toggle(agent, name)
        assert (switch.value, switch.disabled) == (False, True)
        assert "forbidden by whoever runs this orchat" in switch.label
    answer = agent.ask_agent("say Hello.")
    assert answer.state == "done"
    assert "sales" in offered(agent)
    assert "send_mail" not in offered(agent)
    assert not [tool for tool in agent.asked()[-1]["tools"] if tool["type"] != "function"]
