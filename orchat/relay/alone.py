"""No other replica: nothing runs elsewhere, and nobody has to be told."""

from collections.abc import Iterator
from contextlib import contextmanager

from orchat.run import Run


class Alone:
    """What a process knows of other replicas where there are none."""

    @contextmanager
    def claimed(self, owner: str, conversation_id: str) -> Iterator[None]:  # noqa: ARG002 - what others would ask for
        """Take a chat for runs that are about to begin; it is given back if none does.

        Raises:
            RunInProgressError: another replica answers in it.
        """
        yield

    def begun(self, run: Run) -> None:
        """Tell the others of a run of this process."""

    async def admitted(self, run: Run, at_once: int, each: int) -> None:
        """Return when a run may begin, as so many run at once in all replicas together and for each person."""

    def together(self, owner: str, conversation_id: str) -> tuple[Run, ...]:  # noqa: ARG002 - as above
        """Return the latest runs of a conversation in another replica; none when it knows of none."""
        return ()

    def stop_all_of(self, owner: str) -> None:
        """Stop what runs for an owner in other replicas."""

    def close(self) -> None:
        """Tell the others that this replica ends."""
