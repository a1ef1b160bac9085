"""Upstream: where requests go, and with which key."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from orchat.choices import DemoMode
from orchat.settings.field import setting


class Upstream(BaseSettings):
    """Where requests go, and with which key."""

    api_key: SecretStr | None = setting(
        "OPENROUTER_API_KEY", None, "Your OpenRouter API key. Without it replies are simulated."
    )
    management_key: SecretStr | None = setting(
        "OPENROUTER_MANAGEMENT_KEY",
        None,
        "An OpenRouter management key: it reads the account balance (ordinary keys may not), and makes people's keys.",
    )
    base_url: str = setting(
        "OPENROUTER_BASE_URL",
        "https://openrouter.ai/api/v1",
        "Where OpenRouter is: a regional host (https://eu.openrouter.ai/api/v1) or a compatible server.",
    )
    demo: DemoMode = setting(
        "ORCHAT_DEMO",
        DemoMode.AUTO,
        "Simulated replies: `auto` (when there is no key), `always`, or `never` (ask for a key instead).",
    )
    idle_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = setting(
        "ORCHAT_IDLE_TIMEOUT", 120.0, "After how many seconds without data an answer counts as failed."
    )
    app_url: str = setting(
        "ORCHAT_APP_URL", "", "Your installation's address, shown to OpenRouter for attribution; empty sends none."
    )
    app_title: str = setting("ORCHAT_APP_TITLE", "orchat", "The name shown to OpenRouter beside that address.")
