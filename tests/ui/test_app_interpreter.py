"""Files in the box, the sandbox's state, cells run by hand: the agent's page around the code interpreter."""

import json
from collections.abc import Callable

import pytest

from orchat.sandbox import available
from orchat.settings import Settings
from orchat.store import files as stored_files
from orchat.ui import resources
from orchat.ui.agent_page import _written
from tests.ui.chat_app import OWNER, ChatApp, until, words
from tests.ui.test_app_artifacts import downloads
from tests.ui.test_app_tools_panel import shown
from tests.ui.test_app_versions import edit

Start = Callable[..., ChatApp]


def open_agent(start: Start, **settings: str | None) -> ChatApp:
    return start(ORCHAT_DEFAULT_MODEL="demo/script", ORCHAT_TITLE_MODEL="none", **settings).open(page="pages/agent.py")


@pytest.fixture
def interpreter(start: Start, tmp_path: object) -> ChatApp:
    """The agent's page where code can be run, by Python alone."""
    report = available(Settings(ORCHAT_DATA_DIR=tmp_path, ORCHAT_SANDBOX="auto", ORCHAT_SANDBOX_PACKAGES=False))
    if report.chosen is None:
        pytest.skip(f"nothing here isolates code: {report.reason}")
    return open_agent(start, ORCHAT_SANDBOX="auto", ORCHAT_SANDBOX_PACKAGES="false")


def send(app: ChatApp, text: str, **files: bytes) -> None:
    box = app.page.chat_input(key="prompt").set_value(text)
    for name, data in files.items():
        box.upload(name.replace("_", "."), data)
    app.run()


def test_a_file_is_named_to_the_model_kept_and_offered_below_the_question(agent: ChatApp):
    send(agent, "say Seen.", sales_csv=b"a,b")
    agent.settled()
    question = agent.branch[0]
    assert question.text == 'say Seen.\n\n[Files attached to this message: "sales.csv" (3 bytes)]'
    assert agent.asked()[-1]["messages"][-1]["content"] == question.text
    [kept] = agent.store.files(OWNER, agent.chat)
    assert (kept.name, kept.kind, kept.mime) == ("sales.csv", "attachment", "text/csv")
    assert words(agent.questions[0]) == "say Seen."
    assert downloads(agent) == ["sales.csv · 3 bytes"]


def test_a_file_can_be_sent_without_a_word_and_names_the_chat(agent: ChatApp):
    send(agent, "", sales_csv=b"a,b")
    agent.settled()
    assert agent.store.conversation(OWNER, agent.chat).title == "sales.csv"


def test_an_edited_question_keeps_its_files(app: ChatApp):
    app.choose_model("demo/script")
    chat = app.store.create_conversation(OWNER).id
    attached = [app.services.chats.attach(OWNER, chat, "sales.csv", b"a,b")]
    asked = app.services.chats.say(OWNER, chat, "say One", None, attached)
    app.open(chat=chat)
    assert words(app.questions[0]) == "say One"
    edit(app, asked.id, "say Two")
    app.settled()
    assert app.branch[0].text == 'say Two\n\n[Files attached to this message: "sales.csv" (3 bytes)]'
    assert words(app.questions[0]).startswith("say Two\n")
    assert downloads(app) == ["sales.csv · 3 bytes"]


def test_a_file_that_is_too_large_is_refused_with_its_size_and_nothing_is_lost(
    agent: ChatApp, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stored_files, "MAX_FILE", 3)
    send(agent, "say Seen.", large_csv=b"a,b,c")
    assert "The file has 5 bytes; at most 3 can be kept." in shown(agent)
    assert "With the next message: large.csv" in shown(agent).replace("\\", "")
    assert agent.session.draft is None
    agent.press("held-out")
    assert "With the next message" not in shown(agent)
    send(agent, "say Seen.")
    agent.settled()
    assert "attached" not in agent.branch[0].text


def test_files_go_with_the_next_message_when_theirs_was_refused(agent: ChatApp, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(stored_files, "MAX_FILE", 3)
        send(agent, "say Seen.", large_csv=b"a,b,c")
    send(agent, "say Seen.", other_csv=b"x")
    agent.settled()
    assert '"large.csv" (5 bytes), "other.csv" (1 bytes)' in agent.branch[0].text


def test_where_no_sandbox_holds_the_panel_says_why_and_everything_else_works(agent: ChatApp):
    panel = shown(agent)
    assert "Code interpreter** :gray-badge[unavailable]" in panel
    assert "switched off" in panel
    agent.ask_agent('call sales {"year": 1}', "say Done.")
    assert "run_python" not in {tool["function"]["name"] for tool in agent.asked()[-1]["tools"]}


def test_without_isolation_there_is_a_red_banner(start: Start, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resources, "_loopback_only", lambda _: True)
    app = open_agent(start, ORCHAT_SANDBOX="unsafe")
    assert "Code runs without isolation" in app.page.error[0].value


@pytest.mark.parametrize(
    "address, alone",
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.8.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("example.org", False),
        ("", False),
        (None, False),
    ],
)
def test_only_loopback_addresses_are_reached_from_this_machine_alone(address: str | None, alone: bool):
    assert resources._loopback_only(address) is alone


def test_a_cell_is_run_again_in_the_same_session_and_the_model_does_not_see_it(interpreter: ChatApp):
    app = interpreter
    code = "counted = globals().get('counted', 0) + 1\ncounted"
    app.ask_agent(f"call run_python {json.dumps({'code': code})}")
    app.press(f"once-{app.waiting}-0")
    app.settled()
    messages, cell = len(app.branch), next(message for message in app.branch if message.role == "tool")
    assert cell.wire["content"] == "1"
    app.press(f"replay-cell-{cell.id}")
    call = app.session.cell.call
    assert call.finished.wait(20)
    assert (call.status, call.text) == ("ok", "2")
    assert len(app.branch) == messages
    notebook = json.loads(_written(app.services, OWNER, app.chat))
    assert [part["source"] for part in notebook["cells"] if part["cell_type"] == "code"] == [code]


def test_a_cell_that_runs_by_hand_is_stopped(interpreter: ChatApp):
    chat = interpreter.store.create_conversation(OWNER, kind="agent").id
    services = interpreter.services
    code = "print('begun', flush=True)\nwhile True: pass"
    call = services.call_tool(OWNER, chat, "run_python", {"code": code}, services.connection())
    until(lambda: "begun" in call.written)
    call.stop()
    assert call.finished.wait(20)
    assert (call.status, call.text) == ("stopped", "begun\n")


def test_a_cell_that_ends_in_an_error_says_so_on_its_line_now_and_later(interpreter: ChatApp):
    app = interpreter
    app.ask_agent(f"call run_python {json.dumps({'code': 'print(1)' + chr(10) + '1 / 0'})}")
    app.press(f"once-{app.waiting}-0")
    app.settled()
    said = r"Code interpreter · failed: ZeroDivisionError\: division by zero"
    assert [(line.state, said in line.label) for line in app.page.status] == [("error", True)]
    app.open(chat=app.chat, page="pages/agent.py")
    assert [(line.state, said in line.label) for line in app.page.status] == [("error", True)]
    services = app.services
    call = services.call_tool(OWNER, app.chat, "run_python", {"code": "1 / 0"}, services.connection())
    assert call.finished.wait(20)
    assert (call.status, call.reason) == ("error", "ZeroDivisionError: division by zero")
