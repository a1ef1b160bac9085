from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Unpack

from orchat.store import Message, MessageFields, Store
from tests.store.clock import Clock


def answer(store: Store, owner: str = "ann", **known: Unpack[MessageFields]) -> Message:
    conversation = store.create_conversation(owner)
    wire = {"role": "assistant", "content": "half an ans"}
    return store.add_message(owner, conversation.id, role="assistant", wire=wire, parent_id=None, **known)


def test_recovering_cuts_off_what_nobody_saves_any_more(store: Store, clock: Clock):
    abandoned, alive = answer(store, state="streaming"), answer(store, "bob", state="streaming")
    finished = answer(store)
    clock.advance(timedelta(minutes=1))
    alive = store.save_message("bob", alive)
    assert store.recover(timedelta(seconds=30)) == 1
    assert store.message("ann", abandoned.id) == replace(abandoned, state="cut_off")
    assert store.message("bob", alive.id).state == "streaming"
    assert store.message("ann", finished.id).state == "done"
    assert store.recover(timedelta(seconds=30)) == 0


def test_no_file_holds_the_text_of_a_purged_conversation(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path}/orchat.db") as store:
        message = answer(store)
        for length in range(0, 20_000, 1_000):
            store.save_message("ann", replace(message, wire={"content": "TOP-SECRET " * length}))
        store.delete("ann", message.conversation_id)
        assert files_with(b"TOP-SECRET", tmp_path)
        store.purge_deleted(timedelta(seconds=-10))
        assert files_with(b"TOP-SECRET", tmp_path) == []


def files_with(text: bytes, folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if text in file.read_bytes()]
