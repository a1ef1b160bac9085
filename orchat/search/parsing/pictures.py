"""Pictures made anew: only their pixels come out, and only so many. For a confined process."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from orchat.errors import CorruptDocumentError, DocumentTooLargeError, UnknownFormatError
from orchat.search.document import Picture

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
SENT_AS_THEY_ARE = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
"""What models and browsers take."""
MOST_PIXELS = 64_000_000
LARGEST_PNG = 2_000_000
"""Bytes above which a picture becomes a JPEG: photographs saved as PNG are many times as large."""
QUALITY = 90


def made_anew(data: bytes, *, edge: int, original: bool) -> Picture:
    """Decode a picture and encode it again; with `original` it is decoded to see that it can be, and no bytes come out.

    Raises:
        DocumentError: it is no picture, a damaged one, or has too many pixels.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_size(opened)
            if original:
                return _looked_at(opened)
            return _encoded(_small(opened, edge), as_photograph=opened.format == "JPEG")
    except UnidentifiedImageError as error:
        raise UnknownFormatError(
            "This is no picture that can be read.", advice="Save it as PNG or JPEG, and add that."
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (OSError, SyntaxError, ValueError, IndexError, TypeError, EOFError) as error:
        raise CorruptDocumentError("The picture is damaged, and cannot be read.") from error


def _check_size(picture: Image.Image) -> None:
    # From its head, before a pixel is decoded.
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large()


def _too_large() -> DocumentTooLargeError:
    return DocumentTooLargeError(
        f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels.", advice="Make it smaller, and add that."
    )


def _looked_at(picture: Image.Image) -> Picture:
    mime = SENT_AS_THEY_ARE.get(picture.format or "")
    if mime is None:
        raise UnknownFormatError(f"Pictures of the kind {picture.format} are not shown.")
    picture.load()
    return Picture(b"", mime, picture.width, picture.height)


def _small(picture: Image.Image, edge: int) -> Image.Image:
    # JPEG decodes straight to a smaller size, which saves memory and time.
    picture.draft("RGB", (edge, edge))
    small = ImageOps.exif_transpose(picture)
    small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    # Pixels and nothing else: no EXIF, no comments, no profile, no thumbnail of what was cut away.
    bare = Image.new(small.mode, small.size)
    bare.paste(small)
    return bare


def _encoded(picture: Image.Image, *, as_photograph: bool) -> Picture:
    if not as_photograph:
        png = _saved(picture, "PNG", optimize=False)
        if len(png) <= LARGEST_PNG:
            return Picture(png, "image/png", *picture.size)
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    return Picture(_saved(picture, "JPEG", quality=QUALITY), "image/jpeg", *picture.size)


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
