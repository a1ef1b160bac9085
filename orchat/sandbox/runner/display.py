"""A value in the forms in which it can be shown: a text and, where it has one, something richer.

Every form is a string: bytes in base64, structures as JSON in text.
"""

import base64
import io
import json
import math
from typing import Any

PLOTLY, TABLE = "application/vnd.plotly.v1+json", "application/vnd.dataresource+json"
METHODS = {
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_svg_": "image/svg+xml",
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
}
MAX_TEXT = 100_000
MAX_FORM = 5_000_000
MAX_ROWS, MAX_COLUMNS, MAX_TABLE = 1_000, 100, 1_000_000
MAX_PIXELS = 16_000_000


def bundle(value: Any) -> dict[str, str]:
    """The forms of a value by MIME type."""
    forms = {"text/plain": text_of(value)}
    try:
        forms |= {mime: form for mime, form in rich_forms(value).items() if len(form) <= MAX_FORM}
    except Exception as error:  # noqa: BLE001 - a value that cannot show itself is shown as text
        forms["text/plain"] += f"\n({type(error).__name__} while it was drawn: {str(error)[:300]})"
    return forms


def text_of(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - likewise
        text = f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text):,} characters)"


def rich_forms(value: Any) -> dict[str, str]:
    package = (type(value).__module__ or "").partition(".")[0]
    kind = type(value).__name__
    if package == "pandas" and kind in {"DataFrame", "Series"}:
        return {TABLE: table(value.to_frame() if kind == "Series" else value)}
    if package == "matplotlib" and hasattr(value, "savefig"):
        return {"image/png": picture(value)}
    if package == "plotly" and hasattr(value, "to_plotly_json"):
        return {PLOTLY: value.to_json()}
    if package == "altair" and hasattr(value, "to_dict"):
        specification = value.to_dict()
        version = str(specification.get("$schema", "")).rpartition("/v")[2].partition(".")[0] or "5"
        return {f"application/vnd.vegalite.v{version}+json": json.dumps(specification)}
    return self_described(value)


def self_described(value: Any) -> dict[str, str]:
    """What a value says of itself by the methods that notebooks ask for."""
    forms: dict[str, str] = {}
    if isinstance(value, type):
        return forms
    offered = getattr(value, "_repr_mimebundle_", None)
    if callable(offered):
        made = offered(include=None, exclude=None)
        made = made[0] if isinstance(made, tuple) else made
        forms.update({str(mime): as_string(form) for mime, form in (made or {}).items() if mime != "text/plain"})
    for name, mime in METHODS.items():
        method = getattr(value, name, None)
        form = method() if callable(method) and mime not in forms else None
        if form is not None:
            forms[mime] = as_string(form[0] if isinstance(form, tuple) else form)
    return forms


def as_string(form: Any) -> str:
    if isinstance(form, bytes | bytearray | memoryview):
        return base64.b64encode(form).decode()
    return form if isinstance(form, str) else json.dumps(form, default=str)


def picture(figure: Any) -> str:
    """A figure as PNG, with fewer dots per inch where it would be too large."""
    width, height = (float(side) for side in figure.get_size_inches())
    dpi = float(figure.dpi)
    dpi = min(dpi, math.sqrt(MAX_PIXELS / max(width * height, 1e-6)))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches=None if width * height > 400 else "tight")
    return base64.b64encode(buffer.getvalue()).decode()


def table(frame: Any) -> str:
    """The first rows and columns with the names and types of the fields, and how many there are altogether."""
    rows, columns = frame.shape
    shown = frame.iloc[:MAX_ROWS, :MAX_COLUMNS]
    index = [name_of(name) for name in shown.index.names]
    fields = [{"name": name or "", "type": "index"} for name in index]
    fields += [{"name": name_of(name) or "", "type": str(dtype)} for name, dtype in shown.dtypes.items()]
    lines = [
        [plain(part) for part in (key if isinstance(key, tuple) and len(index) > 1 else (key,))] + [*map(plain, line)]
        for key, line in zip(shown.index, shown.itertuples(index=False, name=None), strict=True)
    ]
    while True:
        text = json.dumps({"schema": {"fields": fields}, "data": lines, "rows": rows, "columns": columns})
        if len(text) <= MAX_TABLE or len(lines) <= 1:
            return text
        lines = lines[: len(lines) // 2]


def name_of(name: Any) -> str | None:
    return None if name is None else " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def plain(value: Any) -> Any:
    """A cell of a table as JSON has it: numbers as they are, nothing for a missing value, else text."""
    if hasattr(value, "item") and callable(value.item) and type(value).__module__ == "numpy":
        value = value.item()
    if value is None or isinstance(value, bool | str):
        return value[:10_000] if isinstance(value, str) else value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    text = str(value)
    return None if text in {"NaT", "<NA>"} else text[:10_000]
