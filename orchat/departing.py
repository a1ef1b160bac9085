"""Departing: a person leaves, on an operator's word, with everything that is theirs."""

import time

from orchat.library import Shelf
from orchat.runs import Runs
from orchat.store import DividedStore
from orchat.workshop import Workshop

STOPPED_WITHIN = 30.0
"""Seconds that an answer has to be saved in before what it is saved to is removed."""


def remove_person(store: DividedStore, runs: Runs, workshop: Workshop, owner: str, heir: str) -> None:
    """Stop what runs for a person and remove all of theirs: chats, files, documents, folders of code, settings, keys.

    What they share with everybody becomes `heir`'s. A key that was made for them at OpenRouter is to be ended before.
    """
    store.block(owner, blocked=True)
    runs.stop_all_of(owner)
    until = time.monotonic() + STOPPED_WITHIN
    for conversation_id in store.conversation_ids(owner):
        for run in runs.together(owner, conversation_id):
            run.settled.wait(max(0.0, until - time.monotonic()))
    workshop.forget(store.remove_person(owner, heir=heir))
    workshop.library.forget([(owner, "")], Shelf.OWN)
