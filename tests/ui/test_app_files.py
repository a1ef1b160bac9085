"""Documents on the pages: who may write where, what stands below an answer, what comes with a chat and goes with it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from orchat import services
from orchat.agent.files import ConversationFiles
from orchat.agent.sources import kept
from orchat.library import Shelf
from orchat.search.records import FileState
from orchat.sources import Source
from tests.test_library import put
from tests.ui.chat_app import OWNER, ChatApp, until, words
from tests.ui.test_app_people import ANN, BOB, as_, owner

SOURCES = [
    Source(number, "own", f"gone-{number}", f"file{number}.md", "text/markdown", "Results", None, "Words.", 0, 0, 6)
    for number in (7, 8)
]


def answered(app: ChatApp, *turns: tuple[list[Source], str]) -> ChatApp:
    """A conversation of the agent: what each turn has found, and its answer."""
    store, chat = app.store, app.store.create_conversation(OWNER, kind="agent").id
    parent = None
    for found, answer in turns:
        wire = {"role": "user", "content": "Go on"}
        parent = store.add_message(OWNER, chat, role="user", wire=wire, parent_id=parent).id
        if found:
            call = {"id": "1", "type": "function", "function": {"name": "search_files", "arguments": "{}"}}
            wire = {"role": "assistant", "content": "", "tool_calls": [call]}
            parent = store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=parent).id
            made = ConversationFiles(store, OWNER, chat).save(kept(found)).to_json()
            details = {"title": "Search", "icon": "🔎", "arguments": {}, "status": "ok", "artifacts": [made]}
            wire = {"role": "tool", "tool_call_id": "1", "name": "search_files", "content": "found"}
            parent = store.add_message(OWNER, chat, role="tool", wire=wire, parent_id=parent, details=details).id
        wire = {"role": "assistant", "content": answer}
        parent = store.add_message(OWNER, chat, role="assistant", wire=wire, parent_id=parent).id
    return app.open(chat=chat)


def chips(app: ChatApp) -> list[str]:
    return [button.label for button in app.page.button if str(button.key).startswith("source-")]


def test_what_a_turn_cites_stands_below_it_and_numbers_of_other_turns_are_left_out(app: ChatApp):
    answered(app, (SOURCES, "Rose [7]."), ([], "As said [7]."))
    assert chips(app) == ["**7** file7.md · Results"]
    first, second = (words(answer) for answer in app.answers)
    assert ":blue-badge[7]" in first
    assert "7" not in second.replace("Regenerate", "")
    assert not [button for button in app.page.get("download_button") if "sources" in str(button)]


def test_that_nothing_of_what_was_found_is_cited_is_said(app: ChatApp):
    answered(app, (SOURCES, "It rose."))
    assert "None of the 2 passages that were found is cited here." in words(app.answers[-1])
    assert chips(app) == []


def test_where_nobody_has_looked_for_sources_brackets_are_text(app: ChatApp):
    answered(app, ([], "Smith [3]."))
    assert "Smith [3]." in words(app.answers[-1])


def test_a_source_whose_file_is_gone_is_shown_as_it_was_cited(app: ChatApp):
    answered(app, (SOURCES, "Rose [8]."))
    key = next(str(button.key) for button in app.page.button if str(button.key).startswith("source-"))
    app.press(key)
    assert "This file has been deleted since." in "\n".join(caption.value for caption in app.page.caption)


def test_everybody_reads_what_is_shared_and_only_operators_add_to_it(start: Callable[..., ChatApp]):
    team = start(ORCHAT_LOGIN="oidc", ORCHAT_OPERATORS="ann@example.com")
    put(team.services.library.of(Shelf.SHARED, OWNER), "rules.md", "# Rules\n\nOne coffee a day.")
    for claims, may_write in ((ANN, 1), (BOB, 0)):
        app = as_(team, claims)
        app.page.switch_page("pages/files.py")
        app.run()
        app.page.segmented_control(key="shelf").set_value(Shelf.SHARED)
        app.run()
        assert "rules.md" in words(app.page.main)
        assert [len(app.page.get("file_uploader")), len(app.buttons("Delete"))] == [may_write, may_write]


def test_nobody_sees_the_files_of_somebody_else(start: Callable[..., ChatApp]):
    team = start(ORCHAT_LOGIN="oidc")
    put(team.services.library.of(Shelf.OWN, owner(ANN)), "diary.md", "# Diary\n\nToday I saw an owl.")
    shown = {}
    for claims in (ANN, BOB):
        app = as_(team, claims)
        app.page.switch_page("pages/files.py")
        app.run()
        shown[claims["name"]] = words(app.page.main)
    assert "diary.md" in shown["Ann"]
    assert "diary.md" not in shown["Bob"]


def test_documents_are_offered_only_where_there_are_any_and_searched_only_on_request(app: ChatApp):
    assert "documents" not in [toggle.key for toggle in app.page.toggle]
    assert app.open(page="pages/agent.py").buttons("Ask your documents") == []
    put(app.services.library.of(Shelf.OWN, OWNER), "birds.md", "# Herons\n\nThe heron waits in shallow water.")
    assert app.open(page="pages/agent.py").buttons("Ask your documents") == ["starter-0"]
    app.open().choose_model("demo/fast")
    assert app.page.toggle(key="documents").value is False
    app.send("Where does the heron wait?")
    assert isinstance(app.asked()[-1]["messages"][-1]["content"], str)
    app.switch("documents", on=True)
    answer = app.send("And where does the heron wait now?")
    assert "[1] birds.md, Herons" in app.asked()[-1]["messages"][-1]["content"][0]["text"]
    assert "[1]" in answer.text
    assert chips(app) == ["**1** birds.md · Herons"]
    assert app.store.conversation(OWNER, app.chat).settings["documents"] is True


def test_a_file_of_a_chat_is_on_its_shelf_and_goes_with_it(
    start: Callable[..., ChatApp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    app = start(ORCHAT_DEFAULT_MODEL="demo/script", ORCHAT_TITLE_MODEL="none")
    app.open(page="pages/agent.py")
    script = 'call search_files {"query": "marmot"}\nsay It whistles [1].'
    box = app.page.chat_input(key="prompt").set_value(script)
    box.upload("notes.md", b"# Marmots\n\nThe marmot whistles softly.")
    app.run()
    app.settled()
    chat = app.chat
    collection = app.services.library.of(Shelf.CHAT, OWNER, chat)
    until(lambda: [status.state for status in collection.status()] == [FileState.READY])
    assert chips(app) == ["**1** notes.md · Marmots"]
    app.store.delete(OWNER, chat)
    monkeypatch.setattr(services, "PURGE_AFTER", timedelta(seconds=-1))
    app.services._purge()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"marmot" in path.read_bytes()]
    assert Shelf.CHAT not in app.services.library.in_reach(OWNER, chat)


def test_a_file_is_said_to_be_read_and_why_it_cannot_be(app: ChatApp):
    chat = app.store.create_conversation(OWNER, kind="agent").id
    attached = [app.services.chats.attach(OWNER, chat, "scan.pdf", b"%PDF-1.4 nothing")]
    app.services.chats.say(OWNER, chat, "Look", None, attached)
    collection = app.services.library.of(Shelf.CHAT, OWNER, chat)
    until(lambda: [status.state for status in collection.status()] == [FileState.FAILED])
    app.open(chat=chat)
    assert "scan.pdf cannot be searched: " in "\n".join(caption.value for caption in app.page.caption)
