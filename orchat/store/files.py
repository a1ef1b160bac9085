"""Files: what tools make and people bring, each content kept once for its owner."""

import hashlib

from sqlalchemy import delete, exists, insert, select

from orchat.errors import NotFoundError, StoreError
from orchat.store.access import FILE_COLUMNS, read_conversation, to_file
from orchat.store.database import Database
from orchat.store.records import File
from orchat.store.tables import blobs, files

MAX_FILE = 25 * 2**20
"""Bytes that one file may have: larger ones belong on a disk, not into a database."""

UNUSED_BLOBS = delete(blobs).where(~exists().where(files.c.owner == blobs.c.owner, files.c.sha256 == blobs.c.sha256))
"""Removes the bytes of files that no conversation has any more."""


def digest(data: bytes) -> str:
    """Return the name under which bytes are kept."""
    return hashlib.sha256(data).hexdigest()


class FileStore(Database):
    """The part of the store that knows files. Every method names the owner; a foreign id raises NotFoundError."""

    def add_file(self, owner: str, conversation_id: str, *, name: str, mime: str, kind: str, data: bytes) -> File:
        """Keep a file with a conversation; the same bytes under the same name are there once.

        Raises:
            StoreError: it has more than `MAX_FILE` bytes.
        """
        if len(data) > MAX_FILE:
            raise StoreError(
                f"The file has {len(data):,} bytes; at most {MAX_FILE:,} can be kept.",
                advice="Make it smaller, or split it.",
            )
        file = File(
            sha256=digest(data),
            name=name,
            mime=mime,
            kind=kind,
            size=len(data),
            created_at=self._now(),
        )
        with self._writing() as connection:
            # Locked: two writers would both find that the file is not there yet.
            read_conversation(connection, owner, conversation_id, lock=True)
            blob = (blobs.c.owner == owner, blobs.c.sha256 == file.sha256)
            if connection.execute(select(blobs.c.sha256).where(*blob)).one_or_none() is None:
                connection.execute(insert(blobs), {"owner": owner, "sha256": file.sha256, "data": data})
            same = (files.c.conversation_id == conversation_id, files.c.sha256 == file.sha256, files.c.name == name)
            known = connection.execute(select(*FILE_COLUMNS).where(*same)).one_or_none()
            if known is not None:
                return to_file(known)
            values = {column.name: getattr(file, column.name) for column in FILE_COLUMNS}
            connection.execute(insert(files), {**values, "owner": owner, "conversation_id": conversation_id})
        return file

    def files(self, owner: str, conversation_id: str) -> list[File]:
        """What is kept with a conversation, oldest first."""
        query = select(*FILE_COLUMNS).where(files.c.conversation_id == conversation_id).order_by(files.c.number)
        with self._reading() as connection:
            read_conversation(connection, owner, conversation_id)
            return [to_file(row) for row in connection.execute(query).all()]

    def file_data(self, owner: str, sha256: str) -> bytes:
        """The bytes of a file of any of the owner's conversations."""
        query = select(blobs.c.data).where(blobs.c.owner == owner, blobs.c.sha256 == sha256)
        with self._reading() as connection:
            data = connection.execute(query).scalar_one_or_none()
        if data is None:
            raise NotFoundError("There is no such file.")
        return bytes(data)
