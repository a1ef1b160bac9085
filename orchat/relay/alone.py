"""No other replica: nothing runs elsewhere, and nobody has to be asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from orchat.runs import Run


class Claim:
    """A chat that is this replica's to answer, until the run that it was taken for has ended."""

    def hold(self, run: Run) -> None:
        """Keep it for this run."""


class Alone:
    """What a process knows of other replicas where there are none."""

    @contextmanager
    def claimed(self, owner: str, conversation_id: str) -> Iterator[Claim]:  # noqa: ARG002 - what replicas have to know
        """Take a chat for a run that is about to begin; it is given back if that fails.

        Raises:
            RunInProgressError: another replica answers in it.
        """
        yield Claim()

    def find(self, owner: str, conversation_id: str) -> Run | None:  # noqa: ARG002 - as above
        """Return the run of another replica in a conversation, None when there is none."""
        return None

    def stop_all_of(self, owner: str) -> None:
        """Stop what runs for an owner in other replicas."""

    def close(self) -> None:
        """Tell the others that this replica ends."""
