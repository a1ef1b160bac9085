"""Chats as people have them: what they say and bring, and the messages that are shown."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from orchat.agent.attachments import attach, shelve, shelve_again
from orchat.errors import RunInProgressError
from orchat.library import Library
from orchat.limits import Limits
from orchat.runs import Runs
from orchat.store import BranchPart, Conversation, Message, Store
from orchat.turn import say
from orchat.wire import JSON

STALE_AFTER = timedelta(seconds=10)
"""An answer that nobody has saved for so long is not being written any more: it is saved every second."""


class Chats:
    """The conversations of all people. A foreign or unknown id raises NotFoundError."""

    def __init__(self, store: Store, runs: Runs, library: Callable[[], Library], limits: Limits) -> None:
        self._store = store
        self._runs = runs
        self._library = library
        self._limits = limits

    def say(
        self, owner: str, conversation_id: str, text: str, parent_id: str | None, attached: Sequence[JSON] = ()
    ) -> Message:
        """Keep what a person says, and which of the files they attached belong to it."""
        return say(self._store, owner, conversation_id, text, parent_id, attached)

    def attach(self, owner: str, conversation_id: str, name: str, data: bytes) -> JSON:
        """Keep a file that a person brings, and read it for search; return its reference as it stands in a message.

        Raises:
            StoreError: it is larger than can be kept.
            QuotaExceededError: the person would keep more than they may.
        """
        self._limits.check_quota(owner, len(data))
        file = attach(self._store, owner, conversation_id, name, data)
        shelve(self._library(), owner, conversation_id, file, data)
        return file

    def fork(self, owner: str, message_id: str) -> Conversation:
        """Begin a chat with a copy of another one up to this message; what was attached is read for search anew."""
        fork = self._store.fork(owner, message_id)
        shelve_again(self._library(), self._store, owner, fork.id)
        return fork

    def remove(self, owner: str, message_id: str) -> str:
        """Take a message out with all that follows it; return by which id `bring_back` of the store finds it.

        Raises:
            RunInProgressError: the chat is still being answered.
        """
        if self._runs.is_active(owner, self._store.message(owner, message_id).conversation_id):
            raise RunInProgressError("This chat is still being answered.")
        return self._store.remove(owner, message_id)

    def branch(self, owner: str, conversation_id: str) -> list[Message]:
        """Return the messages that are shown; an answer that nobody writes any more is marked as cut off."""
        return self._checked(owner, self._store.branch(owner, conversation_id))

    def branch_part(self, owner: str, conversation_id: str, most: int, last_id: str | None = None) -> BranchPart:
        """Return a part of what is shown, as the store does; an abandoned answer is marked as `branch` does."""
        part = self._store.branch_part(owner, conversation_id, most=most, last_id=last_id)
        self._checked(owner, part.messages)
        return part

    def _checked(self, owner: str, messages: list[Message]) -> list[Message]:
        messages[-1:] = [self._cut_off_if_abandoned(owner, last) for last in messages[-1:]]
        return messages

    def _cut_off_if_abandoned(self, owner: str, answer: Message) -> Message:
        written = answer.state != "streaming" or self._runs.is_active(owner, answer.conversation_id)
        abandoned = not written and datetime.now(UTC) - answer.saved_at > STALE_AFTER
        return self._store.cut_off(owner, answer.id) if abandoned else answer

    def answers(self, owner: str, ids: Sequence[str]) -> list[Message]:
        """Return answers that stand side by side; one that nobody writes any more is marked as cut off."""
        found = [self._store.message(owner, message_id) for message_id in ids]
        return [self._cut_off_if_abandoned(owner, message) for message in found]
