"""Pictures that nobody has looked at: whether they may be decoded here."""

import io

MOST_PIXELS = 64_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def bounded(data: bytes) -> bytes:
    """Return a picture that may be decoded: a file of a few bytes can say that it has a billion pixels.

    Raises:
        ValueError: it is larger than `MOST_PIXELS`, or no picture of a format that every browser shows.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            size = opened.width * opened.height
    except (OSError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError("no picture that can be shown") from error
    if size > MOST_PIXELS:
        raise ValueError(f"a picture of more than {MOST_PIXELS // 1_000_000} million pixels")
    return data
