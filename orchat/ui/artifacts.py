"""Artifacts: what tools made for the person, drawn without trusting a byte of it."""

import base64
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from orchat.agent.sources import KIND as SOURCES
from orchat.errors import NotFoundError
from orchat.temporary import is_temporary
from orchat.terminal import readable
from orchat.ui import html_frame, pictures, resources, safe_chart, safe_html, session
from orchat.ui.markdown import blocks, presentable
from orchat.ui.wording import plain, size

ROWS_SHOWN = 1_000
TEXT_SHOWN, LINES_SHOWN = 20_000, 9
LARGEST_SVG = 1_000_000
PLOTLY = "plotly"


class _LoadsError(ValueError):
    """A chart is not drawn, since it could make the browser ask a foreign server."""


def draw(reference: Mapping[str, Any], *, key: str) -> None:
    """Draw an artifact by its reference; one that cannot be drawn is offered as a file."""
    if reference.get("kind") == SOURCES:
        # They stand below the answer that cites them.
        return
    try:
        data = data_of(reference)
    except NotFoundError:
        st.caption(f"{plain(str(reference['name']))} is not kept any more.")
        return
    drawing = _DRAWINGS.get(str(reference["kind"]))
    drawn = False
    if drawing is not None:
        try:
            drawing(data, reference, key)
            drawn = True
        except _LoadsError:
            name = plain(str(reference["name"]))
            st.caption(f"{name} is not drawn, since it could load something from the web. Its file can be saved.")
        except Exception:  # noqa: BLE001 - what draws it is others' code, and what is in it may be anything
            st.caption(f"{plain(str(reference['name']))} cannot be shown here.")
    if not drawn or reference["kind"] != "image":
        download(data, reference, key)


def data_of(reference: Mapping[str, Any]) -> bytes:
    """Return the bytes of a file by its reference; raises NotFoundError where they are gone."""
    current = session.current()
    # The cache outlives a temporary chat.
    read = _read if is_temporary(current.conversation_id) else _data
    return read(current.owner, str(reference["sha256"]))


@st.cache_data(max_entries=200, show_spinner=False)
def _data(owner: str, sha256: str) -> bytes:
    return _read(owner, sha256)


def _read(owner: str, sha256: str) -> bytes:
    return resources.services().store.file_data(owner, sha256)


def download(data: bytes, reference: Mapping[str, Any], key: str) -> None:
    """Draw a button that saves a file."""
    name = str(reference["name"])
    label = f"{plain(name)} · {size(len(data))}"
    st.download_button(
        label,
        data,
        file_name=name,
        # As bytes of no kind: a browser must not be tempted to open a page in orchat's own origin.
        mime="application/octet-stream",
        key=f"download-{key}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _image(data: bytes, reference: Mapping[str, Any], _key: str) -> None:
    st.image(_svg(data) if reference["mime"] == "image/svg+xml" else pictures.bounded(data))


def _svg(data: bytes) -> str:
    """Return a drawing as the address of a picture: as such it runs and loads nothing. Never as part of the page."""
    if len(data) > LARGEST_SVG or b"<svg" not in data or b"<!ENTITY" in data:
        raise ValueError("a drawing that may take a browser's memory, or none at all")
    return f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}"


def _table(data: bytes, _reference: Mapping[str, Any], key: str) -> None:
    import pandas as pd

    frame = pd.read_csv(io.BytesIO(data), nrows=ROWS_SHOWN + 1)
    # An index without a name has an empty heading, which pandas fills.
    frame.columns = ["" if name == f"Unnamed: {at}" else name for at, name in enumerate(frame.columns)]
    st.dataframe(frame.head(ROWS_SHOWN), key=f"table-{key}", hide_index=True, width="stretch")
    if len(frame) > ROWS_SHOWN:
        st.caption(f"The first {ROWS_SHOWN:,} rows; the file has all of them.")


def _chart(data: bytes, reference: Mapping[str, Any], key: str) -> None:
    spec = json.loads(data)
    plotly = PLOTLY in str(reference["mime"])
    if not isinstance(spec, dict) or not safe_chart.loads_nothing(spec, plotly=plotly):
        raise _LoadsError("a chart that would load something")
    if plotly:
        st.plotly_chart(spec, key=f"chart-{key}")
    else:
        # Options for the library that draws, which can name a file to load.
        spec.pop("usermeta", None)
        if safe_chart.puts_together(spec):
            # On a canvas a colour loads nothing, whatever an expression has made of it.
            spec["usermeta"] = {"embedOptions": {"renderer": "canvas"}}
        st.vega_lite_chart(None, spec, key=f"chart-{key}", width="stretch")


def _html(data: bytes, _reference: Mapping[str, Any], key: str) -> None:
    text = data.decode("utf-8", "replace")
    if (cleaned := safe_html.fragment(text)) is None:
        html_frame.draw(text, key=key)
    else:
        st.html(cleaned)


def _text(data: bytes, reference: Mapping[str, Any], _key: str) -> None:
    text = readable(data[: 4 * TEXT_SHOWN].decode("utf-8", "replace")[:TEXT_SHOWN])
    if reference["mime"] in {"text/markdown", "text/latex"}:
        for block in blocks(text):
            st.markdown(presentable(block))
        return
    tall = text.count("\n") > LINES_SHOWN or len(text) > 100 * LINES_SHOWN
    st.code(text, language=None, wrap_lines=True, height=240 if tall else "content")


_DRAWINGS: dict[str, Callable[[bytes, Mapping[str, Any], str], None]] = {
    "image": _image,
    "table": _table,
    "chart": _chart,
    "html": _html,
    "text": _text,
}
