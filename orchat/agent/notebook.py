"""A conversation as a Jupyter notebook (nbformat 4.5): its cells with what they gave, and the words between them."""

import base64
import csv
import html
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from orchat.agent.cells import code_of
from orchat.errors import OrchatError
from orchat.store import Message
from orchat.terminal import readable
from orchat.wire import JSON, fields, objects

ROWS = 100
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}

Read = Callable[[str], bytes]
"""Returns the bytes of a file by its SHA-256; raises OrchatError."""


def notebook(messages: Iterable[Message], read: Read) -> bytes:
    """Return a branch of messages as an .ipynb file."""
    cells: list[JSON] = []
    count = 0
    for message in messages:
        code = code_of(message)
        if code is not None:
            count += 1
            cells.append(_code_cell(message, code, count, read))
        elif message.role in ("user", "assistant") and message.text.strip():
            source = message.text if message.role == "assistant" else _quoted(message.text)
            cells.append({"id": message.id, "cell_type": "markdown", "metadata": {}, "source": source})
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _code_cell(message: Message, code: str, count: int, read: Read) -> JSON:
    details = fields(message.details)
    said = details.get("said") or message.text
    outputs: list[JSON] = []
    if isinstance(said, str) and said.strip():
        outputs.append({"output_type": "stream", "name": "stdout", "text": readable(said).rstrip() + "\n"})
    outputs += _displays(objects(details.get("artifacts")), read)
    cell = {"id": message.id, "cell_type": "code", "metadata": {}, "execution_count": count}
    return {**cell, "source": code, "outputs": outputs}


def _displays(references: Iterable[Mapping[str, Any]], read: Read) -> Iterator[JSON]:
    for reference in references:
        try:
            data = _forms(str(reference["kind"]), str(reference["mime"]), read(str(reference["sha256"])))
        except (OrchatError, ValueError, KeyError, RecursionError, csv.Error):
            continue
        if data:
            forms = {"text/plain": f"<{reference['name']}>", **data}
            yield {"output_type": "display_data", "metadata": {}, "data": forms}


def _forms(kind: str, mime: str, data: bytes) -> JSON:
    """Return an artifact as a notebook holds it; nothing for one that is only a file."""
    if kind == "image" and mime != "image/svg+xml":
        return {mime: base64.b64encode(data).decode()}
    if kind not in ("image", "table", "chart", "html", "text"):
        return {}
    text = data.decode("utf-8", "replace")
    if kind == "chart" or mime == "application/json":
        return {mime: json.loads(text)}
    return {"text/html": _table(text)} if kind == "table" else {mime: text}


def _table(text: str) -> str:
    head, *rows = list(csv.reader(io.StringIO(text)))[: ROWS + 1] or [[]]
    lines = [_row("th", head), *(_row("td", row) for row in rows)]
    return "<table>" + "".join(lines) + "</table>"


def _row(tag: str, cells: Iterable[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
