"""Checkpoints: agents that rest until a person has decided, kept so that a restart does not lose them."""

from sqlalchemy import delete, insert, select, update

from orchat.store.access import read_conversation
from orchat.store.database import Database
from orchat.store.tables import checkpoints


class CheckpointStore(Database):
    """The part of the store that knows checkpoints. What they hold is the agent's business."""

    def save_checkpoint(self, owner: str, conversation_id: str, thread_id: str, data: bytes) -> None:
        """Keep the latest state of a thread, in place of an earlier one."""
        c = checkpoints.c
        kept = {"data": data, "saved_at": self._now()}
        with self._writing() as connection:
            # Locked: two writers would both find that the thread is not there yet.
            read_conversation(connection, owner, conversation_id, lock=True)
            same = (c.thread_id == thread_id, c.owner == owner, c.conversation_id == conversation_id)
            if connection.execute(update(checkpoints).where(*same).values(**kept)).rowcount == 0:
                row = {"thread_id": thread_id, "owner": owner, "conversation_id": conversation_id, **kept}
                connection.execute(insert(checkpoints), row)

    def checkpoint(self, owner: str, thread_id: str) -> bytes | None:
        """The latest state of a thread, None when there is none of this owner's."""
        c = checkpoints.c
        query = select(c.data).where(c.thread_id == thread_id, c.owner == owner)
        with self._reading() as connection:
            data = connection.execute(query).scalar_one_or_none()
        return None if data is None else bytes(data)

    def delete_checkpoint(self, owner: str, thread_id: str) -> None:
        """Forget a thread; one that is not there, or not this owner's, stays what it is."""
        c = checkpoints.c
        with self._writing() as connection:
            connection.execute(delete(checkpoints).where(c.thread_id == thread_id, c.owner == owner))
