"""kreuzberg, as the readers use it: nothing kept, nothing recognised in pictures, nothing embellished."""

import kreuzberg

from orchat.errors import CorruptDocumentError, EncryptedDocumentError


def extract(data: bytes, mime: str) -> kreuzberg.ExtractionResult:
    """Text and tables of a document.

    Raises:
        EncryptedDocumentError: it needs a password.
        CorruptDocumentError: it cannot be read.
    """
    config = kreuzberg.ExtractionConfig(use_cache=False, enable_quality_processing=False)
    try:
        return kreuzberg.extract_bytes_sync(data, mime, config)
    except (kreuzberg.KreuzbergError, RuntimeError, ValueError, OSError) as error:
        if any(word in str(error).lower() for word in ("password", "encrypted")):
            raise EncryptedDocumentError("The document opens with a password only.") from error
        raise CorruptDocumentError("The file is damaged, and cannot be read.") from error
