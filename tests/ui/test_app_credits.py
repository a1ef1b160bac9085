"""What is left to spend."""

from collections.abc import Callable
from typing import Any

from orchat.demo import DemoServer
from orchat.demo.account import Account
from tests.ui.chat_app import ChatApp, until

Start = Callable[..., ChatApp]


class UnlimitedKeys(Account):
    """An account whose keys have no limit: nothing says what is left."""

    def key_json(self, key: str) -> dict[str, Any]:
        body = super().key_json(key)
        body["data"] |= {"limit": None, "limit_remaining": None}
        return body


def shown(app: ChatApp) -> ChatApp:
    """The page once OpenRouter has said what is left."""
    account = app.services.connection().account
    until(lambda: not account.pending)
    app.run()
    return app


def test_the_credits_are_shown_and_what_the_number_is_the_rest_of(app: ChatApp):
    assert shown(app).credits.value == "$5.00"
    assert "left on this key" in app.sidebar


def test_after_each_answer_the_credits_say_what_it_took(app: ChatApp):
    before = shown(app).demo.credits
    app.send("Explain rainbows")
    cost = before - app.demo.credits
    assert cost > 0
    assert app.credits.delta.startswith("−$0.00")
    assert float(app.credits.delta.removeprefix("−$")) > 0


def test_a_management_key_shows_the_balance_of_the_account(start: Start, demo: DemoServer):
    app = shown(start(OPENROUTER_MANAGEMENT_KEY=demo.management_key))
    assert "/api/v1/credits" in [request.path for request in demo.requests]
    assert app.credits.value == "$5.00"
    assert "account balance" in app.sidebar


def test_under_a_dollar_the_page_warns_with_a_link_to_add_credits(start: Start, demo: DemoServer):
    demo.credits = 0.5
    warning = shown(start()).page.warning[0].value
    assert "0.50" in warning
    assert "https://openrouter.ai/settings/credits" in warning


def test_over_a_dollar_the_page_does_not_warn(app: ChatApp):
    assert len(shown(app).page.warning) == 0


def test_an_operator_can_set_when_the_page_warns(start: Start):
    assert len(shown(start(ORCHAT_LOW_CREDITS="10")).page.warning) == 1


def test_what_nobody_says_is_unknown_and_not_zero(start: Start, demo: DemoServer):
    demo._state.account = UnlimitedKeys(5.0)
    app = shown(start())
    assert app.credits.value == "unknown"
    assert not app.credits.delta
    assert len(app.page.warning) == 0


def test_credits_that_cannot_be_asked_for_are_unknown_and_the_page_says_why(start: Start):
    app = shown(start(OPENROUTER_API_KEY="sk-or-v1-invalid"))
    assert app.credits.value == "unknown"
    assert "OpenRouter did not say" in app.sidebar
