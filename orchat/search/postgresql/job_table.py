"""The jobs of collections in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from orchat.search.jobs import GIVEN_UP, LEASE, MAX_ATTEMPTS, Job, NewJob
from orchat.search.postgresql.connections import Connections

_JOB = "uid, name, size, sha256, added_at, state, reason, advice"
_OURS = "collection = %s AND owner = %s"
_FREE = "(state = 'queued' OR state = 'parsing' AND held_until < now())"
_LEASE = f"now() + interval '{LEASE} seconds'"


class JobTable:
    """Jobs of one collection."""

    def __init__(self, connections: Connections, collection: int, owner: str) -> None:
        self._connections = connections
        self._ours = (collection, owner)

    def put(self, jobs: Sequence[NewJob]) -> None:
        """Keep jobs, each in place of one for the same name."""
        with self._connections.transaction() as cursor:
            for new in jobs:
                job = new.job
                cursor.execute(f"DELETE FROM orchat_search_jobs WHERE {_OURS} AND name = %s", (*self._ours, job.name))
                cursor.execute(
                    "INSERT INTO orchat_search_jobs (collection, owner, uid, name, size, sha256, added_at, data) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                    (*self._ours, job.id, job.name, job.size, job.sha256, job.added_at, new.data),
                )

    def all(self) -> list[Job]:
        """All jobs, oldest first."""
        with self._connections.transaction() as cursor:
            cursor.execute(f"SELECT {_JOB} FROM orchat_search_jobs WHERE {_OURS} ORDER BY id", self._ours)
            return [Job(*row) for row in cursor.fetchall()]

    def claim(self, holder: str) -> NewJob | None:
        """The oldest job that nobody is at, for `holder` alone until its lease ends."""
        with self._connections.transaction() as cursor:
            cursor.execute(
                "UPDATE orchat_search_jobs SET state = 'failed', reason = %s, data = NULL, holder = NULL "
                f"WHERE {_OURS} AND attempts >= %s AND {_FREE}",
                (GIVEN_UP, *self._ours, MAX_ATTEMPTS),
            )
            cursor.execute(
                f"UPDATE orchat_search_jobs SET state = 'parsing', holder = %s, held_until = {_LEASE}, "
                # As in SQLite: whoever had it has not ended.
                "attempts = attempts + (holder IS DISTINCT FROM %s)::int "
                f"WHERE id = (SELECT id FROM orchat_search_jobs WHERE {_OURS} AND {_FREE} "
                f"ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING {_JOB}, data",
                (holder, holder, *self._ours),
            )
            row = cursor.fetchone()
        return NewJob(Job(*row[:-1]), bytes(row[-1])) if row else None

    def renew(self, id_: str, holder: str) -> bool:
        """Prolong a lease; False when the job is not the holder's any more."""
        return self._change(f"held_until = {_LEASE}", id_, holder)

    def release(self, id_: str, holder: str) -> None:
        """Put a job back, as if nobody had begun it."""
        self._change("state = 'queued', holder = NULL, attempts = attempts - 1", id_, holder)

    def finish(self, id_: str, holder: str) -> None:
        """Forget a job whose file is in the index."""
        with self._connections.transaction() as cursor:
            cursor.execute(
                f"DELETE FROM orchat_search_jobs WHERE {_OURS} AND uid = %s AND holder = %s", (*self._ours, id_, holder)
            )

    def fail(self, id_: str, holder: str, reason: str, advice: str) -> None:
        """Remember why a job's file cannot be searched; its bytes are forgotten."""
        failed = "state = 'failed', data = NULL, reason = %s, advice = %s, holder = NULL"
        self._change(failed, id_, holder, reason, advice)

    def forget(self, id_: str) -> bool:
        """Forget a job, whatever its state; False if there is none."""
        with self._connections.transaction() as cursor:
            cursor.execute(f"DELETE FROM orchat_search_jobs WHERE {_OURS} AND uid = %s", (*self._ours, id_))
            return bool(cursor.rowcount)

    def _change(self, what: str, id_: str, holder: str, *values: Any) -> bool:
        with self._connections.transaction() as cursor:
            cursor.execute(
                f"UPDATE orchat_search_jobs SET {what} WHERE {_OURS} AND uid = %s AND holder = %s",
                (*values, *self._ours, id_, holder),
            )
            return bool(cursor.rowcount)
