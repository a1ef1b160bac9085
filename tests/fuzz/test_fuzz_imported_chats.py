"""Any change to what orchat exports: where it is taken in, it is drawn, exported and sent, or said to be broken."""

import copy
import json
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import pytest
from hypothesis import strategies as st

from orchat import continuing
from orchat.agent.history import history
from orchat.agent.notebook import notebook
from orchat.agent.openrouter.messages import to_wire
from orchat.archive import as_html, as_json, as_markdown, import_file, referenced
from orchat.errors import ImportFailedError
from orchat.forecast import context_tokens
from orchat.media.sending import Sending
from orchat.media.taking import Takes
from orchat.openrouter.history import sendable
from orchat.store import Message
from tests.archive.test_archive import ANYTHING, leaves
from tests.archive.whole_chats import WHOLE
from tests.fuzz.fuzzing import BRIEF_OR_LONG, fuzz
from tests.ui.chat_app import OWNER, ChatApp
from tests.ui.conftest import demo, start  # noqa: F401 - fixtures

EXAMPLES = 40
PAGES = {"chat": None, "agent": "pages/agent.py"}
HOSTILE: list[Any] = [
    *(
        "",
        " ",
        "\n",
        "\0",
        "-1",
        "NaN",
        "Infinity",
        "1e999",
        "0e-99",
        "](javascript:x)",
        "../../etc/passwd",
        "💩" * 300,
    ),
    *(
        "image",
        "audio",
        "html",
        "chart",
        "sources",
        "retry",
        "failed",
        "stopped",
        "cut_off",
        "length",
        "tool",
        "x" * 9000,
    ),
    *(-1, 0, 10**30, 1.5, True, None, [], {}, [[]], [{}], {"message": []}, [None], [["retry"]], {"a": {"b": []}}),
    json.loads("[" * 90 + "]" * 90),
]


@pytest.fixture
def app(start: Callable[..., ChatApp], monkeypatch: pytest.MonkeyPatch) -> ChatApp:  # noqa: F811 - the fixture
    # Each time the same few documents.
    monkeypatch.setattr(referenced, "check", lru_cache(maxsize=None)(referenced.check))
    return start(ORCHAT_DEFAULT_MODEL="demo/fast", ORCHAT_TITLE_MODEL="none")


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """An export of orchat's with some of its values replaced, by others of its own too, taken out or doubled."""
    value = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(0, 6))):
        path = draw(st.sampled_from([path for path in leaves(value) if len(path) > 3]))
        place = value
        for step in path[:-1]:
            place = place[step]
        match draw(st.sampled_from(["replace", "hostile", "swap", "take out", "double"])):
            case "replace":
                place[path[-1]] = draw(ANYTHING)
            case "hostile":
                place[path[-1]] = copy.deepcopy(draw(st.sampled_from(HOSTILE)))
            case "swap":
                other = value
                for step in draw(st.sampled_from([*leaves(value)])):
                    other = other[step]
                place[path[-1]] = copy.deepcopy(other)
            case "take out":
                del place[path[-1]]
            case "double" if isinstance(place, list):
                place.append(copy.deepcopy(place[path[-1]]))
    return value


def sent(branch: list[Message], kind: str, read: Callable[[str], bytes]) -> list[Any]:
    """The messages of a request that goes on with a chat, and of one from each place in it."""
    if kind == "agent":
        return [list(map(to_wire, history(branch)))]
    found = []
    for takes in (Takes("All"), Takes("None", images=False, audio=False, files=False)):
        for end in range(1, len(branch) + 1):
            messages = Sending(takes).messages(branch[:end], read)
            whole = continuing.history(branch[:end], messages, "anthropic/claude-3-haiku", {})
            body = sendable(whole, "anthropic/claude-3-haiku")
            found += [body, Sending(takes).parameters({}, body)]
    return found


@BRIEF_OR_LONG
def test_what_is_taken_in_can_be_drawn_exported_and_sent(app: ChatApp, seconds: float):
    store = app.store
    read = partial(store.file_data, OWNER)

    def check(value: dict[str, Any]) -> None:
        for left in store.conversations(OWNER, limit=10**6):
            store.delete(OWNER, left.id)
        try:
            import_file(store, OWNER, json.dumps(value).encode())
        except (ImportFailedError, UnicodeError):
            return
        chats = store.conversations(OWNER, limit=10**6, archived=None)
        for write in (as_json, as_markdown, as_html):
            write(store, OWNER, chats).encode()
        for chat in chats:
            branch = store.branch(OWNER, chat.id)
            json.dumps(sent(branch, chat.kind, read), allow_nan=False).encode()
            json.loads(notebook(branch, read))
            context_tokens(branch)
            app.open(page=PAGES[chat.kind], chat=chat.id)
            assert app.chat == chat.id

    fuzz(changed(), check, seconds, examples=EXAMPLES)
