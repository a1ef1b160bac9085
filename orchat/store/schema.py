"""The schema's version, and the way to it from any earlier one.

A new version is a script in `migrations/versions` whose `down_revision` is the present HEAD, the change in `tables.py`,
and HEAD itself. The tests fail while the three disagree.
"""

from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, inspect, text

from orchat.errors import StoreError
from orchat.store.before_migration import keep_copy

HEAD = "0017"
"""The revision that this code works with."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_205_759_403
"""Any number, as long as every orchat process takes the same one."""

# Alembic keeps the running migration in module globals: two databases of one process migrate one after the other.
_one_at_a_time = Lock()


def bring_up_to_date(engine: Engine) -> None:
    """Migrate the database to HEAD. Raises StoreError when a newer orchat has written it."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with _one_at_a_time, engine.execution_options(writes=True).begin() as connection:
        # On SQLite the transaction itself is the lock; either way all but the first process find the work done.
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if (version := _version(connection)) != HEAD:
            _migrate(connection, version)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection, version: str | None) -> None:
    # Imported here: it takes longer than everything else at start, and a current database does without.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"This database was written by a newer orchat: its schema is {version}, this orchat knows {HEAD}.",
            advice="Upgrade orchat, or point ORCHAT_DATABASE_URL (or ORCHAT_DATA_DIR) at another database.",
        )
    if version is not None and connection.dialect.name == "sqlite":
        keep_copy(Path(str(connection.engine.url.database)), version)
    command.upgrade(config, "head")
