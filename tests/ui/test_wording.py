"""Numbers and names read as a person would write them, and names draw nothing but themselves."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt

from orchat.openrouter import Catalogue, Endpoint, Model
from orchat.store import Message
from orchat.ui.wording import age_groups, cost, count, model_labels, money, plain, price, quiet_line, seconds

READERS = (MarkdownIt("commonmark"), MarkdownIt("commonmark").enable(["table", "strikethrough"]))
MARKUP = """* ** _ __ ` ``` ~~ # - --- + = > | [ ] ( ) ! < > & ; : $ $$ \\ / . , ? @ { } 1. 2) &lt; &amp; &#42; <b> <!--
    https:// http://a.b/ https://openrouter.ai/keys?a=1&b=2 www.a.b [a](b) ![a](b) <http://a> a b c 7 :smile: :red["""


def model(name: str = "Anthropic: Claude 5", **entry: Any) -> Model:
    pricing = {"prompt": "0.000003", "completion": "0.000015"}
    return Model.from_wire({"id": "anthropic/claude-5", "name": name, "pricing": pricing, **entry})


def answer(**known: Any) -> Message:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return Message("m", "c", None, "assistant", {"content": "Hi"}, now, now, **known)


CATALOGUE = Catalogue([model(context_length=200_000)], [Endpoint("anthropic/claude-5", "Anthropic", "anthropic", {})])


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "$0.00"),
        ("0.00000012", "$0.00000012"),
        ("0.0001", "$0.00010"),
        ("0.000996", "$0.0010"),
        ("0.00123", "$0.0012"),
        ("0.00994", "$0.0099"),
        ("0.00996", "$0.01"),
        ("0.05", "$0.05"),
        ("0.999", "$1.00"),
        ("12.345", "$12.34"),
        ("1234.5", "$1234.50"),
        ("-0.00123", "−$0.0012"),
        ("-3", "−$3.00"),
    ],
)
def test_money_is_cents_from_one_cent_on_and_two_digits_below(amount: str, words: str):
    assert money(Decimal(amount)) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (8192, "8.2k"),
        (9999, "10k"),
        (131_072, "131k"),
        (999_499, "999k"),
        (999_600, "1M"),
        (1_048_576, "1M"),
        (1_500_000, "1.5M"),
    ],
)
def test_large_numbers_are_shortened(number: int, words: str):
    assert count(number) == words


@pytest.mark.parametrize(
    ("pricing", "words"),
    [
        ({"prompt": "0.000003", "completion": "0.000015"}, "$3/$15"),
        ({"prompt": "0.00000015", "completion": "0.0001"}, "$0.15/$100"),
        ({"prompt": "0", "completion": "0"}, "free"),
        ({"prompt": "-1", "completion": "-1"}, "price varies"),
        ({}, "price varies"),
        ({"prompt": "0.000001"}, "$1/varies"),
    ],
)
def test_a_price_is_for_a_million_tokens(pricing: dict[str, str], words: str):
    assert price(model(pricing=pricing)) == words


def test_a_label_says_price_and_context_can_be_searched_for_its_maker_and_marks_zero_data_retention():
    assert model_labels(CATALOGUE) == {"anthropic/claude-5": "🛡️ Claude 5 · $3/$15 · 200k · Anthropic"}
    assert model_labels(Catalogue([model("Nameless", id="~acme/x")])) == {"~acme/x": "Nameless · $3/$15 · acme"}


def test_the_quiet_line_says_who_answered_for_how_much_and_how_fast():
    line = quiet_line(
        answer(
            model_answered="anthropic/claude-5",
            provider="Anthropic",
            prompt_tokens=1200,
            completion_tokens=34,
            cost=Decimal("0.00123"),
            first_token_ms=840,
            auto=True,
            zdr=True,
            simulated=True,
        ),
        CATALOGUE,
    )
    assert line == (
        r"Claude 5 · via auto-router · Anthropic · 1.2k → 34 tokens · \$0.0012 · first token after 0.8 s"
        " · 🛡️ ZDR · simulated"
    )


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"state": "stopped"}, "**Stopped** · cost unknown"),
        ({"state": "stopped", "cost": Decimal("0.02")}, r"**Stopped** · \$0.02"),
        ({"state": "cut_off"}, "**Cut off** when orchat was interrupted · cost unknown"),
        ({"finish_reason": "length", "cost": Decimal(0)}, r"**Cut** at the token limit · \$0.00"),
        ({"finish_reason": "content_filter"}, "**Withheld** by the provider's filter · cost unknown"),
        ({"state": "failed"}, ""),
        ({"state": "failed", "zdr": True}, "🛡️ ZDR"),
        ({"state": "streaming", "auto": True}, ""),
        ({"completion_tokens": 5, "cost": Decimal(1)}, r"5 tokens · \$1.00"),
    ],
)
def test_the_quiet_line_says_how_an_answer_ended_and_what_is_not_known(known: dict[str, Any], line: str):
    assert quiet_line(answer(**known), CATALOGUE) == line


def test_an_unknown_cost_is_never_taken_for_nothing():
    assert cost(answer()) == "cost unknown"
    assert cost(answer(cost=Decimal(0))) == "$0.00"


def test_names_from_outside_draw_nothing_in_the_quiet_line():
    line = quiet_line(answer(model_answered="![x](//evil)", provider="[a](b)", cost=Decimal(0)), CATALOGUE)
    assert not re.search(r"(?<!\\)[\[\]!]", line)


@given(some.lists(some.sampled_from(MARKUP.split()) | some.sampled_from([" ", "\n", "\t"]), max_size=12).map("".join))
def test_plain_text_is_drawn_as_it_stands(text: str):
    assert_drawn_as_written(text)


@given(some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_any_plain_text_is_drawn_as_it_stands(text: str):
    assert_drawn_as_written(text)


@pytest.mark.parametrize("text", ["- a", "+ a", "1. Plan", "2) b", "---", "- - -", "    code", "=", "https://*a*"])
def test_what_would_begin_a_list_a_rule_or_code_is_drawn_as_it_stands(text: str):
    assert_drawn_as_written(text)


@pytest.mark.parametrize(
    "text", [":smile:", ":red[x]", "$5 and $10", "https://:smile:", "https://$a$", "https://a:100:2"]
)
def test_what_only_streamlit_draws_is_switched_off(text: str):
    assert not re.search(r"(?<!\\)(:(?!//)|\$|\[)", plain(text))
    assert_drawn_as_written(text)


@pytest.mark.parametrize(
    "address", ["https://openrouter.ai/settings/credits", "http://127.0.0.1:8501/?chat=1&b=2", "https://a.b/x_y"]
)
def test_a_web_address_stays_a_link(address: str):
    assert plain(f"See {address}. Or *not*") == rf"See {address}. Or \*not\*"


def assert_drawn_as_written(text: str) -> None:
    """Draw `text`: one paragraph, or nothing, with that text and nothing else in it."""
    wanted = " ".join(re.split(r"\s+", text)).strip()
    for reader in READERS:
        drawn = reader.parse(plain(text))
        assert [token.type for token in drawn] in ([], ["paragraph_open", "inline", "paragraph_close"])
        inside = [part for token in drawn for part in token.children or ()]
        assert {part.type for part in inside} <= {"text"}
        assert "".join(part.content for part in inside) == wanted


@pytest.mark.parametrize(("milliseconds", "words"), [(0, "1 second"), (1400, "1 second"), (12_000, "12 seconds")])
def test_a_duration_is_in_whole_seconds(milliseconds: int, words: str):
    assert seconds(milliseconds) == words


def test_chats_are_grouped_by_the_visitors_days():
    now = datetime(2026, 3, 4, 0, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    moments = [now - timedelta(minutes=minutes) for minutes in (-1, 0, 30, 31)]
    assert age_groups([moment.astimezone(UTC) for moment in moments], now) == ["Today"] * 3 + ["This week"]


def test_the_week_begins_at_midnight_six_days_ago_whatever_the_clocks_did():
    now = datetime(2026, 3, 30, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # clocks went forward on the 29th
    first = datetime(2026, 3, 24, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert age_groups([first, first - timedelta(seconds=1)], now) == ["This week", "Older"]


def test_an_hour_that_comes_twice_after_midnight_is_all_today():
    havana = ZoneInfo("America/Havana")  # 1 a.m. becomes midnight again
    now = datetime(2026, 11, 1, 0, 40, fold=1, tzinfo=havana)
    assert age_groups([datetime(2026, 11, 1, 0, 5, fold=0, tzinfo=havana).astimezone(UTC)], now) == ["Today"]


def test_the_same_chats_are_grouped_otherwise_elsewhere():
    moment = datetime(2026, 3, 3, 23, tzinfo=UTC)
    late = datetime(2026, 3, 4, 1, tzinfo=UTC)
    assert age_groups([moment], late) == ["This week"]
    assert age_groups([moment], late.astimezone(ZoneInfo("America/New_York"))) == ["Today"]
