"""What the inside of a text is lexed into, and the patterns that decide what each piece is."""

import re
from dataclasses import dataclass

JOINER = "\N{WORD JOINER}"
"""Parts what must not be read together; takes no room and allows no line break."""

# White space as ECMAScript has it: a browser's bare link ends only there or at `<`.
_JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
TOKEN = re.compile(
    rf"""(?P<escape>\\[\n!-/:-@\[-`{{-~])
    |(?P<ticks>`+)
    |(?P<dollars>\$+)
    |(?P<tildes>~+)
    |(?P<opening>!?\[)
    |(?P<closing>\])
    |(?P<angle><)
    |(?P<colon>:)
    |(?P<address>(?<![A-Za-z])(?:https?://|www\.)[^<{_JS_SPACE}]*)""",
    re.VERBOSE | re.IGNORECASE,
)
# What would end the paragraph, and code in it, for a reader that knows HTML, maths, directives and footnotes.
BLOCK_START = re.compile(r"\n(?=<|\$\$|::|\[\^)")
TICKS = re.compile(r"`+")
NOT_ONLY_CODE = re.compile(r"\]\(|[<$\[`\n]|://|www\.", re.IGNORECASE)
CONTESTED = re.compile(r"[`$\[\]\\|\x00-\x1f\x7f-\x9f]")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>\x00-\x20\x7f]+)>", re.IGNORECASE)
MAIL_AUTOLINK = re.compile(r"<[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+>")
SHORTCODE = re.compile(r":(?:[A-Za-z0-9_+-]+\\?:)+")
ICON = re.compile(r":(?:material_|streamlit\\?:)")
DIRECTIVE = re.compile(r":(?=[^\s!-/;-@\[-`{-~])(?![0-9]+(?![\w\[{+-]))")
ARRIVING_TARGET = re.compile(r"\([^\s()\[\]`<$\\|]*")


@dataclass(frozen=True, slots=True)
class Opening:
    """A bracket that may begin a link or image."""

    piece: int
    """Index of the piece written for it."""
    inside: int
    """Index in the text of the first character after it."""
    image: bool
