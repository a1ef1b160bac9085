"""Which of the forms of a displayed value is taken, and whether it is what it says."""

from collections.abc import Mapping

from orchat.errors import SandboxProtocolError
from orchat.sandbox.frames import decoded
from orchat.sandbox.result import Output

TABLE = "application/vnd.dataresource+json"
PLOTLY = "application/vnd.plotly.v1+json"
VEGALITE = tuple(f"application/vnd.vegalite.v{version}+json" for version in (6, 5, 4))
RICHEST_FIRST = (
    PLOTLY,
    *VEGALITE,
    TABLE,
    "image/png",
    "image/jpeg",
    "image/svg+xml",
    "text/html",
    "text/markdown",
    "text/latex",
    "application/json",
)
"""The forms that a page knows how to show; others are left out."""

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
MAX_PIXELS = 25_000_000


def to_output(forms: Mapping[str, str]) -> Output:
    """Take the richest form.

    Raises:
        SandboxProtocolError: an image is not one, or would fill the memory of whoever opens it.
    """
    text = forms.get("text/plain", "")
    mime = next((mime for mime in RICHEST_FIRST if mime in forms), None)
    if mime is None:
        return Output("text/plain", text, text)
    if mime not in {"image/png", "image/jpeg"}:
        return Output(mime, forms[mime], text)
    data = decoded(forms[mime])
    check_image(mime, data)
    return Output(mime, data, text)


def check_image(mime: str, data: bytes) -> None:
    """Look at the beginning of an image, without decoding it.

    Raises:
        SandboxProtocolError: it is not what it says, or too large.
    """
    if not data.startswith(PNG if mime == "image/png" else JPEG):
        raise SandboxProtocolError(f"The interpreter sent an {mime} that is none.")
    width, height = png_size(data) if mime == "image/png" else jpeg_size(data)
    if not 0 < width * height <= MAX_PIXELS:
        raise SandboxProtocolError(f"The interpreter sent an image of {width} × {height} pixels.")


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height as the header says; 0 where there is none."""
    if data[12:16] != b"IHDR" or len(data) < 24:
        return 0, 0
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height as the frame header says; 0 where there is none."""
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + max(length, 2)
    return 0, 0
