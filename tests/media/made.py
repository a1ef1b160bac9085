"""Files for tests: a picture with what cameras write into it, sound, and what somebody could send to do harm."""

import io
import struct
import wave
import zlib

from PIL import Image


def picture(width: int = 40, height: int = 20, kind: str = "PNG", *, turned: bool = False) -> bytes:
    """A picture; a `turned` one lies on its side, and says where it was taken."""
    image, out = Image.new("RGB", (width, height), "teal"), io.BytesIO()
    exif = image.getexif()
    if turned:
        exif[0x0112] = 6
        exif[0x010E] = "taken at 52.5N 13.4E"
    image.save(out, kind, exif=exif)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 2.5 billion pixels."""
    return _png(50_000, 50_000, zlib.compress(b"\0" * 1_000_000))


def deceiver() -> bytes:
    """A PNG whose pixels end early."""
    return _png(100, 100, zlib.compress(b"\0" * 10))


def _png(width: int, height: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sound() -> bytes:
    """A tenth of a second of silence, as WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setparams((1, 2, 16_000, 0, "NONE", ""))
        written.writeframes(b"\0\0" * 1_600)
    return out.getvalue()
