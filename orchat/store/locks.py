"""Locks of PostgreSQL that no row stands for, held to the end of a transaction: each has a number of its own."""

from enum import IntEnum, unique

from sqlalchemy import Connection, text

_TAKE = text("SELECT pg_advisory_xact_lock(:number)")
_TRY = text("SELECT pg_try_advisory_xact_lock(:number)")


@unique
class Lock(IntEnum):
    """What one process does at a time. The numbers are any, as long as every process takes the same ones."""

    SCHEMA = 7_205_759_403
    BUDGETS = 7_205_759_404
    ADMISSION = 7_205_759_405


def take(connection: Connection, lock: Lock) -> None:
    """Take a lock, and wait for whoever has it."""
    connection.execute(_TAKE, {"number": int(lock)})


def try_to_take(connection: Connection, lock: Lock) -> bool:
    """Take a lock and return True; False where somebody has it."""
    return bool(connection.execute(_TRY, {"number": int(lock)}).scalar_one())
