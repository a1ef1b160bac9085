"""Shared runs: which replica runs what, what it has said so far, and who wants it stopped. For PostgreSQL only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_or_update

from orchat.store.access import read_conversation
from orchat.store.database import Database
from orchat.store.locks import Lock, try_to_take
from orchat.store.notices import Listener, tell
from orchat.store.shared_tables import answered_now, replicas, run_events, shared_runs
from orchat.store.tables import messages


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run as all replicas see it."""

    id: str
    replica: str
    owner: str
    conversation_id: str
    message_id: str | None
    """None until the answer has its place in the chat."""
    state: str
    followed: bool
    """Whether somebody elsewhere wants its events."""
    stop: bool
    """Whether somebody wants it stopped."""
    settled: bool
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Some events of a run, one after the other, as text."""

    run_id: str
    position: int
    """The number of the first, from 0."""
    count: int
    data: str


WAITING, RUNNING = "waiting", "streaming"
"""States of a run that has not ended: before it may begin, and from then on."""
COLUMNS = [shared_runs.c[field.name] for field in fields(SharedRun)]
PIECES = [run_events.c[field.name] for field in fields(Piece)]


class SharedRuns(Database):
    """The part of the database through which replicas know of each other's runs. All times are the database's."""

    @classmethod
    def beside(cls, store: Database) -> Self:
        """Return that part of the database of a store, over the same connections."""
        return cls(store._engine)  # noqa: SLF001 - the same database

    def listen(self) -> Listener:
        """Begin to hear what other replicas tell.

        Raises:
            StoreError: the database does not answer.
        """
        return Listener(self._engine)

    def beat(self, replica: str) -> list[SharedRun]:
        """Say that a replica is alive; return the runs of all."""
        alive = insert_or_update(replicas).values(id=replica, heard_at=func.now())
        alive = alive.on_conflict_do_update(index_elements=[replicas.c.id], set_={"heard_at": func.now()})
        with self._writing() as connection:
            connection.execute(alive)
            return [SharedRun(*row) for row in connection.execute(select(*COLUMNS)).all()]

    def claim(self, run_id: str, replica: str, owner: str, conversation_id: str, lease: timedelta) -> bool:
        """Take a chat for a run of this replica's; False while a replica that is alive answers in it.

        Raises:
            NotFoundError: the chat is not this owner's.
        """
        c = shared_runs.c
        alive = exists().where(replicas.c.id == c.replica, replicas.c.heard_at >= func.now() - literal(lease))
        busy = select(c.id).where(c.conversation_id == conversation_id, c.replica != replica, c.ended_at.is_(None))
        with self._writing() as connection:
            # Locked: two replicas would both find that nobody answers.
            read_conversation(connection, owner, conversation_id, lock=True)
            if connection.execute(busy.where(alive).limit(1)).first() is not None:
                return False
            connection.execute(_new_run(run_id, replica, owner, conversation_id))
        return True

    def name(
        self, run_id: str, replica: str, owner: str, conversation_id: str, message_id: str, *, admitted: bool
    ) -> None:
        """Say where in a chat that this replica has taken an answer stands, and tell everybody."""
        # Two threads may name the same run: the slower one must not say that it waits when it has begun.
        known = {"message_id": message_id, **({"state": RUNNING} if admitted else {})}
        run = _new_run(run_id, replica, owner, conversation_id).values(**known)
        run = run.on_conflict_do_update(index_elements=[shared_runs.c.id], set_=known)
        with self._writing() as connection:
            connection.execute(run)
            tell(connection, "runs", [run_id])

    def admit(self, wanted: Mapping[str, str], at_once: int, each: int, lease: timedelta) -> list[str] | None:
        """Let runs begin, the first first, as long as no more than so many run in all and of one owner; return which.

        `wanted` is the owner of each. Those of replicas that were not heard of for the `lease` do not count. None:
        another replica does the same at this moment.
        """
        c = shared_runs.c
        alive = exists().where(replicas.c.id == c.replica, replicas.c.heard_at >= func.now() - literal(lease))
        running = select(c.owner, func.count()).where(c.state == RUNNING, c.ended_at.is_(None), alive).group_by(c.owner)
        with self._writing() as connection:
            # Two replicas would both find room for one more. Not waited for: one that hangs would hold up all.
            if not try_to_take(connection, Lock.ADMISSION):
                return None
            busy = Counter[str]()
            for owner, number in connection.execute(running):
                busy[owner] = number
            admitted = []
            for run_id, owner in wanted.items():
                if busy.total() < at_once and busy[owner] < each:
                    busy[owner] += 1
                    admitted.append(run_id)
            if not admitted:
                return []
            # Whoever was stopped has ended meanwhile, and has told so.
            begin = update(shared_runs).where(c.id.in_(admitted), c.ended_at.is_(None)).values(state=RUNNING)
            return list(connection.scalars(begin.returning(c.id)))

    def change(self, run_id: str, **values: Any) -> None:
        """Change what is known of a run, and tell everybody."""
        with self._writing() as connection:
            connection.execute(update(shared_runs).where(shared_runs.c.id == run_id).values(**values))
            tell(connection, "runs", [run_id])

    def end(self, run_id: str, state: str, *, settled: bool) -> None:
        """Say how a run has ended: its chat is free, its events are kept for a moment."""
        self.change(run_id, state=state, settled=settled, ended_at=func.now())

    def stop_all_of(self, owner: str) -> None:
        """Ask for the end of all that runs for an owner, wherever it runs."""
        c = shared_runs.c
        theirs = update(shared_runs).where(c.owner == owner, c.ended_at.is_(None)).values(stop=True)
        with self._writing() as connection:
            tell(connection, "runs", list(connection.scalars(theirs.returning(c.id))))

    def release(self, run_ids: Sequence[str]) -> None:
        """Forget runs of this replica's."""
        with self._writing() as connection:
            connection.execute(delete(shared_runs).where(shared_runs.c.id.in_(run_ids)))
            tell(connection, "runs", run_ids)

    def look(self, run_ids: Iterable[str]) -> list[SharedRun]:
        """Return those of these runs that there are."""
        query = select(*COLUMNS).where(shared_runs.c.id.in_(list(run_ids)))
        with self._reading() as connection:
            return [SharedRun(*row) for row in connection.execute(query).all()]

    def publish(self, pieces: Sequence[Piece], *, anew: Sequence[str] = ()) -> None:
        """Add what runs have said, in place of what they had said for those in `anew`, and tell everybody."""
        values = [{name: getattr(piece, name) for name in Piece.__slots__} for piece in pieces]
        with self._writing() as connection:
            if anew:
                connection.execute(delete(run_events).where(run_events.c.run_id.in_(anew)))
            connection.execute(insert(run_events), values)
            tell(connection, "events", [piece.run_id for piece in pieces])

    def read(self, wanted: Mapping[str, int]) -> list[Piece]:
        """Return what runs have said from the given event on, the pieces of each in order."""
        c = run_events.c
        later: list[ColumnElement[bool]] = [
            (c.run_id == run_id) & (c.position + c.count > position) for run_id, position in wanted.items()
        ]
        query = select(*PIECES).where(or_(*later)).order_by(c.run_id, c.position)
        with self._reading() as connection:
            return [Piece(*row) for row in connection.execute(query).all()]

    def bury(self, lease: timedelta) -> int:
        """Mark as cut off what was on its way in replicas that are not heard of any more; return how many answers."""
        c = shared_runs.c
        with self._writing() as connection:
            connection.execute(delete(replicas).where(replicas.c.heard_at < func.now() - literal(lease)))
            orphans = delete(shared_runs).where(~exists().where(replicas.c.id == c.replica))
            lost = connection.execute(orphans.returning(c.id, c.message_id, c.conversation_id)).all()
            if not lost:
                return 0
            # The agent has a message for each step; those of a chat that is answered elsewhere by now are told apart.
            theirs = or_(
                messages.c.id.in_([message for _, message, _ in lost if message]),
                messages.c.conversation_id.in_([chat for _, _, chat in lost]) & ~answered_now(),
            )
            streaming = update(messages).where(messages.c.state == "streaming", theirs)
            cut = connection.execute(streaming.values(state="cut_off")).rowcount
            tell(connection, "runs", [run for run, _, _ in lost])
        return cut

    def trim(self, after: timedelta) -> None:
        """Forget runs that have ended so long ago, with their events."""
        ended = shared_runs.c.ended_at < func.now() - literal(after)
        with self._writing() as connection:
            connection.execute(delete(shared_runs).where(ended))

    def leave(self, replica: str) -> None:
        """Forget a replica that ends, and its runs: they have ended and are saved."""
        with self._writing() as connection:
            theirs = delete(shared_runs).where(shared_runs.c.replica == replica).returning(shared_runs.c.id)
            tell(connection, "runs", list(connection.scalars(theirs)))
            connection.execute(delete(replicas).where(replicas.c.id == replica))


def _new_run(run_id: str, replica: str, owner: str, conversation_id: str) -> Insert:
    known = {"id": run_id, "replica": replica, "owner": owner, "conversation_id": conversation_id}
    return insert_or_update(shared_runs).values(**known, state=WAITING, followed=False, stop=False, settled=False)
