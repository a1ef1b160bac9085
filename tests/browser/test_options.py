"""Presets, variables and answers as JSON, as a person meets them."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app_process import OWNER
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
LIST = {"type": "array", "items": {"type": "string"}, "minItems": 5, "maxItems": 5}
SCHEMA = {"type": "object", "properties": {"reasons": LIST, "end": {"const": "It is whole."}}, "required": ["reasons"]}


def open_options(chat: Chat) -> Locator:
    chat.keyed("options-panel").get_by_role("button").click()
    panel = chat.page.get_by_test_id("stPopoverBody")
    expect(panel.get_by_role("textbox", name="System prompt")).to_be_visible(timeout=PATIENCE)
    return panel


def test_a_preset_asks_for_what_it_needs_and_nothing_is_sent_before(new_tab: Callable[..., Chat]):
    tab = new_tab()
    content = {"system_prompt": "Explain {{subject}} to {{reader|a child}}.", "parameters": {"temperature": 0.4}}
    preset = tab.store.create_preset(OWNER, "Tutor", content, icon="🎓")
    chat = tab.go().ready()
    chat.keyed(f"begin-with-{preset.id}").get_by_role("button").click()
    # At once, before the page has been drawn for the press: what the browser still shows must set nothing back.
    panel = open_options(chat)
    expect(panel.get_by_role("textbox", name="System prompt")).to_have_value(content["system_prompt"], timeout=PATIENCE)
    expect(panel.get_by_role("spinbutton", name="Temperature")).to_have_value("0.40")
    chat.page.keyboard.press("Escape")
    chat.ready().send("What is a fraction?")
    dialog = chat.page.get_by_role("dialog")
    expect(dialog.get_by_label("subject")).to_be_visible(timeout=PATIENCE)
    chat.page.keyboard.press("Escape")
    expect(chat.box).to_have_value("What is a fraction?", timeout=PATIENCE)
    chat.ready().box.press("Enter")
    dialog.get_by_label("subject").fill("arithmetic")
    assert chat.store.conversations(OWNER) == []
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE)
    chat.ended()
    [body] = [request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id]
    assert body["messages"][0] == {"role": "system", "content": "Explain arithmetic to a child."}
    assert body["temperature"] == 0.4


def test_presets_are_managed_in_a_dialog_that_the_first_click_does_not_close(new_tab: Callable[..., Chat]):
    tab = new_tab()
    preset = tab.store.create_preset(OWNER, "Plain", {"system_prompt": "Be plain."})
    chat = tab.go().ready()
    open_options(chat)
    chat.keyed("manage-presets").get_by_role("button").click()
    chat.keyed(f"preset-menu-{preset.id}").get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Edit").click()
    chat.page.get_by_role("dialog").get_by_label("Name").fill("Plainer")
    chat.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("dialog").get_by_text("Plainer")).to_be_visible(timeout=PATIENCE)
    assert chat.store.preset(OWNER, preset.id).name == "Plainer"


def test_json_is_code_while_it_arrives_and_a_tree_when_it_is_there(chat_with: Callable[..., Chat]):
    chat = chat_with("demo/slow")
    settings = {"schema": json.dumps(SCHEMA)}
    chat.store.update_settings(OWNER, chat.id, settings)
    chat.page.reload()
    chat.ready().send("Why is the sky blue?")
    expect(chat.answer.get_by_test_id("stCode")).to_contain_text('{"reasons"', timeout=PATIENCE)
    expect(chat.stop).to_be_visible()
    chat.ended()
    expect(chat.answer.get_by_test_id("stJson")).to_contain_text("It is whole.", timeout=PATIENCE)
    expect(chat.answer).to_contain_text("Satisfies its schema")
    chat.answer.get_by_text("As text").click()
    expect(chat.answer.get_by_test_id("stCode")).to_contain_text('{"reasons"', timeout=PATIENCE)


def test_the_panel_opens_where_there_is_room_for_it(chat: Chat):
    panel = open_options(chat)
    box = panel.bounding_box()
    assert box is not None
    assert box["height"] > 300


def test_a_model_stands_in_for_one_that_fails(chat_with: Callable[..., Chat]):
    chat = chat_with("demo/overloaded")
    panel = open_options(chat)
    panel.get_by_text("Routing").click()
    fallbacks = panel.get_by_role("combobox", name="Models that stand in")
    fallbacks.click()
    fallbacks.fill("Claude Haiku 4.5")
    chat.page.get_by_role("option").first.click()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_text("1 set")).to_be_visible(timeout=PATIENCE)
    chat.page.keyboard.press("Escape")
    chat.ready().send("Hello")
    chat.ended()
    body = next(request.body for request in chat.app.demo.requests if (request.body or {}).get("session_id") == chat.id)
    assert body["models"] == ["demo/overloaded", "anthropic/claude-haiku-4.5"]


def test_fields_become_a_schema(chat: Chat):
    open_options(chat)
    chat.keyed("build-schema").get_by_role("button").click()
    grid = chat.page.get_by_role("dialog").get_by_test_id("stDataFrameResizable")
    expect(grid).to_be_visible(timeout=PATIENCE)
    # The table is a canvas: the first cell of the first row is pressed where it is drawn.
    grid.click(position={"x": 90, "y": 52})
    chat.page.keyboard.press("Enter")
    # Filled, and not typed: keys that come before the cell has taken the focus are lost.
    chat.page.locator(".gdg-input").fill("city", timeout=PATIENCE)
    chat.page.locator(".gdg-input").press("Enter")
    use = chat.page.get_by_role("dialog").get_by_role("button", name="Use these fields")
    expect(use).to_be_enabled(timeout=PATIENCE)
    use.click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE)
    panel = open_options(chat)
    written = json.loads(panel.get_by_role("textbox", name="Answer as JSON, by this schema").input_value())
    assert written["properties"] == {"city": {"type": "string"}}
    assert written["required"] == ["city"]
