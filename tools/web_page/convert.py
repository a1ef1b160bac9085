"""Converting: HTML on the input becomes Markdown on the output, in a process of its own.

A page can be made so that parsing it takes hours or gigabytes. This process has limits, and can be ended.
"""

import contextlib
import json
import re
import sys
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

NOT_READ = ("script", "style", "noscript", "template", "svg", "iframe", "nav", "footer", "form", "button", "head")
DEEPEST = 200
"""Elements inside of elements: what is nested deeper was made to exhaust whoever reads it."""
SECONDS, BYTES = 10, 1 << 30


def markdown(html: str, url: str) -> tuple[str, str]:
    """Return the title and the text of a page."""
    soup = BeautifulSoup(html, "html.parser")
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    for element in soup.find_all(NOT_READ):
        element.decompose()
    for link in soup.find_all("a", href=True):
        link["href"] = _absolute(url, str(link["href"]))
    body = soup.find("main") or soup.find("article") or soup.body or soup
    if _depth(body) > DEEPEST:
        return title, " ".join(body.get_text(" ").split())
    text = MarkdownConverter(heading_style="ATX", strip=["img"]).convert_soup(body)
    return title, re.sub(r"\n\s*\n\s*\n+", "\n\n", text).strip()


def _absolute(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _depth(root: object) -> int:
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for child in getattr(node, "children", ())]
    return deepest


def limit() -> None:
    """Set the limits of this process, where the system has them."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


if __name__ == "__main__":
    limit()
    sys.stdout.write(json.dumps(markdown(sys.stdin.buffer.read().decode(), sys.argv[1])))
