"""Two chats as orchat exports them, with everything in them that a file of its own can hold."""

import base64
import io
import json
from hashlib import sha256
from typing import Any

from PIL import Image

from orchat.continuing import INSTRUCTION
from tests.search.made_files import pdf

SAID_IN_PDF = "Herons eat fish"


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(held, "png")
    return held.getvalue()


SOURCE = {
    "number": 1,
    "shelf": "chat",
    "file": "f",
    "name": "a.pdf",
    "mime": "application/pdf",
    "place": "page 1",
    "page": 1,
    "text": "Herons",
    "part": 0,
    "start": 0,
    "end": 6,
}
CONTENTS = {
    "herons.pdf": ("attachment", "application/pdf", pdf([SAID_IN_PDF])),
    "herons.pdf.txt": ("extract", "text/plain", f"[Page 1]\n{SAID_IN_PDF}".encode()),
    "notes.md": ("attachment", "text/plain", b"# Notes"),
    "heron.png": ("attachment", "image/png", picture()),
    "picture.png": ("image", "image/png", picture() + b" "),
    "table.csv": ("table", "text/csv", b"a,b\n1,2\n"),
    "chart.json": ("chart", "application/vnd.vegalite+json", b'{"mark": "bar", "data": {"values": [{"a": 1}]}}'),
    "page.html": ("html", "text/html", b"<b>Bold</b>"),
    "result.txt": ("text", "text/plain", b"All of it"),
    "sources.json": ("sources", "application/vnd.orchat.sources+json", json.dumps([SOURCE]).encode()),
}


def reference(name: str, **more: Any) -> dict[str, Any]:
    kind, mime, data = CONTENTS[name]
    return {"kind": kind, "name": name, "mime": mime, "size": len(data), "sha256": sha256(data).hexdigest(), **more}


def files(*names: str) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "name": name, "mime": mime, "data": base64.b64encode(data).decode()}
        for name in names
        for kind, mime, data in [CONTENTS[name]]
    ]


def entry(number: int, role: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    place = {"id": str(number), "parent": str(number - 1) if number else None, "role": role}
    return {**place, "created_at": "2026-03-01T12:00:00+00:00", "message": {"role": role, **message}, **more}


ATTACHED = [
    reference("herons.pdf", medium="pdf", pages=1, characters=24, text=reference("herons.pdf.txt")["sha256"]),
    reference("notes.md", medium="text", characters=7),
    reference("heron.png", medium="image", width=4, height=3),
]
ANSWERED: dict[str, Any] = {
    "model_asked": "demo/fast",
    "model_answered": "demo/fast",
    "provider": "Demo",
    "finish_reason": "stop",
    "prompt_tokens": 9,
    "completion_tokens": 4,
    "cost": "0.01",
    "first_token_ms": 300,
    "duration_ms": 900,
}
CHAT: dict[str, Any] = {
    "title": "Herons",
    "kind": "chat",
    "created_at": "2026-03-01T12:00:00+00:00",
    "settings": {"model": "demo/fast"},
    "tags": ["birds"],
    "messages": [
        entry(0, "user", {"content": "What do they eat?"}, details={"said": "What do they eat?", "attached": ATTACHED}),
        entry(
            1,
            "assistant",
            {
                "content": '{"food": "fish"} [1]',
                "reasoning": "Let me think.",
                "reasoning_details": [{"type": "reasoning.text", "text": "Let me think.", "signature": "s"}],
                "annotations": [
                    {"type": "url_citation", "url_citation": {"url": "https://a.example/x", "title": "A page"}},
                ],
                "images": [
                    {
                        "type": "image_url",
                        "image_url": {"url": f"orchat-file:{reference('picture.png')['sha256']}"},
                        "file": reference("picture.png", medium="image", width=4, height=3),
                    },
                    {"type": "image_url", "image_url": {"url": ""}, "problem": "It is damaged."},
                ],
            },
            **ANSWERED,
            reasoning_ms=1200,
            rating={"thumb": "up", "note": "Good", "rated_at": "2026-03-01T12:00:00+00:00"},
            details={"schema": {"type": "object", "properties": {"food": {"type": "string"}}}, "sources": [SOURCE]},
        ),
        entry(2, "user", {"content": "And then?"}),
        entry(3, "assistant", {"content": "Then they [1]"}, **ANSWERED, state="stopped"),
        entry(4, "user", {"content": INSTRUCTION}, details={"continues": "3"}),
        entry(
            5,
            "assistant",
            {"content": "", "refusal": "I will not."},
            state="failed",
            error={
                "kind": "BudgetReachedError",
                "message": "It is used up.",
                "advice": "Wait.",
                "status": 402,
                "actions": ["retry", "enter_key", "zdr_off"],
                "detail": "none left",
                "budget": {
                    "scope": "chat",
                    "amount": "2",
                    "period": "day",
                    "set_by": "person",
                    "spent": "1",
                    "reserved": "1",
                    "renewed": "2026-03-02",
                },
            },
        ),
    ],
    "files": files("herons.pdf", "herons.pdf.txt", "notes.md", "heron.png", "picture.png"),
}
CALL = {"id": "c", "type": "function", "function": {"name": "run_python", "arguments": '{"code": "1 + 1"}'}}
AGENT: dict[str, Any] = {
    "title": "Sums",
    "kind": "agent",
    "created_at": "2026-03-01T12:00:00+00:00",
    "settings": {},
    "messages": [
        entry(0, "user", {"content": "Add"}, details={"said": "Add", "attached": [reference("notes.md")]}),
        entry(1, "assistant", {"content": None, "tool_calls": [CALL]}, **ANSWERED),
        entry(
            2,
            "tool",
            {"tool_call_id": "c", "name": "run_python", "content": "2"},
            duration_ms=40,
            details={
                "title": "Python",
                "icon": ":material/terminal:",
                "status": "ok",
                "cost": "0.02",
                "arguments": {"code": "1 + 1"},
                "full": reference("result.txt"),
                "artifacts": [
                    reference(name)
                    for name in ("table.csv", "chart.json", "page.html", "result.txt", "picture.png", "sources.json")
                ],
            },
        ),
        entry(3, "assistant", {"content": "It is 2 [1]."}, **ANSWERED),
    ],
    "files": files(
        *("notes.md", "table.csv", "chart.json", "page.html", "result.txt", "picture.png", "sources.json"),
    ),
}
WHOLE: dict[str, Any] = {"format": "orchat", "version": 1, "conversations": [CHAT, AGENT]}
