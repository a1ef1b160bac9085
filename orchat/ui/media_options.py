"""What goes along on the chat page: files, as far as the chosen model takes them, and a search of the web."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from orchat.media.taking import Reading, Takes
from orchat.ui import features, session
from orchat.ui.choice_keys import READING, WEB
from orchat.ui.wording import plain

if TYPE_CHECKING:
    from orchat.openrouter import Catalogue

READINGS = {
    Reading.HERE: ("Its text, read on this machine", "Free. Nobody else gets the file."),
    Reading.MODEL: ("The whole file, to the model", "With its layout and pictures. Costs the model's tokens."),
    Reading.CLOUDFLARE: ("OpenRouter’s reader: Cloudflare", "Free, text only. A third party gets the file."),
    Reading.MISTRAL: (
        "OpenRouter’s reader: Mistral OCR",
        "\\$2 for 1,000 pages, scans too. A third party gets the file.",
    ),
}


def draw_web() -> None:
    """Draw whether the web is searched."""
    current = session.current()
    takes, reason = current.takes or Takes(), features.refusal(features.WEB_SEARCH)
    if reason is None and not takes.tools:
        reason = f"{plain(takes.name)} uses no tools, and so cannot search."
    chosen = st.toggle(
        "Search the web",
        key=WEB,
        persist_state="session",
        disabled=reason is not None,
        help=reason
        or "OpenRouter searches where the model wants it, and the answer lists its sources. Your question goes to a "
        "search engine. About $0.007 for each search.",
    )
    current.web, current.web_refused = chosen and reason is None, features.refusal(features.WEB_SEARCH) is not None


def draw_files() -> None:
    """Draw what may go along, and who reads PDFs, behind a button."""
    current = session.current()
    takes = current.takes or Takes()
    with st.popover("Files", icon=":material/attach_file:", type="tertiary", key="chat-media"):
        st.markdown(_taken(takes))
        offered = [reading for reading in Reading if _offered(reading, takes)]
        if session.widget_value(READING) not in offered:
            session.set_widget(READING, value=Reading.HERE)
        current.reading = st.radio(
            "Of a PDF, send",
            offered,
            key=READING,
            persist_state="session",
            format_func=lambda reading: READINGS[reading][0],
            captions=[READINGS[reading][1] for reading in offered],
        )
        if reason := features.refusal(features.FILE_PARSER):
            st.caption(f"A reader of OpenRouter’s is not offered. {reason}")


def _offered(reading: Reading, takes: Takes) -> bool:
    if reading.third_party:
        return features.refusal(features.FILE_PARSER) is None
    return reading is Reading.HERE or takes.files


def _taken(takes: Takes) -> str:
    kinds = [name for name, taken in (("pictures", takes.images), ("sound", takes.audio)) if taken]
    return (
        f"**{plain(takes.name)}** takes {' and '.join(kinds) or 'text only'}. Documents, tables and code go along as "
        "text. Add files with the plus sign, paste them, or drop them on the box: 20 with a message, of 25 MB each."
    )


def follow_model(catalogue: Catalogue) -> None:
    """Take over what the chosen model takes; the page is drawn anew where its box is for other files."""
    current = session.current()
    before, current.takes = current.takes, Takes.of(catalogue.find(current.ask.asked or ""))
    # What is drawn below of this run is right; the box above it, and the page of a run of the sidebar alone, are not.
    changed = current.takes != (before or replace(current.takes, images=True, audio=False))
    refused = features.refusal(features.WEB_SEARCH) is not None
    if current.web_refused not in (None, refused):
        current.web_refused, changed = refused, True
    if changed and current.kind == "chat":
        st.rerun(scope="app")
