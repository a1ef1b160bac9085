"""Import: a file of any known application becomes conversations, all of them or none."""

import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from orchat.archive import other_formats, own_format
from orchat.archive.reading import Place
from orchat.errors import ImportFailedError
from orchat.store import Store
from orchat.store.imports import NewConversation

MAX_SIZE = 500_000_000
"""Bytes of JSON that are read at most."""
INSIDE = "conversations.json"


def import_file(store: Store, owner: str, data: bytes) -> list[str]:
    """Add the conversations of a file under new ids, and return these; what is there already is not touched.

    Raises:
        ImportFailedError: the file cannot be read; it says which entry is broken, and nothing was added.
    """
    found = read(data)
    if not found:
        raise ImportFailedError("There is no conversation in this file.")
    return store.add_conversations(owner, found)


def read(data: bytes) -> list[NewConversation]:
    """Return the conversations of a file. Raises ImportFailedError."""
    value, file = _parsed(_unpacked(data)), Place()
    if isinstance(value, Mapping):
        if value.get("format") == own_format.FORMAT:
            return own_format.read(value, file)
        if str(value.get("version", "")).startswith("orpg."):
            return other_formats.read_chatroom(value, file)
        if "mapping" in value or "chat_messages" in value:
            value = [value]
    if isinstance(value, list) and not value:
        return []
    first = value[0] if isinstance(value, list) else None
    if isinstance(first, Mapping) and isinstance(first.get("mapping"), Mapping):
        return other_formats.read_chatgpt(value, file)
    if isinstance(first, Mapping) and "chat_messages" in first:
        return other_formats.read_claude(value, file)
    raise ImportFailedError(f"This is none of what can be read: {', '.join(other_formats.kinds())}.")


def _unpacked(data: bytes) -> bytes:
    """Return the JSON of a file; ChatGPT and Claude pack theirs into an archive."""
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name = next((name for name in archive.namelist() if name.rpartition("/")[2] == INSIDE), None)
            if name is None:
                raise ImportFailedError(f"There is no {INSIDE} in this archive.")
            if archive.getinfo(name).file_size > MAX_SIZE:
                raise ImportFailedError(f"{INSIDE} has more than {MAX_SIZE:,} bytes.")
            return archive.read(name)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise ImportFailedError(f"The archive cannot be opened: {error}.") from error


def _parsed(data: bytes) -> Any:
    try:
        value = json.loads(data.decode("utf-8-sig"))
        # Half a surrogate pair is no text: nothing could keep it.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        return value
    except json.JSONDecodeError as error:
        raise ImportFailedError(
            f"Line {error.lineno}, column {error.colno}: {error.msg}. Is the file complete?"
        ) from error
    except UnicodeError as error:
        raise ImportFailedError("The file is no text in UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise ImportFailedError(f"The file cannot be read as JSON: {error}.") from error
