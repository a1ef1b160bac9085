"""The preview of a document: the page as a picture or the text around a passage, with the passage marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from orchat.errors import OrchatError
from orchat.library import Shelf
from orchat.search.parsing import render_page
from orchat.sources import where
from orchat.ui import resources, session
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.search.collection import Collection
    from orchat.search.records import IndexedFile
    from orchat.sources import Source

AT = "preview-at"
"""The page, or the part from 0, that is open."""
WIDTH = 1_300
AROUND, MOST = 1_200, 8_000
"""Characters shown before and after a passage, and of a text without one."""
PDF = "application/pdf"


def show(source: Source, conversation_id: str) -> None:
    """Open the dialog; without a passage in `source` it begins at the beginning. For button callbacks."""
    session.set_widget(AT, value=(source.page or 1) if source.mime == PDF else source.part)
    # Kept until it is closed: the page draws itself anew at times, and a dialog that is left out then is gone.
    session.current().preview = source, conversation_id


def draw() -> None:
    """Draw the dialog, if it is open."""
    if opened := session.current().preview:
        source, conversation_id = opened
        st.dialog(plain(source.name), width="medium", on_dismiss=_close)(_draw)(source, conversation_id)


def original(shelf: Shelf, conversation_id: str, file: str) -> Callable[[], bytes]:
    """Return what reads a file when it is asked for: that may be long after the page was drawn, on another thread."""
    return partial(resources.services().library.original, shelf, session.current().owner, conversation_id, file)


def _close() -> None:
    session.current().preview = None


def _draw(source: Source, conversation_id: str) -> None:
    current, library = session.current(), resources.services().library
    collection = library.in_reach(current.owner, conversation_id).get(Shelf(source.shelf))
    files = collection.files() if collection else []
    # In a fork it is the same file, read anew: its name is what is left of the original's.
    file = next((file for match in ("id", "name") for file in files if _is(file, source, match)), None)
    if collection is None or file is None:
        st.caption("This file has been deleted since. What was cited is kept with the answer:")
        _text(source.text, 0, len(source.text))
        return
    try:
        (_page if file.mime == PDF else _part)(source, conversation_id, file, collection)
    except OrchatError as error:
        st.warning(f"{plain(error.message)} {plain(error.advice or '')}")
        _text(source.text, 0, len(source.text))


def _is(file: IndexedFile, source: Source, by: str) -> bool:
    return file.id == source.file if by == "id" else file.name == source.name


def _page(source: Source, chat: str, file: IndexedFile, collection: Collection) -> None:
    number, pages = int(session.widget_value(AT) or 1), file.pages or 1
    _head(f"Page {number} of {pages}", number, 1, pages, file, source, chat)
    passage = source.text if number == source.page else None
    with st.spinner("Drawing the page…"):
        picture = render_page(collection.original(file.id), number, highlight=passage, width=WIDTH)
    with st.container(key="preview-page"):
        caption, alt = "The passage is marked." if passage else None, f"Page {number} of {file.name}"
        st.image(picture, caption, width="stretch", output_format="PNG", alt=alt)


def _part(source: Source, chat: str, file: IndexedFile, collection: Collection) -> None:
    parts, number = collection.read(file.id), int(session.widget_value(AT) or 0)
    if not parts:
        return
    part = parts[min(number, len(parts) - 1)]
    place = where(part.place)
    count = f"{number + 1} of {len(parts)}" if len(parts) > 1 else ""
    label = " · ".join(filter(None, (place[:1].upper() + place[1:], count)))
    _head(label, number, 0, len(parts) - 1, file, source, chat)
    marked = number == source.part and source.end > source.start
    _text(part.text, *((source.start, source.end) if marked else (0, 0)))


def _head(
    label: str, number: int, first: int, last: int, file: IndexedFile, source: Source, conversation_id: str
) -> None:
    """Draw where the reader is, the ways on, and the way to the original."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        ways = (("‹ Previous", "preview-previous", number - 1), ("Next ›", "preview-next", number + 1))
        for text, key, to in ways if last > first else ():
            st.button(text, key=key, disabled=not first <= to <= last, on_click=_go, args=(to,))
        st.caption(plain(label), width="content")
        st.download_button(
            "Download",
            original(Shelf(source.shelf), conversation_id, file.id),
            file_name=file.name,
            # As bytes of no kind: a browser must not be tempted to open a page in orchat's own origin.
            mime="application/octet-stream",
            key="preview-download",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def _go(number: int) -> None:
    session.set_widget(AT, value=number)


def _text(text: str, start: int, end: int) -> None:
    """Draw a text with what stands from `start` to `end` marked; far ones are cut."""
    first = max(0, start - AROUND)
    last = min(len(text), end + AROUND if end else MOST)
    before, passage, after = (escape(text[a:b]) for a, b in ((first, start), (start, end), (end, last)))
    mark = f"<mark>{passage}</mark>" if passage else ""
    begin, rest = "…" if first else "", "…" if last < len(text) else ""
    # Escaped to the last character: what is in a document is never taken for HTML.
    st.html(f'<div class="orchat-excerpt" tabindex="0">{begin}{before}{mark}{after}{rest}</div>')
