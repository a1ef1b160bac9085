"""A chat that was imported is drawn, whatever shapes its file has given to what is kept with messages."""

import copy
import json
from typing import Any

import pytest

from orchat.archive import import_file
from tests.archive.whole_chats import SOURCE, WHOLE
from tests.ui.chat_app import OWNER, ChatApp

QUESTION, ANSWER, FAILED, STEP = (0, 0), (0, 1), (0, 5), (1, 2)
BUDGET = {"scope": "chat", "period": "day", "set_by": "person", "spent": "1", "reserved": "0", "amount": "2"}
SHAPES: dict[str, tuple[tuple[int, int], str, Any]] = {
    "a file without a kind": (QUESTION, "details", {"said": "Hi", "attached": [{"name": "a", "sha256": "0"}]}),
    "a name that is none": (QUESTION, "details", {"attached": [{"name": 1, "sha256": "0", "medium": "image"}]}),
    "no message": (FAILED, "error", {"advice": "Wait."}),
    "advice that is none": (FAILED, "error", {"message": "Broken", "advice": ["Wait."]}),
    "actions that are none": (FAILED, "error", {"message": "Broken", "actions": 3}),
    "an action twice": (FAILED, "error", {"message": "Broken", "actions": ["retry", "retry", {}]}),
    "a chat's budget without a way out": (FAILED, "error", {"message": "Broken", "actions": [], "budget": BUDGET}),
    "a budget of nothing": (FAILED, "error", {"message": "Broken", "budget": {**BUDGET, "spent": "NaN"}}),
    "a budget below zero": (FAILED, "error", {"message": "Broken", "budget": {**BUDGET, "spent": "-9"}}),
    "artifacts that are none": (STEP, "details", {"artifacts": 3}),
    "an artifact that is none": (STEP, "details", {"artifacts": [3, {"kind": "table"}]}),
    "a whole result that is none": (STEP, "details", {"full": "result.txt"}),
    "a source with no number": (ANSWER, "details", {"sources": [{**SOURCE, "number": {}}]}),
    "a source with no name": (ANSWER, "details", {"sources": [{**SOURCE, "name": None}]}),
    "a source on no shelf": (ANSWER, "details", {"sources": [{**SOURCE, "shelf": "attic"}]}),
    "a schema that is none": (ANSWER, "details", {"schema": [1]}),
}


def imported(app: ChatApp, value: Any, chat: int) -> ChatApp:
    added = import_file(app.store, OWNER, json.dumps(value).encode())
    return app.open(page="pages/agent.py" if chat else None, chat=added[chat])


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_what_is_kept_breaks_the_page(app: ChatApp, shape: str):
    (chat, message), name, given = SHAPES[shape]
    value = copy.deepcopy(WHOLE)
    value["conversations"][chat]["messages"][message][name] = given
    imported(app, value, chat)
    assert len(app.answers) == (1 if chat else 2)
    for button in [button for button in app.page.button if str(button.key).startswith("source-")]:
        app.press(str(button.key))


@pytest.mark.parametrize("width", ["wide", -3, 0, [], 10**30])
def test_no_width_of_a_picture_breaks_the_page(app: ChatApp, width: Any):
    value = copy.deepcopy(WHOLE)
    chat = value["conversations"][0]
    chat["messages"][0]["details"]["attached"][2]["width"] = width
    chat["messages"][1]["message"]["images"][0]["file"]["width"] = width
    imported(app, value, 0)
    assert len(app.page.get("image")) == 2


def test_what_lies_in_the_files_of_a_tool_does_not_break_the_page_either(app: ChatApp):
    from base64 import b64encode
    from hashlib import sha256

    value = copy.deepcopy(WHOLE)
    chat = value["conversations"][1]
    for kind, data in (("chart", b"[" * 100_000), ("sources", b"[" * 100_000), ("table", b'a\n"' + b"x" * 200_000)):
        file = {"kind": kind, "name": f"odd.{kind}", "mime": "application/json"}
        chat["files"].append({**file, "data": b64encode(data).decode()})
        chat["messages"][2]["details"]["artifacts"].append({**file, "sha256": sha256(data).hexdigest()})
    imported(app, value, 1)
    assert any(button.label.startswith("odd.chart") for button in app.page.get("download_button"))  # type: ignore[attr-defined]
