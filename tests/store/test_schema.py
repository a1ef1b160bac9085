import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from orchat.errors import StoreError
from orchat.store import Store, schema
from orchat.store.tables import metadata

ROOT = Path(__file__).parents[2]
SEARCH_INDEX = {f"message_search{part}" for part in ("", "_data", "_idx", "_content", "_docsize", "_config")}


def test_head_is_the_newest_migration():
    assert ScriptDirectory(schema._MIGRATIONS).get_heads() == [schema.HEAD]


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store):
    with store._engine.connect() as connection:
        # SQLite does not show identities among its defaults; the next test sees to them there.
        options: dict[str, Any] = {
            "compare_type": True,
            "compare_server_default": connection.dialect.name != "sqlite",
            # The search index is no table that the code reads by its columns.
            "include_name": lambda name, _kind, _parents: name not in SEARCH_INDEX,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_migrations_write_the_same_sql_as_the_tables(tmp_path: Path):
    def engine(file: str) -> Engine:
        return create_engine(f"sqlite:///{tmp_path}/{file}", poolclass=NullPool)

    def definitions(file: str) -> set[frozenset[str]]:
        """The clauses of each statement; their order does not matter."""
        query = (
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name != 'alembic_version' "
            "AND name NOT LIKE 'message_search%'"
        )
        with engine(file).connect() as connection:
            return {frozenset(re.split(r"[\s,()]+", sql)) for sql in connection.scalars(text(query))}

    Store.open(f"sqlite:///{tmp_path}/migrated.db").close()
    metadata.create_all(engine("created.db"))
    assert definitions("migrated.db") == definitions("created.db")


def test_a_database_written_by_a_newer_orchat_is_refused_and_left_alone(url: str):
    with Store.open(url) as store:
        conversation = store.create_conversation("ann")
        with store._engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StoreError, match="newer orchat: its schema is 9999") as caught:
            Store.open(url)
        assert store.conversations("ann") == [conversation]
    assert "Upgrade orchat" in caught.value.advice


def test_a_current_database_is_opened_without_loading_alembic(url: str):
    Store.open(url).close()
    script = (
        "import sys; from orchat.store import Store; Store.open(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", script, url], cwd=ROOT, check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == "False"


def test_an_interrupted_migration_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = f"sqlite:///{tmp_path}/orchat.db"
    broken = create_engine(url, poolclass=NullPool)
    with broken.begin() as connection:
        connection.execute(text("CREATE TABLE messages (body TEXT)"))
    with pytest.raises(StoreError):
        Store.open(url)
    with broken.begin() as connection:
        connection.execute(text("DROP TABLE messages"))
    with Store.open(url) as store:
        store.create_conversation("ann")
