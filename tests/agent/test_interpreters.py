"""Each conversation has a sandbox of its own, with a folder that stays until the conversation is gone."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchat.agent.availability import Availability
from orchat.agent.interpreters import Interpreters
from orchat.errors import SandboxError
from orchat.sandbox import available
from orchat.settings import Settings


@pytest.fixture
def interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Interpreters]:
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ORCHAT_SANDBOX_PACKAGES", "false")
    settings = Settings.load()
    if (report := available(settings)).chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    made = Interpreters(Availability(settings, loopback_only=True), tmp_path / "workspaces")
    yield made
    asyncio.run(made.aclose())


def test_conversations_share_neither_variables_nor_files_nor_owners(interpreters: Interpreters):
    ours, other = interpreters.of("ada", "one"), interpreters.of("ada", "two")
    ours.run("secret = 'mine'; open('mine.txt', 'w').write('x')")
    seen = other.run("import os; print(os.listdir('.'), 'secret' in globals())")
    assert seen.stdout == "[] False\n"
    with pytest.raises(SandboxError, match="somebody else"):
        interpreters.of("eve", "one")
    assert interpreters.of("ada", "one").run("secret").outputs[0].text == "'mine'"


def test_a_conversation_that_is_gone_leaves_nothing_behind(interpreters: Interpreters, tmp_path: Path):
    interpreters.of("ada", "one").run("open('kept.txt', 'w').write('x')")
    assert (tmp_path / "workspaces" / "one" / "kept.txt").exists()
    interpreters.forget(["one", "never there"])
    assert list((tmp_path / "workspaces").iterdir()) == []
    assert interpreters.of("eve", "one").run("1 + 1").outputs[0].text == "2"
