"""What a model writes makes the browser fetch nothing and run nothing."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from orchat.ui.intents import SHOWN
from tests.browser.chat_page import PATIENCE, Chat
from tests.browser.listener import Listener
from tests.ui.markdown_corpus import HOSTILE_DIAGRAMS, HOSTILE_LINKS, NASTY

pytestmark = pytest.mark.browser
Said = Callable[..., Chat]

DIAGRAMS = [
    '```mermaid\nflowchart TD\nA@{{ img: "{base}/shape", label: "x", w: 60, h: 60 }}\n```',
    "```mermaid\nflowchart TD\nA[\"<img src='{base}/label'>\"]\n```",
    '```mermaid\nflowchart TD\nA --> B\nclick A href "javascript:alert(1)" "x"\n```',
    '```mermaid\nflowchart TD\nA --> B\nclick B call alert("1")\n```',
]
FORMULAS = [
    r"$$\includegraphics{{{base}/formula}}$$",
    r"\[\includegraphics{{{base}/formula-2}}\]",
    r"$\href{{javascript:alert(1)}}{{x}}$ and $\url{{javascript:alert(1)}}$",
    r"$$\htmlStyle{{background: url({base}/style)}}{{x}}$$",
]
LIVE_TARGETS = """() => [...document.querySelectorAll('[data-testid="stChatMessage"] *')]
    .flatMap(element => [...element.attributes]
        .filter(attribute => /href$|^(src|action|formaction)$|^on/.test(attribute.name))
        .map(attribute => attribute.value))
    .filter(value => !value.startsWith('#'))"""


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def fetches_nothing(chat: Chat, listener: Listener) -> None:
    """Expect that the listener was asked for nothing but what this asks for itself, at the end."""
    chat.page.wait_for_load_state("networkidle")
    chat.page.evaluate("url => fetch(url, {mode: 'no-cors'}).then(() => null)", f"{listener.url}/control")
    assert listener.asked == ["/control"]


def show_all(chat: Chat, answers: int) -> None:
    """Draw all of a chat that is longer than what is drawn of it at first."""
    for shown in range(SHOWN // 2, answers, SHOWN // 2):
        expect(chat.answers).to_have_count(shown, timeout=PATIENCE)
        chat.keyed("earlier").get_by_role("button").click()
    # More than a hundred answers at once are much to draw for a browser beside two others.
    expect(chat.answers).to_have_count(answers, timeout=3 * PATIENCE)


@pytest.mark.timeout(300)
def test_ai_dial_chat_7109_dust_12359_dify_30874_no_spelling_of_an_image_is_loaded(said: Said, listener: Listener):
    # So many as a page shows at once: all in one chat are drawn anew with each part of it that is shown.
    for first in range(0, len(NASTY), SHOWN // 2):
        some = NASTY[first : first + SHOWN // 2]
        chat = said(*(text.format(base=listener.url) for text in some))
        expect(chat.answers).to_have_count(len(some), timeout=PATIENCE)
        fetches_nothing(chat, listener)
        listener.asked.clear()
        chat.page.close()


def test_diagrams_and_formulas_load_nothing_and_link_nowhere(said: Said, listener: Listener):
    answers = [text.format(base=listener.url) for text in DIAGRAMS + FORMULAS]
    chat = said(*answers, "A drawing:\n\n```mermaid\nflowchart TD\nC[Harmless] --> D\n```")
    show_all(chat, len(answers) + 1)
    expect(chat.answer.get_by_role("img", name="Mermaid")).to_be_visible(timeout=PATIENCE)
    fetches_nothing(chat, listener)
    assert [target for target in chat.page.evaluate(LIVE_TARGETS) if "javascript" in target.lower()] == []


@pytest.mark.timeout(300)
def test_diagrams_whose_styles_and_participants_name_addresses_load_nothing(said: Said):
    # Without slashes only https leads elsewhere, from a page by http: so it is the network's log that is looked at.
    answer = "\n\n".join(f"```mermaid\n{diagram}\n```" for diagram in HOSTILE_DIAGRAMS)
    chat = said(f"{answer}\n\n```mermaid\nflowchart TD\nC[Harmless] --> D\n```")
    expect(chat.answer.get_by_role("img", name="Mermaid").last).to_be_visible(timeout=3 * PATIENCE)
    expect(chat.answer.get_by_label("Loading mermaid diagram")).to_have_count(0, timeout=3 * PATIENCE)
    chat.page.wait_for_load_state("networkidle")
    assert chat.foreign == []


@pytest.mark.parametrize("width", [1280, 390])
def test_why_a_diagram_is_shown_as_its_source_can_be_read(said: Said, width: int):
    refused = "```mermaid\nflowchart TD\nstyle A b:url(x)\n```"
    chat = said(
        f"{refused}\n\n- An item:\n  - {refused.replace(chr(10), chr(10) + '    ')}",
        viewport={"width": width, "height": 800},
    )
    expect(chat.answer.locator("pre")).to_have_count(2, timeout=PATIENCE)
    for code in chat.answer.locator("pre").all():
        expect(code).to_contain_text("%% and colours.")
        assert code.evaluate("code => code.scrollWidth <= code.clientWidth")


def test_cve_2025_64495_links_to_anything_but_web_and_mail_are_dead(said: Said):
    chat = said(*HOSTILE_LINKS, "[a live one](https://example.org/alive)")
    show_all(chat, len(HOSTILE_LINKS) + 1)
    targets = chat.page.evaluate(LIVE_TARGETS)
    assert "https://example.org/alive" in targets
    assert [target for target in targets if not target.startswith(("https://", "http://", "mailto:"))] == []


def test_an_image_in_question_answer_and_title_is_not_loaded_while_it_streams(chat: Chat, listener: Listener):
    # The simulated models repeat the topic in their answers and titles.
    chat.send(f"Explain ![x]({listener.url}/a)").streaming()
    message = chat.ended()
    assert f"]({listener.url}/a" in message.text
    chat.shows(message)
    fetches_nothing(chat, listener)


def test_cve_2025_64495_html_of_a_model_is_text(said: Said):
    chat = said("<b id='made'>bold</b> <script>document.title = 'taken over'</script>")
    expect(chat.answer).to_contain_text("<b id='made'>bold</b>", timeout=PATIENCE)
    assert chat.page.locator("#made").count() == 0
    assert chat.page.title() != "taken over"


def test_amounts_of_money_are_not_taken_for_maths(said: Said):
    chat = said("It costs $5 or $10, and at most $20.")
    expect(chat.answer).to_contain_text("It costs $5 or $10, and at most $20.", timeout=PATIENCE)
    assert chat.answer.locator(".katex").count() == 0


def test_maths_is_drawn(said: Said):
    chat = said(r"Euler: \(e^{i\pi} + 1 = 0\)")
    expect(chat.answer.locator(".katex").first).to_be_visible(timeout=PATIENCE)


def test_a_whole_session_asks_no_foreign_host(chat: Chat):
    chat.send("Write a Python function that adds").streaming()
    chat.ended()
    chat.flip("zdr")
    expect(chat.keyed("zdr-on")).to_be_visible(timeout=PATIENCE)
    chat.page.get_by_role("link", name="Models").click()
    expect(chat.page.get_by_role("heading", name="Models")).to_be_visible(timeout=PATIENCE)
    chat.page.get_by_role("link", name="Chat", exact=True).click()
    chat.ready()
    chat.page.wait_for_load_state("networkidle")
    assert chat.foreign == []


def test_asking_a_foreign_host_would_be_noticed(chat: Chat):
    chat.page.evaluate("fetch('http://foreign.example/').catch(() => null)")
    assert chat.foreign == ["http://foreign.example/"]
    chat.foreign.clear()
