"""Intake: a file that somebody puts into the box, checked, freed of what it says about them, and kept."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

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
AT_ONCE = 4
MB = 2**20
LIMITS = ParseLimits(size=MAX_FILE, wall=60.0)
EXTRACT = "extract"
"""The kind of files in the store that hold the text of another one."""
SCANNED = "Its pages are pictures: under “Files”, let the model read the whole file, or add them as pictures."
TOO_LONG = "Add it on the Files page and turn on “Search my documents”, or shorten it."


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may go along, as it is kept: a picture is another one than what was brought."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    about: JSON
    """`medium`, and `width` and `height` of a picture, or `pages` and `characters` of a document."""
    text: str | None = field(default=None, repr=False)
    """What was read in a document; None of one without text, and of what is text itself."""


def check_all(files: Sequence[tuple[str, bytes]], takes: Takes, reading: Reading) -> list[Checked]:
    """Look at the files of a message, names and bytes, some at once; raises as `check`. Blocks."""
    if len(files) > MOST_FILES:
        raise AttachmentError(f"{len(files)} files are too many; at most {MOST_FILES} go with a message.")
    # Each picture and document is a process, which takes most of its time to start.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda file: check(file[0], file[1], takes, reading), files))


def check(name: str, data: bytes, takes: Takes, reading: Reading) -> Checked:
    """Look at a file. A picture is made anew, and of a PDF or another document the text is read, here. Blocks.

    Raises:
        AttachmentError: it is too large, damaged, or nothing that the model takes; the message says which file.
    """
    name = name.strip() or "file"
    try:
        if len(data) > MAX_FILE:
            raise AttachmentError(f"It has {len(data) / MB:,.0f} MB; at most {MAX_FILE // MB} MB are taken.")
        kind = kind_of(data)
        if not takes.takes(kind.medium):
            what = "pictures" if kind.medium == "image" else "sound"
            raise AttachmentError(f"{takes.name} takes no {what}.", advice="Leave it out, or choose another model.")
        return _checked(name, data, kind, takes.reads(reading))
    except (AttachmentError, DocumentError) as error:
        raise AttachmentError(f"“{name}” cannot go along. {error.message}", advice=error.advice) from error


def keep(store: Store, owner: str, conversation_id: str, file: Checked) -> JSON:
    """Keep a file with a conversation; return its reference as it stands in a message's details."""
    about = dict(file.about)
    name = fresh_name(store, owner, conversation_id, file.name, file.data)
    if file.text is not None:
        extract, raw = f"{name}.txt", file.text.encode()
        kept = store.add_file(owner, conversation_id, name=extract, mime="text/plain", kind=EXTRACT, data=raw)
        about["text"] = kept.sha256
    kept = store.add_file(owner, conversation_id, name=name, mime=file.mime, kind=ATTACHMENT, data=file.data)
    return {"kind": kept.kind, "name": kept.name, "mime": kept.mime, "size": kept.size, "sha256": kept.sha256, **about}


def _checked(name: str, data: bytes, kind: Kind, reading: Reading) -> Checked:
    match kind.medium:
        case "image":
            made = shrink_picture(data, edge=EDGE, limits=LIMITS)
            suffix = made.mime.partition("/")[2].replace("jpeg", "jpg")
            about = {"medium": "image", "width": made.width, "height": made.height}
            return Checked(f"{name.rpartition('.')[0] or name}.{suffix}", made.mime, made.data, about)
        case "audio":
            return Checked(name, kind.mime, data, {"medium": "audio"})
        case "text":
            # In UTF-8, whatever encoding it came in.
            text = decode(data)
            _check_length(text)
            return Checked(name, kind.mime, text.encode(), {"medium": "text", "characters": len(text)})
    return _document(name, data, kind, reading if kind.medium == "pdf" else Reading.HERE)


def _document(name: str, data: bytes, kind: Kind, reading: Reading) -> Checked:
    about: JSON = {"medium": kind.medium}
    found = _read(data, reading)
    if found is None:
        return Checked(name, kind.mime, data, about)
    text = _as_text(found)
    if reading is Reading.HERE:
        _check_length(text)
    about |= {"characters": len(text)} | ({"pages": found.pages} if found.pages else {})
    # What somebody else reads whole is kept as text too, for models that take no files.
    return Checked(name, found.mime, data, about, text[:MOST_CHARACTERS])


def _read(data: bytes, reading: Reading) -> Parsed | None:
    """Return a document's text; None of a PDF without any that somebody else will read."""
    try:
        return parse(data, limits=LIMITS)
    except NoTextError as error:
        if reading is not Reading.HERE:
            return None
        raise AttachmentError("There is no text in it.", advice=SCANNED) from error


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        said = f"It has {len(text):,} characters of text; at most {MOST_CHARACTERS:,} go with a message."
        raise AttachmentError(said, advice=TOO_LONG)


def _as_text(parsed: Parsed) -> str:
    return "\n\n".join(f"{_heading(part.place)}{part.text}" for part in parsed.parts)


def _heading(place: Place) -> str:
    return f"[{place.unit.capitalize()} {place.number}]\n" if place.number is not None else ""
