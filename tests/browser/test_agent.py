"""The agent at work: its steps as they happen, approvals, Stop, reload, limits."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.agent_app import agent, app, tools  # noqa: F401 - fixtures
from tests.browser.chat_page import PATIENCE, Chat, until
from tests.laboratory import MAIL

pytestmark = pytest.mark.browser
Agent = Callable[..., Chat]
MEASURE = 'call measure {"seconds": 60}'
SALES = 'call sales {"year": 2025}'
GREETER = '''
"""Greets."""
PLUGIN = {"title": "Greeter", "approval": "auto"}
def greet(name: str) -> str:
    """Greet somebody."""
    return "Good morning, " + name
TOOLS = [greet]
'''


def results(chat: Chat) -> list[str]:
    """What the model reads as the results of the calls."""
    return [str(message.wire["content"]) for message in chat.branch if message.role == "tool"]


def sent(demo: DemoServer, chat: Chat) -> list[dict[str, Any]]:
    """The messages of the last request of a conversation."""
    bodies = [request.body for request in demo.requests if isinstance(request.body, dict)]
    found: list[dict[str, Any]] = [body for body in bodies if body.get("session_id") == chat.id][-1]["messages"]
    return found


def every_call_is_answered(messages: list[dict[str, Any]]) -> bool:
    """Whether providers would take this: after each message with calls come their results, and no others."""
    at = 0
    while at < len(messages):
        calls = [call["id"] for call in messages[at].get("tool_calls") or ()]
        answers = messages[at + 1 : at + 1 + len(calls)]
        if [message.get("tool_call_id") for message in answers] != calls:
            return False
        at += 1 + len(calls)
    return True


def test_steps_are_shown_as_they_happen_and_the_answer_below_them(agent: Agent):  # noqa: F811
    chat = agent().do('call measure {"seconds": 2}', SALES, "say The year was **good**.")
    chat.says("Measure: the first sample (50%)")
    chat.says("Measure is at work…")
    expect(chat.stop).to_be_visible()
    chat.says("The year was good.")
    chat.says("3 model calls · 2 tool calls")
    chat.page.get_by_text("Measure · 2.0 s").click()
    expect(chat.answer.get_by_text("42 celsius")).to_be_visible(timeout=PATIENCE)
    expect(chat.page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(chat.page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible(timeout=PATIENCE)


def test_a_page_that_a_tool_made_runs_in_a_frame_that_reaches_nothing_of_orchats(agent: Agent):  # noqa: F811
    chat = agent().do("call gallery", "say Done.")
    chat.says("2 model calls")
    frame = chat.page.frame_locator("iframe[title='A page that a tool made']").frame_locator("iframe")
    expect(frame.locator("#seen")).to_have_text("null: walled off from orchat", timeout=PATIENCE)
    element = chat.page.locator("iframe[title='A page that a tool made']")
    assert element.get_attribute("sandbox") == "allow-scripts"
    # As tall as the page in it, and not as tall as such a frame is at first.
    until(lambda: 60 <= (element.bounding_box() or {"height": 0})["height"] < 300)
    expect(chat.page.get_by_test_id("stPlotlyChart").locator(".main-svg").first).to_be_visible(timeout=PATIENCE)
    with chat.page.expect_download() as download:
        chat.page.get_by_text("data.bin").click()
    assert Path(download.value.path()).read_bytes() == b"1234"


def test_a_module_dropped_in_is_used_and_when_it_breaks_that_is_shown_while_it_still_works(
    agent: Agent,  # noqa: F811
    tools: Path,  # noqa: F811
):
    chat = agent()
    (tools / "greeter.py").write_text(GREETER)
    chat.keyed("tools-panel").get_by_role("button").first.click()
    expect(chat.keyed("tool-greet")).to_be_visible(timeout=PATIENCE)
    expect(chat.keyed("tool-greet")).to_contain_text("runs by itself")
    # The panel stays open while tools are switched in it.
    chat.keyed("tool-greet").locator("label").first.click()
    chosen = chat.page.get_by_text(re.compile(r"^\d+ of \d+$"))
    all_of_them = int(chosen.inner_text().partition(" of ")[2])
    expect(chosen).to_have_text(f"{all_of_them - 1} of {all_of_them}", timeout=PATIENCE)
    chat.keyed("tool-greet").locator("label").first.click()
    expect(chosen).to_have_text(f"{all_of_them} of {all_of_them}", timeout=PATIENCE)
    expect(chat.keyed("tool-greet")).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.do('call greet {"name": "Ann"}', "say First.")
    chat.says("First.")
    (tools / "greeter.py").write_text(GREETER + "\nimport nowhere_to_be_found\n")
    chat.keyed("tools-panel").get_by_role("button").first.click()
    broken = chat.keyed("broken-greeter")
    expect(broken).to_contain_text("No module named 'nowhere_to_be_found'", timeout=PATIENCE)
    expect(broken).to_contain_text("The last version that worked is still in use.")
    expect(broken.get_by_text("import nowhere_to_be_found")).not_to_be_visible()
    broken.get_by_text("Traceback").click()
    expect(broken.get_by_text("import nowhere_to_be_found")).to_be_visible(timeout=PATIENCE)
    chat.page.keyboard.press("Escape")
    chat.do('call greet {"name": "Bob"}', "say Second.")
    chat.says("Second.")
    assert results(chat) == ["Good morning, Ann", "Good morning, Bob"]
    (tools / "greeter.py").unlink()


def test_approvals_deny_with_a_reason_edit_and_allow_for_the_chat(agent: Agent):  # noqa: F811
    chat = agent().do(MAIL, MAIL, MAIL, MAIL, "say All decided.")
    card = chat.page.locator("[class*='st-key-approval-']").last
    card.get_by_role("button", name="Deny", exact=True).click()
    chat.page.get_by_label("Why not?").fill("Not before Monday.")
    chat.page.get_by_label("Why not?").press("Enter")
    chat.says("Send mail · denied")
    # The question has a button of this name too.
    card.get_by_role("button", name="Edit", exact=True).click()
    chat.page.get_by_label("to", exact=True).fill("carl@example.org")
    chat.press("Run with these")
    until(lambda: len(results(chat)) == 2 and chat.last.state == "waiting")
    chat.press("Always in this chat")
    chat.says("All decided.")
    assert "Not before Monday." in results(chat)[0]
    assert "sent to carl@example.org" in results(chat)[1]
    assert results(chat)[2:] == ["sent to ann@example.org: Hello"] * 2


def test_stop_ends_a_tool_in_the_middle_and_the_next_turn_is_valid(
    agent: Agent,  # noqa: F811
    tools: Path,  # noqa: F811
    demo: DemoServer,
):
    chat = agent().do(f"{MEASURE} && {SALES}", "say Never said.")
    chat.says("Measure is at work…")
    chat.stop.click()
    until((tools / "stopped.txt").exists)
    expect(chat.stop).to_have_count(0, timeout=PATIENCE)
    chat.says("Measure · stopped")
    chat.says("Stopped · ")
    chat.do("say Still here.")
    chat.says("Still here.")
    assert every_call_is_answered(sent(demo, chat))


def test_stop_ends_the_model_in_the_middle_and_the_next_turn_is_valid(agent: Agent, demo: DemoServer):  # noqa: F811
    chat = agent("demo/long").send("Go on").streaming(200)
    request = [request for request in demo.requests if isinstance(request.body, dict)][-1]
    chat.stop.click()
    until(lambda: request.ended_at is not None)
    assert request.closed_early
    chat.says("Stopped")
    assert chat.last.text
    chat.send("Go on").streaming(200)
    assert [message["role"] for message in sent(demo, chat)] == ["user", "assistant", "user"]
    chat.stop.click()
    expect(chat.stop).to_have_count(0, timeout=PATIENCE)


def test_a_reload_and_another_page_in_between_leave_the_turn_running(agent: Agent):  # noqa: F811
    chat = agent().do(SALES, 'call measure {"seconds": 6}', "say Came through.")
    chat.says("Measure: the first sample")
    chat.page.reload()
    chat.says("Measure: the first sample")
    chat.says("Sales · ")
    chat.page.get_by_role("link", name="Chat", exact=True).click()
    expect(chat.page.get_by_text("What is on your mind?")).to_be_visible(timeout=PATIENCE)
    chat.page.get_by_role("link", name="Agent", exact=True).click()
    chat.says("Came through.")
    assert chat.last.state == "done"
    expect(chat.page.get_by_test_id("stDataFrame")).to_have_count(1)


def test_a_turn_that_reaches_its_dollars_stops_and_says_what_to_do(agent: Agent):  # noqa: F811
    chat = agent(settings={"max_cost": 0.001}).do(SALES, SALES, SALES, "say Never said.")
    expect(chat.card).to_contain_text("its limit for one turn is $0.001", timeout=PATIENCE)
    expect(chat.answer).to_contain_text(re.compile(r"\d model calls? · \d tool calls?"), timeout=PATIENCE)
    expect(chat.answer).not_to_contain_text("Never said.")
    chat.keyed("agent-options").get_by_role("button").first.click()
    most = chat.page.get_by_role("spinbutton", name="Most dollars per turn")
    most.fill("1")
    most.press("Enter")
    expect(chat.keyed("agent-options")).to_contain_text("Up to $1.00 a turn", timeout=PATIENCE)
    chat.page.keyboard.press("Escape")
    chat.do("say Going on.")
    chat.says("Going on.")
