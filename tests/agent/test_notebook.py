"""A conversation as a notebook: valid nbformat 4.5, whatever is in it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import nbformat

from orchat.agent.notebook import notebook
from orchat.errors import NotFoundError
from orchat.store import Message

NOW = datetime.now(UTC)
DATA = {
    "png": b"\x89PNG",
    "svg": b"<svg></svg>",
    "csv": b'a,b\r\n<1>,"x, y"\r\n',
    "vega": b'{"mark": "bar"}',
    "html": b"<b>x</b>",
    "md": b"# x",
    "json": b'{"deep": [1]}',
    "file": b"bytes",
    "broken": b"{",
}
KINDS = {
    "png": ("image", "image/png"),
    "svg": ("image", "image/svg+xml"),
    "csv": ("table", "text/csv"),
    "vega": ("chart", "application/vnd.vegalite.v6+json"),
    "html": ("html", "text/html"),
    "md": ("text", "text/markdown"),
    "json": ("text", "application/json"),
    "file": ("file", "application/zip"),
    "broken": ("chart", "application/vnd.plotly.v1+json"),
    "gone": ("image", "image/png"),
}


def message(role: Any, content: Any, **more: Any) -> Message:
    wire = {"role": role, "content": content, **more.pop("wire", {})}
    return Message(f"{len(str(content)):032x}", "chat", None, role, wire, NOW, NOW, **more)


def cell(code: str, content: str, *artifacts: str) -> Message:
    made = [{"kind": KINDS[n][0], "mime": KINDS[n][1], "name": f"made.{n}", "sha256": n} for n in artifacts]
    details = {"arguments": {"code": code}, "artifacts": made, "status": "ok"}
    return replace(message("tool", content, wire={"name": "run_python"}, details=details), id=f"cell-{code}")


def read(sha256: str) -> bytes:
    if sha256 not in DATA:
        raise NotFoundError("There is no such file.")
    return DATA[sha256]


def written(*messages: Message) -> Any:
    text = notebook(messages, read)
    parsed = nbformat.reads(text.decode(), as_version=4)  # type: ignore[no-untyped-call] # it has no types
    nbformat.validate(parsed)
    return json.loads(text)


def test_words_and_cells_stand_in_the_order_of_the_conversation():
    asked, answered = message("user", "Plot it"), message("assistant", "Here it **is**.")
    whole = written(asked, cell("1", "1"), cell("2", ""), answered, message("assistant", ""))
    assert [(part["cell_type"], part["source"]) for part in whole["cells"]] == [
        ("markdown", "> Plot it"),
        ("code", "1"),
        ("code", "2"),
        ("markdown", "Here it **is**."),
    ]
    assert [part["execution_count"] for part in whole["cells"][1:3]] == [1, 2]
    assert whole["cells"][1]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    assert whole["cells"][2]["outputs"] == []
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)


def test_what_a_cell_displayed_is_there_in_its_own_form():
    (made,) = written(cell("x", "\x1b[31mred\x1b[0m", *KINDS))["cells"]
    stream, *displayed = made["outputs"]
    assert stream["text"] == "red\n"
    forms = [{mime: form for mime, form in shown["data"].items() if mime != "text/plain"} for shown in displayed]
    assert forms == [
        {"image/png": "iVBORw=="},
        {"image/svg+xml": "<svg></svg>"},
        {"text/html": "<table><tr><th>a</th><th>b</th></tr><tr><td>&lt;1&gt;</td><td>x, y</td></tr></table>"},
        {"application/vnd.vegalite.v6+json": {"mark": "bar"}},
        {"text/html": "<b>x</b>"},
        {"text/markdown": "# x"},
        {"application/json": {"deep": [1]}},
    ]


def test_calls_of_other_tools_and_an_empty_conversation_are_left_out():
    assert written()["cells"] == []
    assert written(message("tool", "12:00", wire={"name": "clock"}))["cells"] == []
