"""The usage page: what was spent, on what, and that unknown is not nothing."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from orchat.ui import usage_tables
from orchat.ui.wording import money
from tests.ui.chat_app import OWNER, ChatApp, words


def figures(app: ChatApp) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in app.page.main.metric}


def test_a_new_visitor_is_told_that_nothing_was_spent(app: ChatApp):
    app.open(page="pages/usage.py")
    assert "Nothing was asked in these days" in words(app.page.main)


def test_what_was_billed_is_what_the_page_says_title_and_own_key_included(app: ChatApp):
    app.choose_model("anthropic/claude-opus-4.6")
    app.send("Explain rainbows")
    app.press("new-chat")
    app.choose_model("demo/byok")
    app.send("Hello")
    account = app.demo._state.account
    app.open(page="pages/usage.py")
    assert figures(app)["Spent"] == money(Decimal(str(account.used + account.used_elsewhere)))
    assert figures(app)["Requests"] == "4"
    table = app.page.dataframe[0].value
    assert {"Claude Opus 4.6", "Your own key"} <= set(table["Model"])
    assert table["Cost"].sum() == pytest.approx(account.used + account.used_elsewhere)
    said = words(app.page.main).replace("\\", "")
    assert f"OpenRouter took {money(Decimal(str(account.used)))} from the credits" in said
    assert set(app.page.dataframe[1].value["What for"]) == {"Answers", "Titles of chats"}


def test_a_cost_that_nobody_knows_is_counted_and_said(app: ChatApp):
    call = app.store.open_call(OWNER, kind="chat", model_asked="a/b")
    app.store.update_call(OWNER, call.id, state="stopped")
    app.open(page="pages/usage.py")
    assert figures(app)["Spent"] == "$0.00"
    assert app.page.main.metric[0].delta == "+ 1 of unknown cost"
    assert list(app.page.dataframe[0].value["Cost unknown"]) == [1]


def test_a_deleted_chat_still_counts_and_is_shown_as_gone(app: ChatApp):
    app.choose_model("demo/fast")
    app.send("Hello")
    spent = app.store.cost_of(OWNER, app.chat)
    app.menu(app.chat, "Delete")
    app.store.purge_deleted(timedelta(seconds=-10))
    app.open(page="pages/usage.py")
    assert figures(app)["Spent"] == money(spent.cost)
    assert list(app.page.dataframe[2].value["Chat"]) == ["deleted chat"]


def test_other_days_can_be_chosen(app: ChatApp):
    app.choose_model("demo/fast")
    app.send("Hello")
    app.open(page="pages/usage.py")
    app.page.segmented_control(key="usage-period").set_value("Other days")
    app.run()
    today = datetime.now(UTC).date()
    app.page.date_input(key="usage-days").set_value((today - timedelta(days=9), today - timedelta(days=2)))
    app.run()
    assert "Nothing was asked in these days" in words(app.page.main)


def test_the_csv_has_a_line_for_each_request_and_nothing_that_a_spreadsheet_would_run(app: ChatApp):
    app.choose_model("demo/fast")
    app.send("Hello")
    call = app.store.open_call(OWNER, kind="chat", model_asked="=HYPERLINK()")
    today = datetime.now(UTC).date()
    text = "".join(usage_tables.as_csv(app.store.every_call(OWNER, today - timedelta(days=1), today)))
    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 3
    assert [row["model_asked"] for row in rows if row["id"] == call.id] == ["'=HYPERLINK()"]
    assert "Hello" not in text
    answer = next(row for row in rows if row["kind"] == "chat" and row["cost"])
    assert Decimal(answer["cost"]) > 0


def test_the_time_to_the_first_token_is_the_median_and_the_slowest_twentieth():
    assert usage_tables.seconds_at([(100, 10), (200, 9), (5000, 1)], 0.5) == 0.1
    assert usage_tables.seconds_at([(100, 10), (200, 8), (5000, 2)], 0.95) == 5.0
    assert usage_tables.seconds_at([], 0.5) is None


def enter(app: ChatApp, model: str, **known: object) -> None:
    call = app.store.open_call(OWNER, kind="chat", model_asked=model)
    app.store.update_call(OWNER, call.id, **{"state": "done", "model_answered": model, **known})  # type: ignore[arg-type]


def test_the_page_shows_tokens_times_errors_and_bars_as_they_are_in_the_ledger(app: ChatApp):
    opus, fast = "anthropic/claude-opus-4.6", "demo/fast"
    enter(app, opus, cost=Decimal("0.5"), prompt_tokens=12_000, cached_tokens=9000, completion_tokens=300)
    enter(app, opus, cost=Decimal("0.25"), prompt_tokens=3000, completion_tokens=700, first_token_ms=1500)
    enter(app, fast, cost=Decimal("0.125"), prompt_tokens=200, completion_tokens=234, first_token_ms=200)
    enter(app, fast, state="failed", cost=Decimal(0))
    enter(app, fast, state="refused")
    app.open(page="pages/usage.py")
    assert figures(app) == {
        "Spent": "$0.88",
        "Requests": "5",
        "Tokens in": "15k",
        "of them cached": "9k",
        "Tokens out": "1.2k",
        "Errors": "2",
    }
    heads = ["Model", "Cost", "Requests", "Tokens in", "Cached", "Tokens out", "First token", "Slow", "Errors"]
    assert app.page.dataframe[0].value[heads].to_numpy().tolist() == [
        ["Claude Opus 4.6", 0.75, 2, 15_000, 9000, 1000, 1.5, 1.5, 0],
        ["Fast", 0.125, 3, 200, 0, 234, 0.2, 0.2, 2],
    ]
    bars = chart(app)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert [bar for bar in bars if bar[2]] == [(today, "Claude Opus 4.6", 0.75), (today, "Fast", 0.125)]
    # Of the thirty days that are shown, nothing was spent on the other ones.
    assert len({day for day, _, _ in bars}) == 30
    assert len(bars) == 31


def chart(app: ChatApp) -> list[tuple[str, str, float]]:
    """The bars that are drawn: day, model, US dollars."""
    [drawn] = app.page.get("vega_lite_chart")
    rows = convert_arrow_bytes_to_pandas_df(drawn.proto.data.data)  # type: ignore[union-attr]
    return [(row["Day"], row["Model"], row["US dollars"]) for _, row in rows.iterrows()]
