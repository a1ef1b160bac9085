"""Rules: what is forbidden for everybody, and what everybody is told."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from orchat.settings.field import CommaSeparated, setting


class RulesForAll(BaseSettings):
    """What is forbidden for everybody, and what everybody is told."""

    allowed_models: CommaSeparated = setting(
        "ORCHAT_ALLOWED_MODELS",
        (),
        "The only models that may be asked, for whatever purpose: `anthropic/*, openai/gpt-5*`. Empty: all of them.",
        changeable="Only these models",
    )
    forbidden_models: CommaSeparated = setting(
        "ORCHAT_FORBIDDEN_MODELS",
        (),
        "Models that nobody may ask, in the same form: `*:free`.",
        changeable="None of these models",
    )
    allowed_providers: CommaSeparated = setting(
        "ORCHAT_ALLOWED_PROVIDERS",
        (),
        "The only providers that may answer, by the names that OpenRouter routes with: `azure, google-vertex/europe`.",
        changeable="Only these providers",
    )
    forbidden_providers: CommaSeparated = setting(
        "ORCHAT_FORBIDDEN_PROVIDERS",
        (),
        "Providers that may not answer, in the same form.",
        changeable="None of these providers",
    )
    forbidden_features: CommaSeparated = setting(
        "ORCHAT_FORBIDDEN_FEATURES",
        (),
        "What OpenRouter does beside asking a model, and may not here: `web_search`, `web_fetch`, `file-parser`, "
        "`image_generation` and others; `*` for all of it.",
        changeable="None of OpenRouter's own tools",
    )
    forbidden_tools: CommaSeparated = setting(
        "ORCHAT_FORBIDDEN_TOOLS",
        (),
        "Tools that the agent may not use, by name or pattern: `web_page*`.",
        changeable="None of these tools",
    )
    notice: Annotated[str, Field(max_length=500)] = setting(
        "ORCHAT_NOTICE", "", "A text that everybody sees above the page.", changeable="Notice to everybody"
    )
