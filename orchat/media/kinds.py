"""What a file is to a model, by what is in it. Its name is a label, and nobody's word for anything."""

import re
from dataclasses import dataclass
from typing import Literal

from orchat.errors import AttachmentError

Medium = Literal["image", "audio", "pdf", "document", "text"]
"""`document` is what becomes text by being read: Word, slides, sheets, e-mail and the like."""

_IMAGES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "image/tiff"),
    (re.compile(rb"BM.{12}[\x0c-\x7c]\x00\x00\x00", re.DOTALL), "image/bmp"),
    (re.compile(rb".{4}ftypavi[fs]", re.DOTALL), "image/avif"),
)
_AUDIO = (
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3]"), "audio/mpeg"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "audio/aac"),
    (re.compile(rb"fLaC[\x00\x80]"), "audio/flac"),
    (re.compile(rb"OggS\x00"), "audio/ogg"),
    (re.compile(rb"FORM.{4}AIF[FC]", re.DOTALL), "audio/aiff"),
    (re.compile(rb".{4}ftypM4[AB]", re.DOTALL), "audio/mp4"),
)
_REFUSED = (
    (re.compile(rb".{4}ftyp(?:hei[cx]|hev|mif1|msf1)", re.DOTALL), "HEIC photos", "Save it as JPEG, and add that."),
    (re.compile(rb".{4}ftyp|\x1aE\xdf\xa3", re.DOTALL), "videos", "Add single pictures of it, or its sound."),
)
_PACKAGES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")
_PDF = re.compile(rb"%PDF-\d")
_PDF_BEGINS_WITHIN = 1024
PICTURE_ADDRESSES = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "webp", "gif"))
"""How the address of a picture begins that is drawn: it is the picture itself, and is fetched from nowhere."""
FORMATS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/aiff": "aiff",
    "audio/mp4": "m4a",
}
"""The word for each kind of sound in a request."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is, and its media type."""

    medium: Medium
    mime: str


def kind_of(data: bytes) -> Kind:
    """Tell what a file is.

    Raises:
        AttachmentError: it is empty, or of a kind that no message can hold.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise AttachmentError("The file is empty.", advice="Look whether it was saved or downloaded completely.")
    for pattern, mime in _IMAGES:
        if pattern.match(data):
            return Kind("image", mime)
    for pattern, mime in _AUDIO:
        if pattern.match(data):
            return Kind("audio", mime)
    for pattern, name, advice in _REFUSED:
        if pattern.match(data):
            raise AttachmentError(f"No message can hold {name}.", advice=advice)
    if _PDF.search(data[:_PDF_BEGINS_WITHIN]):
        return Kind("pdf", "application/pdf")
    if data.startswith(_PACKAGES):
        return Kind("document", "application/octet-stream")
    return Kind("text", "text/plain")
