"""The copy button of a code block gives the code, to the letter."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import PATIENCE, Chat

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]
CLIPBOARD = ["clipboard-read", "clipboard-write"]
PYTHON = '''def price(item: str) -> str:
    """Return `item`, with **stars** and <b>tags</b>."""

    for sign in "$*_~|\\\\":
        print(f"{sign} costs $5 and $6 :red[not red] :smile:")
\treturn "![picture](http://example.org/x.png) [link](javascript:alert(1)) [1] &amp; &lt;"'''
SHELL = "curl -sS 'https://example.org/?a=1&b=2' \\\n  | jq '.[] | select(.n > 1)'  # ¹ “quoted” — 🦓"
INDENTED = SHELL.replace("\n", "\n   ")
TEXT = f"Two of them.\n\n```python\n{PYTHON}\n```\n\nAnd in a list:\n\n1. One\n\n   ```sh\n   {INDENTED}\n   ```\n"


def copied(chat: Chat, number: int) -> str:
    """Press the button of a code block, and return what is on the clipboard then."""
    chat.page.evaluate("navigator.clipboard.writeText('nothing yet')")
    block = chat.answer.get_by_test_id("stCode").nth(number)
    block.hover()
    block.get_by_role("button", name="Copy to clipboard").click()
    chat.page.wait_for_function("navigator.clipboard.readText().then(text => text !== 'nothing yet')", timeout=PATIENCE)
    return str(chat.page.evaluate("navigator.clipboard.readText()"))


def test_code_is_copied_to_the_letter_wherever_it_stands(said: Said):
    chat = said(TEXT, permissions=CLIPBOARD)
    expect(chat.answer.get_by_test_id("stCode")).to_have_count(2, timeout=PATIENCE)
    assert copied(chat, 0) == PYTHON
    assert copied(chat, 1) == SHELL


def test_code_of_an_answer_that_has_just_streamed_is_copied_as_it_is_kept(
    chat_with: Callable[..., Chat],
):
    chat = chat_with("demo/fast", permissions=CLIPBOARD).send("Write Python code for fibonacci")
    kept = chat.ended().text.partition("```python\n")[2].partition("\n```")[0]
    expect(chat.ready().answer.get_by_test_id("stCode")).to_have_count(1, timeout=PATIENCE)
    assert kept
    assert copied(chat, 0) == kept
