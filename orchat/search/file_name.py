"""The name of the file in which a collection is kept, or goes into a backup. Owners may be called anything."""

import hashlib
import re

_PLAIN = re.compile(r"[A-Za-z0-9_-]*")


def file_name(owner: str, name: str) -> str:
    """Return the name of an owner's collection as a file."""
    return f"{name if _PLAIN.fullmatch(name) else hashed(name)}-{hashed(owner)}.db"


def hashed(text: str) -> str:
    """Return letters and digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def name_of(file: str) -> str:
    """Return the name of the collection that a file keeps."""
    return file.rpartition("-")[0]
