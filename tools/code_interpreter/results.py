"""What a cell did: as text for the model, and as artifacts for the person."""

import csv
import io
import json
import mimetypes
from pathlib import PurePosixPath
from typing import Any

from orchat import Artifact
from orchat.errors import SandboxError
from orchat.sandbox import Output, Result, Sandbox, safe_name
from orchat.sandbox.outputs import PLOTLY, TABLE, VEGALITE, check_image
from orchat.terminal import readable

LARGEST_FILE = 25_000_000
FILES_SHOWN = 20
TRACEBACK_LINES = 24
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
TEXTS = {"text/markdown": "md", "text/latex": "tex", "application/json": "json"}


def told(result: Result, brought: list[str]) -> str:
    """Return what the model reads."""
    parts = []
    if result.fresh:
        parts.append("[A new interpreter was started: variables and imports are gone, the files are there.]")
    if brought:
        parts.append(f"[Put into the working folder: {', '.join(brought)}]")
    parts += [text.rstrip() for text in (result.stdout, _labelled("stderr", result.stderr)) if text.strip()]
    parts += [_described(output) for output in result.outputs]
    if result.error is not None:
        parts.append(_short(result.error.traceback) or f"{result.error.name}: {result.error.value}")
    if result.dropped:
        parts.append(f"[{result.dropped:,} more bytes were printed and not kept.]")
    if result.removed:
        parts.append(f"[{result.removed} files were removed again: the working folder would have been too full.]")
    if result.files:
        named = ", ".join(result.files[:FILES_SHOWN])
        more = f" and {len(result.files) - FILES_SHOWN} more" if len(result.files) > FILES_SHOWN else ""
        parts.append(f"[Files written: {named}{more}]")
    if result.ended:
        parts.append("[The interpreter has ended: the next call begins without variables.]")
    return readable("\n".join(parts)) or "[Done; nothing was printed.]"


def _labelled(label: str, text: str) -> str:
    return f"[{label}]\n{text}" if text.strip() else ""


def _described(output: Output) -> str:
    if output.mime == "text/plain" or output.mime in TEXTS:
        return output.text
    shown = {TABLE: "a table", PLOTLY: "a chart", "text/html": "a page"}
    what = shown.get(output.mime, "an image" if output.mime.startswith("image/") else "a chart")
    beside = f"\n{output.text}" if output.mime == TABLE else ""
    return f"[Shown to the user: {what}]{beside}"


def _short(traceback: str) -> str:
    lines = traceback.rstrip().splitlines()
    if len(lines) <= TRACEBACK_LINES:
        return "\n".join(lines)
    half = TRACEBACK_LINES // 2
    return "\n".join([*lines[:half], f"[… {len(lines) - 2 * half} lines …]", *lines[-half:]])


def artifacts_of(result: Result, box: Sandbox) -> list[Artifact]:
    """Return what the person sees and can download: what was displayed, then the files. Nothing of it is trusted."""
    displayed = [
        artifact
        for number, output in enumerate(result.outputs, 1)
        if (artifact := _displayed(output, number)) is not None
    ]
    pictured = any(artifact.kind == "image" for artifact in displayed)
    return [*displayed, *_files(result, box, pictures=not pictured)]


def _displayed(output: Output, number: int) -> Artifact | None:
    data = output.data if isinstance(output.data, bytes) else output.data.encode("utf-8", "replace")
    if output.mime in ENDINGS:
        return Artifact("image", f"figure-{number}.{ENDINGS[output.mime]}", output.mime, data)
    if output.mime == TABLE:
        return _table(output, number)
    if output.mime in TEXTS:
        return Artifact("text", f"output-{number}.{TEXTS[output.mime]}", output.mime, data)
    if output.mime == PLOTLY or output.mime in VEGALITE:
        return Artifact("chart", f"chart-{number}.json", output.mime, data)
    if output.mime == "text/html":
        return Artifact("html", f"page-{number}.html", "text/html", data)
    return None


def _table(output: Output, number: int) -> Artifact | None:
    """Return a table as CSV; what is no table, whatever it says, is left out."""
    try:
        table = json.loads(output.data)
        names = [str(field["name"]) for field in table["schema"]["fields"]]
        rows = [[_cell(value) for value in row] for row in table["data"]]
        if names[:1] == [""] and [row[0] for row in rows] == list(range(len(rows))):
            # An index that only counts the rows says nothing.
            names, rows = names[1:], [row[1:] for row in rows]
        whole = int(table.get("rows") or 0)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    text = io.StringIO()
    csv.writer(text).writerows([names, *rows])
    part = f" (first {len(rows):,} of {whole:,} rows)" if whole > len(rows) else ""
    return Artifact("table", f"table-{number}{part}.csv", "text/csv", text.getvalue().encode("utf-8", "replace"))


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value)


def _files(result: Result, box: Sandbox, *, pictures: bool) -> list[Artifact]:
    """Return the files that were written; `pictures` are shown, where the cell has not shown any itself."""
    kept = []
    for name in result.files[:FILES_SHOWN]:
        try:
            data = box.files.read(name, most=LARGEST_FILE)
        except SandboxError:
            continue
        offered = safe_name(PurePosixPath(name).name)
        mime = mimetypes.guess_type(offered)[0] or "application/octet-stream"
        kept.append(Artifact("image" if pictures and _is_picture(mime, data) else "file", offered, mime, data))
    return kept


def _is_picture(mime: str, data: bytes) -> bool:
    if mime not in {"image/png", "image/jpeg"}:
        return False
    try:
        check_image(mime, data)
    except SandboxError:
        return False
    return True
