"""What model text may make a browser do: follow a web or mail link after a click, and nothing else."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from markdown_it.common.utils import unescapeAll

PICTURE = "\N{FRAME WITH PICTURE}"
"""The sign before the description of an image that is not loaded."""

_MAX_DESCRIPTION = 200
"""Characters of an image's description that are shown; bounds the work on images nested in descriptions."""

_IGNORED_IN_URLS = re.compile(r"[\x00-\x1f\x7f]+")
_IMPOSSIBLE_IN_HOSTS = re.compile(r"[\s<>^|`{}\"]")
_WEB = re.compile(r"https?://[^/?#\\]", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^/]", re.IGNORECASE)
_IP_ADDRESS = re.compile(r"https?://\[[0-9a-fA-F:.]+\]")
_UNSAFE_IN_URLS = re.compile(r"""[ "<>\[\]\\^`{|}]""")
_UNSAFE_UNBALANCED = re.compile(r"""[ "()<>\[\]\\^`{|}]""")
_PARENTHESES = re.compile(r"[()]")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
_ESCAPED = re.compile(r"\\(.)")
_PUNCTUATION = re.compile(r"[\\`*_\[\]>$~:&|!]")


def safe_url(url: str) -> str | None:
    """`url` (with escapes and entities of Markdown resolved) fit for `link`, or None if it must not be followed.

    Only http, https and mailto are followed. Characters that Markdown could take for syntax are percent-encoded.
    """
    url = _IGNORED_IN_URLS.sub("", url).strip()
    if not (_MAIL.match(url) or (_WEB.match(url) and host(url))):
        return None
    address = _IP_ADDRESS.match(url)
    brackets = address.end() if address else 0
    unsafe = _UNSAFE_IN_URLS if _balanced(url) else _UNSAFE_UNBALANCED
    return url[:brackets] + unsafe.sub(lambda character: f"%{ord(character[0]):02X}", url[brackets:])


def link(label: str, url: str) -> str:
    """A Markdown link; `url` comes from `safe_url`, `label` is Markdown with balanced brackets."""
    return f"[{label}]({_ENTITY.sub('&amp;', url)})"


def named_link(label: str, url: str) -> str:
    """A link and after it the host that it leads to, unless its label is that host or an address there.

    A label can name another host than the one that a click leads to.
    """
    name, said = host(url), _ESCAPED.sub(r"\1", label).strip()
    if name is None or host(said if "://" in said else f"https://{said}") == name:
        return link(label, url)
    return f"{link(label, url)} ({literal(name)})"


def host(url: str) -> str | None:
    """The host that a browser would contact for `url`, or None if there is none."""
    try:
        name = urlsplit(url.replace("\\", "%5C")).hostname
    except ValueError:
        return None
    return None if name is None or _IMPOSSIBLE_IN_HOSTS.search(name) else name


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that is not loaded."""

    label: str
    """A picture sign, the description, and the host in brackets where there is one."""
    written: str
    """The label as a link to the image, or alone where no link is allowed."""


def picture(description: str, url: str | None) -> Picture:
    """What stands for the image at `url` with this description (Markdown, shown as plain text)."""
    plain = " ".join(unescapeAll(description[:_MAX_DESCRIPTION]).split())
    label = f"{PICTURE} {literal(plain)}".rstrip()
    target = safe_url(url) if url else None
    name = host(target) if target else None
    if target is None or name is None:
        return Picture(label, label)
    label = f"{label} ({literal(name)})"
    return Picture(label, link(label, target))


def literal(text: str) -> str:
    """`text` so escaped that Markdown shows it as it is."""
    return _PUNCTUATION.sub(r"\\\g<0>", text).replace("<", "&lt;")


def _balanced(url: str) -> bool:
    depth = 0
    for character in _PARENTHESES.findall(url):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0
