"""Presets: one's own, and those that are shared with everybody."""

from datetime import timedelta

import pytest

from orchat.errors import NotFoundError
from orchat.store import Store
from tests.store.clock import Clock

CONTENT = {"model": "a/b", "parameters": {"seed": 1}, "zdr": True}


def test_presets_are_listed_by_name_whatever_its_case(store: Store):
    for name in ("beta", "Alpha", "alpha 2"):
        store.create_preset("ann", name, CONTENT)
    assert [preset.name for preset in store.presets("ann")] == ["Alpha", "alpha 2", "beta"]
    assert store.presets("bob") == []


def test_what_is_changed_is_changed_and_the_rest_stays(store: Store):
    preset = store.create_preset("ann", "Mine", CONTENT, icon="🦊")
    changed = store.change_preset("ann", preset.id, name="Ours", content={})
    assert (changed.name, changed.icon, changed.content) == ("Ours", "🦊", {})
    assert changed.updated_at > preset.updated_at
    assert store.preset("ann", preset.id) == changed


def test_a_shared_preset_is_there_for_everybody_and_changed_by_its_owner_alone(store: Store):
    preset = store.create_preset("ann", "Ours", CONTENT, shared=True)
    assert store.presets("bob") == [preset] == store.presets("ann")
    for change in (
        lambda: store.change_preset("bob", preset.id, name="Taken over"),
        lambda: store.change_preset("bob", preset.id, content={}),
        lambda: store.delete_preset("bob", preset.id),
        lambda: store.restore_preset("bob", preset.id),
    ):
        with pytest.raises(NotFoundError):
            change()
    assert store.preset("bob", preset.id) == preset


def test_another_operator_changes_what_is_shared_and_nothing_else(store: Store):
    shared = store.create_preset("ann", "Ours", CONTENT, shared=True)
    own = store.create_preset("ann", "Mine", CONTENT)
    assert store.change_preset("bob", shared.id, name="Everybody's", operator=True).owner == "ann"
    # The answer is what it has become, also where it is out of sight then.
    assert store.change_preset("bob", shared.id, shared=False, operator=True).shared is False
    for preset in (own, shared):
        with pytest.raises(NotFoundError):
            store.delete_preset("bob", preset.id, operator=True)


def test_a_deleted_preset_comes_back_until_it_is_purged(store: Store, clock: Clock):
    preset = store.create_preset("ann", "Mine", CONTENT, shared=True)
    store.delete_preset("ann", preset.id)
    assert store.presets("ann") == store.presets("bob") == []
    assert store.restore_preset("ann", preset.id) == preset
    store.delete_preset("ann", preset.id)
    store.purge_deleted(timedelta(days=1))
    assert store.preset("ann", preset.id).deleted_at is not None
    clock.time += timedelta(days=2)
    store.purge_deleted(timedelta(days=1))
    with pytest.raises(NotFoundError):
        store.preset("ann", preset.id)
