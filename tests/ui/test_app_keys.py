"""Keys: where they come from, and where they never go."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from orchat.demo import DemoServer
from orchat.errors import AuthenticationError
from tests.ui.chat_app import ChatApp, words

Start = Callable[..., ChatApp]
VISITORS = "sk-or-v1-visitors-own-key-1234567890"


def test_without_a_key_and_with_the_demo_off_the_page_asks_for_a_key(start: Start):
    app = start(OPENROUTER_API_KEY=None, ORCHAT_DEMO="never")
    assert "A key is needed" in app.page.info[0].value
    assert app.page.button(key="enter-key").label == "Use my OpenRouter key"


def test_a_message_that_cannot_be_sent_for_want_of_a_key_goes_back_into_the_box(start: Start):
    app = start(OPENROUTER_API_KEY=None, ORCHAT_DEMO="never")
    app.page.chat_input(key="prompt").set_value("Do not lose me")
    app.run()
    assert "There is no OpenRouter key yet" in words(app.page.main)
    app.run()
    assert app.page.chat_input(key="prompt").value == "Do not lose me"
    assert app.asked() == []


def with_own_key(app: ChatApp) -> ChatApp:
    """The page once the dialog has accepted a key."""
    app.session.key = VISITORS
    app.run()
    return app


def test_a_key_is_entered_in_a_dialog_that_says_what_is_wrong_and_stays(start: Start):
    app = start(OPENROUTER_API_KEY=None)
    app.press("enter-key")
    app.run()
    for entered, said in (("", "Paste a key first"), ("sk-or-v1-invalid", "openrouter.ai/settings/keys")):
        app.page.text_input(key="own-key").set_value(entered)
        app.submit("Check and use")
        assert [said in error.value for error in app.page.error] == [True]
    app.page.text_input(key="own-key").set_value(VISITORS)
    app.submit("Check and use")
    assert app.session.key == VISITORS
    assert app.session.dialog is None


def test_a_key_of_ones_own_answers(start: Start):
    app = with_own_key(start(OPENROUTER_API_KEY=None))
    assert not app.send("Hello").simulated
    [answer, title] = [request for request in app.demo.requests if request.path.endswith("/chat/completions")]
    assert answer.headers["authorization"] == title.headers["authorization"] == f"Bearer {VISITORS}"
    assert "Your own key is in use" in app.sidebar


def test_a_key_of_ones_own_can_be_forgotten(start: Start):
    app = with_own_key(start(OPENROUTER_API_KEY=None))
    app.press("forget-key")
    assert app.session.key is None
    assert app.send("Hello").simulated


def test_a_key_of_ones_own_is_used_by_nobody_else(start: Start):
    app = with_own_key(start(OPENROUTER_API_KEY=None))
    assert app.open().session.key is None
    assert app.send("Hello").simulated


def test_a_key_is_checked_with_openrouter(app: ChatApp):
    assert app.services.check_key(VISITORS).left == 5
    assert app.demo.requests[-1].headers["authorization"] == f"Bearer {VISITORS}"


def test_a_key_that_openrouter_refuses_is_refused(app: ChatApp):
    with pytest.raises(AuthenticationError) as refusal:
        app.services.check_key("sk-or-v1-invalid")
    assert "openrouter.ai/settings/keys" in refusal.value.advice


def test_a_management_key_is_refused_because_it_cannot_chat(app: ChatApp, demo: DemoServer):
    with pytest.raises(AuthenticationError, match="management key"):
        app.services.check_key(demo.management_key)


def test_keys_are_nowhere_on_the_page_in_the_data_folder_or_in_the_log(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture, demo: DemoServer
):
    caplog.set_level(logging.DEBUG)
    secret, management = "sk-or-v1-servers-secret-0987654321", "sk-or-v1-management-secret-111"
    app = start(OPENROUTER_API_KEY=secret, OPENROUTER_MANAGEMENT_KEY=management, ORCHAT_LOG_LEVEL="DEBUG")
    app.send("Hello")
    assert demo.requests[-1].headers["authorization"].removeprefix("Bearer ") in (secret, management)
    for key in (secret, management):
        assert key not in repr(app.page)
        assert key not in caplog.text
        for file in (path for path in tmp_path.rglob("*") if path.is_file()):
            assert key.encode() not in file.read_bytes(), file


def test_a_visitors_key_is_in_no_repr_of_the_session(app: ChatApp):
    with_own_key(app)
    assert VISITORS not in repr(app.session)
    assert VISITORS not in str(app.page.main)
    assert VISITORS not in str(app.page.sidebar)
