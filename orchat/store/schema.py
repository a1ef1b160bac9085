"""The schema's version, and the way to it from any earlier one.

A new version is a script in `migrations/versions` whose `down_revision` is the present HEAD, the change in `tables.py`,
and HEAD itself. The tests fail while the three disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, inspect, text

from orchat.errors import StoreError
from orchat.store import locks
from orchat.store.before_migration import keep_copy

HEAD = "0018"
"""The revision that this code works with."""

_MIGRATIONS = Path(__file__).parent / "migrations"

# Alembic keeps the running migration in module globals: two databases of one process migrate one after the other.
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Migration:
    """A database brought up to date: its version before, None for a new one, and where the copy from before is."""

    before: str | None
    copy: Path | None


Keep = Callable[[Connection, str], Path | None]
"""Keeps a copy of a database, whose version is given, before it is migrated, and returns where."""


def keep_beside(connection: Connection, version: str) -> Path | None:
    """Copy a database of SQLite, beside itself; of PostgreSQL no copy is made."""
    if connection.dialect.name != "sqlite":
        return None
    return keep_copy(Path(str(connection.engine.url.database)), version)


def bring_up_to_date(engine: Engine, keep: Keep = keep_beside) -> Migration | None:
    """Migrate the database to HEAD; return None where it is there already.

    Raises StoreError when a newer orchat has written it.
    """
    with engine.connect() as connection:
        if version_of(connection) == HEAD:
            return None
    with _one_at_a_time, engine.execution_options(writes=True).begin() as connection:
        # On SQLite the transaction itself is the lock; either way all but the first process find the work done.
        if connection.dialect.name == "postgresql":
            locks.take(connection, locks.Lock.SCHEMA)
        version = version_of(connection)
        return None if version == HEAD else _migrate(connection, version, keep)


def version_of(connection: Connection) -> str | None:
    """The schema that a database has; None where it has none of orchat's."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_known(version: str) -> bool:
    """Whether this code can bring a database of this version up to date."""
    # Imported here, as below: it takes longer than everything else at start, and a current database does without.
    from alembic.script import ScriptDirectory

    return version in {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}


def upgrade(connection: Connection, version: str) -> None:
    """Bring a database, or an empty one, to a version, within a transaction that writes."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, version)


def _migrate(connection: Connection, version: str | None, keep: Keep) -> Migration:
    if version is not None and not is_known(version):
        raise StoreError(
            f"This database was written by a newer orchat: its schema is {version}, this orchat knows {HEAD}.",
            advice="Upgrade orchat, or point ORCHAT_DATABASE_URL (or ORCHAT_DATA_DIR) at another database.",
        )
    copy = keep(connection, version) if version is not None else None
    upgrade(connection, HEAD)
    return Migration(version, copy)
