"""Attachments: files that a person brings into a conversation."""

import mimetypes

from orchat.library import Library, Shelf
from orchat.media.names import ATTACHMENT, fresh_name
from orchat.store import Store
from orchat.wire import JSON

WITHOUT_TEXT = {"image", "audio", "video"}
"""Types of which search has nothing to read."""


def attach(store: Store, owner: str, conversation_id: str, name: str, data: bytes) -> JSON:
    """Keep a file; return its reference as it stands in a message's details.

    The name is made safe, and another one where the conversation has a different file of that name: both are there.

    Raises:
        StoreError: it is larger than can be kept.
    """
    name = fresh_name(store, owner, conversation_id, name, data)
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
