"""Settings: the only reader of the environment, of `.env` and of Streamlit's `secrets.toml`."""

import os
from decimal import Decimal
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import user_data_path
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from orchat.choices import DemoMode, LogFormat, Login, SandboxBackend, known_level, long_enough
from orchat.errors import SettingsError

DOTENV = ".env"
SECRETS_TOML = Path(".streamlit/secrets.toml")


def setting(name: str, default: Any, description: str, *, secret: bool = False) -> Any:
    """Declare a setting that is read from the variable `name`; a `secret` one is left out of what is shown."""
    return Field(default, validation_alias=AliasChoices(name), description=description, repr=not secret)


class Settings(BaseSettings):
    """What an operator can set. Environment variables win over `.env`, and that over `.streamlit/secrets.toml`."""

    model_config = SettingsConfigDict(
        env_file=DOTENV, env_ignore_empty=True, extra="ignore", toml_file=SECRETS_TOML, frozen=True
    )

    api_key: SecretStr | None = setting(
        "OPENROUTER_API_KEY", None, "Your OpenRouter API key. Without it replies are simulated."
    )
    management_key: SecretStr | None = setting(
        "OPENROUTER_MANAGEMENT_KEY",
        None,
        "An OpenRouter management key, used only to read the account balance (ordinary keys may not).",
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
    default_model: str | None = setting(
        "ORCHAT_DEFAULT_MODEL", None, "The model a new chat begins with. Without it the auto-router is on."
    )
    default_zdr: bool = setting(
        "ORCHAT_DEFAULT_ZDR", default=False, description="Whether a new chat begins with zero data retention on."
    )
    require_zdr: bool = setting(
        "ORCHAT_REQUIRE_ZDR",
        default=False,
        description="Whether every request has to ask for zero data retention: nobody can switch it off then.",
    )
    auto_allowed_models: Annotated[tuple[str, ...], NoDecode] = setting(
        "ORCHAT_AUTO_ALLOWED_MODELS",
        (),
        "What the auto-router may choose from, separated by commas: `anthropic/*, openai/gpt-5*`. Default: any model.",
    )
    auto_excluded_models: Annotated[tuple[str, ...], NoDecode] = setting(
        "ORCHAT_AUTO_EXCLUDED_MODELS", (), "What the auto-router may not choose, in the same form: `*:free`."
    )
    auto_cost_tier: Literal["low", "medium", "high", "xhigh", "max"] | None = setting(
        "ORCHAT_AUTO_COST_TIER",
        None,
        "The price range a new chat's auto-router begins with: low, medium, high, xhigh or max. Default: OpenRouter's.",
    )
    title_model: str = setting(
        "ORCHAT_TITLE_MODEL",
        "openrouter/auto",
        "The model that words the titles of chats, at the lowest cost tier; `none` takes the first words instead.",
    )
    low_credits: Decimal = setting(
        "ORCHAT_LOW_CREDITS", Decimal("1.00"), "Below how many US dollars the sidebar warns that credits run low."
    )
    data_dir: Path = setting(
        "ORCHAT_DATA_DIR", None, "The folder for everything orchat keeps. Default: the user's data folder."
    )
    database_url: SecretStr | None = setting(
        "ORCHAT_DATABASE_URL",
        None,
        "A PostgreSQL address (postgresql+psycopg://…) instead of SQLite in the data folder.",
    )
    embeddings: str = setting(
        "ORCHAT_EMBEDDINGS",
        "local",
        "What finds documents by meaning: `local` (a model on this machine, if it is installed), `off` (words alone), "
        "or an embedding model of OpenRouter's: documents are sent to it then, always with zero data retention.",
    )
    reranker: str = setting("ORCHAT_RERANKER", "", "A rerank model of OpenRouter's for what is found, always with ZDR.")
    tools_dirs: Annotated[tuple[Path, ...], NoDecode] = setting(
        "ORCHAT_TOOLS_DIR", (), "Folders with more tools beside `tools/`, separated as in PATH."
    )
    tool_settings: dict[str, dict[str, Any]] = setting(
        "ORCHAT_TOOL_SETTINGS",
        {},
        'What tools need, keys above all, by plugin, as JSON: `{"weather": {"api_key": "…"}}`.',
        secret=True,
    )
    mcp_config: Path | None = setting(
        "ORCHAT_MCP_CONFIG", None, "A JSON file of MCP servers, in the usual `mcpServers` form."
    )
    sandbox: SandboxBackend = setting(
        "ORCHAT_SANDBOX",
        SandboxBackend.AUTO,
        "What isolates code that a model wrote: `auto` (the first that passes its self-tests), `bwrap`, `landlock`, "
        "`docker`, `gateway` (a Jupyter server), `off`, or `unsafe` (nothing; only for yourself).",
    )
    sandbox_memory: Annotated[int, Field(ge=256)] = setting(
        "ORCHAT_SANDBOX_MEMORY", 1024, "How many MiB of memory one interpreter may use."
    )
    sandbox_cpu: Annotated[int, Field(ge=1)] = setting(
        "ORCHAT_SANDBOX_CPU", 120, "How many seconds of processor time one run of code may use."
    )
    sandbox_disk: Annotated[int, Field(ge=1)] = setting(
        "ORCHAT_SANDBOX_DISK", 512, "How many MiB of files one conversation may hold."
    )
    sandbox_environment: Path | None = setting(
        "ORCHAT_SANDBOX_ENVIRONMENT",
        None,
        "A virtual environment for user code. Default: one in the data folder, made at first use.",
    )
    sandbox_packages: bool = setting(
        "ORCHAT_SANDBOX_PACKAGES",
        default=True,
        description="Whether that environment is made with numpy, pandas, matplotlib and others; "
        "`false` leaves Python alone.",
    )
    sandbox_image: str = setting(
        "ORCHAT_SANDBOX_IMAGE",
        "orchat:latest",
        "The image that the docker backend runs; it needs Python 3.11 or newer.",
    )
    sandbox_gateway: str = setting(
        "ORCHAT_SANDBOX_GATEWAY", "", "The address of a Jupyter server that isolates its kernels, for `gateway`."
    )
    sandbox_gateway_token: SecretStr | None = setting(
        "ORCHAT_SANDBOX_GATEWAY_TOKEN", None, "The token of that server.", secret=True
    )
    idle_timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = setting(
        "ORCHAT_IDLE_TIMEOUT", 120.0, "After how many seconds without data an answer counts as failed."
    )
    app_url: str = setting(
        "ORCHAT_APP_URL", "", "Your installation's address, shown to OpenRouter for attribution; empty sends none."
    )
    app_title: str = setting("ORCHAT_APP_TITLE", "orchat", "The name shown to OpenRouter beside that address.")
    login: Login = setting(
        "ORCHAT_LOGIN",
        Login.NONE,
        "Who may come in: `oidc` (a login provider), `proxy` (who a trusted proxy names), or `none`: one local user.",
    )
    open_to_all: bool = setting(
        "ORCHAT_OPEN",
        default=False,
        description="Without a login, serve others than this machine all the same: everybody is the one local user.",
    )
    bind: str | None = setting(
        "ORCHAT_BIND", None, "The address that a container is reached at from outside, where its own says nothing."
    )
    allowed: Annotated[tuple[str, ...], NoDecode] = setting(
        "ORCHAT_ALLOWED", (), "Who may come in, by address or `@domain`, separated by commas. Empty: all who log in."
    )
    operators: Annotated[tuple[str, ...], NoDecode] = setting(
        "ORCHAT_OPERATORS", (), "Who are operators, by e-mail address or the proxy's name, separated by commas."
    )
    operator_claim: str = setting(
        "ORCHAT_OPERATOR_CLAIM", "", "A claim of the login that makes an operator, such as `groups=orchat-operators`."
    )
    oidc_metadata_url: str | None = setting(
        "ORCHAT_OIDC_METADATA_URL", None, "The login provider's address ending in `/.well-known/openid-configuration`."
    )
    oidc_client_id: str | None = setting("ORCHAT_OIDC_CLIENT_ID", None, "orchat's name at the login provider.")
    oidc_client_secret: SecretStr | None = setting(
        "ORCHAT_OIDC_CLIENT_SECRET", None, "orchat's password at the login provider."
    )
    public_url: str | None = setting(
        "ORCHAT_PUBLIC_URL", None, "The address that people open, such as `https://chat.example.com`."
    )
    secret: Annotated[SecretStr, AfterValidator(long_enough)] | None = setting(
        "ORCHAT_SECRET",
        None,
        "32 random characters or more: they encrypt people's keys and sign the login. Several by commas, newest first.",
    )
    proxy_header: str = setting(
        "ORCHAT_PROXY_HEADER", "X-Forwarded-User", "The header in which a trusted proxy says who is there."
    )
    proxy_addresses: Annotated[tuple[str, ...], NoDecode] = setting(
        "ORCHAT_PROXY_ADDRESSES", (), "The addresses or networks of the trusted proxy, separated by commas."
    )
    metrics_token: SecretStr | None = setting(
        "ORCHAT_METRICS_TOKEN",
        None,
        "What Prometheus has to send as bearer token to read `/metrics`. Without it only this machine may.",
    )
    runs_at_once: Annotated[int, Field(gt=0)] = setting(
        "ORCHAT_RUNS_AT_ONCE", 200, "How many answers run at once in this process; more wait in a fair queue."
    )
    runs_each: Annotated[int, Field(gt=0)] = setting(
        "ORCHAT_RUNS_EACH", 8, "How many of them one person may have at once."
    )
    log_format: LogFormat = setting(
        "ORCHAT_LOG_FORMAT", LogFormat.TEXT, "How it is logged: `text`, or `json` with one object a line."
    )
    log_level: Annotated[str, AfterValidator(known_level)] = setting(
        "ORCHAT_LOG_LEVEL", "WARNING", "How much is logged: DEBUG, INFO, WARNING or ERROR."
    )

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        # Keys are pasted, often with the line end; and a template of a secrets file holds "" for what is not set.
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("data_dir", mode="before")
    @classmethod
    def _expand(cls, value: str | Path | None) -> Path:
        if "?" in str(value):
            raise ValueError("a folder for the database may have no question mark in its name")
        try:
            return Path(value).expanduser() if value else user_data_path("orchat", appauthor=False)
        except RuntimeError:
            raise ValueError("there is no home folder of that name") from None

    @field_validator("tools_dirs", mode="before")
    @classmethod
    def _folders(cls, value: Any) -> Any:
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @field_validator(
        "allowed", "operators", "proxy_addresses", "auto_allowed_models", "auto_excluded_models", mode="before"
    )
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _login_is_complete(self) -> Self:
        for network in self.proxy_addresses:
            ip_network(network, strict=False)
        if self.login is Login.PROXY and not self.proxy_addresses:
            raise ValueError("ORCHAT_LOGIN=proxy needs ORCHAT_PROXY_ADDRESSES, the addresses to believe")
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

    @cached_property
    def store_url(self) -> str:
        """The address of the database."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'orchat.db').absolute()}"

    @property
    def simulated(self) -> bool:
        """Whether the embedded OpenRouter answers when a visitor brings no key."""
        return self.demo is DemoMode.ALWAYS or (self.demo is DemoMode.AUTO and self.api_key is None)

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
