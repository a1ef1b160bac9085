"""The jobs of a collection in its file."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from orchat.search.jobs import GIVEN_UP, LEASE, MAX_ATTEMPTS, Job, NewJob
from orchat.search.sqlite.connections import Connections

_JOB = "uid, name, size, sha256, added_at, state, reason, advice"
_FREE = "(state = 'queued' OR state = 'parsing' AND held_until < ?)"


class JobTable:
    """Jobs in a table of SQLite."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(self, jobs: Sequence[NewJob]) -> None:
        """Keep jobs, each in place of one for the same name."""
        rows = [(j.id, j.name, j.size, j.sha256, j.added_at.isoformat(), new.data) for new in jobs for j in (new.job,)]
        with self._connections.writing() as connection:
            connection.executemany("DELETE FROM jobs WHERE name = ?", [(new.job.name,) for new in jobs])
            connection.executemany(
                "INSERT INTO jobs (uid, name, size, sha256, added_at, data) VALUES (?, ?, ?, ?, ?, ?)", rows
            )

    def all(self) -> list[Job]:
        """All jobs, oldest first."""
        with self._connections.reading() as connection:
            return [_to_job(row) for row in connection.execute(f"SELECT {_JOB} FROM jobs ORDER BY id").fetchall()]

    def claim(self, holder: str) -> NewJob | None:
        """The oldest job that nobody is at, for `holder` alone until its lease ends."""
        now = time.time()
        with self._connections.writing() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'failed', reason = ?, data = NULL, holder = NULL "
                f"WHERE attempts >= ? AND {_FREE}",
                (GIVEN_UP, MAX_ATTEMPTS, now),
            )
            row = connection.execute(
                "UPDATE jobs SET state = 'parsing', holder = ?, held_until = ?, "
                # Whoever had it and asks again has not ended: it could not give it back, on a full disk, say.
                "attempts = attempts + (holder IS NOT ?) "
                f"WHERE id = (SELECT id FROM jobs WHERE {_FREE} ORDER BY id LIMIT 1) RETURNING {_JOB}, data",
                (holder, now + LEASE, holder, now),
            ).fetchone()
        return NewJob(_to_job(row[:-1]), row[-1]) if row else None

    def renew(self, id_: str, holder: str) -> bool:
        """Prolong a lease; False when the job is not the holder's any more."""
        return self._change(
            "UPDATE jobs SET held_until = ? WHERE uid = ? AND holder = ?", time.time() + LEASE, id_, holder
        )

    def release(self, id_: str, holder: str) -> None:
        """Put a job back, as if nobody had begun it."""
        freed = "state = 'queued', holder = NULL, attempts = attempts - 1"
        self._change(f"UPDATE jobs SET {freed} WHERE uid = ? AND holder = ?", id_, holder)

    def finish(self, id_: str, holder: str) -> None:
        """Forget a job whose file is in the index."""
        self._change("DELETE FROM jobs WHERE uid = ? AND holder = ?", id_, holder)

    def fail(self, id_: str, holder: str, reason: str, advice: str) -> None:
        """Remember why a job's file cannot be searched; its bytes are forgotten."""
        failed = "state = 'failed', reason = ?, advice = ?, data = NULL, holder = NULL"
        self._change(f"UPDATE jobs SET {failed} WHERE uid = ? AND holder = ?", reason, advice, id_, holder)

    def forget(self, id_: str) -> bool:
        """Forget a job, whatever its state; False if there is none."""
        return self._change("DELETE FROM jobs WHERE uid = ?", id_)

    def _change(self, statement: str, *values: Any) -> bool:
        with self._connections.writing() as connection:
            return connection.execute(statement, values).rowcount > 0


def _to_job(row: tuple[Any, ...]) -> Job:
    id_, name, size, sha256, added_at, state, reason, advice = row
    return Job(id_, name, size, sha256, datetime.fromisoformat(added_at), state, reason, advice)
