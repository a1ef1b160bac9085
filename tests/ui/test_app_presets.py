"""Presets: kept from what is chosen, chosen for a chat, changed, given to everybody, taken along."""

import json
from collections.abc import Callable

import pytest

from orchat.presets.contents import to_file
from tests.ui.chat_app import OWNER, ChatApp
from tests.ui.test_app_options import everything, number, write
from tests.ui.test_app_people import ANN, BOB, as_, owner


@pytest.fixture
def chat(start: Callable[..., ChatApp]) -> ChatApp:
    return start(ORCHAT_DEFAULT_MODEL="openai/gpt-4.1", ORCHAT_TITLE_MODEL="none")


def save(app: ChatApp, name: str) -> str:
    """Keep what is chosen as a preset, and return its id."""
    app.press("save-preset")
    app.page.text_input(key="preset-name").set_value(name)
    app.submit("Save")
    return next(preset.id for preset in app.store.presets(OWNER) if preset.name == name)


def manage(app: ChatApp) -> None:
    """Open the list, from the panel behind the dialog if one is open."""
    app.session.presets = None
    app.run()
    app.press("manage-presets")


def act(app: ChatApp, preset: str, entry: str) -> None:
    manage(app)
    app.page.menu_button(key=f"preset-menu-{preset}").set_value(entry)
    app.run()


def use(app: ChatApp, preset: str | None) -> None:
    app.page.selectbox(key=app.field("preset")).set_value(preset)
    app.run()


def test_what_is_chosen_is_kept_under_a_name_and_comes_back_in_another_chat(chat: ChatApp):
    chat.choose_model("anthropic/claude-haiku-4.5")
    write(chat, "system_prompt", "Translate into {{language|French}}.")
    number(chat, "temperature", 0.2)
    preset = save(chat, "Translator")
    assert chat.page.selectbox(key=chat.field("preset")).value == preset
    chat.press("new-chat")
    chat.choose_model("openai/gpt-4.1")
    assert chat.page.selectbox(key=chat.field("preset")).value is None
    chat.press(f"begin-with-{preset}")
    chat.send("Hello")
    body = chat.asked()[-1]
    assert body["model"] == "anthropic/claude-haiku-4.5"
    assert body["messages"][0]["content"] == "Translate into French."
    assert body["temperature"] == 0.2
    assert "Translator · 2 set" in everything(chat)
    number(chat, "temperature", 0.9)
    assert "Changed since it was chosen" in everything(chat)
    chat.open(chat=chat.chat)
    assert chat.page.selectbox(key=chat.field("preset")).value == preset


def test_a_new_chat_begins_with_the_default_preset_until_it_is_taken_back(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    preset = save(chat, "Brief")
    act(chat, preset, "Begin new chats with it")
    chat.open()
    assert chat.page.text_area(key=chat.field("system_prompt")).value == "Be brief."
    chat.open(page="pages/agent.py")
    assert chat.page.text_area(key=chat.field("system_prompt")).value == "Be brief."
    chat.open()
    act(chat, preset, "Begin new chats without it")
    chat.open()
    assert chat.page.text_area(key=chat.field("system_prompt")).value == ""


def test_a_preset_adds_zero_data_retention_and_never_takes_it_away(chat: ChatApp):
    write(chat, "system_prompt", "Be open.")
    chat.switch("zdr", True)
    private = save(chat, "Private")
    chat.switch("zdr", False)
    plain = save(chat, "Plain")
    use(chat, private)
    assert chat.page.toggle(key="zdr").value is True
    use(chat, plain)
    assert chat.page.toggle(key="zdr").value is True


def test_what_was_changed_since_a_preset_was_chosen_can_be_taken_back(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    save(chat, "Brief")
    write(chat, "system_prompt", "Be long.")
    chat.press("preset-again")
    assert chat.page.text_area(key=chat.field("system_prompt")).value == "Be brief."
    use(chat, None)
    assert chat.page.text_area(key=chat.field("system_prompt")).value == ""


def test_a_preset_is_changed_copied_deleted_and_brought_back(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    preset = save(chat, "Brief")
    act(chat, preset, "Edit")
    chat.page.text_area(key="preset-prompt").set_value("Be very brief.")
    chat.submit("Save")
    assert chat.store.preset(OWNER, preset).content["system_prompt"] == "Be very brief."
    act(chat, preset, "Duplicate")
    chat.page.text_input(key="preset-name").set_value("")
    chat.submit("Save")
    assert "Give the preset a name first" in everything(chat)
    chat.page.text_input(key="preset-name").set_value("Terse")
    chat.submit("Save")
    assert [each.name for each in chat.store.presets(OWNER)] == ["Brief", "Terse"]
    act(chat, preset, "Delete")
    assert [each.name for each in chat.store.presets(OWNER)] == ["Terse"]
    chat.press("undo-preset")
    assert [each.name for each in chat.store.presets(OWNER)] == ["Brief", "Terse"]


def test_editing_can_take_over_what_is_chosen_now(chat: ChatApp):
    preset = save(chat, "Mine")
    number(chat, "seed", 3)
    act(chat, preset, "Edit")
    chat.page.toggle(key="preset-renew").set_value(True)
    chat.submit("Save")
    assert chat.store.preset(OWNER, preset).content["parameters"] == {"seed": 3}


def test_a_file_becomes_a_preset_and_a_wrong_one_is_told(chat: ChatApp):
    write(chat, "system_prompt", "Be brief.")
    exported = to_file(chat.store.preset(OWNER, save(chat, "Brief")))
    manage(chat)
    chat.page.file_uploader(key="preset-file").upload("a.json", exported.encode(), "application/json")
    chat.run()
    chat.press("import-preset")
    assert chat.page.text_input(key="preset-name").value == "Brief"
    assert len(chat.store.presets(OWNER)) == 2
    manage(chat)
    wrong = json.dumps({**json.loads(exported), "content": {"auto": 3}}).encode()
    chat.page.file_uploader(key="preset-file").upload("b.json", wrong, "application/json")
    chat.run()
    chat.press("import-preset")
    assert "entry “auto”" in everything(chat)
    assert len(chat.store.presets(OWNER)) == 2


@pytest.fixture
def team(start: Callable[..., ChatApp]) -> ChatApp:
    """Ann is an operator, Bob is none."""
    return start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com", ORCHAT_DEFAULT_MODEL="openai/gpt-4.1")


def test_what_an_operator_shares_others_use_and_copy_and_cannot_change(team: ChatApp):
    ann = as_(team, ANN)
    write(ann, "system_prompt", "Write plainly.")
    ann.press("save-preset")
    ann.page.text_input(key="preset-name").set_value("House style")
    ann.page.toggle(key="preset-shared").set_value(True)
    ann.submit("Save")
    [shared] = team.store.presets(owner(BOB))
    assert next((entry.actor, entry.action) for entry in team.store.audited()) == (owner(ANN), "shared a preset")
    bob = as_(team, BOB)
    bob.press(f"begin-with-{shared.id}")
    assert bob.page.text_area(key=bob.field("system_prompt")).value == "Write plainly."
    manage(bob)
    menu = bob.page.menu_button(key=f"preset-menu-{shared.id}")
    assert menu.options == ["Look at", "Duplicate", "Begin new chats with it"]
    act(bob, shared.id, "Look at")
    assert "An operator keeps it" in everything(bob)
    bob.press("preset-back")
    act(bob, shared.id, "Duplicate")
    assert [preset.shared for preset in team.store.presets(owner(BOB))] == [True, False]


def test_who_is_no_operator_cannot_share_whatever_the_browser_says(team: ChatApp):
    bob = as_(team, BOB)
    bob.press("save-preset")
    assert not [toggle for toggle in bob.page.toggle if toggle.key == "preset-shared"]
    bob.page.session_state["preset-shared"] = True
    bob.page.text_input(key="preset-name").set_value("Mine")
    bob.submit("Save")
    [preset] = team.store.presets(owner(BOB))
    assert preset.shared is False
    assert team.store.presets(owner(ANN)) == []


def test_a_preset_brings_the_search_of_the_web_and_the_models_that_are_compared(chat: ChatApp):
    held = {"web": True, "compared": ["openai/gpt-4.1", "anthropic/claude-haiku-4.5"]}
    preset = chat.store.create_preset(OWNER, "Two with the web", held).id
    chat.run()
    chat.press(f"begin-with-{preset}")
    chat.send("Hello")
    bodies = [body for body in chat.asked() if body["messages"][-1]["content"] == "Hello"]
    assert {body["model"] for body in bodies} == set(held["compared"])
    assert all(body["tools"][0]["type"] == "openrouter:web_search" for body in bodies)
