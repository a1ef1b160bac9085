"""Jobs: files that were added and are not read yet. They are kept with the index, so that a restart loses none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

LEASE = 30.0
"""Seconds for which a job is its holder's alone, who renews it in time; of a process that died it is free then."""

MAX_ATTEMPTS = 3
"""How often a job is begun: a file that ends the whole app is given up."""

GIVEN_UP = "The app ended each time this file was read."


@dataclass(frozen=True, slots=True)
class Job:
    """A file on its way into the index, or one that did not get there. A failed one has no `data` any more."""

    id: str
    name: str
    size: int
    sha256: str
    added_at: datetime
    state: Literal["queued", "parsing", "failed"] = "queued"
    reason: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job with the file's bytes."""

    job: Job
    data: bytes


class Jobs(Protocol):
    """The jobs of one collection. May be used from several threads and processes; every call is a transaction."""

    def put(self, jobs: Sequence[NewJob]) -> None:
        """Keep jobs, each in place of one for the same name."""

    def all(self) -> list[Job]:
        """All jobs, oldest first."""

    def claim(self, holder: str) -> NewJob | None:
        """The oldest job that nobody is at, for `holder` alone until its lease ends; None if there is none."""

    def renew(self, id_: str, holder: str) -> bool:
        """Prolong a lease; False when the job is not the holder's any more."""

    def release(self, id_: str, holder: str) -> None:
        """Put a job back, as if nobody had begun it."""

    def finish(self, id_: str, holder: str) -> None:
        """Forget a job whose file is in the index."""

    def fail(self, id_: str, holder: str, reason: str, advice: str) -> None:
        """Remember why a job's file cannot be searched; its bytes are forgotten."""

    def forget(self, id_: str) -> bool:
        """Forget a job, whatever its state; False if there is none."""
