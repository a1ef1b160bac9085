"""Which backend is used: the one that was asked for, if it holds, or the first that does."""

import threading
from functools import cache
from pathlib import Path

from orchat.choices import SandboxBackend
from orchat.errors import SandboxUnavailableError
from orchat.hosts import Host
from orchat.sandbox.backends import LOCAL
from orchat.sandbox.egress import Egress
from orchat.sandbox.engine import Engine, GatewayEngine
from orchat.sandbox.environment import REQUIREMENTS, UserEnvironment
from orchat.sandbox.gateway import answers
from orchat.sandbox.limits import MIB, Limits
from orchat.sandbox.report import Finding, Report
from orchat.sandbox.scratch import Scratch
from orchat.sandbox.selftests import examine
from orchat.settings import Settings

AUTOMATIC = ("bwrap", "landlock")

_lock = threading.RLock()
_findings: dict[tuple[str, Path], Finding] = {}


def limits_of(settings: Settings) -> Limits:
    """The limits that the operator set."""
    return Limits(
        memory=settings.sandbox_memory * MIB,
        cpu=settings.sandbox_cpu,
        cpu_life=5 * settings.sandbox_cpu,
        disk=settings.sandbox_disk * MIB,
    )


def environment_of(settings: Settings) -> UserEnvironment:
    """The environment for user code that the operator chose."""
    requirements = REQUIREMENTS if settings.sandbox_packages else None
    return UserEnvironment(settings.sandbox_environment, home_of(settings.data_dir), requirements)


def home_of(data_dir: Path) -> Path:
    """Where the sandbox keeps its own things."""
    return data_dir.absolute() / "sandbox"


@cache
def scratch_of(data_dir: Path) -> Scratch:
    """One for a process and a data folder."""
    return Scratch(home_of(data_dir) / "running")


def engine_of(backend: str, settings: Settings, environment: UserEnvironment | None = None) -> Engine:
    """An engine, whether or not it holds."""
    environment = environment or environment_of(settings)
    if backend == "gateway":
        token = settings.sandbox_gateway_token
        here = engine_of("unsafe", settings, environment)
        return GatewayEngine(settings.sandbox_gateway, token.get_secret_value() if token else None, here)
    scratch, limits = scratch_of(settings.data_dir), limits_of(settings)
    return Engine(LOCAL[backend](settings), environment, scratch, limits, egress_of(settings))


def egress_of(settings: Settings) -> Egress | None:
    """What code may reach; None for nothing at all."""
    return _egress(settings.sandbox_hosts, settings.sandbox_internal_hosts, settings.sandbox_index)


@cache
def _egress(hosts: tuple[str, ...], internal: tuple[str, ...], index: str) -> Egress | None:
    """One for each choice, since each has a thread of its own."""
    allowed = (*map(Host.parse, hosts), *(Host.parse(name, internal=True) for name in internal))
    return Egress(allowed, index) if allowed or index else None


def finding_of(backend: str, settings: Settings) -> Finding:
    """What came of trying a backend; tried once in a process, with Python alone or the environment as it is."""
    with _lock:
        key = backend, settings.data_dir
        if key not in _findings:
            environment = environment_of(settings)
            if backend == "gateway":
                _findings[key] = finding_of_gateway(settings)
                return _findings[key]
            bare = UserEnvironment(environment.ready, home_of(settings.data_dir), None)
            _findings[key] = examine(engine_of(backend, settings, bare))
        return _findings[key]


def finding_of_gateway(settings: Settings) -> Finding:
    """Whether the gateway starts a kernel: how it isolates them cannot be tried from here."""
    if not settings.sandbox_gateway:
        return Finding("gateway", "ORCHAT_SANDBOX_GATEWAY names no server")
    token = settings.sandbox_gateway_token
    folder = scratch_of(settings.data_dir).new("selftest")
    folder.mkdir()
    return Finding("gateway", answers(settings.sandbox_gateway, token.get_secret_value() if token else None, folder))


def available(settings: Settings | None = None, *, every: bool = False) -> Report:
    """Find out which backend is used here, by really trying; with `every`, try the others too.

    Raises nothing: where no backend holds, the report says why.
    """
    settings = settings or Settings.load()
    wanted = settings.sandbox
    if wanted is SandboxBackend.OFF:
        return Report(None, (), "The sandbox is switched off (ORCHAT_SANDBOX=off).")
    if wanted is SandboxBackend.UNSAFE:
        return Report("unsafe", (Finding("unsafe"),), "", *reach_of("unsafe", settings))
    if wanted is SandboxBackend.AUTO:
        names: tuple[str, ...] = AUTOMATIC
    else:
        names = tuple(dict.fromkeys((wanted.value, *AUTOMATIC))) if every else (wanted.value,)
    findings: list[Finding] = []
    for name in names:
        findings.append(finding_of(name, settings))
        if findings[-1].holds and not every:
            break
    allowed = names if wanted is SandboxBackend.AUTO else (wanted.value,)
    chosen = next((found.backend for found in findings if found.holds and found.backend in allowed), None)
    reason = "" if chosen else "; ".join(f"{found.backend}: {found.reason}" for found in findings)
    return Report(chosen, tuple(findings), reason, *reach_of(chosen, settings))


def reach_of(backend: str | None, settings: Settings) -> tuple[str, str]:
    """What code reaches with a backend, and why nothing where hosts were named."""
    egress = egress_of(settings)
    if egress is None or backend is None:
        return "", ""
    if backend in LOCAL and LOCAL[backend](settings).own_network:
        return egress.described(), ""
    why = f"{backend} cannot hold code to the hosts of ORCHAT_SANDBOX_HOSTS and ORCHAT_SANDBOX_INDEX; bwrap can"
    return "", f"{why}. They are left out of use."


def engine_for(backend: str = "auto", settings: Settings | None = None) -> Engine:
    """The engine for a backend by name, or for the best that holds.

    Raises:
        SandboxUnavailableError: there is none; its message says why.
    """
    settings = settings or Settings.load()
    if backend != "auto":
        settings = settings.model_copy(update={"sandbox": SandboxBackend(backend)})
    report = available(settings)
    if report.chosen is None:
        raise SandboxUnavailableError(f"Code cannot be run here. {report.reason}")
    return engine_of(report.chosen, settings)
