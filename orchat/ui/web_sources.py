"""Web sources: the pages that an answer cites, numbered, with their hosts. None of them is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from orchat.ui.markdown import presentable
from orchat.ui.markdown.safety import host, safe_url
from orchat.wire import JSON, fields, objects, words


def numbered(annotations: Iterable[JSON]) -> dict[str, int]:
    """Return the numbers of the pages that are cited, by their addresses as Markdown has them."""
    found: dict[str, int] = {}
    for citation in _citations(annotations):
        found.setdefault(str(safe_url(citation["url"])), len(found) + 1)
    return found


def draw(annotations: Any) -> None:
    """Draw the list of the sources, if there are any."""
    lines = {str(safe_url(citation["url"])): _line(citation) for citation in _citations(objects(annotations))}
    if lines:
        st.caption("Sources")
        st.markdown(presentable("\n".join(f"{number}. {line}" for number, line in enumerate(lines.values(), 1))))


def _citations(annotations: Iterable[JSON]) -> Iterable[Mapping[str, Any]]:
    for annotation in annotations:
        citation = fields(annotation.get("url_citation"))
        url = words(citation.get("url")) or ""
        if url.startswith(("https://", "http://")) and safe_url(url):
            yield citation


def _line(citation: Mapping[str, Any]) -> str:
    url = str(citation["url"])
    name = host(url) or ""
    title = "".join(letter for letter in words(citation.get("title")) or name if letter not in "[]\n")
    # What makes it presentable adds the host.
    return f"[{title}](<{url}>)"
