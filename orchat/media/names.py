"""Names of files in a conversation: safe to offer as a download, and each for one content."""

import hashlib
from pathlib import PurePosixPath

from orchat.store import Store

ATTACHMENT = "attachment"
"""The kind of files in the store that a person brought, as opposed to what tools and models made."""


def fresh_name(store: Store, owner: str, conversation_id: str, name: str, data: bytes) -> str:
    """Return the name under which a person's file is kept: made safe, and not that of a different file."""
    # Here, since the first page of a process has no use for the sandbox.
    from orchat.sandbox.workspace import safe_name

    sha256 = hashlib.sha256(data).hexdigest()
    others = (file for file in store.files(owner, conversation_id) if (file.kind, file.sha256) != (ATTACHMENT, sha256))
    return free_name(safe_name(name), {file.name for file in others})


def free_name(name: str, taken: set[str]) -> str:
    """Return a name that is not taken: `data.csv`, else `data (2).csv` and so on."""
    path, number = PurePosixPath(name), 2
    free = name
    while free in taken:
        free = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return free
