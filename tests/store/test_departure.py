"""A person is removed with all of theirs, and nothing of anybody else's; what they have cost stays."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from orchat.store import Store
from orchat.store.departure import NOBODY, Departure
from orchat.store.tables import metadata

WORDS = "quagga-in-the-moonlight"
OF_THE_OPERATORS = {"audit", "setting_changes"}
"""What operators have done to somebody stays written down."""


def fill(store: Store, owner: str) -> str:
    """Have everything that a person can have; returns a chat."""
    chat = store.create_conversation(owner, settings={"system_prompt": WORDS}).id
    message = store.add_message(
        owner, chat, role="assistant", wire={"role": "assistant", "content": WORDS}, parent_id=None
    )
    store.add_file(owner, chat, name=f"{WORDS}.txt", mime="text/plain", kind="attachment", data=WORDS.encode())
    store.set_tags(owner, chat, [WORDS])
    store.rate(owner, message.id, "up", WORDS)
    store.save_checkpoint(owner, chat, f"thread-{owner}", WORDS.encode())
    store.set_chat_limits(owner, chat, "1")
    store.save_preference(owner, "x", WORDS)
    store.create_preset(owner, "Own", {"system_prompt": WORDS})
    store.create_preset(owner, "Everybody's", {"system_prompt": "Be brief."}, shared=True)
    store.meet(owner, name=owner.capitalize(), email=f"{owner}@example.com", role="user")
    store.save_sealed(owner, "key", b"sealed")
    store.set_user_limits(owner, "5/day")
    store.note("operator", "locked out", owner)
    # Deleted, and not purged yet.
    store.delete(owner, store.create_conversation(owner).id)
    call = store.open_call(
        owner, conversation_id=chat, message_id=message.id, kind="chat", model_asked="a/b", zdr=False
    )
    store.update_call(owner, call.id, state="done", cost=Decimal("0.25"))
    return chat


def spent(store: Store, owner: str) -> Decimal:
    calls = store.every_call(owner, date(2000, 1, 1), date(2100, 1, 1))
    return sum((call.cost or Decimal(0) for call in calls), Decimal(0))


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store._engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))] for table in metadata.sorted_tables
        }


def test_nothing_of_a_person_is_left_but_numbers_without_a_name(store: Store):
    chat = fill(store, "bob")
    fill(store, "ann")
    before = rows(store)
    gone = store.remove_person("bob", heir="ann")
    assert {owner for owner, _ in gone} == {"bob"}
    assert chat in {conversation for _, conversation in gone}
    for name, left in rows(store).items():
        if name not in OF_THE_OPERATORS:
            assert not any("bob" in str(row).lower() for row in left), name
            if name != "calls":
                assert all(row in before[name] or name == "presets" for row in left), name


def test_others_keep_all_of_theirs_and_what_was_shared_stays_shared(store: Store):
    fill(store, "bob")
    chat = fill(store, "ann")
    store.remove_person("bob", heir="ann")
    assert [message.text for message in store.branch("ann", chat)] == [WORDS]
    assert store.search("ann", "quagga") != []
    assert store.preference("ann", "x") == WORDS
    assert sorted(preset.name for preset in store.presets("ann")) == ["Everybody's", "Everybody's", "Own"]
    assert {preset.owner for preset in store.presets("ann")} == {"ann"}


def test_what_was_spent_is_still_counted(store: Store):
    fill(store, "bob")
    before = spent(store, "bob")
    store.remove_person("bob", heir="ann")
    [name] = [row[2] for row in rows(store)["calls"]]
    assert str(name).startswith(NOBODY)
    assert spent(store, str(name)) == before == Decimal("0.25")


def test_what_will_go_is_told_before_it_goes(store: Store):
    fill(store, "bob")
    assert store.departure("bob") == Departure(2, 1, len(WORDS), 1, 1)
    store.remove_person("bob", heir="ann")
    assert store.departure("bob") == Departure(0, 0, 0, 0, 0)
