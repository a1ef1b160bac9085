"""What operators have set: the last change of a name holds, and every one of them is kept."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from orchat.errors import NotFoundError
from orchat.store import Store, schema


def test_the_last_change_of_each_name_holds_and_all_are_kept(store: Store):
    store.set_setting("ann", "notice", {"value": "Down at noon"})
    store.set_setting("ann", "require_zdr", {"value": True})
    store.set_setting("bob", "notice", {"value": None})
    assert store.settings_set() == {"notice": {"value": None}, "require_zdr": {"value": True}}
    last = store.set_setting("bob", "require_zdr", None)
    assert store.settings_set() == {"notice": {"value": None}}
    assert (last.old, last.new) == ({"value": True}, None)
    assert [(change.actor, change.name) for change in store.settings_changed()] == [
        ("bob", "require_zdr"),
        ("bob", "notice"),
        ("ann", "require_zdr"),
        ("ann", "notice"),
    ]
    assert store.setting_change(last.number) == last
    with pytest.raises(NotFoundError):
        store.setting_change(last.number + 100)


def test_a_notice_of_before_is_a_setting_afterwards(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/orchat.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(schema._MIGRATIONS))
        command.upgrade(config, "0010")
        connection.execute(text("INSERT INTO preferences VALUES ('@everybody', 'notice', '\"Down at noon\"')"))
    engine.dispose()
    with Store.open(url) as store:
        assert store.settings_set() == {"notice": {"value": "Down at noon"}}
        [change] = store.settings_changed()
        assert change.at.tzinfo is not None
        assert store.preference("@everybody", "notice") is None
