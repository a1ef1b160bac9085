"""The routing in the options: models that stand in, and the providers that may serve them."""

from collections.abc import Callable
from typing import Any

import pytest

from orchat.receipts import receipt_of
from orchat.ui import routing_fields
from tests.ui.chat_app import OWNER, ChatApp
from tests.ui.test_app_options import everything
from tests.ui.test_app_receipts import opened

OTHER = "anthropic/claude-haiku-4.5"


@pytest.fixture
def chat(start: Callable[..., ChatApp]) -> ChatApp:
    return unfolded(start(ORCHAT_DEFAULT_MODEL="openai/gpt-4.1", ORCHAT_TITLE_MODEL="none"))


def unfolded(app: ChatApp) -> ChatApp:
    """Open the section, which AppTest cannot press; closed, nothing in it is drawn."""
    app.page.session_state[routing_fields.SECTION] = True
    app.run()
    return app


def choose(app: ChatApp, name: str, *values: str) -> None:
    app.page.multiselect(key=app.field(f"route-{name}")).set_value(list(values))
    app.run()


def provider(app: ChatApp) -> dict[str, Any]:
    return dict(app.asked()[-1].get("provider", {}))


def test_nothing_is_asked_about_providers_unless_somebody_sets_it(chat: ChatApp):
    chat.send("Hello")
    assert not {"provider", "models"} & set(chat.asked()[-1])


def test_a_model_stands_in_when_the_chosen_one_fails_and_the_line_names_it(start: Callable[..., ChatApp]):
    app = unfolded(start(ORCHAT_DEFAULT_MODEL="demo/overloaded", ORCHAT_TITLE_MODEL="none"))
    choose(app, "models", OTHER)
    answer = app.send("Hello")
    assert app.asked()[-1]["models"] == ["demo/overloaded", OTHER]
    assert (answer.state, answer.model_asked) == ("done", "demo/overloaded")
    assert "haiku" in str(answer.model_answered)
    assert "Haiku" in app.quiet_line
    shown = opened(app)
    assert f"To stand in for it: {OTHER}" in shown


def test_providers_are_chosen_kept_with_the_chat_and_told_in_the_receipt(chat: ChatApp):
    chat.page.selectbox(key=chat.field("route-sort")).set_value("price")
    chat.run()
    choose(chat, "ignore", "deepinfra")
    chat.page.number_input(key=chat.field("route-max_completion")).set_value(20.0)
    chat.run()
    chat.page.toggle(key=chat.field("route-no_training")).set_value(True)
    chat.run()
    assert "4 set" in everything(chat)
    answer = chat.send("Hello")
    sent = {"sort": "price", "ignore": ["deepinfra"], "max_price": {"completion": "20.0"}, "data_collection": "deny"}
    assert provider(chat) == sent
    receipt = receipt_of(chat.store, OWNER, answer)
    assert receipt is not None
    assert receipt.to_json()["providers_asked"] == {name: sent[name] for name in ("sort", "ignore", "max_price")}
    shown = opened(chat)
    assert "cheapest first; never deepinfra; at most completion 20.0 dollars per million tokens" in shown
    assert "Training on it: forbidden" in shown
    kept = chat.chat
    chat.press("new-chat")
    chat.send("Elsewhere")
    assert provider(chat) == {}
    unfolded(chat.open(chat=kept))
    assert chat.page.multiselect(key=chat.field("route-ignore")).value == ["deepinfra"]
    chat.press("clear-route")
    chat.send("And now?")
    assert provider(chat) == {}


def test_with_zdr_the_strictest_of_both_is_sent(chat: ChatApp):
    choose(chat, "order", "azure")
    chat.switch("zdr", True)
    chat.choose_model(OTHER)
    chat.send("Hello")
    assert provider(chat) == {"order": ["azure"], "zdr": True, "data_collection": "deny"}


def test_a_model_that_cannot_stand_in_with_zdr_is_kept_and_not_asked(chat: ChatApp):
    choose(chat, "models", "openai/o3-pro", OTHER)
    chat.switch("zdr", True)
    chat.choose_model("anthropic/claude-sonnet-4.6")
    assert "Kept, but not asked to stand in: o3 Pro (" in everything(chat)
    chat.send("Hello")
    assert chat.asked()[-1]["models"] == ["anthropic/claude-sonnet-4.6", OTHER]
    chat.switch("zdr", False)
    # It may stand in again, and is dear.
    chat.page.chat_input(key="prompt").set_value("And now?")
    chat.run()
    chat.press("confirm-send")
    chat.settled()
    assert chat.asked()[-1]["models"][1:] == ["openai/o3-pro", OTHER]


def test_what_the_operator_forbids_is_not_offered_and_not_sent(start: Callable[..., ChatApp]):
    app = unfolded(
        start(
            ORCHAT_DEFAULT_MODEL="openai/gpt-4.1",
            ORCHAT_TITLE_MODEL="none",
            ORCHAT_FORBIDDEN_MODELS=OTHER,
            ORCHAT_FORBIDDEN_PROVIDERS="azure",
        )
    )
    assert not any("Haiku 4.5" in label for label in app.page.multiselect(key=app.field("route-models")).options)
    assert "Azure" not in app.page.multiselect(key=app.field("route-only")).options
    # As it may have been set before it was forbidden, or by a preset of somebody else's.
    app.store.update_settings(OWNER, _begun(app), {"route": {"models": [OTHER], "order": ["azure"]}})
    unfolded(app.open(chat=app.chat))
    shown = everything(app)
    assert "Kept, but not asked to stand in: " in shown
    assert "Forbidden by whoever runs this orchat, and left out: azure." in shown
    app.send("And now?")
    assert "models" not in app.asked()[-1]
    assert provider(app) == {"ignore": ["azure"]}


def _begun(app: ChatApp) -> str:
    app.send("Hello")
    return app.chat


def test_nobody_stands_in_while_models_are_compared(chat: ChatApp):
    choose(chat, "models", OTHER)
    chat.page.session_state["compared"] = ["openai/gpt-4.1", "demo/fast"]
    chat.run()
    chat.send("Hello")
    assert len(chat.asked()) == 2
    assert all("models" not in body for body in chat.asked())


def test_the_dearest_of_the_models_decides_whether_a_second_click_is_needed(start: Callable[..., ChatApp]):
    app = unfolded(
        start(
            ORCHAT_DEFAULT_MODEL="demo/fast",
            ORCHAT_TITLE_MODEL="none",
            ORCHAT_CONFIRM_ABOVE="0.30",
            ORCHAT_DEMO="never",
        )
    )
    choose(app, "models", "openai/o3-pro")
    app.page.chat_input(key="prompt").set_value("Hello")
    app.run()
    assert app.session.held_back is not None
    assert app.asked() == []


def test_the_agent_is_routed_as_well(agent: ChatApp):
    unfolded(agent)
    choose(agent, "models", "demo/fast")
    choose(agent, "ignore", "deepinfra")
    agent.ask_agent("say Done.")
    body = agent.inferences()[-1]
    assert body["models"][1:] == ["demo/fast"]
    assert body["provider"]["ignore"] == ["deepinfra"]
