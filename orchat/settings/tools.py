"""Tools: the tools of the agent, and the sandbox that code runs in."""

from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from orchat.choices import SandboxBackend
from orchat.hosts import Host
from orchat.settings.field import CommaSeparated, PathSeparated, setting


class Tools(BaseSettings):
    """The tools of the agent, and the sandbox that code runs in."""

    tools_dirs: PathSeparated = setting(
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
    sandbox_idle: Annotated[float, Field(gt=0, allow_inf_nan=False)] = setting(
        "ORCHAT_SANDBOX_IDLE", 15.0, "After how many minutes without a run an interpreter ends; its files stay."
    )
    sandbox_each: Annotated[int, Field(ge=1)] = setting(
        "ORCHAT_SANDBOX_EACH", 2, "How many interpreters one person may have at once; idle ones make room."
    )
    sandbox_total: Annotated[int, Field(ge=1)] | None = setting(
        "ORCHAT_SANDBOX_TOTAL",
        None,
        "How many interpreters there may be in all. Default: what the machine's memory has room for.",
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
    sandbox_hosts: CommaSeparated = setting(
        "ORCHAT_SANDBOX_HOSTS",
        (),
        "Hosts of the internet that code in `bwrap` may reach, separated by commas: `example.org`, `*.example.org`, "
        "`example.org:8443`. Default: none.",
    )
    sandbox_internal_hosts: CommaSeparated = setting(
        "ORCHAT_SANDBOX_INTERNAL_HOSTS", (), "The same for hosts of your own network, which may have private addresses."
    )
    sandbox_index: str = setting(
        "ORCHAT_SANDBOX_INDEX",
        "",
        "The address of the package index from which code may `%pip install` into its session, such as "
        "`https://packages.example.org/simple`. Default: none.",
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

    @model_validator(mode="after")
    def _hosts_can_be_read(self) -> Self:
        for host in (*self.sandbox_hosts, *self.sandbox_internal_hosts):
            Host.parse(host)
        index = urlsplit(self.sandbox_index)
        if self.sandbox_index and not (index.scheme in ("http", "https") and index.hostname):
            raise ValueError("ORCHAT_SANDBOX_INDEX has to be an address such as https://packages.example.org/simple")
        if index.username or index.password:
            raise ValueError("ORCHAT_SANDBOX_INDEX may hold no password: code in the sandbox could read it")
        return self
