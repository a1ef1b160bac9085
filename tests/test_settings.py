"""Settings come from the environment, `.env` and `secrets.toml`, and say clearly what is wrong with them."""

from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from orchat.errors import SettingsError
from orchat.openrouter.routing import CostTier
from orchat.settings import Settings

KEY = "sk-or-v1-0123456789abcdef"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder orchat is started in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_secrets(text: str) -> None:
    Path(".streamlit").mkdir()
    Path(".streamlit/secrets.toml").write_text(text, "utf-8")


def test_without_any_setting_replies_are_simulated_and_kept_in_the_users_data_folder():
    settings = Settings.load()
    assert settings.simulated
    assert settings.data_dir.name == "orchat"
    assert settings.data_dir.is_absolute()
    assert settings.base_url == "https://openrouter.ai/api/v1"
    assert (settings.default_zdr, settings.low_credits, settings.title_model) == (False, Decimal(1), "openrouter/auto")


def test_the_environment_goes_before_dotenv_and_that_before_the_secrets_file(monkeypatch: pytest.MonkeyPatch):
    write_secrets('ORCHAT_DEFAULT_MODEL = "from/secrets"\nORCHAT_APP_TITLE = "from secrets"\nORCHAT_APP_URL = "from"\n')
    Path(".env").write_text("ORCHAT_DEFAULT_MODEL=from/dotenv\nORCHAT_APP_TITLE=from dotenv\n")
    monkeypatch.setenv("ORCHAT_DEFAULT_MODEL", "from/environment")
    settings = Settings.load()
    assert (settings.default_model, settings.app_title, settings.app_url) == (
        "from/environment",
        "from dotenv",
        "from",
    )


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch):
    Path(".env").write_text(f"OPENROUTER_API_KEY={KEY}\n")
    monkeypatch.setenv("OPENROUTER_API_KEY", "")
    monkeypatch.setenv("ORCHAT_IDLE_TIMEOUT", "")
    monkeypatch.setenv("ORCHAT_DATA_DIR", "")
    settings = Settings.load()
    assert settings.api_key.get_secret_value() == KEY
    assert settings.idle_timeout == 120
    assert settings.data_dir.name == "orchat"


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_key_is_no_key_wherever_it_stands(blank: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", blank)
    write_secrets('OPENROUTER_API_KEY = ""\nORCHAT_IDLE_TIMEOUT = ""\n')
    settings = Settings.load()
    assert settings.api_key is None
    assert settings.simulated
    assert settings.idle_timeout == 120


def test_a_key_may_be_pasted_with_its_line_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", f" {KEY}\n")
    assert Settings.load().api_key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("key", "demo", "simulated"),
    [
        (None, "auto", True),
        (None, "always", True),
        (None, "never", False),
        (KEY, "auto", False),
        (KEY, "always", True),
        (KEY, "never", False),
    ],
)
def test_replies_are_simulated_when_asked_for_or_without_a_key(
    key: str | None, demo: str, simulated: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ORCHAT_DEMO", demo)
    if key:
        monkeypatch.setenv("OPENROUTER_API_KEY", key)
    assert Settings.load().simulated is simulated


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORCHAT_DEMO", "maybe"),
        ("ORCHAT_DEFAULT_ZDR", "perhaps"),
        ("ORCHAT_AUTO_COST_TIER", "cheap"),
        ("ORCHAT_LOW_CREDITS", "a dollar"),
        ("ORCHAT_IDLE_TIMEOUT", "soon"),
        ("ORCHAT_IDLE_TIMEOUT", "0"),
        ("ORCHAT_IDLE_TIMEOUT", "-5"),
        ("ORCHAT_IDLE_TIMEOUT", "nan"),
        ("ORCHAT_LOG_LEVEL", "LOUD"),
        ("ORCHAT_DATA_DIR", "~nobody-of-this-name/orchat"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_setting(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        Settings.load()
    assert caught.value.advice


def test_scans_are_not_sent_where_zero_data_retention_is_required(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ORCHAT_SCANS", "google/gemma-3-4b")
    monkeypatch.setenv("ORCHAT_REQUIRE_ZDR", "true")
    with pytest.raises(SettingsError, match="ORCHAT_REQUIRE_ZDR"):
        Settings.load()


def test_all_wrong_values_are_named_at_once_and_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("ORCHAT_DEMO", KEY)
    monkeypatch.setenv("ORCHAT_IDLE_TIMEOUT", KEY)
    with pytest.raises(SettingsError, match=r"ORCHAT_DEMO.*ORCHAT_IDLE_TIMEOUT") as caught:
        Settings.load()
    assert KEY not in str(caught.value)


def test_a_secrets_file_that_is_no_toml_is_named_and_not_shown():
    write_secrets(f"OPENROUTER_API_KEY = {KEY}\n")
    with pytest.raises(SettingsError, match=r"secrets\.toml") as caught:
        Settings.load()
    assert KEY not in str(caught.value)


def test_a_dotenv_that_is_no_text_is_named_and_not_shown():
    Path(".env").write_bytes(b"OPENROUTER_API_KEY=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env"):
        Settings.load()


def test_secrets_are_not_in_the_repr(monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENROUTER_API_KEY", "OPENROUTER_MANAGEMENT_KEY"):
        monkeypatch.setenv(name, KEY)
    monkeypatch.setenv("ORCHAT_DATABASE_URL", "postgresql+psycopg://me:hush@db/orchat")
    settings = Settings.load()
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert KEY not in text
        assert "hush" not in text


def test_models_for_the_auto_router_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ORCHAT_AUTO_ALLOWED_MODELS", "anthropic/*, openai/gpt-5*,")
    assert Settings.load().auto_allowed_models == ("anthropic/*", "openai/gpt-5*")
    assert Settings.load().auto_excluded_models == ()


def test_the_cost_tiers_are_those_of_the_protocol(monkeypatch: pytest.MonkeyPatch):
    for tier in get_args(CostTier):
        monkeypatch.setenv("ORCHAT_AUTO_COST_TIER", tier)
        assert Settings.load().auto_cost_tier == tier


def test_the_data_folder_may_be_below_home(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("ORCHAT_DATA_DIR", "~/kept here")
    assert Settings.load().data_dir == folder / "kept here"


def test_the_database_is_sqlite_in_the_data_folder_or_where_its_address_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ORCHAT_DATA_DIR", "kept")
    assert Settings.load().store_url == f"sqlite:///{folder}/kept/orchat.db"
    monkeypatch.setenv("ORCHAT_DATABASE_URL", "postgresql+psycopg://me:hush@db/orchat")
    assert Settings.load().store_url == "postgresql+psycopg://me:hush@db/orchat"


def test_what_is_set_stays_as_it_is():
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().base_url = "http://elsewhere"
