"""Models: what a new chat begins with, and what nobody may change."""

from typing import Literal

from pydantic_settings import BaseSettings

from orchat.settings.field import CommaSeparated, setting


class Models(BaseSettings):
    """What a new chat begins with, and what nobody may change."""

    default_model: str | None = setting(
        "ORCHAT_DEFAULT_MODEL",
        None,
        "The model a new chat begins with. Without it the auto-router is on.",
        changeable="Model of a new chat",
    )
    default_zdr: bool = setting(
        "ORCHAT_DEFAULT_ZDR",
        default=False,
        description="Whether a new chat begins with zero data retention on.",
        changeable="Zero data retention in a new chat",
    )
    require_zdr: bool = setting(
        "ORCHAT_REQUIRE_ZDR",
        default=False,
        description="Whether every request has to ask for zero data retention: nobody can switch it off then.",
        changeable="Zero data retention for everybody",
    )
    auto_allowed_models: CommaSeparated = setting(
        "ORCHAT_AUTO_ALLOWED_MODELS",
        (),
        "What the auto-router may choose from, separated by commas: `anthropic/*, openai/gpt-5*`. Default: any model.",
        changeable="What the auto-router may choose from",
    )
    auto_excluded_models: CommaSeparated = setting(
        "ORCHAT_AUTO_EXCLUDED_MODELS",
        (),
        "What the auto-router may not choose, in the same form: `*:free`.",
        changeable="What it may not choose",
    )
    auto_cost_tier: Literal["low", "medium", "high", "xhigh", "max"] | None = setting(
        "ORCHAT_AUTO_COST_TIER",
        None,
        "The price range a new chat's auto-router begins with: low, medium, high, xhigh or max. Default: OpenRouter's.",
        changeable="Price range of the auto-router",
    )
    title_model: str = setting(
        "ORCHAT_TITLE_MODEL",
        "openrouter/auto",
        "The model that words the titles of chats, at the lowest cost tier; `none` takes the first words instead.",
        changeable="Model that words titles",
    )
