"""Choices: what settings offer, where they offer only so much."""

from enum import StrEnum


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
