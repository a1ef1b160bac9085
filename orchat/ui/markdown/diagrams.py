"""Mermaid diagrams of models: Streamlit draws them, and what is drawn may fetch nothing, whoever wrote it."""

import re
from html import unescape

_INVISIBLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2000-\u200f\u2028\u2029\ufeff]")
"""What browsers and Mermaid drop from an address before they look at it."""

_ENTITY = re.compile(r"#(?=\w+;)")
"""Before the name or number of a character, as Mermaid writes what HTML does with `&` and `&#`."""

_CONFIGURES = re.compile(r"%%\s*\{|^[\s>]*-{3,}[\s>]*$", re.MULTILINE)
"""Directives and front matter, which may hold style sheets and switch Mermaid's own care off."""

_STYLE = re.compile(r"(?:style|classDef|todayMarker)\s+\S*\s*([^\n]*)", re.IGNORECASE)
"""A statement with style declarations and what follows its first name, which may stand on the line below."""

_PLAIN_STYLE = re.compile(r"(?:[\w\s#.%,:;*-]|(?:rgb|hsl)a?\([\d.%, /]*\))*")
"""Declarations by names, numbers and colours: without functions and strings CSS names no address."""

_READS = re.compile(r"(?:^|;)[^\n:;]{0,200}\b(?:properties|details)\s+[^\n:]{0,200}:", re.IGNORECASE | re.MULTILINE)
"""What gives a participant of a sequence diagram a picture, or reads one from the page."""

_LOADS = re.compile(
    r"""<(?!br\s*/?>)[a-z/!?]|@\s*(?:\{|import)|\\|//|image-set|cross-fade|(?:url|src|image|element|paint)\s*\("""
    r"""|\b(?:https?|ftps?|wss?|data|blob|file|javascript|vbscript):(?![ \n])""",
    re.IGNORECASE,
)
"""HTML, shapes with attributes, escapes, functions of CSS that fetch, and addresses, wherever they stand."""


def refusal(source: str) -> str | None:
    """Why a diagram is not drawn but shown as its source, None if it fetches nothing.

    `source` is Markdown's: its lines may begin with the marks of lists and quotes.
    """
    source = unescape(_ENTITY.sub(lambda mark: "&#" if source[mark.end()].isdigit() else "&", source)) + "\n" + source
    if _CONFIGURES.search(source):
        return "it brings its own configuration"
    if not all(_is_plain(declarations) for declarations in _STYLE.findall(source)):
        return "its styles have more in them than names, numbers and colours"
    if "sequencediagram" in source.lower() and _READS.search(source):
        return "it gives a participant properties"
    if _LOADS.search(source) or _LOADS.search(_INVISIBLE.sub("", source)):
        return "it holds an address or HTML"
    return None


def _is_plain(declarations: str) -> bool:
    return ":" not in declarations or bool(_PLAIN_STYLE.fullmatch(declarations))
