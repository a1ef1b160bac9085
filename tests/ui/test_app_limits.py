"""Limits as a person meets them: what happened, what to do now, and nothing that was written is lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from orchat.__main__ import main
from orchat.errors import QuotaExceededError
from orchat.library import Shelf
from orchat.search.records import FileState
from orchat.services import Services
from orchat.settings import Settings
from orchat.store import Store
from orchat.store.retention import HELD_FOR
from orchat.store.shared_tables import asked
from tests.ui.chat_app import OWNER, ChatApp, until, words

Start = Callable[..., ChatApp]
LONG_AGO = timedelta(days=400)


def test_who_asks_too_often_is_told_until_when_and_keeps_their_words(start: Start):
    app = start(ORCHAT_ASKS_PER_MINUTE="2")
    for _ in range(2):
        app.send("Hello")
    app.page.chat_input(key="prompt").set_value("And now?")
    app.run()
    shown = words(app.page.main)
    assert "You have asked 2 times within a minute" in shown
    assert "Try again in " in shown
    assert len(app.branch) == 4
    assert app.page.chat_input(key="prompt").value == "And now?"


def test_a_cell_that_is_run_by_hand_too_often_is_not_run_and_the_dialog_says_until_when(start: Start):
    app = start(ORCHAT_ASKS_PER_MINUTE="1", ORCHAT_TITLE_MODEL="none").open(page="pages/agent.py")
    services, chat = app.services, cell_in_a_chat(app)
    app.open(chat=chat, page="pages/agent.py")
    [run_again] = [key for key in (str(button.key) for button in app.page.button) if key.startswith("replay-cell-")]
    app.press(run_again)
    assert app.session.cell.call is not None
    assert app.session.cell.call.finished.wait(20)
    app.run()
    app.press("run-cell")
    shown = "\n".join(element.value for element in app.page.markdown)
    assert "You have asked once within a minute" in shown
    assert "Try again in " in shown
    # Nothing was begun a second time, and the code is still in the field.
    before = app.session.cell.call
    app.press("run-cell")
    assert app.session.cell.call is before
    assert app.page.text_area(key="cell-code").value == "1 + 1"
    assert services.store.take_turn("somebody-else", 1, timedelta(minutes=1)) is None


def cell_in_a_chat(app: ChatApp) -> str:
    """A chat in which the agent has run a cell."""
    store = app.store
    chat = store.create_conversation(OWNER, kind="agent").id
    call = {"id": "1", "type": "function", "function": {"name": "run_python", "arguments": '{"code": "1 + 1"}'}}
    arguments = {"title": "Code interpreter", "icon": "", "arguments": {"code": "1 + 1"}, "status": "ok"}
    parent = store.add_message(OWNER, chat, role="user", wire={"role": "user", "content": "Go on"}, parent_id=None).id
    wire = {"role": "assistant", "content": "", "tool_calls": [call]}
    parent = store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=parent).id
    wire = {"role": "tool", "tool_call_id": "1", "name": "run_python", "content": "2"}
    parent = store.add_message(OWNER, chat, role="tool", wire=wire, parent_id=parent, details=arguments).id
    wire = {"role": "assistant", "content": "It is 2."}
    store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=parent)
    return chat


def test_documents_that_are_added_count_as_asking_once_however_many_and_wait_when_it_is_too_often(start: Start):
    app = start(ORCHAT_ASKS_PER_MINUTE="1", ORCHAT_EMBEDDINGS="off").open(page="pages/files.py")

    def names() -> list[str]:
        return [status.name for status in app.services.library.of(Shelf.OWN, OWNER).status()]

    def add(*files: str) -> None:
        [box] = app.page.file_uploader
        box.set_value([(name, f"Some words in {name}.".encode(), "text/plain") for name in files])
        app.run()

    add("a.txt", "b.txt")
    assert sorted(names()) == ["a.txt", "b.txt"]
    add("c.txt")
    assert "You have asked once within a minute" in app.page.error[0].value
    assert sorted(names()) == ["a.txt", "b.txt"]
    # Drawing the page again counts nothing, and lets the file in once the minute is over.
    app.run()
    assert sorted(names()) == ["a.txt", "b.txt"]
    with app.store._writing() as connection:
        connection.execute(delete(asked))
    app.run()
    assert sorted(names()) == ["a.txt", "b.txt", "c.txt"]


def test_what_has_no_room_does_not_count_as_asking(start: Start):
    app = start(ORCHAT_ASKS_PER_MINUTE="1", ORCHAT_QUOTA="1", ORCHAT_EMBEDDINGS="off").open(page="pages/files.py")
    [box] = app.page.file_uploader
    box.set_value([("a.txt", b"x" * 1_100_000, "text/plain")])
    app.run()
    assert "and you have" in app.page.error[0].value
    assert app.store.take_turn(OWNER, 1, timedelta(minutes=1)) is None


def test_a_file_for_which_there_is_no_room_is_refused_and_said(start: Start):
    app = start(ORCHAT_QUOTA="1")
    services = app.services
    chat = services.store.create_conversation(OWNER).id
    services.chats.attach(OWNER, chat, "a.txt", b"x" * 600_000)
    with pytest.raises(QuotaExceededError, match=r"This would take 0\.6 MB, and you have 0\.\d MB left of 1\.0 MB"):
        services.chats.attach(OWNER, chat, "b.txt", b"y" * 600_000)
    assert [file.name for file in services.store.files(OWNER, chat)] == ["a.txt"]


def test_what_code_has_written_and_documents_count_too_and_the_files_page_says_how_much(start: Start, tmp_path: Path):
    app = start(ORCHAT_QUOTA="5", ORCHAT_EMBEDDINGS="off")
    services = app.services
    chat = services.store.create_conversation(OWNER, kind="agent").id
    for name, size in ((chat, 1_000_000), ("somebody-elses", 3_000_000)):
        (tmp_path / "workspaces" / name).mkdir(parents=True)
        (tmp_path / "workspaces" / name / "made.bin").write_bytes(b"z" * size)
    services.library.of(Shelf.OWN, OWNER).add([("a.txt", b"Some words. " * 1000)])
    kept = services.limits.kept(OWNER)
    assert (kept.files, kept.workspaces) == (0, pytest.approx(1_000_000, rel=0.01))
    assert kept.documents > 10_000
    app.page.switch_page("pages/files.py")
    app.run()
    [bar] = app.page.get("progress")
    assert "of 5.0 MB" in bar.proto.text


def test_operators_see_what_everybody_keeps_and_what_is_due(start: Start, tmp_path: Path):
    app = start(ORCHAT_QUOTA="5", ORCHAT_RETENTION_DAYS="500")
    grow_old(tmp_path, app.send("Hello").conversation_id)
    app.page.session_state["admin"] = "Storage"
    app.page.switch_page("pages/admin.py")
    app.run()
    shown = words(app.page.main)
    assert "Each may keep 5.0 MB" in shown
    assert "500 days after its last message" in shown
    assert "Nothing is due at the moment." in shown


def test_operators_see_what_is_due_and_until_when_it_is_kept_before_anything_goes(start: Start, tmp_path: Path):
    app = start(ORCHAT_RETENTION_DAYS="300")
    chat = app.send("Hello").conversation_id
    grow_old(tmp_path, chat)
    app.services._purge()
    app.page.session_state["admin"] = "Storage"
    app.page.switch_page("pages/admin.py")
    app.run()
    assert app.services.limits.hold is not None
    assert f"is kept until {app.services.limits.hold.until:%d %b %Y, %H:%M} UTC" in words(app.page.main)
    [table] = [table for table in app.page.dataframe if "Oldest" in table.value]
    assert list(table.value["Chats"]) == [1]
    assert app.store.branch(OWNER, chat)


def grow_old(folder: Path, chat: str, url: str = "") -> None:
    """Let a chat be one in which nobody has said anything for long."""
    from sqlalchemy import update

    from orchat.store.tables import conversations

    with Store.open(url or f"sqlite:///{folder}/orchat.db") as store, store._writing() as connection:
        old = update(conversations).where(conversations.c.id == chat)
        connection.execute(old.values(updated_at=datetime.now(UTC) - LONG_AGO))


def test_chats_that_nobody_touches_go_with_all_that_is_theirs(start: Start, tmp_path: Path):
    app = start()
    services, old = app.services, app.send("An old question").conversation_id
    new = services.store.create_conversation(OWNER).id
    services.chats.attach(OWNER, old, "a.txt", b"Old words")
    until(
        lambda: [status.state for status in services.library.of(Shelf.CHAT, OWNER, old).status()] == [FileState.READY]
    )
    (tmp_path / "workspaces" / old).mkdir(parents=True)
    grow_old(tmp_path, old)
    calls = services.store.calls_of(OWNER, old)
    assert calls

    lasting = Services(Settings.load().model_copy(update={"retention_days": 399}))
    try:
        lasting._purge()
        assert len(services.store.conversations(OWNER)) == 2, "there is a day to look at it"
        lasting.store._now = lambda: datetime.now(UTC) + HELD_FOR
        lasting._purge()
        assert [chat.id for chat in services.store.conversations(OWNER)] == [new]
        # Its upkeep, which begins by itself, may have been first, and still be at it.
        until(lambda: not (tmp_path / "workspaces" / old).exists())
        until(lambda: list((tmp_path / "documents").glob(f"chat-{old}*")) == [])
        assert services.store.calls_of(OWNER, old) == calls
        [entry] = [entry for entry in services.store.audited() if entry.action == "deleted chats by age"]
        assert entry.details == {"chats": 1}
    finally:
        lasting.close()


def test_the_command_shows_first_and_deletes_only_when_told(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    app = start()
    old = app.send("An old question").conversation_id
    grow_old(tmp_path, old)
    assert main(["retention"]) == 0
    assert "until somebody deletes them" in capsys.readouterr().out
    assert main(["retention", "--days", "300"]) == 0
    shown = capsys.readouterr().out
    assert "local: 1 chats, 2 messages" in shown
    assert "An old question" not in shown
    assert app.store.branch(OWNER, old)
    assert main(["retention", "--days", "300", "--delete"]) == 0
    assert "1 chats are deleted" in capsys.readouterr().out
    assert app.store.conversations(OWNER) == []
