"""The page on privacy names everything that the database keeps, so that an operator can answer to others."""

import re

import pytest

from orchat.store.shared_tables import metadata
from tests.house.tree import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")
KEPT = PAGE.partition("## What is kept")[2].partition("\n## ")[0]
NAMED = {
    "conversations": "Conversations: questions, answers",
    "messages": "Conversations: questions, answers",
    "tags": "titles, tags",
    "ratings": "Ratings with their notes",
    "calls": "The ledger",
    "files": "Files of chats",
    "blobs": "Files of chats",
    "checkpoints": "what an agent waits with",
    "presets": "Presets",
    "preferences": "favourite models",
    "budgets": "budgets",
    "people": "People who log in: name, e-mail",
    "sealed_texts": "encrypted under `ORCHAT_SECRET`",
    "audit": "The audit log",
    "setting_changes": "Settings that operators changed",
    "replicas": "Which replica answers",
    "shared_runs": "Which replica answers",
    "run_events": "pieces of answers that another replica follows",
    "asked": "when somebody has asked",
}


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_table_is_told_of_on_the_page_on_privacy(table: str):
    assert NAMED[table] in KEPT


@pytest.mark.parametrize("kept", ["ORCHAT_RETENTION_DAYS", "`workspaces`", "`python -m orchat backup`", "its own key"])
def test_what_is_kept_elsewhere_and_for_how_long_is_told_too(kept: str):
    assert kept in KEPT


@pytest.mark.parametrize("asked", ["leave", "prove", "delete", "see"])
def test_what_an_operator_is_asked_has_an_answer(asked: str):
    answers = PAGE.partition("## When you have to answer to others")[2].partition("\n## ")[0]
    assert re.search(rf"^\| [^|]*\b{asked}\b[^|]*\?", answers, re.MULTILINE)
