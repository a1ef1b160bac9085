"""What goes wrong is told in the conversation, with what to do about it; the words of the person are never lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from orchat.errors import PrivacyRestrictedError
from orchat.events import TextDelta
from orchat.store import Store
from orchat.turn import describe
from tests.ui.chat_app import OWNER, ChatApp, until, words

Start = Callable[..., ChatApp]

# model, words of the message, words of the advice, buttons and links
CARDS = [
    ("demo/out-of-credits", "credits", "Add credits at", {"Add credits", "Try again"}),
    ("demo/low-credits", "can only afford 200", "shorter answer", {"Add credits", "Let the auto-router choose"}),
    ("demo/key-limit", "Key limit exceeded", "Raise or remove", {"Open key settings", "Enter a key"}),
    ("demo/rate-limited", "rate-limited upstream", "Wait 30 s", {"Try again", "Let the auto-router choose"}),
    ("demo/free-daily-limit", "free-models-per-day", "midnight UTC", {"Add credits", "Let the auto-router choose"}),
    ("demo/moderated", "flagged for violence", "Rephrase", {"Let the auto-router choose"}),
    ("demo/provider-error", "ran out of luck", "another provider", {"Try again", "Let the auto-router choose"}),
    ("demo/error-in-200", "An error in an answer with status 200", "Try again", {"Try again"}),
    ("demo/empty", "sent no answer", "does not charge", {"Try again", "Let the auto-router choose"}),
]


@pytest.mark.parametrize("model, message, advice, actions", CARDS, ids=[card[0] for card in CARDS])
def test_a_refusal_is_a_card_with_message_advice_and_what_to_press(
    start: Start, model: str, message: str, advice: str, actions: set[str]
):
    app = start(ORCHAT_DEFAULT_MODEL=model)
    answer = app.send("Please answer me")
    assert answer.state == "failed"
    card = words(app.answers[0])
    assert message in card.replace("\\", "")
    assert advice in card
    offered = {button.label for button in app.answers[0].button} | {
        link.label for link in app.answers[0].get("link_button")
    }
    assert actions <= offered
    assert "Please answer me" in words(app.questions[0])


@pytest.mark.parametrize("model", ["demo/mid-stream-error", "demo/truncated", "demo/no-finish"])
def test_what_had_arrived_before_an_answer_broke_off_stays_above_the_card(start: Start, model: str):
    app = start(ORCHAT_DEFAULT_MODEL=model)
    answer = app.send("Explain rainbows")
    assert answer.state == "failed"
    assert len(answer.text) > 40
    assert answer.text[:30] in words(app.answers[0])
    assert "⚠️" in words(app.answers[0])
    assert app.buttons("Try again") != []


def test_a_model_that_goes_silent_is_given_up_after_the_idle_timeout(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/stalls", ORCHAT_IDLE_TIMEOUT="0.5")
    answer = app.send("Explain rainbows")
    assert (answer.error or {})["kind"] == "IdleTimeoutError"
    assert answer.text
    assert "went silent" in words(app.answers[0])


def test_a_busy_provider_is_asked_again_without_bothering_anybody(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/flaky")
    assert app.send("Hello").state == "done"
    assert len(app.asked()) == 2


def test_a_refused_message_can_be_sent_again(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/out-of-credits")
    failed = app.send("Please answer me")
    app.press(f"retry-{failed.id}")
    assert app.settled().parent_id == failed.parent_id
    assert [body["messages"][-1]["content"] for body in app.asked()] == ["Please answer me"] * 2


def test_try_again_on_the_card_sends_the_same_message_again(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/out-of-credits")
    app.send("Please answer me")
    [key] = app.buttons("Try again")
    app.press(key)
    app.settled()
    assert len(app.asked()) == 2


def test_the_auto_router_offered_on_a_card_answers_instead(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/rate-limited")
    app.send("Please answer me")
    [key] = app.buttons("Let the auto-router choose")
    app.press(key)
    answer = app.settled()
    assert answer.state == "done"
    assert answer.auto
    assert app.page.toggle(key="auto").value is True


def test_turning_zdr_off_on_a_card_sends_again_without_it(start: Start):
    app = start(ORCHAT_DEFAULT_ZDR="true", ORCHAT_DEFAULT_MODEL="anthropic/claude-haiku-4.5")
    refusal = describe(PrivacyRestrictedError("No endpoints found."))
    app.store.save_message(OWNER, replace(app.send("Hello"), state="failed", error=refusal))
    app.run()
    [key] = app.buttons("Turn ZDR off and send again")
    app.press(key)
    assert not app.settled().zdr
    assert app.page.toggle(key="zdr").value is False


def test_details_are_folded_below_the_card(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/provider-error")
    app.send("Hello")
    [details] = app.answers[0].expander
    assert details.label == "Details"
    assert not details.proto.expanded
    assert "status: 502" in details.code[0].value


def test_an_unreachable_openrouter_is_a_card_and_not_a_crash(start: Start):
    app = start(OPENROUTER_BASE_URL="http://127.0.0.1:9/api/v1")
    answer = app.send("Hello")
    assert (answer.error or {})["kind"] == "ConnectionFailedError"
    assert "OPENROUTER_BASE_URL" in words(app.answers[0]).replace("\\", "")
    assert "Hello" in words(app.questions[0])


def test_a_setting_that_cannot_be_used_is_named_on_the_page(start: Start):
    app = start(ORCHAT_IDLE_TIMEOUT="soon")
    card = words(app.page.main).replace("\\", "")
    assert "ORCHAT_IDLE_TIMEOUT" in card
    assert "start orchat again" in card


def test_a_data_folder_that_cannot_be_used_is_named_on_the_page(start: Start, tmp_path: Path):
    occupied = tmp_path / "a file"
    occupied.write_text("not a folder")
    app = start(ORCHAT_DATA_DIR=str(occupied))
    assert "ORCHAT_DATA_DIR" in words(app.page.main).replace("\\", "")


def test_an_answer_that_nobody_writes_any_more_is_marked_as_cut_off(app: ChatApp):
    answer = app.send("Hello")
    a_minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    with Store.open(app.services.settings.store_url, now=lambda: a_minute_ago) as earlier:
        earlier.save_message(OWNER, replace(answer, state="streaming"))
    app.run()
    assert "Cut off" in app.quiet_line
    assert app.branch[-1].state == "cut_off"


def test_the_text_of_an_answer_that_was_stopped_is_kept_and_marked(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="demo/stalls")
    app.page.chat_input(key="prompt").set_value("Explain rainbows")
    stop_when_it_has_begun(app)
    app.page.run()
    answer = app.settled()
    assert answer.state == "stopped"
    assert answer.text
    assert "**Stopped**" in app.quiet_line


def stop_when_it_has_begun(app: ChatApp) -> None:
    def stop() -> None:
        runs = app.services.runs
        until(lambda: any(runs._runs.values()))
        [[run]] = runs._runs.values()
        until(lambda: any(isinstance(event, TextDelta) for event in run.events))
        run.stop()

    Thread(target=stop).start()
