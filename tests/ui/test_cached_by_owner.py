"""What is cached for a page is cached for its owner: one person's values never answer another's question."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from orchat.agent.sources import KIND, kept
from orchat.errors import NotFoundError
from orchat.sources import Source
from orchat.store import Store
from orchat.ui import artifacts, session, source_chips
from tests.ui.chat_app import ChatApp

SOURCE = Source(1, "own", "plan", "plan.md", "text/markdown", "Plan", None, "The secret of Ann", 0, 0, 17)
As = Callable[[str], None]


@pytest.fixture
def as_(app: ChatApp, monkeypatch: pytest.MonkeyPatch) -> As:
    """Let the page be this person's."""
    assert app.services
    st.cache_data.clear()

    def as_(owner: str) -> None:
        current = SimpleNamespace(owner=owner, conversation_id="")
        monkeypatch.setattr(session, "current", lambda: current)

    return as_


def give(store: Store, owner: str) -> dict[str, Any]:
    """Let somebody have sources as an artifact of a call; return its reference."""
    made, chat = kept([SOURCE]), store.create_conversation(owner).id
    file = store.add_file(owner, chat, name=made.name, mime=made.mime, kind=made.kind, data=made.data)
    return {"kind": KIND, "name": made.name, "sha256": file.sha256}


def test_bytes_that_ann_has_looked_at_are_not_there_for_bob(app: ChatApp, as_: As):
    reference = give(app.store, "ann")
    as_("ann")
    assert b"The secret of Ann" in artifacts.data_of(reference)
    as_("bob")
    with pytest.raises(NotFoundError):
        artifacts.data_of(reference)


def test_sources_that_ann_has_looked_at_are_not_there_for_bob_before_he_has_them_too(app: ChatApp, as_: As):
    reference = give(app.store, "ann")
    as_("ann")
    assert source_chips.read([reference]) == {1: SOURCE}
    as_("bob")
    assert source_chips.read([reference]) == {}
    give(app.store, "bob")
    assert source_chips.read([reference]) == {1: SOURCE}


def test_what_ann_has_looked_at_is_not_read_again(app: ChatApp, as_: As, monkeypatch: pytest.MonkeyPatch):
    reference = give(app.store, "ann")
    as_("ann")
    artifacts.data_of(reference), source_chips.read([reference])
    monkeypatch.setattr(app.services.store, "file_data", lambda *_: pytest.fail("it was read once more"))
    assert artifacts.data_of(reference)
    assert source_chips.read([reference])
