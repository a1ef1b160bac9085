"""Chunks of a stream in OpenRouter's wire format, for tests that need other ones than the recorded."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

RECORDED = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "recorded").glob("*.sse"))}
"""Streams by name, in the shapes that OpenRouter has sent."""

COMMENT = b": OPENROUTER PROCESSING\n\n"
DONE = b"data: [DONE]\n\n"
QUESTION = [{"role": "user", "content": "Hello?"}]


def chunk(text: str = "", finish: str | None = None, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    origin = {"id": "gen-1", "object": "chat.completion.chunk", "model": "maker/model", "provider": "Maker"}
    return {**origin, "choices": [choice], **fields}


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def data(chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


ANSWER = COMMENT + data(chunk("Hel")) + data(chunk("lo.")) + data(chunk(finish="stop", usage={"cost": 0.01})) + DONE


def pieces_of(stream: bytes, draw: st.DataObject) -> list[bytes]:
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
