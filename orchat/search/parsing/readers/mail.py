"""E-mail: who wrote what to whom and when, the text, and the names of what is attached."""

from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart

from orchat.errors import NoTextError
from orchat.search.document import Parsed
from orchat.search.parsing.limits import ParseLimits
from orchat.search.parsing.outline import Outline, one_line
from orchat.search.parsing.readers.markup import Page

_FIELDS = ("From", "To", "Cc", "Date", "Subject")


def read(data: bytes, mime: str, _: ParseLimits) -> Parsed:
    """The message's head and text; what is attached is named, and not read.

    Raises:
        NoTextError: there is none.
    """
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    fields = {name: _field(message, name) for name in _FIELDS}
    outline = Outline()
    outline.paragraph("\n".join(f"{name}: {value}" for name, value in fields.items() if value))
    body = message.get_body(("plain", "html"))
    if body is not None:
        _tell(body, outline)
    attached = [one_line(part.get_filename() or "without a name") for part in message.iter_attachments()]
    if attached:
        outline.paragraph(f"Attached: {', '.join(attached)}")
    parts = outline.parts()
    if not parts:
        raise NoTextError("No text found: the message is empty.")
    return Parsed(mime, parts, fields["Subject"])


def _field(message: MIMEPart, name: str) -> str:
    try:
        return one_line(str(message.get(name, "")))
    except (ValueError, IndexError, TypeError, AttributeError):  # what the standard parser makes of broken fields
        return ""


def _tell(body: MIMEPart, outline: Outline) -> None:
    try:
        content = body.get_content()
    except (LookupError, ValueError):  # an encoding that nobody knows
        content = (body.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]  # a leaf
    if body.get_content_subtype() == "html":
        page = Page(outline)
        page.feed(content)
        page.close()
    else:
        outline.paragraph(content.replace("\r\n", "\n"))
