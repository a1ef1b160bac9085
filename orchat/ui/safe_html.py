"""HTML that is only text and tables, cleaned so that it can stand on the page; anything more belongs in a frame."""

import re

import nh3

_CELL = {"colspan", "rowspan", "style"}
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "del", "details", "div", "dd", "dl", "dt", "em", "hr"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub"),
    *("summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": _CELL, "th": _CELL, "span": {"style"}, "p": {"style"}}
STYLES = {"color", "background-color", "font-weight", "font-style", "text-align", "text-decoration"}
LINKS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
PICTURES = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)
MORE_THAN_TEXT = re.compile(
    r"<(?:script|style|link|meta|base|html|head|body|iframe|object|embed|svg|canvas|video|audio|form|input|button"
    r"|select|textarea|math)\b|<[^>]*\son[a-z]+\s*=",
    re.IGNORECASE,
)
"""What has to run, or brings its own style: cleaned, there would be nothing left of it."""


def fragment(html: str) -> str | None:
    """Return HTML without anything that runs, loads, or styles more than a cell; None for a page, which needs a frame.

    What is not recognised as a page is cleaned all the same.
    """
    if MORE_THAN_TEXT.search(html):
        return None
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        filter_style_properties=STYLES,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("a", "href"):
        return value if LINKS.match(value) else None
    if (tag, name) == ("img", "src"):
        return value if PICTURES.match(value) else None
    return value
