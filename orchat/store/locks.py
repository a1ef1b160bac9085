"""Locks of PostgreSQL that no row stands for, held to the end of a transaction: each has a number of its own."""

from enum import IntEnum, unique

from sqlalchemy import Connection, text

HANGS_AFTER = 30_000
"""Milliseconds without a statement after which PostgreSQL ends the transaction of who holds a lock that others wait for
at every request: a process that was frozen would hold up everybody."""
_RELEASED = "SELECT set_config('idle_in_transaction_session_timeout', :hangs_after, true), "
_TAKE = text(_RELEASED + "pg_advisory_xact_lock(:number)")
_TRY = text(_RELEASED + "pg_try_advisory_xact_lock(:number) AS taken")


@unique
class Lock(IntEnum):
    """What one process does at a time. The numbers are any, as long as every process takes the same ones."""

    SCHEMA = 7_205_759_403
    BUDGETS = 7_205_759_404
    ADMISSION = 7_205_759_405


def take(connection: Connection, lock: Lock) -> None:
    """Take a lock, and wait for whoever has it."""
    connection.execute(_TAKE, _how(lock))


def try_to_take(connection: Connection, lock: Lock) -> bool:
    """Take a lock and return True; False where somebody has it."""
    return bool(connection.execute(_TRY, _how(lock)).one().taken)


def _how(lock: Lock) -> dict[str, object]:
    # A migration keeps a copy first, which may take long without a statement.
    return {"number": int(lock), "hangs_after": "0" if lock is Lock.SCHEMA else str(HANGS_AFTER)}
