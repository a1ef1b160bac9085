"""Intake: a file that somebody puts into the box, checked, freed of what it says about them, and kept."""

from orchat.errors import AttachmentError, DocumentError, NoTextError
from orchat.media.kinds import Kind, kind_of
from orchat.media.names import ATTACHMENT, fresh_name
from orchat.media.taking import Reading, Takes
from orchat.search.document import Parsed, Place
from orchat.search.parsing import ParseLimits, parse, shrink_picture
from orchat.search.parsing.decoding import decode
from orchat.store import Store
from orchat.store.files import MAX_FILE
from orchat.wire import JSON

EDGE = 2048
"""Pixels of the longer side of a picture: models see no more, and more costs more."""
MOST_FILES = 20
"""With one message."""
MOST_CHARACTERS = 400_000
"""Of text from one file: about 100,000 tokens."""
LIMITS = ParseLimits(size=MAX_FILE, wall=60.0)
EXTRACT = "extract"
"""The kind of files in the store that hold the text of another one."""


def take_in(
    store: Store, owner: str, conversation_id: str, name: str, data: bytes, takes: Takes, reading: Reading
) -> JSON:
    """Keep a file for a message; return its reference as it stands in the message's details.

    A picture is made anew and its original is not kept. Of a PDF or another document the text is read, here. Blocks.

    Raises:
        AttachmentError: it is too large, damaged, or nothing that the model takes; the message says which file.
    """
    name = name.strip() or "file"
    try:
        if len(data) > MAX_FILE:
            raise AttachmentError(f"It has {len(data) / 1e6:,.0f} MB; at most {MAX_FILE / 1e6:,.0f} MB are taken.")
        kind = kind_of(data)
        if not takes.takes(kind.medium):
            what = "pictures" if kind.medium == "image" else "sound"
            raise AttachmentError(f"{takes.name} takes no {what}.", advice="Leave it out, or choose another model.")
        return _kept(store, owner, conversation_id, name, data, kind, reading)
    except (AttachmentError, DocumentError) as error:
        raise AttachmentError(f"“{name}” cannot go along. {error.message}", advice=error.advice) from error


def _kept(store: Store, owner: str, conversation_id: str, name: str, data: bytes, kind: Kind, reading: Reading) -> JSON:
    about: JSON = {"medium": kind.medium}
    mime, text = kind.mime, None
    if kind.medium == "image":
        made = shrink_picture(data, edge=EDGE, limits=LIMITS)
        data, mime = made.data, made.mime
        about |= {"width": made.width, "height": made.height}
        name = f"{name.rpartition('.')[0] or name}.{mime.partition('/')[2].replace('jpeg', 'jpg')}"
    elif kind.medium == "text":
        text = decode(data)
        # As what it is to be sent: any text is text, whatever encoding it came in.
        data = text.encode()
    elif kind.medium in ("pdf", "document"):
        found = _read(data, reading)
        text = None if found is None else _as_text(found)
        mime = mime if found is None or kind.medium == "pdf" else found.mime
        about |= {"pages": found.pages} if found is not None and found.pages else {}
    if text is not None:
        about |= {"characters": _checked(text, reading if kind.medium == "pdf" else Reading.HERE)}
    if text is not None and kind.medium != "text":
        raw = text[:MOST_CHARACTERS].encode()
        about["text"] = store.add_file(
            owner, conversation_id, name=f"{name}.txt", mime="text/plain", kind=EXTRACT, data=raw
        ).sha256
    name = fresh_name(store, owner, conversation_id, name, data)
    file = store.add_file(owner, conversation_id, name=name, mime=mime, kind=ATTACHMENT, data=data)
    return {"kind": file.kind, "name": file.name, "mime": mime, "size": file.size, "sha256": file.sha256, **about}


def _read(data: bytes, reading: Reading) -> Parsed | None:
    """Return a document's text; None of a PDF without any that somebody else will read."""
    try:
        return parse(data, limits=LIMITS)
    except NoTextError as error:
        if reading is not Reading.HERE:
            return None
        advice = "Its pages are pictures: under “Files”, let the model read the whole file, or add them as pictures."
        raise AttachmentError("There is no text in it.", advice=advice) from error


def _checked(text: str, reading: Reading) -> int:
    if len(text) > MOST_CHARACTERS and reading is Reading.HERE:
        raise AttachmentError(
            f"It has {len(text):,} characters of text; at most {MOST_CHARACTERS:,} go with a message.",
            advice="Add it on the Files page and turn on “Search my documents”, or shorten it.",
        )
    return len(text)


def _as_text(parsed: Parsed) -> str:
    return "\n\n".join(f"{_heading(part.place)}{part.text}" for part in parsed.parts)


def _heading(place: Place) -> str:
    return f"[{place.unit.capitalize()} {place.number}]\n" if place.number is not None else ""
