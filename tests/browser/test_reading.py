"""Reading and writing: scrolling, copying, the keyboard."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from orchat.demo import DemoServer
from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
ChatWith = Callable[..., Chat]
Said = Callable[..., Chat]

TO_THE_END = "(page => page.scrollHeight - page.scrollTop - page.clientHeight)"
PAGE = "document.querySelector('[data-testid=stMain]')"
ABOUT_A_LINE = 40
"""Pixels."""
SMALL = {"width": 900, "height": 500}
OPENED = """() => {
    document.addEventListener('pointerdown', () => { window.pressed = performance.now(); }, true);
    new MutationObserver(() => {
        if (window.pressed && document.querySelector('[role=option]')) {
            window.took = performance.now() - window.pressed;
            window.pressed = null;
        }
    }).observe(document.body, { childList: true, subtree: true });
}"""
"""Measures the milliseconds from a press to the options on the page."""


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    # Faster than nature: the window is full sooner.
    with DemoServer(speed=3) as demo:
        yield demo


@pytest.fixture
def long_answer(chat_with: ChatWith) -> Iterator[Chat]:
    """An answer that streams, and is longer than the window already."""
    chat = chat_with("demo/long", viewport=SMALL).send("Go on").streaming()
    chat.page.wait_for_function(f"{PAGE}.scrollHeight > {PAGE}.clientHeight + 300", timeout=PATIENCE)
    yield chat
    chat.stop.click()
    chat.ended()


def is_at_the_end(chat: Chat) -> None:
    chat.page.wait_for_function(f"{TO_THE_END}({PAGE}) < {ABOUT_A_LINE}", timeout=PATIENCE)


def scroll_up(chat: Chat) -> float:
    """Turn the wheel back, and return where that leads."""
    chat.main.hover()
    chat.page.mouse.wheel(0, -400)
    chat.page.wait_for_function(f"{TO_THE_END}({PAGE}) > 250", timeout=PATIENCE)
    return float(chat.main.evaluate("page => page.scrollTop"))


def test_a_reader_at_the_end_is_followed(long_answer: Chat):
    for _ in range(3):
        long_answer.grown(long_answer.grown(0) + 150)
        is_at_the_end(long_answer)


def test_a_reader_who_scrolls_up_is_left_alone(long_answer: Chat):
    place = scroll_up(long_answer)
    long_answer.grown(long_answer.grown(0) + 400)
    assert abs(long_answer.main.evaluate("page => page.scrollTop") - place) < ABOUT_A_LINE


def test_a_reader_who_comes_back_to_the_end_is_followed_again(long_answer: Chat):
    scroll_up(long_answer)
    for _ in range(20):  # the end moves away meanwhile: who wants to see it goes on turning the wheel
        long_answer.page.mouse.wheel(0, 5000)
        if long_answer.main.evaluate(TO_THE_END) < 1:
            break
    for _ in range(2):
        long_answer.grown(long_answer.grown(0) + 150)
        is_at_the_end(long_answer)


def test_a_page_that_is_shorter_for_a_moment_keeps_its_reader_at_the_end(long_answer: Chat):
    # What Streamlit does when it draws a block anew: the page shrinks, is laid out, and grows again at once.
    long_answer.page.evaluate(
        f"""() => {{
            const last = [...document.querySelectorAll('[data-testid=stChatMessage]')].at(-1);
            last.style.display = 'none';
            {PAGE}.scrollTop;
            last.style.display = '';
        }}"""
    )
    for _ in range(2):
        long_answer.grown(long_answer.grown(0) + 150)
        is_at_the_end(long_answer)


def test_a_long_chat_opens_at_its_end(said: Said):
    chat = said(*(f"Answer {number}\n\n" + "More words. " * 80 for number in range(12)))
    expect(chat.answers).to_have_count(12, timeout=PATIENCE)
    is_at_the_end(chat)


def test_copying_gives_the_markdown_and_not_the_drawn_text(said: Said):
    text = "# Title\n\nIt is **bold** and costs $5.\n\n```python\nprint(1)\n```"
    chat = said(text, permissions=["clipboard-read", "clipboard-write"])
    chat.page.get_by_role("button", name="Copy this message").click()
    expect(chat.page.get_by_text("Copied")).to_be_visible(timeout=PATIENCE)
    assert chat.page.evaluate("navigator.clipboard.readText()") == text


def test_enter_sends_and_the_focus_stays_in_the_box(chat_with: ChatWith):
    chat = chat_with("demo/fast")
    chat.box.focus()
    chat.page.keyboard.type("Explain rainbows")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_contain_text("Explain rainbows", timeout=PATIENCE)
    expect(chat.box).to_have_value("")
    expect(chat.box).to_be_focused()
    chat.ended()
    expect(chat.box).to_be_focused()


def test_shift_enter_begins_a_new_line(chat_with: ChatWith):
    chat = chat_with("demo/fast")
    chat.box.focus()
    chat.page.keyboard.type("one")
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("two")
    expect(chat.box).to_have_value("one\ntwo")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_contain_text("two", timeout=PATIENCE)
    chat.ended()
    assert chat.branch[0].text == "one\ntwo"


def test_stop_is_one_key_from_the_box(chat_with: ChatWith):
    chat = chat_with("demo/long").send("Go on").streaming()
    chat.box.focus()
    chat.page.keyboard.press("Shift+Tab")
    expect(chat.stop).to_be_focused()
    chat.page.keyboard.press("Enter")
    assert chat.ended().state == "stopped"


def test_the_picker_opens_quickly_and_finds_by_maker(chat_with: ChatWith):
    chat = chat_with("demo/fast")
    box = chat.keyed("model").get_by_role("combobox")
    options = chat.page.get_by_role("option")
    chat.page.evaluate(OPENED)
    times = []
    for _ in range(5):  # a busy machine may be late now and then
        box.click()
        options.first.wait_for()
        times.append(chat.page.evaluate("window.took"))
        chat.page.keyboard.press("Escape")
        expect(options).to_have_count(0)
    assert min(times) < 300
    box.click()
    chat.page.keyboard.type("mistral large")
    expect(options.filter(has_text="Mistral Large").first).to_be_visible()
    for label in options.all_inner_texts():
        assert "mistral" in label.lower()
    chat.page.keyboard.press("Enter")
    chat.box.click()
    chat.send("Hello")
    chat.ended()
    assert (chat.last.model_asked or "").startswith("mistralai/mistral-large")
