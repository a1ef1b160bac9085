"""Import: a file of any known application becomes conversations, all of them or none."""

import io
import json
import lzma
import math
import re
import threading
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from orchat.archive import other_formats, own_format
from orchat.archive.reading import MOST_DEEP, Place, values_in
from orchat.errors import ImportFailedError
from orchat.store import Store
from orchat.store.imports import NewConversation

MOST_UNPACKED = 200_000_000
"""Bytes of JSON that are read at most: what may be uploaded, packed or not."""
MOST_PACKED = 100
"""How many times smaller an archive may be than what is in it: chats pack ten times smaller, and bombs a thousand."""
MOST_MEMORY = 600_000_000
"""Bytes that a file may take once it is read, as `_weight` estimates them."""
OF_A_CONTAINER, OF_A_MEMBER = 250, 100
"""Bytes that Python takes for an object or a list, and for a member of one, beside its text."""
PATIENCE = 30.0
"""Seconds that an import waits for another one to end."""
INSIDE = "conversations.json"
NUMBERED = re.compile(r"conversations-\d+\.json")
"""What ChatGPT calls the files that it has spread many chats over."""
SMALLER = "Nothing was imported. Export fewer chats into one file, and import one file after the other."
_one_at_a_time = threading.Lock()


def import_file(
    store: Store, owner: str, data: bytes, *, check_room: Callable[[int], None] = lambda _size: None
) -> list[str]:
    """Add the conversations of a file under new ids, and return these; what is there already is not touched.

    One file at a time is read in a process, since it may take much memory. `check_room` is asked with the size in
    bytes of what is in the file before that is read; what it raises is passed on.

    Raises:
        ImportFailedError: the file cannot be read; it says which entry is broken, and nothing was added.
    """
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise ImportFailedError(
            "Another file is being imported.", advice="Nothing was imported. Try it again in a minute."
        )
    try:
        texts = _unpacked(data)
        check_room(sum(map(len, texts.values())))
        if sum(map(_weight, texts.values())) > MOST_MEMORY:
            raise ImportFailedError("This file would take too much memory.", advice=SMALLER)
        found = [
            chat
            for name, text in texts.items()
            for chat in _conversations(text, Place(name) if len(texts) > 1 else Place())
        ]
        if not found:
            raise ImportFailedError("There is no conversation in this file.")
        return store.add_conversations(owner, found)
    finally:
        _one_at_a_time.release()


def _conversations(text: bytes, file: Place) -> list[NewConversation]:
    value = _parsed(text, file)
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
    raise file.wrong(f"This is none of what can be read: {', '.join(other_formats.kinds())}.")


def _unpacked(data: bytes) -> dict[str, bytes]:
    """Return the JSON of a file by its name; ChatGPT and Claude pack theirs into an archive, of one or of several."""
    if not data.startswith(b"PK"):
        _check_size(len(data))
        return {INSIDE: data}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = _inside(archive)
            size = sum(archive.getinfo(path).file_size for path in inside.values())
            _check_size(size)
            if size > MOST_PACKED * len(data):
                raise ImportFailedError(
                    f"{INSIDE} is more than {MOST_PACKED} times larger than its archive: no chats are.",
                    advice="Nothing was imported. Unpack it, and import conversations.json itself.",
                )
            return {name: archive.read(path) for name, path in inside.items()}
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise ImportFailedError(f"The archive cannot be opened: {error}.") from error


def _inside(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return where in an archive the files with chats are, by their names and in the order of these."""
    there = {path.rpartition("/")[2]: path for path in archive.namelist()}
    numbered = {name: there[name] for name in sorted(there) if NUMBERED.fullmatch(name)}
    found = {INSIDE: there[INSIDE]} if INSIDE in there else numbered
    if not found:
        raise ImportFailedError(f"There is neither {INSIDE} nor conversations-000.json in this archive.")
    return found


def _check_size(size: int) -> None:
    if size > MOST_UNPACKED:
        raise ImportFailedError(f"There are more than {MOST_UNPACKED // 1_000_000} MB in it.", advice=SMALLER)


def _weight(text: bytes) -> int:
    """Return about how many bytes JSON takes once it is read: brackets of nothing take a hundred times their size."""
    return len(text) + OF_A_CONTAINER * (text.count(b"[") + text.count(b"{")) + OF_A_MEMBER * text.count(b",")


def _parsed(data: bytes, file: Place) -> Any:
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
        _check_values(value)
        return value
    except json.JSONDecodeError as error:
        what = f"Line {error.lineno}, column {error.colno}: {error.msg}. Is the file complete?"
        raise file.wrong(what) from error
    except UnicodeError as error:
        raise file.wrong("The file is no text in UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise file.wrong(f"The file cannot be read as JSON: {error}.") from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits[:20])


def _check_values(value: Any) -> None:
    """Raise UnicodeEncodeError for half a surrogate pair: it is no text, and nothing could keep it.

    Raises:
        ValueError: it is nested too deep.
    """
    for one, depth in values_in(value):
        if depth > MOST_DEEP:
            raise ValueError(f"it is nested more than {MOST_DEEP} levels deep")
        if isinstance(one, str):
            one.encode()
