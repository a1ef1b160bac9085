"""No secret of the operator's or of a person's is in anything that leaves the process: all of it is looked through."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from orchat.demo import DemoServer
from orchat.store import Store
from tests.browser.app_process import ROOT, AppProcess
from tests.hosting.conftest import HOSTED
from tests.hosting.recorder import Recorder
from tests.store.postgresql import installed_programs, temporary_server

ANN = ("X-Forwarded-User", "ann")
OWNER = "proxy|ann"
PASTED = "sk-or-v1-pasted-5c1f7a90-by-ann"
SECRETS = {
    "OPENROUTER_API_KEY": "sk-or-v1-server-5c1f7a91-key",
    "OPENROUTER_MANAGEMENT_KEY": "sk-or-v1-management-5c1f7a92-key",
    "ORCHAT_SECRET": "newest-5c1f7a93-secret-of-32-letters,older-5c1f7a94-secret-of-32-letters",
    "ORCHAT_METRICS_TOKEN": "metrics-5c1f7a95-token",
    "ORCHAT_OIDC_CLIENT_SECRET": "oidc-5c1f7a96-secret",
    "ORCHAT_SANDBOX_GATEWAY_TOKEN": "gateway-5c1f7a97-token",
    "ORCHAT_TOOL_SETTINGS": '{"web_page": {"api_key": "tool-5c1f7a98-key"}}',
}
DATABASE = "database-5c1f7a99-password"
SERVER = "mcp-5c1f7a9a-token"
COOKIE = sha256(f"login {SECRETS['ORCHAT_SECRET'].split(',')[0]}".encode()).hexdigest()
MARK = "5c1f7a9"
PATHS = ("/", "/models", "/agent", "/admin", "/ready", "/_stcore/health", "/_stcore/host-config", "/artifact-frame")
REST = {"ORCHAT_SANDBOX": "off", "ORCHAT_TITLE_MODEL": "none", "ORCHAT_LOG_LEVEL": "DEBUG", "ORCHAT_OPERATORS": "ann"}


@dataclass
class Seen:
    """What was found where, in bytes."""

    app: AppProcess
    secrets: set[str]
    parts: dict[str, bytes] = field(default_factory=dict)

    def command(self, *words: str) -> bytes:
        """What a command of orchat's writes, with the settings of the app."""
        environment = {**os.environ, **self.app._settings, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - what the child inherits
        done = subprocess.run(
            [sys.executable, "-m", "orchat", *words],
            cwd=self.app.folder,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        return done.stdout + done.stderr

    def leaks(self) -> set[tuple[str, str]]:
        """Which secret is where."""
        return {
            (place, secret) for place, data in self.parts.items() for secret in self.secrets if secret.encode() in data
        }


def visit(app: AppProcess, *, pastes: bool) -> list[bytes]:
    """All that a person gets who uses the app, and makes it fail."""
    with store_of(app) as store:
        chats = [
            store.create_conversation(OWNER, settings={"model": model, "auto": False}).id
            for model in ("demo/fast", "demo/out-of-credits")
        ]
    frames = []
    for query in ["", *[f"chat={chat}" for chat in chats]]:
        with Recorder(app.port, query=query, headers=[ANN]) as tab:
            tab.rerun()
            if pastes and not query:
                tab.paste_a_key(PASTED)
            if tab.chat_input:
                tab.say("Hello")
            broken = tab.state("-pdf_reading")
            broken.bool_value = True
            tab.rerun(broken)
            assert tab.failures
            for page in [] if query else sorted(tab.pages):
                tab.page = tab.pages[page]
                tab.rerun()
        frames += tab.frames
    return frames


def store_of(app: AppProcess) -> Store:
    return Store.open(url) if (url := app._settings.get("ORCHAT_DATABASE_URL")) else app.store


def look_through(app: AppProcess, demo: DemoServer, *, pastes: bool) -> Seen:
    seen = Seen(app, {MARK, COOKIE})
    frames = visit(app, pastes=pastes)
    seen.secrets |= {request.headers.get("authorization", "").removeprefix("Bearer ") for request in demo.requests}
    seen.secrets.discard("")
    token = {"Authorization": f"Bearer {SECRETS['ORCHAT_METRICS_TOKEN']}"}
    metrics = httpx.get(f"{app.url}/metrics", headers=token)
    assert metrics.status_code == 200
    answers = [httpx.get(app.url + path, headers=dict([ANN])) for path in PATHS]
    seen.parts = {
        "frames": b"\n".join(frames),
        "answers": b"\n".join(answer.content + str(answer.headers).encode() for answer in answers),
        "metrics": metrics.content,
        "doctor": seen.command("doctor"),
        "backup command": seen.command("backup", str(app.folder / "backup.db")),
        "retention": seen.command("retention", "--days", "1"),
    }
    app.stop()
    seen.parts["log"] = app.said().encode()
    for path in app.folder.rglob("*"):
        if path.is_file() and path.name not in ("mcp.json", "app.log", "app.err"):
            seen.parts[str(path.relative_to(app.folder))] = path.read_bytes()
    return seen


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The setting for a database that has a password, where there is one."""
    programs = installed_programs() if request.param == "postgresql" else None
    if request.param == "postgresql" and programs is None:
        pytest.skip("there is no PostgreSQL: install Debian's postgresql")
    with ExitStack() as stack:
        address = stack.enter_context(temporary_server(programs)) if programs else ""
        with_password = address.replace("postgresql://orchat@", f"postgresql+psycopg://orchat:{DATABASE}@")
        yield {"ORCHAT_DATABASE_URL": with_password} if address else {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("keys", "database"),
    [("server", "sqlite"), ("own", "sqlite"), ("each", "postgresql")],
    indirect=["database"],
)
def test_no_secret_is_in_frames_answers_logs_metrics_backups_or_on_the_disk(
    tmp_path: Path, keys: str, database: dict[str, str]
):
    servers = {"there": {"url": "http://127.0.0.1:1/mcp", "headers": {"Authorization": f"Bearer {SERVER}"}}}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    settings = {"ORCHAT_LOGIN": "proxy", "ORCHAT_PROXY_ADDRESSES": "127.0.0.1", "FORWARDED_ALLOW_IPS": ""}
    settings |= {**SECRETS, **REST, **database, "ORCHAT_MCP_CONFIG": str(tmp_path / "mcp.json"), "ORCHAT_KEYS": keys}
    with DemoServer(speed=0) as demo, AppProcess(demo, tmp_path, entry=HOSTED, **settings) as app:
        seen = look_through(app, demo, pastes=keys != "each")
    sent = {request.headers.get("authorization") for request in demo.requests}
    assert (f"Bearer {PASTED}" in sent) is (keys != "each")
    assert "encountered an error" in seen.parts["frames"].decode("utf-8", "replace")
    # Where the error was, without what it says.
    assert b'  File "' in seen.parts["log"]
    assert seen.leaks() == set()


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path):
    url = f"postgresql+psycopg://orchat:{DATABASE}@127.0.0.1:1/orchat"
    with DemoServer(speed=0) as demo, AppProcess(demo, tmp_path, entry=HOSTED, ORCHAT_DATABASE_URL=url, **REST) as app:
        seen = Seen(app, {MARK})
        with Recorder(app.port) as tab:
            tab.rerun()
        ready = httpx.get(f"{app.url}/ready")
        assert ready.status_code == 503
        seen.parts = {"frames": b"\n".join(tab.frames), "ready": ready.content, "doctor": seen.command("doctor")}
        seen.parts["log"] = app.said().encode()
    assert b"database" in seen.parts["frames"].lower()
    assert b"database" in seen.parts["log"].lower()
    assert seen.leaks() == set()


def test_a_login_that_fails_is_told_without_the_clients_secret(tmp_path: Path):
    settings: dict[str, str | None] = {
        **{name: SECRETS[name] for name in ("ORCHAT_SECRET", "ORCHAT_OIDC_CLIENT_SECRET")},
        "ORCHAT_LOGIN": "oidc",
        "ORCHAT_OIDC_CLIENT_ID": "orchat",
        "ORCHAT_OIDC_METADATA_URL": "http://127.0.0.1:1/.well-known/openid-configuration",
        "ORCHAT_PUBLIC_URL": "http://127.0.0.1",
        **REST,
    }
    with DemoServer(speed=0) as demo, AppProcess(demo, tmp_path, entry=HOSTED, **settings) as app:
        seen = Seen(app, {MARK, COOKIE})
        with Recorder(app.port) as tab:
            tab.rerun()
        paths = ("/auth/login?provider=default", "/oauth2callback?code=x&state=y", "/auth/logout", "/auth/login")
        answers = [httpx.get(app.url + path) for path in paths]
        seen.parts = {path: answer.content for path, answer in zip(paths, answers, strict=True)}
        seen.parts |= {"frames": b"\n".join(tab.frames), "doctor": seen.command("doctor")}
        seen.parts["log"] = app.said().encode()
    assert tab.chat_input == ""
    assert seen.leaks() == set()
