"""Choices: what settings offer, where they offer only so much, and what they hold a secret to."""

from enum import StrEnum

from pydantic import SecretStr

SHORTEST_SECRET = 32


class DemoMode(StrEnum):
    """When the embedded OpenRouter answers instead of the real one."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Login(StrEnum):
    """How people say who they are."""

    NONE = "none"
    OIDC = "oidc"
    PROXY = "proxy"


class Keys(StrEnum):
    """Whose OpenRouter key people's requests go out with."""

    SERVER = "server"
    OWN = "own"
    EACH = "each"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


class SandboxBackend(StrEnum):
    """What keeps code that a model wrote away from the machine."""

    AUTO = "auto"
    BWRAP = "bwrap"
    LANDLOCK = "landlock"
    DOCKER = "docker"
    GATEWAY = "gateway"
    UNSAFE = "unsafe"
    OFF = "off"


def long_enough(secret: SecretStr) -> SecretStr:
    """Return the secret, or several by commas; raises ValueError where one is too short to be one."""
    if any(len(part) < SHORTEST_SECRET for part in secret.get_secret_value().split(",")):
        raise ValueError(f"it has to have at least {SHORTEST_SECRET} characters: openssl rand -hex 32")
    return secret


def known_level(value: str) -> str:
    """Return the name of a log level in capitals; raises ValueError for any other word."""
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("it has to be DEBUG, INFO, WARNING or ERROR")
    return value.upper()
