"""Several people: each sees their own, and only who may come in sees anything."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchat.demo import DemoServer
from orchat.errors import NotFoundError
from orchat.people import proxy
from orchat.ui import resources
from tests.ui.chat_app import ChatApp, words

Start = Callable[..., ChatApp]
ANN = {
    "is_logged_in": True,
    "iss": "https://id.example",
    "sub": "ann",
    "name": "Ann",
    "email": "ann@example.com",
    "email_verified": True,
}
BOB = {**ANN, "sub": "bob", "name": "Bob", "email": "bob@example.com"}
NOBODY = {"is_logged_in": False}
SECRET = "s" * 32
KEY = "sk-or-v1-anns-own-key-1234567890"


def owner(claims: dict[str, Any]) -> str:
    return f"{claims['iss']}|{claims['sub']}"


@pytest.fixture
def team(start: Start) -> ChatApp:
    return start(ORCHAT_LOGIN="oidc", ORCHAT_SECRET=SECRET)


def as_(app: ChatApp, claims: dict[str, Any]) -> ChatApp:
    """The page in a new tab of this person's."""
    tab = ChatApp(app.demo)
    tab.page.user = claims
    tab.run()
    return tab


def say(app: ChatApp, text: str) -> str:
    """Say something, wait until it is answered, and return the chat's id."""
    app.page.chat_input(key="prompt").set_value(text)
    app.run()
    run = app.services.runs.find(app.session.owner, app.chat)
    assert run is not None
    assert run.settled.wait(20)
    app.run()
    return app.chat


def test_who_has_not_logged_in_is_asked_to_and_sees_nothing_else(team: ChatApp):
    app = as_(team, NOBODY)
    assert app.page.button(key="log-in").label == "Log in"
    assert len(app.page.chat_input) == 0
    assert len(app.page.sidebar.button) == 0


def test_who_has_logged_in_is_named_and_can_leave(team: ChatApp):
    app = as_(team, ANN)
    assert "Ann" in app.sidebar
    assert app.page.button(key="log-out").label == "Log out"


def test_each_sees_their_own_chats_only(team: ChatApp):
    ann, bob = as_(team, ANN), as_(team, BOB)
    chat = say(ann, "The secret of Ann")
    assert [c.id for c in ann.store.conversations(owner(ANN))] == [chat]
    assert ann.store.conversations(owner(BOB)) == []
    bob.run()
    assert "The secret of Ann" not in words(bob.page.main) + bob.sidebar


def test_a_foreign_chat_is_not_found_by_its_address(team: ChatApp):
    chat = say(as_(team, ANN), "The secret of Ann")
    bob = ChatApp(team.demo)
    bob.page.user = BOB
    bob.page.query_params["chat"] = chat
    bob.run()
    assert "There is no such conversation" in words(bob.page.main)
    assert "The secret of Ann" not in words(bob.page.main)


def test_a_tab_in_which_another_logs_in_holds_nothing_of_the_first(team: ChatApp):
    tab = as_(team, ANN)
    say(tab, "The secret of Ann")
    tab.session.key = KEY
    tab.page.user = BOB
    tab.page.query_params.clear()
    tab.run()
    assert tab.session.owner == owner(BOB)
    assert (tab.session.key, tab.session.conversation_id, tab.session.branch) == (None, None, [])
    assert "The secret of Ann" not in words(tab.page.main) + tab.sidebar


def test_a_tab_that_has_logged_out_holds_nothing(team: ChatApp):
    tab = as_(team, ANN)
    say(tab, "The secret of Ann")
    tab.page.user = NOBODY
    tab.run()
    assert len(tab.page.chat_input) == 0
    assert "The secret of Ann" not in words(tab.page.main)


def test_cve_2026_31950_a_run_of_another_cannot_be_followed_or_stopped(team: ChatApp):
    chat = say(as_(team, ANN), "Hello")
    runs = team.services.runs
    assert runs.find(owner(ANN), chat) is not None
    assert runs.find(owner(BOB), chat) is None
    assert not runs.is_active(owner(BOB), chat)


def test_who_is_locked_out_comes_in_no_more(team: ChatApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.ui.resources.KNOWN_FOR", 0)
    tab = as_(team, ANN)
    team.services.store.block(owner(ANN), blocked=True)
    tab.run()
    assert "locked out" in words(tab.page.main)
    assert len(tab.page.chat_input) == 0
    team.services.store.block(owner(ANN), blocked=False)
    tab.run()
    assert len(tab.page.chat_input) == 1


def test_cve_2026_45339_whom_a_proxy_names_is_locked_out_as_whoever_logs_in(
    start: Start, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("orchat.ui.resources.KNOWN_FOR", 0)
    team = start(ORCHAT_LOGIN="proxy", ORCHAT_PROXY_ADDRESSES="10.0.0.1")
    tab = as_(team, {proxy.USER_KEY: proxy.vouch("ann@example.com")})
    assert len(tab.page.chat_input) == 1
    team.services.store.block("proxy|ann@example.com", blocked=True)
    tab.run()
    assert "locked out" in words(tab.page.main)
    assert len(tab.page.chat_input) == 0


def test_a_click_of_who_was_locked_out_meanwhile_does_nothing(team: ChatApp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchat.ui.resources.KNOWN_FOR", 0)
    tab = as_(team, ANN)
    chat = say(tab, "Hello")
    _, answer = team.store.branch(owner(ANN), chat)
    team.services.store.block(owner(ANN), blocked=True)
    next(one for one in tab.page.feedback if one.key == f"rate-{answer.id}").set_value(1)
    tab.run()
    assert "locked out" in words(tab.page.main)
    assert team.store.ratings(owner(ANN), chat) == {}
    assert tab.session.conversation_id is None


def test_who_is_not_on_the_list_is_told_so(start: Start):
    app = as_(start(ORCHAT_LOGIN="oidc", ORCHAT_ALLOWED="bob@example.com"), ANN)
    assert "not on the list" in words(app.page.main)
    assert app.page.button(key="log-out").label == "Log in as somebody else"


def test_the_word_of_a_proxy_is_believed_only_if_this_process_has_vouched_for_it(start: Start):
    team = start(ORCHAT_LOGIN="proxy", ORCHAT_PROXY_ADDRESSES="10.0.0.1")
    for word in ("ann", "token:ann", ":ann", None):
        assert "did not say who you are" in words(as_(team, {proxy.USER_KEY: word}).page.main)
    app = as_(team, {proxy.USER_KEY: proxy.vouch("ann@example.com")})
    assert app.session.owner == "proxy|ann@example.com"


def test_without_a_login_an_address_that_others_reach_is_refused(start: Start):
    app = start(ORCHAT_BIND="0.0.0.0")
    assert "nobody is asked to log in" in words(app.page.main)
    assert len(app.page.chat_input) == 0


def test_unless_the_operator_says_that_all_share_everything(start: Start):
    app = start(ORCHAT_BIND="0.0.0.0", ORCHAT_OPEN="true")
    assert len(app.page.chat_input) == 1


def test_a_key_that_is_kept_is_there_after_a_reload_and_for_its_owner_only(team: ChatApp):
    resources.keyring().save(owner(ANN), KEY)
    assert as_(team, ANN).session.key == KEY
    assert as_(team, BOB).session.key is None


def test_forgetting_a_key_removes_it_for_good(team: ChatApp):
    resources.keyring().save(owner(ANN), KEY)
    tab = as_(team, ANN)
    tab.press("forget-key")
    assert tab.session.key is None
    assert resources.keyring().key(owner(ANN)) is None
    assert [entry.action for entry in team.store.audited()][:1] == ["forgot their key"]


def test_a_key_is_in_no_file_log_page_dump_or_traceback(
    team: ChatApp, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    resources.keyring().save(owner(ANN), KEY)
    tab = as_(team, ANN)
    say(tab, "Hello")
    assert tab.demo.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    try:
        connection = tab.services.connection(tab.session.key)
        raise NotFoundError(repr((connection, tab.session, connection.client.config)))
    except NotFoundError as error:
        trace = "".join(traceback.format_exception(error))
    shown = repr(tab.page) + words(tab.page.main) + tab.sidebar + repr(tab.session) + trace + caplog.text
    assert KEY not in shown
    assert SECRET not in shown
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert KEY.encode() not in file.read_bytes(), file


def test_openrouter_can_be_connected_and_leads_back_with_a_key(team: ChatApp, demo: DemoServer):
    import httpx

    tab = as_(team, ANN)
    address = resources.on_the_way().begin(tab.session.owner, "http://127.0.0.1:8501/")
    sent_back = httpx.get(address).headers["location"]
    query = dict(httpx.URL(sent_back).params)
    assert query.keys() == {"connect", "code"}
    for name, value in query.items():
        tab.page.query_params[name] = value
    tab.run()
    assert tab.session.key is not None
    assert resources.keyring().key(owner(ANN)) == tab.session.key
    assert "code" not in tab.page.query_params


def test_the_way_back_of_another_gives_no_key(team: ChatApp):
    import httpx

    address = resources.on_the_way().begin(owner(ANN), "http://127.0.0.1:8501/")
    bob = as_(team, BOB)
    for name, value in httpx.URL(httpx.get(address).headers["location"]).params.items():
        bob.page.query_params[name] = value
    bob.run()
    assert bob.session.key is None
    assert resources.keyring().key(owner(ANN)) is None
