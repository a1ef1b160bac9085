"""Attachments: files that a person brings into a conversation."""

import hashlib
import mimetypes
from pathlib import PurePosixPath

from orchat.library import Library, Shelf
from orchat.store import Store
from orchat.wire import JSON

ATTACHMENT = "attachment"
"""The kind of these files in the store, as opposed to what tools made."""
WITHOUT_TEXT = {"image", "audio", "video"}
"""Types of which search has nothing to read."""


def attach(store: Store, owner: str, conversation_id: str, name: str, data: bytes) -> JSON:
    """Keep a file; return its reference as it stands in a message's details.

    The name is made safe, and another one where the conversation has a different file of that name: both are there.

    Raises:
        StoreError: it is larger than can be kept.
    """
    # Here, since the first page of a process has no use for the sandbox.
    from orchat.sandbox.workspace import safe_name

    sha256 = hashlib.sha256(data).hexdigest()
    others = (file for file in store.files(owner, conversation_id) if (file.kind, file.sha256) != (ATTACHMENT, sha256))
    name = free_name(safe_name(name), {file.name for file in others})
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = store.add_file(owner, conversation_id, name=name, mime=mime, kind=ATTACHMENT, data=data)
    return {"kind": file.kind, "name": file.name, "mime": file.mime, "size": file.size, "sha256": file.sha256}


def shelve(library: Library, owner: str, conversation_id: str, file: JSON, data: bytes) -> None:
    """Put a file that was attached on the chat's shelf, to be read for search."""
    if str(file["mime"]).partition("/")[0] not in WITHOUT_TEXT:
        library.of(Shelf.CHAT, owner, conversation_id).add([(str(file["name"]), data)])


def shelve_again(library: Library, store: Store, owner: str, conversation_id: str) -> None:
    """Put all that was attached on the shelf of a conversation that has none yet: it is a copy of another one."""
    for file in store.files(owner, conversation_id):
        if file.kind == ATTACHMENT:
            reference = {"name": file.name, "mime": file.mime}
            shelve(library, owner, conversation_id, reference, store.file_data(owner, file.sha256))


def free_name(name: str, taken: set[str]) -> str:
    """Return a name that is not taken: `data.csv`, else `data (2).csv` and so on."""
    path, number = PurePosixPath(name), 2
    free = name
    while free in taken:
        free = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return free
