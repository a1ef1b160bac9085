"""What looks for lost and doubled messages finds them: the check of all tests of faults, checked itself."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from orchat.store import Store
from orchat.store.tables import conversations, messages
from tests.faults.aftermath import Acknowledged, assert_nothing_lost_or_doubled, seen


class Kept:
    """A chat with a question and its answer, of which somebody was told."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.chat = store.create_conversation("ann").id
        self.question = self.add("user", None)
        self.answer = self.add("assistant", self.question.message)
        self.told = [self.question, self.answer]

    def add(self, role: str, above: str | None) -> Acknowledged:
        """Add a message of which nobody is told, unless what is returned is among what was told."""
        wire = {"role": role, "content": role}
        added = self.store.add_message("ann", self.chat, role=role, wire=wire, parent_id=above)
        return seen("ann", added)[0]

    def check(self) -> None:
        assert_nothing_lost_or_doubled(self.store, self.told)


@pytest.fixture
def kept(store: Store) -> Kept:
    return Kept(store)


def test_what_was_told_of_is_all_there(kept: Kept):
    kept.check()


def test_what_nobody_was_told_of_may_be_there_once(kept: Kept):
    kept.add("user", kept.answer.message)
    kept.check()
    kept.add("user", kept.answer.message)
    with pytest.raises(AssertionError, match="doubled"):
        kept.check()


@pytest.mark.parametrize("place", ["first", "answer"])
def test_what_is_beside_one_that_was_told_of_is_doubled(kept: Kept, place: str):
    kept.add("user", None) if place == "first" else kept.add("assistant", kept.question.message)
    with pytest.raises(AssertionError, match="doubled"):
        kept.check()


def test_two_answers_that_were_both_told_of_are_two(kept: Kept):
    kept.told.append(kept.add("assistant", kept.question.message))
    kept.check()


def test_a_message_that_is_gone_is_lost(kept: Kept):
    with kept.store._writing() as connection:
        connection.execute(delete(messages).where(messages.c.id == kept.answer.message))
        connection.execute(update(conversations).values(leaf_id=kept.question.message))
    with pytest.raises(AssertionError, match="lost"):
        kept.check()


@pytest.mark.parametrize("told", [{"text": "Other words"}, {"state": "stopped"}, {"owner": "bob"}, {"chat": "another"}])
def test_a_message_that_is_another_than_was_told_is_found(kept: Kept, told: dict[str, str]):
    kept.told[-1] = replace(kept.answer, **told)
    with pytest.raises(AssertionError):
        kept.check()


def test_a_branch_that_leads_into_another_chat_is_found(kept: Kept):
    other = kept.store.create_conversation("ann").id
    with kept.store._writing() as connection:
        connection.execute(update(messages).where(messages.c.id == kept.answer.message).values(conversation_id=other))
    kept.told = [kept.question, replace(kept.answer, chat=other)]
    with pytest.raises(AssertionError, match="below one of another chat"):
        kept.check()


def test_a_database_that_is_not_sound_is_found(kept: Kept, tmp_path: Path):
    if kept.store.shared:
        pytest.skip("what PostgreSQL keeps cannot be made to refer to nothing")
    with closing(sqlite3.connect(tmp_path / "orchat.db", isolation_level=None)) as connection:
        connection.execute("UPDATE messages SET parent_id = 'nobody' WHERE parent_id IS NOT NULL")
    with pytest.raises(AssertionError):
        kept.check()
