"""All settings together, and where they are read from."""

from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from orchat.choices import Keys
from orchat.errors import SettingsError
from orchat.settings.keys import KeysOfPeople
from orchat.settings.models import Models
from orchat.settings.money import Money
from orchat.settings.operation import Operation
from orchat.settings.people import People
from orchat.settings.rules import RulesForAll
from orchat.settings.storage import Storage
from orchat.settings.tools import Tools

DOTENV = ".env"
SECRETS_TOML = Path(".streamlit/secrets.toml")


# The fields of the last base come first, here and in the documentation.
class Settings(Operation, People, Tools, Storage, Money, RulesForAll, Models, KeysOfPeople):
    """What an operator can set. Environment variables win over `.env`, and that over `.streamlit/secrets.toml`."""

    model_config = SettingsConfigDict(
        env_file=DOTENV, env_ignore_empty=True, extra="ignore", toml_file=SECRETS_TOML, frozen=True
    )

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        # Keys are pasted, often with the line end; and a template of a secrets file holds "" for what is not set.
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @model_validator(mode="after")
    def _privacy_holds(self) -> Self:
        if self.scans and self.require_zdr:
            raise ValueError("ORCHAT_SCANS cannot be used with ORCHAT_REQUIRE_ZDR, which covers no file parser")
        return self

    @model_validator(mode="after")
    def _keys_can_be_made(self) -> Self:
        if self.keys is Keys.EACH and not (self.management_key and self.secret):
            raise ValueError("ORCHAT_KEYS=each needs OPENROUTER_MANAGEMENT_KEY and ORCHAT_SECRET")
        return self

    @classmethod
    def load(cls) -> Self:
        """Read the settings.

        Raises:
            SettingsError: a setting cannot be used, or a file of them not be read; names it, and never shows a secret.
        """
        try:
            return cls()
        except ValidationError as error:
            problems = "; ".join(": ".join((*map(str, p["loc"][:1]), p["msg"])) for p in error.errors())
            raise SettingsError(f"A setting cannot be used. {problems}.") from None
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{DOTENV} or {SECRETS_TOML} cannot be read: {error}.",
                advice="Correct it and start orchat again. In secrets.toml, text has to stand in quotation marks.",
            ) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put Streamlit's secrets file last."""
        toml = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, dotenv_settings, file_secret_settings, toml
