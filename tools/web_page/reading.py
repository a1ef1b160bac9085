"""Reading: a page's HTML as Markdown."""

import re

import httpx
from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

from .fetch import Page

NOT_READ = ("script", "style", "noscript", "template", "svg", "iframe", "nav", "footer", "form", "button", "head")
DEEPEST = 200
"""Elements inside of elements: what is nested deeper was made to exhaust whoever reads it."""


def as_markdown(page: Page) -> tuple[str, str]:
    """Return a page's title and its text."""
    if page.kind != "text/html" and not page.kind.endswith("xhtml+xml"):
        return "", page.text
    soup = BeautifulSoup(page.text, "html.parser")
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    for element in soup.find_all(NOT_READ):
        element.decompose()
    for link in soup.find_all("a", href=True):
        link["href"] = _absolute(page.url, str(link["href"]))
    body = soup.find("main") or soup.find("article") or soup.body or soup
    if _depth(body) > DEEPEST:
        return title, " ".join(body.get_text(" ").split())
    text = MarkdownConverter(heading_style="ATX", strip=["img"]).convert_soup(body)
    return title, re.sub(r"\n\s*\n\s*\n+", "\n\n", text).strip()


def _absolute(base: str, link: str) -> str:
    try:
        return str(httpx.URL(base).join(link))
    except httpx.InvalidURL:
        return link


def _depth(root: object) -> int:
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for child in getattr(node, "children", ())]
    return deepest
