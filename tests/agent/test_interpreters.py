"""Each conversation has a sandbox of its own, with a folder that stays until the conversation is gone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchat.agent.availability import Availability
from orchat.agent.interpreters import Interpreters
from orchat.errors import SandboxError, SandboxUnavailableError
from orchat.sandbox import available
from orchat.sandbox.memory import IN_MEMORY, scratch_in_memory, type_of
from orchat.settings import Settings
from orchat.temporary import PREFIX
from tests.waiting import until


@contextmanager
def interpreting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Interpreters]:
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ORCHAT_SANDBOX_PACKAGES", "false")
    settings = Settings.load()
    if (report := available(settings)).chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    made = Interpreters(Availability(settings, loopback_only=True), tmp_path / "workspaces")
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
def interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Interpreters]:
    with interpreting(tmp_path, monkeypatch) as made:
        yield made


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


@pytest.mark.parametrize(
    ("setting", "second"), [({"EACH": "1"}, "ada"), ({"TOTAL": "1"}, "eve")], ids=["each", "total"]
)
def test_beyond_the_operators_limit_the_idle_interpreter_makes_room(
    setting: dict[str, str], second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in setting.items():
        monkeypatch.setenv(f"ORCHAT_SANDBOX_{name}", value)
    with interpreting(tmp_path, monkeypatch) as interpreters:
        interpreters.of("ada", "one").run("kept = 1")
        interpreters.of(second, "two").run("kept = 2")
        assert not interpreters.of("ada", "one").alive
        assert interpreters.of(second, "two").alive


def test_an_interpreter_that_nobody_uses_ends_after_the_operators_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ORCHAT_SANDBOX_IDLE", "0.001")
    with interpreting(tmp_path, monkeypatch) as interpreters:
        box = interpreters.of("ada", "one")
        box.run("kept = 1")
        until(lambda: not box.alive)
        assert box.run("'kept' in globals()").outputs[0].text == "False"


def in_memory(conversation_id: str) -> Path:
    if (scratch := scratch_in_memory()) is None:
        pytest.skip("this machine has no folder in memory")
    return scratch.path / conversation_id


def test_the_files_of_a_temporary_conversation_are_in_memory_and_go_with_it(interpreters: Interpreters, tmp_path: Path):
    folder = in_memory(chat := f"{PREFIX}one")
    interpreters.of("ada", chat).run("open('kept.txt', 'w').write('x'); kept = 1")
    assert (folder / "kept.txt").exists()
    assert type_of(folder) in IN_MEMORY
    assert not [path for path in tmp_path.rglob("*") if path.name == "kept.txt"]
    assert interpreters.of("ada", chat).run("kept").outputs[0].text == "1"
    interpreters.forget([chat, f"{PREFIX}never"])
    assert not folder.exists()


def test_a_temporary_conversation_that_is_kept_takes_its_files_along(interpreters: Interpreters, tmp_path: Path):
    in_memory(chat := f"{PREFIX}two")
    interpreters.of("ada", chat).run("open('kept.txt', 'w').write('x')")
    interpreters.keep(chat, "kept")
    interpreters.forget([chat])
    assert (tmp_path / "workspaces" / "kept" / "kept.txt").read_text() == "x"
    assert interpreters.of("ada", "kept").run("open('kept.txt').read()").outputs[0].text == "'x'"


def test_where_code_could_write_anywhere_none_is_run_for_a_temporary_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ORCHAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ORCHAT_SANDBOX", "unsafe")
    made = Interpreters(Availability(Settings.load(), loopback_only=True), tmp_path / "workspaces")
    with pytest.raises(SandboxUnavailableError, match=r"temporary chat.*ORCHAT_SANDBOX=unsafe"):
        made.of("ada", f"{PREFIX}three")
    asyncio.run(made.aclose())


def test_where_there_is_no_folder_in_memory_none_is_run_either(
    interpreters: Interpreters, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.agent.interpreters.scratch_in_memory", lambda: None)
    with pytest.raises(SandboxUnavailableError, match="no folder in memory"):
        interpreters.of("ada", f"{PREFIX}four")
