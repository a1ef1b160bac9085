"""Settings that operators change while orchat runs: checked, kept with their history, soon in every process."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchat.budgets import read_budgets
from orchat.errors import NotFoundError, SettingsError
from orchat.live_settings import READ_EVERY, LiveSettings
from orchat.settings import Settings, changeable
from orchat.store import Store

Start = Callable[..., LiveSettings]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'orchat.db'}") as store:
        yield store


@pytest.fixture
def start(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    monkeypatch.chdir(tmp_path)
    return lambda **given: LiveSettings(Settings(**{"ORCHAT_DATA_DIR": tmp_path, **given}), store)


def test_what_is_set_holds_in_place_of_the_environments_and_can_be_given_back(start: Start):
    live = start(ORCHAT_FORBIDDEN_MODELS="*:free")
    live.change("ann", "forbidden_models", ["openai/*", "x-ai/*"])
    assert live.current.forbidden_models == ("openai/*", "x-ai/*")
    assert not live.rules().allow_model("openai/gpt-6")
    assert live.set_on_the_page == {"forbidden_models"}
    live.give_back("ann", "forbidden_models")
    assert live.current.forbidden_models == ("*:free",)
    assert live.set_on_the_page == set()


def test_another_process_has_it_when_it_reads_again(start: Start):
    here, there = start(), start()
    here.change("ann", "require_zdr", True)
    there.refresh()
    assert there.rules().zdr
    assert there.current.require_zdr
    assert READ_EVERY <= 5


def test_it_is_there_after_a_restart(start: Start):
    start().change("ann", "low_credits", "2.50")
    assert start().current.low_credits == Decimal("2.50")


@pytest.mark.parametrize(
    "name, value",
    [
        ("low_credits", "a lot"),
        ("runs_each", 0),
        ("runs_at_once", -1),
        ("auto_cost_tier", "cheapest"),
        ("require_zdr", "perhaps"),
        ("forbidden_models", 7),
        ("notice", "x" * 501),
        ("budgets", "everybody: 5/day"),
        ("budgets", "user: 5/year"),
        ("budgets", "user: -5/day"),
        ("budgets", "total: 1, total: 2"),
        ("budgets", [{"scope": "user", "amount": "NaN"}]),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(start: Start, store: Store, name: str, value: Any):
    live = start()
    with pytest.raises(SettingsError) as caught:
        live.change("ann", name, value)
    assert "Nothing was changed" in caught.value.advice
    assert store.settings_changed() == []
    assert live.current == live.environment


@pytest.mark.parametrize(
    "name", ["api_key", "management_key", "secret", "data_dir", "database_url", "login", "operators", "base_url", "no"]
)
def test_what_is_not_declared_changeable_cannot_be_set(start: Start, store: Store, name: str):
    with pytest.raises(SettingsError, match="cannot be changed"):
        start().change("ann", name, "x")
    assert store.settings_changed() == []


def test_no_secret_no_place_and_nothing_about_who_may_come_in_is_changeable():
    telling = ("key", "secret", "token", "dir", "url", "path", "login", "oidc", "proxy", "operator", "allowed_people")
    assert not [name for name in changeable() for part in telling if part in name.split("_")]
    assert not [name for name in changeable() if name in {"allowed", "operators", "bind", "open_to_all", "log_level"}]
    assert all("SecretStr" not in str(field.annotation) for field in changeable().values())
    assert all("Path" not in str(field.annotation) for field in changeable().values())


def test_the_history_says_who_when_and_from_what_to_what_and_each_change_can_be_undone(start: Start, store: Store):
    live = start()
    live.change("ann", "runs_each", 3)
    live.change("bob", "runs_each", 5)
    live.change("bob", "runs_each", 5)
    newest, first = live.history()
    assert (first.actor, first.old, first.new) == ("ann", None, {"value": 3})
    assert (newest.actor, newest.old, newest.new) == ("bob", {"value": 3}, {"value": 5})
    assert newest.at >= first.at
    live.revert("ann", newest.number)
    assert live.current.runs_each == 3
    live.revert("ann", first.number)
    assert live.current.runs_each == live.environment.runs_each
    assert [entry.action for entry in store.audited()] == ["changed a setting"] * 4
    assert store.audited()[2].details == {"from": 3, "to": 5}
    with pytest.raises(NotFoundError):
        live.revert("ann", 4711)


def test_standing_budgets_hold_at_once_in_every_process_and_can_be_given_back(start: Start, tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path / 'orchat.db'}") as theirs:
        here = start(ORCHAT_BUDGET="user: 5/day")
        there = LiveSettings(here.environment, theirs)
        assert theirs.standing == read_budgets("user: 5/day")
        here.change("ann", "budgets", "total: 100/month, chat: 2")
        there.refresh()
        assert theirs.standing == there.current.budgets == read_budgets("total: 100/month, chat: 2")
        [change] = here.history()
        assert change.new == {"value": "total: 100/month, chat: 2"}
        here.change("ann", "budgets", "")
        there.refresh()
        assert theirs.standing == ()
        here.revert("ann", here.history()[0].number)
        there.refresh()
        assert theirs.standing == read_budgets("total: 100/month, chat: 2")
        here.give_back("ann", "budgets")
        there.refresh()
        assert theirs.standing == read_budgets("user: 5/day")


def test_required_zero_data_retention_of_the_environment_is_not_switched_off_on_a_page(start: Start):
    live = start(ORCHAT_REQUIRE_ZDR="true")
    with pytest.raises(SettingsError, match="ORCHAT_REQUIRE_ZDR"):
        live.change("ann", "require_zdr", False)
    live.refresh()
    assert live.rules().zdr


def test_what_another_version_has_set_is_left_out_and_the_rest_holds(start: Start, store: Store):
    store.set_setting("ann", "setting_of_next_year", {"value": 1})
    store.set_setting("ann", "runs_each", {"value": "many"})
    store.set_setting("ann", "notice", {"value": "Down at noon"})
    live = start()
    assert live.current.notice == "Down at noon"
    assert live.current.runs_each == live.environment.runs_each


def test_while_the_database_is_away_what_was_known_holds(start: Start, store: Store):
    live = start()
    live.change("ann", "forbidden_models", ["openai/*"])
    store.close()
    assert not live.rules().allow_model("openai/gpt-6")
