"""The temporary chat on the page: begun by a switch, never in list, search or address, kept only when asked for."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from orchat import temporary_chats
from orchat.errors import NotFoundError
from orchat.temporary import is_temporary
from tests.laboratory import MAIL
from tests.ui.chat_app import OWNER, ChatApp, until, words

Start = Callable[..., ChatApp]


@pytest.fixture
def temporary(app: ChatApp) -> ChatApp:
    app.switch("temporary", on=True)
    return app


def gone(app: ChatApp, chat: str) -> bool:
    try:
        app.store.conversation(OWNER, chat)
    except NotFoundError:
        return True
    return False


def banner(app: ChatApp) -> bool:
    return any("Temporary chat" in str(text.value) for text in app.page.main.markdown)


def test_it_says_what_it_is_before_and_while_it_lasts(temporary: ChatApp):
    assert banner(temporary)
    temporary.send("Explain rainbows")
    assert banner(temporary)
    assert temporary.branch[-1].state == "done"
    assert "Explain rainbows" in words(temporary.questions[0])


def test_it_is_in_no_list_no_search_and_no_address(temporary: ChatApp):
    temporary.send("Explain rainbows")
    assert is_temporary(temporary.chat)
    assert temporary.store.conversations(OWNER) == []
    assert temporary.store.search(OWNER, "rainbows") == []
    assert "chat" not in temporary.page.query_params
    assert "rainbows" not in temporary.sidebar


def test_no_model_words_its_title(temporary: ChatApp):
    temporary.send("Explain rainbows")
    assert len(temporary.inferences()) == 1


def test_what_it_costs_is_on_the_usage_page(temporary: ChatApp):
    temporary.send("Explain rainbows")
    cost = float(temporary.branch[-1].cost or 0)
    temporary.press("new-chat")
    temporary.open(page="pages/usage.py")
    [chats] = [frame.value for frame in temporary.page.dataframe if "Chat" in frame.value]
    assert [(row["Chat"], row["Cost"]) for _, row in chats.iterrows()] == [("temporary chats", pytest.approx(cost))]


def test_a_new_chat_forgets_it_and_is_not_temporary_itself(temporary: ChatApp):
    temporary.send("Explain rainbows")
    chat = temporary.chat
    temporary.press("new-chat")
    until(lambda: gone(temporary, chat))
    assert not banner(temporary)
    temporary.send("Explain thunder")
    assert not is_temporary(temporary.chat)


def test_it_goes_with_its_tab_and_nobody_opens_it_by_address(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(temporary_chats, "LOOK_EVERY", 0.2)
    temporary = start()
    temporary.switch("temporary", on=True)
    temporary.send("Explain rainbows")
    chat = temporary.chat
    tab, temporary.page = temporary.page, None  # type: ignore[assignment] # closed
    other = ChatApp(temporary.demo).open(chat=chat)
    assert other.session.conversation_id is None
    assert "chat" not in other.page.query_params
    del tab

    def forgotten() -> bool:
        # The run before is still known to what runs pages in tests.
        other.run()
        return gone(other, chat)

    until(forgotten)


def test_an_answer_on_its_way_is_stopped_with_it(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/silent")
    app.switch("temporary", on=True)
    chat, hold = app.services.temporary.begin(OWNER, kind="chat", settings={})
    question = app.services.chats.say(OWNER, chat.id, "Wait", None)
    run = app.services.ask(OWNER, question, app.session.ask, app.services.connection())
    hold.end()
    assert run.finished.wait(5)
    until(lambda: gone(app, chat.id))
    assert app.services.runs.find(OWNER, chat.id) is None


def test_one_that_nobody_uses_is_forgotten_and_its_page_says_so(temporary: ChatApp, monkeypatch: pytest.MonkeyPatch):
    temporary.send("Explain rainbows")
    monkeypatch.setattr(temporary_chats, "UNUSED_FOR", timedelta(seconds=-1))
    temporary.services.runs.submit(temporary.services.temporary.forget_unused()).result(10)
    temporary.run()
    assert "The temporary chat is gone" in words(temporary.page.main)
    assert temporary.session.conversation_id is None


def test_those_of_somebody_who_is_removed_go_with_them(temporary: ChatApp):
    services, store = temporary.services, temporary.services.store
    for name in ("ann", "bob"):
        store.meet(name, name=name, email="", role="user")
    _, hold = services.temporary.begin("ann", kind="chat", settings={})
    _, other_hold = services.temporary.begin("bob", kind="chat", settings={})
    services.remove_person("ann", heir=OWNER)
    until(lambda: [owner for owner, _ in store.unused_temporary(timedelta(0))] == ["bob"])
    # As if another replica had removed him.
    store.remove_person("bob", heir=OWNER)
    services.runs.submit(services.temporary.forget_unused()).result(10)
    assert store.unused_temporary(timedelta(0)) == []
    # Their tabs are still open.
    del hold, other_hold


def test_it_can_be_kept_after_all(temporary: ChatApp):
    temporary.send("Explain rainbows")
    chat = temporary.chat
    temporary.press("keep")
    assert not is_temporary(temporary.chat)
    assert not banner(temporary)
    assert [found.id for found in temporary.store.conversations(OWNER)] == [temporary.chat]
    assert [message.role for message in temporary.branch] == ["user", "assistant"]
    assert temporary.store.search(OWNER, "rainbows") != []
    until(lambda: gone(temporary, chat))
    assert temporary.store.cost_of(OWNER, temporary.chat).requests == 1


def test_what_waits_for_a_person_still_waits_when_it_is_kept(start: Start, tools: Path):
    app = start(ORCHAT_DEFAULT_MODEL="demo/script", ORCHAT_TOOLS_DIR=str(tools)).open(page="pages/agent.py")
    app.switch("temporary", on=True)
    app.ask_agent(MAIL, "say Done.")
    chat = app.chat
    app.press("keep")
    until(lambda: gone(app, chat))
    app.press(f"once-{app.waiting}-0")
    assert app.settled().text == "Done."
    assert [m.wire["content"] for m in app.branch if m.role == "tool"] == ["sent to ann@example.org: Hello"]


def test_temporary_chats_take_no_more_memory_than_they_may_and_no_word_is_lost(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/fast", ORCHAT_TEMPORARY_MEMORY="1")
    app.switch("temporary", on=True)
    app.send("Hello")
    app.page.chat_input(key="prompt").set_value("a" * 1_000_000)
    app.run()
    assert "All temporary chats here together may take 1.0 MB of memory" in words(app.page.main)
    assert app.page.chat_input(key="prompt").value == "a" * 1_000_000
    assert len(app.branch) == 2
    app.press("keep")
    assert not is_temporary(app.chat)


def test_it_can_be_exported_by_a_click(temporary: ChatApp):
    temporary.send("Explain rainbows")
    temporary.press("export-temporary")
    labels = [button.proto.label for button in temporary.page.get("download_button")]
    assert {"Markdown", "Web page", "JSON"} <= set(labels)


def test_it_waits_while_other_pages_are_looked_at(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/script").open(page="pages/agent.py")
    app.switch("temporary", on=True)
    app.send("say Hello")
    chat = app.chat
    for page in ("pages/usage.py", "pages/files.py", "pages/agent.py"):
        app.page.switch_page(page)
        app.run()
    assert app.chat == chat
    assert banner(app)
    assert "Hello" in words(app.answers[-1])


def test_models_can_be_compared_in_it(temporary: ChatApp):
    temporary.page.multiselect(key="compared").set_value(["demo/fast", "openrouter/auto"])
    temporary.run()
    temporary.send("Explain rainbows")
    assert len(temporary.store.all_messages(OWNER, temporary.chat)) == 3
    assert temporary.store.conversations(OWNER) == []
