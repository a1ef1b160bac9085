"""Enclosed: the files of messages in an export that people read. Pictures are in it; others are named, and left out."""

import base64
import html
from collections.abc import Callable

from orchat.errors import NotFoundError
from orchat.store import Message
from orchat.wire import JSON, fields, objects, words

Read = Callable[[str], bytes]
LEFT_OUT = "not in this file; the JSON export has it"
SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif")


def said(message: Message) -> str:
    """Return what a message says, without what orchat added for the model."""
    details = fields(message.details)
    return words(details.get("said")) or "" if details.get("attached") else message.text


def files_of(message: Message) -> list[JSON]:
    """Return the references of the files that went with a question, or of the pictures that came with an answer."""
    pictures = (image.get("file") for image in objects(message.wire.get("images")))
    found = [*objects(fields(message.details).get("attached")), *(file for file in pictures if isinstance(file, dict))]
    return [file for file in found if words(file.get("sha256"))]


def as_markdown(message: Message) -> list[str]:
    """Return a line for each file, which names it."""
    return [f"📎 {_named(file)} ({LEFT_OUT})" for file in files_of(message)]


def as_html(message: Message, read: Read) -> str:
    """Return the pictures of a message, and a line for each file that is none."""
    return "".join(_element(file, read) for file in files_of(message))


def _element(file: JSON, read: Read) -> str:
    name, mime = html.escape(_named(file)), str(file.get("mime"))
    if mime in SHOWN:
        try:
            data = base64.b64encode(read(str(file["sha256"]))).decode()
            return f'<figure><img src="data:{mime};base64,{data}" alt="{name}"><figcaption>{name}</figcaption></figure>'
        except NotFoundError:
            pass
    return f"<p>📎 {name} ({LEFT_OUT})</p>"


def _named(file: JSON) -> str:
    return str(file.get("name"))
