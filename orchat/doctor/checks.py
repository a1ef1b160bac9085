"""The checks, each of which ends with a finding whatever happens."""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from urllib.parse import urlsplit

from orchat.choices import Keys, Login, SandboxBackend
from orchat.doctor.finding import Finding, State
from orchat.errors import OrchatError, SearchError, SettingsError
from orchat.library import Library
from orchat.live_settings import rules_of
from orchat.openrouter import OpenRouterClient
from orchat.people import exposed
from orchat.sandbox import available
from orchat.sandbox.choice import environment_of
from orchat.settings import Settings
from orchat.store import Store
from orchat.store.engine import open_read_only
from orchat.store.inspection import SchemaState, inspect_schema

LOW_DISK = 1_000_000_000
"""Bytes."""
Check = Callable[[Settings], Finding]


def examine(settings: Settings | None = None) -> list[Finding]:
    """Look at everything, with `settings` or those of the environment; where none can be read that is all there is."""
    try:
        settings = settings or Settings.load()
    except SettingsError as error:
        return [Finding("Settings", State.FAILED, error.message, error.advice)]
    return [Finding("Settings", State.FINE, "can be read"), *(_checked(check, settings) for check in CHECKS)]


def _checked(check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except OrchatError as error:
        return Finding(SUBJECTS[check], State.FAILED, error.message, error.advice)


def _key(settings: Settings) -> Finding:
    if settings.simulated:
        return Finding("Key", State.WARNING, "there is none: replies are simulated", "Set OPENROUTER_API_KEY.")
    if settings.keys is Keys.EACH:
        return Finding("Key", State.FINE, "each person has one of their own")
    if settings.api_key is None and settings.keys is Keys.OWN:
        return Finding("Key", State.FINE, "visitors bring their own")
    if settings.api_key is None:
        advice = "Set OPENROUTER_API_KEY, or ORCHAT_KEYS=own where that is meant."
        return Finding("Key", State.WARNING, "there is none: each visitor has to bring one", advice)
    with _client(settings) as client:
        account = client.account()
    if account.is_management_key:
        advice = "Put it into OPENROUTER_MANAGEMENT_KEY, and an ordinary key into OPENROUTER_API_KEY."
        return Finding("Key", State.FAILED, "it is a management key, which cannot chat", advice)
    if account.left is not None and account.left < settings.low_credits:
        advice = "Add credits at https://openrouter.ai/settings/credits, or raise the key's limit."
        return Finding("Key", State.WARNING, f"it works, with ${account.left:.2f} {account.meaning}", advice)
    left = "" if account.left is None else f", with ${account.left:.2f} {account.meaning}"
    return Finding("Key", State.FINE, f"it works{left}")


def _models(settings: Settings) -> Finding:
    if settings.simulated:
        return Finding("Models", State.FINE, "the simulated ones")
    with _client(settings) as client:
        models = client.models()
    known = {model.id for model in models}
    wanted = settings.default_model
    if wanted is not None and wanted not in known:
        advice = "Correct ORCHAT_DEFAULT_MODEL; the page *Models* lists what there is."
        return Finding("Models", State.WARNING, f"{len(known)}, and {wanted} is not among them", advice)
    return Finding("Models", State.FINE, f"{len(known)} are offered")


def _rules(settings: Settings) -> Finding:
    rules = rules_of(settings)
    asked = (settings.default_model, settings.title_model, settings.embeddings, settings.reranker, settings.scans)
    # Other words than models have no maker before a stroke: `local`, `off`, `none`.
    forbidden = [model for model in asked if model and "/" in model and not rules.allow_model(model)]
    if forbidden:
        advice = "Allow what chats, titles and documents are set to use, or set them to use something else."
        return Finding("Rules", State.WARNING, f"they forbid what other settings name: {', '.join(forbidden)}", advice)
    if not rules.forbid_anything:
        return Finding("Rules", State.FINE, "nothing is forbidden")
    return Finding("Rules", State.FINE, "what is forbidden is used by no other setting")


def _made_keys(settings: Settings) -> Finding:
    if settings.keys is not Keys.EACH or settings.management_key is None:
        return Finding("People's keys", State.FINE, "none are made")
    with _client(settings) as client:
        account = client.with_options(api_key=settings.management_key.get_secret_value()).account()
    if not account.is_management_key:
        advice = "Make a management key in the settings of the OpenRouter account."
        return Finding("People's keys", State.FAILED, "OPENROUTER_MANAGEMENT_KEY is an ordinary key", advice)
    return Finding("People's keys", State.FINE, f"one for each person, up to ${settings.key_limit}")


def _privacy(settings: Settings) -> Finding:
    if settings.simulated:
        return Finding("ZDR", State.FINE, "nothing leaves this machine")
    with _client(settings) as client:
        endpoints = client.zdr_endpoints()
    default = "on" if settings.default_zdr else "off"
    return Finding("ZDR", State.FINE, f"{len(endpoints)} endpoints keep no data; new chats begin with it {default}")


def _database(settings: Settings) -> Finding:
    # Looked at and left alone: opening a store would migrate it.
    found = inspect_schema(settings.store_url)
    answers = f"{found.product} answers: {found.said}"
    match found.state:
        case SchemaState.ABSENT:
            return Finding("Database", State.FINE, f"{found.product}: {found.said}")
        case SchemaState.OLDER:
            return Finding("Database", State.WARNING, answers, "Run `python -m orchat migrate`, or start orchat.")
        case SchemaState.NEWER:
            return Finding("Database", State.FAILED, answers, "Upgrade orchat, or name another database.")
        case SchemaState.FOREIGN:
            advice = "Point ORCHAT_DATABASE_URL (or ORCHAT_DATA_DIR) elsewhere."
            return Finding("Database", State.FAILED, found.said, advice)
    if not found.writable:
        advice = "Give the account that runs orchat write permission to it and its folder."
        return Finding("Database", State.FAILED, f"{found.product} answers, and may not be written to", advice)
    return Finding("Database", State.FINE, answers)


def _documents(settings: Settings) -> Finding:
    if settings.documents_url is None:
        return Finding("Documents", State.FINE, "files in the data folder")
    library = Library(settings.documents_url)
    try:
        library.check()
    except SearchError as error:
        # Chats do without.
        return Finding("Documents", State.WARNING, error.message, error.advice)
    finally:
        library.close()
    return Finding("Documents", State.FINE, "in PostgreSQL; pgvector is there")


def _retention(settings: Settings) -> Finding:
    days = settings.retention_days
    if not days:
        return Finding("Retention", State.FINE, "chats are kept until somebody deletes them")
    said = f"a chat goes {days} days after its last message"
    if inspect_schema(settings.store_url).state is not SchemaState.CURRENT:
        return Finding("Retention", State.FINE, said)
    with Store(open_read_only(settings.store_url)) as store:
        due, hold = sum(one.chats for one in store.outdated(timedelta(days=days))), store.retention_hold(days)
    if hold is None:
        return Finding("Retention", State.FINE, f"{said}; {due:,} are due")
    said = f"{said}; {due:,} are due, and deleted from {hold.until:%Y-%m-%d %H:%M} UTC on"
    if hold.ahead:
        advice = f"The clock is {hold.ahead.days} days ahead of when orchat last ran: if it is wrong, put it right."
        return Finding("Retention", State.WARNING, said, advice)
    advice = "`python -m orchat retention` shows them; ORCHAT_RETENTION_DAYS=0 keeps them."
    return Finding("Retention", State.WARNING if due else State.FINE, said, advice if due else "")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"orchat")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        advice = "Give the account that runs orchat write permission to it, or set ORCHAT_DATA_DIR."
        return Finding("Disk", State.FAILED, f"{folder} cannot be written: {error.strerror}", advice)
    if free < LOW_DISK:
        return Finding("Disk", State.WARNING, f"{free / 1e9:.1f} GB are free in {folder}", "Free some space.")
    return Finding("Disk", State.FINE, f"{free / 1e9:.0f} GB are free in {folder}")


def _login(settings: Settings) -> Finding:
    if settings.login is not Login.NONE:
        if settings.login is Login.OIDC and not settings.allowed:
            advice = "With a public provider that is everybody: name them in ORCHAT_ALLOWED."
            return Finding("Login", State.WARNING, "oidc, for all whom the provider lets in", advice)
        return Finding("Login", State.FINE, str(settings.login))
    if settings.open_to_all:
        return Finding("Login", State.WARNING, "none, and open to all who reach it", "ORCHAT_LOGIN asks who is there.")
    if settings.bind and exposed(settings.bind):
        advice = "Set ORCHAT_LOGIN; docs/hosting.md says how."
        return Finding("Login", State.FAILED, f"none, though others reach {settings.bind}", advice)
    return Finding("Login", State.FINE, "none: one local user, shown on this machine only")


def _secret(settings: Settings) -> Finding:
    if settings.secret is None:
        advice = "Set ORCHAT_SECRET (openssl rand -hex 32) to keep them, encrypted."
        return Finding("Own keys", State.FINE, "people's own keys are gone after a reload", advice)
    return Finding("Own keys", State.FINE, "people's own keys are kept, encrypted")


def _traces(settings: Settings) -> Finding:
    if settings.otlp_endpoint is None:
        return Finding("Traces", State.FINE, "none are wanted")
    if find_spec("opentelemetry") is None:
        advice = "pip install -r requirements-telemetry.txt"
        return Finding("Traces", State.FAILED, "they are wanted, and OpenTelemetry is not installed", advice)
    return Finding("Traces", State.FINE, f"they go to {urlsplit(settings.otlp_endpoint).hostname}")


def _account(_settings: Settings) -> Finding:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Finding("Account", State.WARNING, "orchat runs as root", "Let it run as an account without rights.")
    return Finding("Account", State.FINE, "orchat does not run as root")


def _sandbox(settings: Settings) -> Finding:
    if settings.sandbox is SandboxBackend.OFF:
        return Finding("Sandbox", State.FINE, "switched off: the agent runs no code")
    if settings.sandbox is SandboxBackend.UNSAFE:
        advice = "Take ORCHAT_SANDBOX=unsafe away, unless you are alone here."
        return Finding("Sandbox", State.WARNING, "code that a model wrote is not isolated", advice)
    report = available(settings)
    if report.chosen is None:
        advice = "docs/sandbox.md says what each way needs. Everything but the code interpreter works without."
        # What was asked for by name is taken for needed.
        state = State.WARNING if settings.sandbox is SandboxBackend.AUTO else State.FAILED
        return Finding("Sandbox", state, f"code cannot be run: {report.reason}", advice)
    if report.without_reach:
        advice = "Let orchat use bwrap (docs/sandbox.md), or take the hosts and the index away."
        return Finding("Sandbox", State.WARNING, report.without_reach, advice)
    passed = report.findings[-1].passed
    chosen = f"{report.chosen} withstands its {passed} self-tests" if passed else f"{report.chosen} answers"
    chosen += f"; code reaches {report.reach}" if report.reach else ""
    environment = environment_of(settings)
    if environment.ready is None and environment.folder is not None:
        return Finding("Sandbox", State.FINE, f"{chosen}; its packages are installed when code is run first")
    return Finding("Sandbox", State.FINE, chosen)


def _client(settings: Settings) -> OpenRouterClient:
    key, management = settings.api_key, settings.management_key
    return OpenRouterClient(
        key.get_secret_value() if key else None,
        base_url=settings.base_url,
        management_key=management.get_secret_value() if management else None,
    )


SUBJECTS: dict[Check, str] = {
    _key: "Key",
    _models: "Models",
    _privacy: "ZDR",
    _rules: "Rules",
    _made_keys: "People's keys",
    _database: "Database",
    _documents: "Documents",
    _retention: "Retention",
    _disk: "Disk",
    _login: "Login",
    _secret: "Own keys",
    _account: "Account",
    _sandbox: "Sandbox",
    _traces: "Traces",
}
CHECKS: tuple[Check, ...] = tuple(SUBJECTS)
